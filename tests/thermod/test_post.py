"""What is believed of what arrives for one dome, and what is only counted."""

import orjson
import pytest

from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from tests.properties.messages import GOOD
from thermod.mqtt import Inbound
from thermod.post import Post
from thermod.state import Binding, Plan

BASE = "thermod/v1/clinic/dome-1"
BOOT, OTHER_BOOT = "9f31c2d4a5b60718", "0000000000000001"


@pytest.fixture
def post():
    specs = (
        ProbeSpec.of("core-1", Role.CORE, "rectal"),
        ProbeSpec.of("core-2", Role.CORE, "rectal"),
        ProbeSpec.of("skin-1", Role.SKIN, "chest"),
        ProbeSpec.of("air-1", Role.AIR, "lid"),
    )
    bindings = (Binding("air-1", "zigbee/air", "json", "/temperature"),)
    return Post(Plan("clinic", "dome-1", "c-us", specs, bindings=bindings))


def hear(post, suffix, fields, now_s=10.0, *, retain=False, reply_to=None):
    topic = suffix if suffix.startswith("zigbee/") else f"{BASE}/{suffix}"
    payload = fields if isinstance(fields, bytes) else orjson.dumps(fields)
    handler = {topic: handler for topic, _, handler in post.routes()}[topic]
    handler(Inbound(topic, payload, retain, reply_to, None), now_s)


def node(tick, boot_id=BOOT, **changes):
    return {**GOOD["node_state"], "boot_id": boot_id, "tick": tick, "probes": {}, **changes}


def reading(seq, tick, boot_id=BOOT, temp_c=37.5):
    return {"boot_id": boot_id, "seq": seq, "tick": tick, "temp_c": temp_c}


def permit(seq, epoch=7, guard_id="g-1", **changes):
    return {**GOOD["permit"], "seq": seq, "epoch": epoch, "guard_id": guard_id, **changes}


# --- the dome -------------------------------------------------------------------------------------


def test_a_repeated_or_older_word_of_the_dome_is_not_news(post):
    """H05."""
    hear(post, "node/state", node(100, applied_pct=40.0))
    hear(post, "node/state", node(100, applied_pct=0.0), 11.0)
    hear(post, "node/state", node(99, applied_pct=0.0), 11.0)
    assert post.box.node.received_s == 10.0
    assert post.box.node.applied_pct == 40.0
    assert post.box.refused["node_state_old"] == 2


def test_a_dome_that_booted_is_news_and_its_life_before_is_not(post):
    hear(post, "node/state", node(100))
    hear(post, "node/state", node(1, OTHER_BOOT), 11.0)
    assert post.box.node.boot_id == OTHER_BOOT
    hear(post, "node/state", node(101), 12.0)
    assert post.box.node.boot_id == OTHER_BOOT


def test_an_impostor_of_the_dome_deafens_us_for_10_s_and_no_longer(post):
    """H19: and whoever is heard after it is another node, until a person has looked."""
    hear(post, "node/state", node(100))
    hear(post, "node/state", node(1, OTHER_BOOT), 10.1)
    for tick, now_s in enumerate((10.5, 15.0, 20.0), start=101):
        hear(post, "node/state", node(tick), now_s)
        assert post.box.node.boot_id == OTHER_BOOT
        assert post.box.take().foreign_dome == ""  # three, but not within 5 s
    hear(post, "node/state", node(104), 20.2)
    assert post.box.node.boot_id == BOOT
    assert post.box.take().foreign_dome == OTHER_BOOT
    hear(post, "node/state", node(105), 20.7)
    assert post.box.take().foreign_dome == ""  # or the latch could never be reset


