"""A message that breaks a rule is counted and changes nothing; none can end the process."""

import json

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.fakes import ALARM, TOPICS, node_state, snapshot
from thermod.gateway.state import ALARMS_PER_DOME_MAX, SESSIONS_REMEMBERED
from thermod.mqtt import Inbound

GOOD = orjson.dumps(snapshot())


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"", "state_malformed"),
        (b"{", "state_malformed"),
        (b"[]", "state_malformed"),
        (b"\xff\xfe", "state_malformed"),
        (GOOD.replace(b'"temp_c":37.6,', b'"temp_c":NaN,'), "state_malformed"),
        (GOOD.replace(b'"temp_c":37.6,', b'"temp_c":1e400,'), "state_malformed"),
        (GOOD.replace(b'"temp_c":37.6,', b'"temp_c":"37.6",'), "state_malformed"),
        (GOOD.replace(b'"cycle":100', b'"cycle":"100"'), "state_malformed"),
        (GOOD.replace(b'"phase":"idle",', b""), "state_malformed"),
        (GOOD.replace(b'"dome":"dome-1"', b'"dome":"dome-2"'), "state_of_another_dome"),
        (b" " * 16385 + GOOD, "state_too_large"),
        (b"[" * 16000, "state_malformed"),
    ],
)
def test_a_bad_snapshot_is_counted_by_kind_and_not_shown(rig, payload, kind):
    assert payload != GOOD
    rig.hear("state", payload)
    assert rig.gateway.picture.domes["dome-1"].snapshot is None
    assert rig.gateway.picture.refused == {kind: 1}


def test_a_good_snapshot_arrives_whole_and_with_keys_we_do_not_know(rig):
    rig.hear("state", {**orjson.loads(GOOD), "new_in_version_2": [1, 2]})
    assert rig.gateway.picture.domes["dome-1"].snapshot == snapshot()


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("thermod/v1/elsewhere/dome-1/state", "foreign_topic"),
        ("thermod/v1/clinic/dome-9/state", "unknown_dome"),
        ("thermod/v1/clinic/dome-1/reply/other", "foreign_topic"),
        ("thermod/v1/clinic/dome-1", "foreign_topic"),
    ],
)
def test_a_message_for_somebody_else_is_counted(rig, topic, kind):
    rig.gateway.on_message(Inbound(topic, GOOD, False, None, None))
    assert rig.gateway.picture.refused == {kind: 1}


def test_a_retained_node_state_is_refused(rig):
    rig.hear("node/state", node_state(), retain=True)
    assert rig.gateway.picture.refused == {"node_state_retained": 1}


def test_alarms_of_a_dome_are_bounded(rig):
    for number in range(ALARMS_PER_DOME_MAX + 1):
        name = f"alarm_{number}"
        body = {"id": name, "priority": "low", "state": "active", "text": "", "do": ""}
        rig.hear(f"alarm/{name}", {**body, "since_ms": 1})
    assert len(rig.gateway.picture.domes["dome-1"].alarms) == ALARMS_PER_DOME_MAX
    assert rig.gateway.picture.refused == {"alarm_flood": 1}


def test_an_alarm_on_the_topic_of_another_is_refused(rig):
    body = {"id": "a", "priority": "low", "state": "active", "text": "", "do": "", "since_ms": 1}
    rig.hear("alarm/b", body)
    assert rig.gateway.picture.refused == {"alarm_malformed": 1}


def test_remembered_sessions_are_bounded(rig):
    for number in range(SESSIONS_REMEMBERED + 1):
        rig.gateway.picture.remember_session(f"s-{number}", "dome-1")
    assert rig.gateway.picture.dome_of_session("s-0") is None
    assert rig.gateway.picture.dome_of_session("s-1") == "dome-1"


def test_the_will_of_an_older_instance_is_ignored(rig):
    def say(online, instance_id):
        body = {"online": online, "process": "control", "instance_id": instance_id}
        rig.hear("status/control", body, dome="-", retain=True)
        return rig.gateway.picture.processes["status/control"].online

    assert say(True, "c-2") is True
    assert say(False, "c-1") is True
    assert say(False, "c-2") is False


def test_a_reply_whose_correlation_is_another_intents_is_refused(rig):
    rig.hear("reply/gateway", {"intent_id": "a", "accepted": True}, correlation=b"b")
    assert rig.gateway.picture.refused == {"reply_malformed": 1}


NAMES = st.sampled_from(
    ["state", "node/state", "guard/state", "alarm/x", "alarm/", "event", "reply/gateway", "odd"]
)
DOMES = st.sampled_from(["dome-1", "dome-9", "-", ""])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
MUTATED = st.builds(
    lambda name, value: {**orjson.loads(GOOD), name: value},
    st.sampled_from(sorted(orjson.loads(GOOD))),
    JSON,
).map(lambda body: json.dumps(body).encode())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, dome=DOMES, payload=st.binary(max_size=64) | MUTATED, retain=st.booleans())
def test_no_message_can_make_the_gateway_fall(rig, name, dome, payload, retain):
    message = Inbound(TOPICS.of(dome, name), payload, retain, None, b"x")
    rig.gateway.on_message(message)
    rig.gateway.domes().model_dump_json()


def test_decoding_a_full_snapshot_is_cheap(rig):
    """A fleet's gateway hears 100 domes a second; at 1 ms each it would use a tenth of a core."""
    import time

    message = orjson.dumps(snapshot(alarms=(ALARM,) * 5))
    began_s = time.perf_counter()
    for _ in range(100):
        rig.hear("state", message)
    assert (time.perf_counter() - began_s) / 100 < 0.001
