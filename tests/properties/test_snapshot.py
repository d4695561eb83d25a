"""The snapshot always leaves, whole, and fits what its readers take."""

import math

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.occurrence import Row
from alarms.rules import RULES
from sensors.samples import ProbeSample, ProbeSpec, Role
from thermod import cycle, view
from thermod.mailbox import GuardSeen, Inbox, NodeSeen
from thermod.state import Plan, boot

STATE_BYTES_MAX = 16384  # CONTRACT.md, "Times and sizes"
LONG = "x" * 31  # the longest that an id or a topic's part may be
SPECS = tuple(
    ProbeSpec.of(f"{number}{LONG}"[:32], role, f"site {number} {LONG}")
    for number, role in enumerate([*[Role.CORE] * 3, *[Role.SKIN] * 4, *[Role.AIR] * 2, Role.ROOM])
)
PLAN = Plan("s" * 32, "d" * 32, "c" * 36, SPECS)
NUMBER = st.floats(allow_nan=True, allow_infinity=True)


def node(measured_w, faults=("f" * 500,) * 16):
    return NodeSeen(
        "9" * 16, 1, 0.0, measured_w, 2000.0, 1.0, (True,) * 8, 1, "c" * 36, 1, "s" * 36, "closed",
        True, faults, "b" * 500, 5.0,
    )  # fmt: skip


GUARD = GuardSeen(
    "g" * 36, False, tuple(f"broken_{n:02}_{'b' * 40}" for n in range(64)),
    tuple(f"trip_{n:02}_{'t' * 40}" for n in range(64)), {}, {}, None, 5.0,
)  # fmt: skip


def snapshot_of(state, inbox, now_s=10.0):
    state, outcome = cycle.step(PLAN, state, inbox, now_s)
    return view.state_message(PLAN, state, outcome, 1_764_000_000_000, 0.7)


@settings(max_examples=100)
@given(temps=st.lists(NUMBER, min_size=10, max_size=10), power=NUMBER)
def test_it_serialises_whatever_was_read(temps, power):
    readings = {
        spec.probe_id: ProbeSample(spec.probe_id, 1, 0, temp_c, 9.9)
        for spec, temp_c in zip(SPECS, temps, strict=True)
    }
    shown = orjson.loads(snapshot_of(boot(PLAN), Inbox(readings, node(power))))
    assert len(shown["probes"]) == 10
    for probe in shown["probes"]:
        assert probe["temp_c"] is None or math.isfinite(probe["temp_c"])


def test_ten_probes_ten_long_alarms_and_a_talkative_guard_fit_its_readers():
    told = [rule for rule in RULES if rule.signals and rule.trips][:10]
    assert len(told) == 10
    rows = {
        rule.alarm_id: Row(None, latched=True, raised_s=1.0, text="t" * 500, acknowledged_by="a")
        for rule in told
    }
    refused = {f"kind_of_refusal_{n:02}": 2**31 for n in range(30)}
    inbox = Inbox({}, node(0.0), guard=GUARD, refused=refused)
    payload = snapshot_of(boot(PLAN)._replace(rows=rows), inbox)
    assert len(payload) <= STATE_BYTES_MAX
    shown = orjson.loads(payload)
    assert len(shown["alarms"]) == 10
    assert len(shown["health"]["refused"]) == 30


def test_where_all_is_too_much_the_gravest_alarms_are_what_is_left():
    specs = tuple(
        ProbeSpec.of(f"{number:02}{LONG}"[:32], Role.SKIN if number else Role.CORE, "ü" * 200)
        for number in range(32)
    )
    plan = Plan("s" * 32, "d" * 32, "c" * 36, specs)
    rows = {rule.alarm_id: Row(None, latched=True, raised_s=1.0, text="°" * 500) for rule in RULES}
    state, outcome = cycle.step(plan, boot(plan)._replace(rows=rows), Inbox({}, node(0.0)), 10.0)
    shown = orjson.loads(view.state_message(plan, state, outcome, 1_764_000_000_000, 0.7))
    assert len(orjson.dumps(shown)) <= STATE_BYTES_MAX
    assert len(shown["probes"]) == 32
    assert len(shown["alarms"]) == view.ALARMS_MIN
    assert {alarm["priority"] for alarm in shown["alarms"]} == {"high"}


def test_every_alarm_at_once_still_fits():
    rows = {rule.alarm_id: Row(None, latched=True, raised_s=1.0, text="t" * 500) for rule in RULES}
    inbox = Inbox({}, node(0.0, faults=()), guard=GUARD)
    payload = snapshot_of(boot(PLAN)._replace(rows=rows), inbox)
    assert len(payload) <= STATE_BYTES_MAX
    assert orjson.loads(payload)["alarms"][0]["priority"] == "high"  # the gravest come first