def test_two_nodes_that_speak_as_one_dome_are_told_of_until_one_is_gone(post):
    """H19."""
    hear(post, "node/state", node(100))
    for n in range(6):
        hear(post, "node/state", node(1 + n, OTHER_BOOT), 10.1 + 0.5 * n)
        hear(post, "node/state", node(101 + n), 10.3 + 0.5 * n)
        assert post.box.take().foreign_dome == (BOOT if n >= 2 else "")
    hear(post, "node/state", node(7, OTHER_BOOT), 13.1)
    assert post.box.take().foreign_dome == ""


def test_an_impostor_that_runs_ahead_of_the_dome_deafens_us_for_10_s_and_no_longer(post):
    """H19."""
    hear(post, "node/state", node(100))
    hear(post, "node/state", node(2**31 - 1), 10.1)
    hear(post, "node/state", node(101), 20.0)
    assert post.box.node.tick == 2**31 - 1
    hear(post, "node/state", node(102), 20.2)
    assert post.box.node.tick == 102
    assert post.box.take().foreign_dome == BOOT


def test_readings_may_come_inside_the_domes_own_message(post):
    probes = {"core-1": {"seq": 5, "temp_c": 37.5}, "nobody": {"seq": 1, "temp_c": 1.0}}
    hear(post, "node/state", node(100, probes=probes))
    assert post.box.readings == {"core-1": ProbeSample("core-1", 5, 0, 37.5, 10.0)}
    assert post.box.refused["reading_unknown_probe"] == 1


def test_one_bad_reading_inside_the_domes_message_spoils_no_other(post):
    probes = {"core-1": {"seq": 5, "temp_c": "nan"}, "core-2": {"seq": 5, "temp_c": 37.5}}
    hear(post, "node/state", node(100, probes=probes))
    assert isinstance(post.box.readings["core-1"], Rejection)
    assert post.box.readings["core-2"].temp_c == 37.5


def test_nonsense_from_the_dome_is_no_reading_of_any_probe_in_it(post):
    """H07: firmware that prints NaN makes the whole message unreadable."""
    hear(post, "node/state", node(100, probes={"core-1": {"seq": 5, "temp_c": 37.5}}))
    hear(post, "node/state", b'{"boot_id": "9f31c2d4a5b60718", "probes": {"core-1": NaN', 10.5)
    assert isinstance(post.box.readings["core-1"], Rejection)
    assert post.box.node.received_s == 10.0


# --- readings -------------------------------------------------------------------------------------


def test_a_reading_is_as_old_as_the_tick_it_names(post):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(1, 97))
    assert post.box.readings["core-1"].tick_lag == 3


@pytest.mark.parametrize("ahead", [1, 6])
def test_a_reading_may_overtake_the_domes_own_message(post, ahead):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(1, 100 + ahead))
    assert post.box.readings["core-1"].tick_lag == 0


def test_a_reading_from_far_in_the_future_is_not_fresh(post):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(1, 107))
    assert post.box.readings["core-1"].tick_lag < 0  # which freshness refuses


def test_a_reading_from_far_ahead_does_not_silence_those_that_follow(post):
    """H05, H19."""
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(9_000_000, 9_000_000))
    hear(post, "sensor/core-1/reading", reading(8, 100), 10.5)
    assert post.box.readings["core-1"] == ProbeSample("core-1", 8, 0, 37.5, 10.5)


def test_a_repeated_or_reordered_reading_changes_nothing(post):
    """H05."""
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(8, 100, temp_c=37.5), 10.0)
    for seq in (8, 7, 1):
        hear(post, "sensor/core-1/reading", reading(seq, 100, temp_c=30.0), 10.5)
    assert post.box.readings["core-1"] == ProbeSample("core-1", 8, 0, 37.5, 10.0)
    assert post.box.refused["reading_repeated"] == 3


def test_a_repeated_reading_stays_repeated_however_long_the_probe_was_silent(post):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(8, 100), 10.0)
    hear(post, "sensor/core-1/reading", reading(8, 100), 600.0)
    assert post.box.readings["core-1"].received_s == 10.0


def test_a_dome_that_booted_counts_its_readings_from_the_beginning(post):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(800, 100), 10.0)
    hear(post, "node/state", node(1, OTHER_BOOT), 10.5)
    hear(post, "sensor/core-1/reading", reading(1, 1, OTHER_BOOT), 10.6)
    assert post.box.readings["core-1"].seq == 1
    assert post.box.readings["core-1"].received_s == 10.6


def test_a_reading_of_another_boot_is_no_reading(post):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(1, 100, OTHER_BOOT))
    assert isinstance(post.box.readings["core-1"], Rejection)


def test_a_retained_reading_says_nothing_about_now(post):
    hear(post, "node/state", node(100))
    hear(post, "sensor/core-1/reading", reading(8, 100))
    hear(post, "sensor/core-1/reading", reading(9, 100, temp_c=39.9), retain=True)
    assert post.box.readings["core-1"].seq == 8
    assert post.box.refused["reading_retained"] == 1


def test_a_foreign_reading_carries_no_proof_of_its_age(post):
    hear(post, "zigbee/air", {"temperature": 41.5})
    hear(post, "zigbee/air", {"temperature": 41.6}, 11.0)
    assert post.box.readings["air-1"] == ProbeSample("air-1", 2, None, 41.6, 11.0)
    hear(post, "zigbee/air", {"temperature": "hot"}, 12.0)
    assert isinstance(post.box.readings["air-1"], Rejection)


# --- the guard ------------------------------------------------------------------------------------


def test_a_permit_counts_once_and_in_its_order(post):
    """H05: a grant that comes again after the revoke grants nothing."""
    hear(post, "guard/permit", permit(5, granted=True))
    hear(post, "guard/permit", permit(6, granted=False), 10.5)
    hear(post, "guard/permit", permit(5, granted=True), 11.0)
    hear(post, "guard/permit", permit(6, granted=True), 11.0)
    hear(post, "guard/permit", permit(99, epoch=6, granted=True), 11.0)
    assert post.box.permit.granted is False
    assert post.box.permit.received_s == 10.5
    assert post.box.refused["permit_old"] == 3


def test_the_next_epoch_counts_its_permits_from_one(post):
    hear(post, "guard/permit", permit(500, epoch=7))
    hear(post, "guard/permit", permit(1, epoch=8), 10.5)
    assert post.box.permit.epoch == 8


def test_a_retained_permit_or_challenge_is_refused(post):
    hear(post, "guard/permit", permit(5), retain=True)
    hear(post, "guard/challenge", {"challenge": "1f9a03bc"}, retain=True)
    assert post.box.permit is None
    assert post.box.challenge_s is None


def test_a_guard_that_was_restarted_is_not_two_guards(post):
    for guard_id in ("g-1", "g-2", "g-3"):
        hear(post, "guard/permit", permit(1, guard_id=guard_id))
        hear(post, "guard/permit", permit(2, guard_id=guard_id))
        assert post.box.take().foreign_guard == ""


def test_two_guards_that_take_turns_are_told_of_until_one_is_gone(post):
    """H13."""
    for seq, guard_id in enumerate(("g-1", "g-2", "g-1", "g-2"), start=1):
        hear(post, "guard/permit", permit(seq, guard_id=guard_id))
    assert post.box.take().foreign_guard
    for seq in (5, 6, 7):
        hear(post, "guard/permit", permit(seq, guard_id="g-2"))
    assert post.box.take().foreign_guard == ""  # or the latch could never be reset


# --- people, and others ---------------------------------------------------------------------------


def test_an_intent_is_answered_on_a_reply_topic_of_its_own_dome(post):
    reply_to = f"{BASE}/reply/gateway"
    hear(post, "intent", GOOD["intent"], reply_to=reply_to)
    assert post.box.take().intents[0].reply_to == reply_to


@pytest.mark.parametrize(
    "reply_to",
    [
        *(f"{BASE}/guard/permit", f"{BASE}/heater/command", f"{BASE}/reply/", f"{BASE}/reply/#"),
        *(f"{BASE}/reply/a/b", "thermod/v1/clinic/dome-2/reply/gateway", "#", "", "a/\x00b"),
    ],
)
def test_an_intent_that_wants_its_answer_anywhere_else_is_refused_whole(post, reply_to):
    """H19: whoever may publish an intent must not make control publish a permit."""
    hear(post, "intent", GOOD["intent"], reply_to=reply_to)
    assert post.box.take().intents == ()
    assert post.box.refused["intent_reply_topic"] == 1


def test_an_intent_without_a_reply_topic_is_done_and_not_answered(post):
    hear(post, "intent", GOOD["intent"])
    assert post.box.take().intents[0].reply_to is None


def test_an_unknown_key_in_an_intent_is_an_error(post):
    hear(post, "intent", {**GOOD["intent"], "target_c": 39.5})
    hear(post, "intent", {**GOOD["intent"], "details": {"target_c": 38.5, "force": True}})
    assert post.box.take().intents == ()
    assert post.box.refused["intent_malformed"] == 2


def test_more_acts_than_people_can_press_are_turned_away(post):
    for number in range(40):
        hear(post, "intent", {**GOOD["intent"], "intent_id": f"i-{number}"})
    assert len(post.box.take().intents) == 32
    assert post.box.refused["intent_flood"] == 8
    hear(post, "intent", GOOD["intent"])
    assert len(post.box.take().intents) == 1


@pytest.mark.parametrize("payload", [b"", b"\xff", b"{}", b"x" * 100_000, b'{"stop_id": "A B"}'])
@pytest.mark.parametrize("retain", [True, False])
def test_whatever_arrives_on_stop_stops(post, payload, retain):
    hear(post, "stop", payload, retain=retain)
    (stop,) = post.box.take().stops
    assert stop.stop_id == "unreadable"


def test_another_controller_on_our_dome_is_heard_and_we_do_not_take_ourselves_for_one(post):
    """H13."""
    hear(post, "heater/command", {"controller_id": "c-us"})
    hear(post, "heartbeat", {"controller_id": "c-us"})
    assert post.box.take().foreign_controller == ""
    hear(post, "heartbeat", {"controller_id": "c-them"})
    assert post.box.take().foreign_controller == "c-them"
    assert post.box.take().foreign_controller == ""  # it goes once


def test_acts_go_once_and_measurements_stay(post):
    hear(post, "node/state", node(100))
    hear(post, "intent", GOOD["intent"])
    hear(post, "stop", GOOD["stop"])
    first, second = post.box.take(), post.box.take()
    assert (len(first.intents), len(first.stops)) == (1, 1)
    assert (len(second.intents), len(second.stops)) == (0, 0)
    assert first.node is second.node is not None


# --- alarms left on the broker --------------------------------------------------------------------


def test_alarms_found_on_the_broker_are_named_once_and_only_if_they_lay_there(post):
    alarm = next(handler for topic, _, handler in post.routes() if topic == f"{BASE}/alarm/+")
    for name, payload, retain in (
        ("core_hot", b"{}", True),
        ("core_hot", b"not even JSON", True),
        ("gone_since_version_2", b"{}", True),
        ("said_by_somebody_now", b"{}", False),
        ("cleared", b"", True),
    ):
        alarm(Inbound(f"{BASE}/alarm/{name}", payload, retain, None, None), 10.0)
    assert post.alarms_left() == ("core_hot", "gone_since_version_2")
    assert post.alarms_left() == ()


def test_a_flood_of_alarms_left_on_the_broker_is_bounded(post):
    alarm = next(handler for topic, _, handler in post.routes() if topic == f"{BASE}/alarm/+")
    for number in range(1000):
        alarm(Inbound(f"{BASE}/alarm/a{number}", b"{}", True, None, None), 10.0)
    assert len(post.alarms_left()) == 256
