"""Whatever arrives: a frozen value or a refusal that says why. Never an exception, never a NaN."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guard.pretend import Control, Node, Room
from thermod.guard import decode
from thermod.guard.heard import IntentSeen, NodeSeen, ProbeSeen, Refusal

NODE: dict[str, Any] = json.loads(Node().state())
HEARTBEAT: dict[str, Any] = json.loads(Control(challenge="1f9a03bc").heartbeat())
READING = {"boot_id": "9f31c2d4a5b60718", "seq": 481, "tick": 1042, "temp_c": 37.612}
COMMAND = {
    **{"controller_id": "c-77aa", "epoch": 7, "seq": 311, "boot_id": "9f31c2d4a5b60718"},
    **{"tick": 1042, "cycle": 9021, "power_pct": 41.0},
}
ARM = {"controller_id": "c-77aa", "intent_id": "5e0c", "scope": "session"}
INTENT = {
    **{"intent_id": "5e0c", "kind": "start", "by": "nurse-7", "role": "operator", "reason": ""},
    **{"controller_id": "c-77aa", "cycle": 9021, "session_id": "s-20261122-1"},
    "details": {"target_c": 38.5},
}
READERS = {
    "node": (decode.decode_node, NODE),
    "reading": (lambda payload: decode.decode_reading("core-1", payload), READING),
    "command": (decode.decode_command, COMMAND),
    "heartbeat": (decode.decode_heartbeat, HEARTBEAT),
    "arm": (decode.decode_arm, ARM),
    "intent": (decode.decode_intent, INTENT),
    "permit": (decode.decode_permit_guard_id, {"guard_id": "g-5d1e"}),
}


def encoded(message: Any) -> bytes:
    return json.dumps(message).encode()


@pytest.mark.parametrize("what", READERS)
def test_the_example_of_the_contract_is_read(what):
    read, example = READERS[what]
    assert not isinstance(read(encoded(example)), Refusal)


def test_what_was_read_is_what_was_said():
    seen = decode.decode_node(encoded({**NODE, "measured_w": 820, "lid": "open"}))
    assert isinstance(seen, NodeSeen)
    assert (seen.boot_id, seen.tick, seen.measured_w, seen.lid) == (
        "9f31c2d4a5b60718",
        1,
        820.0,
        "open",
    )
    assert ProbeSeen("core-1", 1, 1, 37.0) in seen.probes


def test_a_probe_in_node_state_may_name_a_tick_of_its_own():
    probes = {"core-1": {"seq": 5, "temp_c": 37.0, "tick": 3}, "skin-1": {"seq": 5, "temp_c": 35}}
    seen = decode.decode_node(encoded({**NODE, "tick": 8, "probes": probes}))
    assert isinstance(seen, NodeSeen)
    assert [sample.tick for sample in seen.probes] == [3, 8]


@pytest.mark.parametrize("what", READERS)
@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe{}", "not_json"),
        (b"{", "not_json"),
        (b"[" * 4000, "not_json"),
        (b"null", "malformed"),
        (b"[1]", "malformed"),
        (b"37.2", "malformed"),
        (b"{}", "malformed"),
        (b'{"a": NaN}', "not_finite"),
        (b'{"a": [-Infinity]}', "not_finite"),
        (b'{"a": 1e400}', "not_finite"),
        (b" " * 4097, "too_large"),
        (b"x" * 5_000_000, "too_large"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_what_is_no_message_is_refused_by_kind(what, payload, reason):
    refusal = READERS[what][0](payload)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == f"{what}_{reason}"
    assert refusal.text


@pytest.mark.parametrize("what", READERS)
def test_a_message_of_4096_bytes_is_read_and_of_one_more_is_not(what):
    read, example = READERS[what]
    longest = encoded(example).ljust(4096)
    assert not isinstance(read(longest), Refusal)
    assert read(longest + b" ").kind == f"{what}_too_large"


WRONG = [
    *[("node", key, wrong) for key in ("tick", "epoch") for wrong in (-1, 2**31, 1.5, True, None)],
    *[
        ("node", "boot_id", wrong)
        for wrong in ("9F31C2D4A5B60718", "9f31", "9f31c2d4a5b60718\n", 7)
    ],
    *[("node", "applied_pct", wrong) for wrong in (-0.1, 100.1, "40", None, True)],
    *[("node", "rated_w", wrong) for wrong in (0, -5, 1e9)],
    *[("node", "window_s", wrong) for wrong in (0, -1, 61)],
    *[("node", "measured_w", wrong) for wrong in ("0", True, [])],
    *[("node", "lid", wrong) for wrong in ("ajar", None, True, ["open"])],
    *[("node", "fan_running", wrong) for wrong in (0, "true")],
    *[("node", "guard_id", wrong) for wrong in ("G", "x" * 37, 5)],
    ("node", "probes", []),
    ("node", "probes", {"Core 1": {"seq": 1, "temp_c": 37.0}}),
    ("node", "probes", {f"p-{n}": {"seq": 1, "temp_c": 37.0} for n in range(65)}),
    *[("reading", "temp_c", wrong) for wrong in ("37.2", None, True, {}, 10**400)],
    *[("reading", "seq", wrong) for wrong in (-1, 2**31, "5", 1.0)],
    *[("command", "power_pct", wrong) for wrong in (-1, 100.5, None)],
    *[("heartbeat", "challenge", wrong) for wrong in ("1F9A03BC", "1f9a03b", "1f9a03bcd", None)],
    *[("heartbeat", "results", wrong) for wrong in ([1] * 5, [1] * 7, ["1"] * 6, [True] * 6, 6)],
    *[("heartbeat", "results", wrong) for wrong in ([-1] * 6, [2**31] * 6)],
    *[("heartbeat", "scope", wrong) for wrong in ("heat", None)],
    *[("arm", "scope", wrong) for wrong in ("none", "", None)],
    *[("arm", "intent_id", wrong) for wrong in ("", "A", "x" * 37, "../x")],
    *[("intent", "kind", wrong) for wrong in ("START", "heat", None)],
    *[("intent", "details", wrong) for wrong in ([], {"target_c": 38.5, "x": 1}, {})],
    *[("intent", "session_id", wrong) for wrong in (None, "", "S 1")],
    ("intent", "reason", "x" * 501),
    ("intent", "surprise", 1),
]


@pytest.mark.parametrize(("what", "key", "wrong"), WRONG)
def test_a_field_that_breaks_a_rule_refuses_the_whole_message(what, key, wrong):
    read, example = READERS[what]
    refusal = read(encoded({**example, key: wrong}))
    assert isinstance(refusal, Refusal), refusal
    assert refusal.kind in (f"{what}_malformed", f"{what}_not_finite")


def test_a_refusal_says_in_plain_words_what_is_wrong():
    refusal = decode.decode_arm(encoded({**ARM, "intent_id": "A"}))
    assert refusal == Refusal("arm_malformed", "intent_id is not an id")


def test_64_probes_in_one_node_state_are_read():
    probes = {f"p-{n}": {"seq": 1, "temp_c": 37.0} for n in range(64)}
    assert len(decode.decode_node(encoded({**NODE, "probes": probes})).probes) == 64


@pytest.mark.parametrize(
    "entry", [37.0, {"seq": 1}, {"seq": 1, "temp_c": None}, {"seq": 1, "temp_c": 10**400}]
)
def test_nonsense_of_one_probe_blinds_us_to_no_other(entry):
    probes = {"core-1": entry, "core-2": {"seq": 7, "temp_c": 37.2}}
    seen = decode.decode_node(encoded({**NODE, "probes": probes}))
    assert seen.bad_probes == ("core-1",)
    assert [probe.probe_id for probe in seen.probes] == ["core-2"]


REQUIRED = [
    (what, key)
    for what, (_, example) in READERS.items()
    for key in example
    if (what, key)
    not in {
        *[("node", key) for key in ("controller_id", "command_seq", "faults")],
        *[("node", key) for key in ("contactors_closed", "because", "probes")],
        *[("command", "tick"), ("command", "cycle"), ("intent", "reason"), ("intent", "details")],
    }
]


@pytest.mark.parametrize(("what", "key"), REQUIRED)
def test_a_field_that_is_used_must_be_there(what, key):
    read, example = READERS[what]
    refusal = read(encoded({name: value for name, value in example.items() if name != key}))
    assert isinstance(refusal, Refusal)
    assert key in refusal.text


@pytest.mark.parametrize("what", [what for what in READERS if what != "intent"])
def test_a_key_that_the_contract_does_not_know_is_ignored_but_in_intents(what):
    read, example = READERS[what]
    assert not isinstance(read(encoded({**example, "firmware": "2.1"})), Refusal)


@pytest.mark.parametrize(
    "kind",
    ["close", "confirm-presence", "manual-check", "acknowledge", "audio-pause", "note"],
)
def test_an_intent_that_is_not_the_guards_business_is_no_error(kind):
    assert decode.decode_intent(encoded({**INTENT, "kind": kind, "details": {"x": 1}})) is None


def test_a_reset_names_its_latches():
    reset = {**INTENT, "kind": "reset", "details": {"latches": ["stopped"]}, "session_id": None}
    seen = decode.decode_intent(encoded(reset))
    assert isinstance(seen, IntentSeen)
    assert seen.latches == ("stopped",)
    for wrong in (
        [],
        "stopped",
        [1],
        ["stopped", 1],
        ["x" * 49],
        ["stopped", "x" * 49],
        ["x"] * 33,
    ):
        refused = decode.decode_intent(encoded({**reset, "details": {"latches": wrong}}))
        assert isinstance(refused, Refusal)


def test_the_name_of_a_latch_may_have_48_characters():
    reset = {**INTENT, "kind": "reset", "details": {"latches": ["x" * 48]}}
    assert decode.decode_intent(encoded(reset)).latches == ("x" * 48,)


def test_a_reason_may_have_500_characters():
    assert decode.decode_intent(encoded({**INTENT, "reason": "x" * 500})).reason == "x" * 500


@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"{}", b'{"stop_id": 5}', b"[" * 9, b"x" * 10**6]
)
def test_whatever_arrives_on_stop_has_a_name(payload):
    assert decode.decode_stop(payload) == "unreadable"


def test_a_stop_that_can_be_read_keeps_its_name():
    assert decode.decode_stop(b'{"stop_id": "e1f0", "by": "nurse-7"}') == "e1f0"


# --- whatever else may come -----------------------------------------------------------------------

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def numbers_in(value: Any) -> list[float]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [n for f in dataclasses.fields(value) for n in numbers_in(getattr(value, f.name))]
    if isinstance(value, tuple):
        return [n for each in value for n in numbers_in(each)]
    return [value] if isinstance(value, int | float) else []


def check(what: str, payload: bytes) -> None:
    seen = READERS[what][0](payload)
    if isinstance(seen, Refusal):
        assert seen.kind.startswith(f"{what}_")
    else:
        assert all(math.isfinite(number) for number in numbers_in(seen))


@given(st.sampled_from(list(READERS)), st.binary(max_size=200))
def test_no_bytes_raise(what, payload):
    check(what, payload)


@given(st.data(), st.sampled_from(list(READERS)), json_values)
def test_no_value_in_any_field_raises_or_lets_a_number_through_that_is_none(data, what, value):
    example = READERS[what][1]
    key = data.draw(st.sampled_from(list(example)))
    check(what, encoded({**example, key: value}))


@given(st.sampled_from(["core-1", "skin-1"]), json_values, json_values)
def test_no_probe_entry_raises(probe, seq, temp_c):
    check("node", encoded({**NODE, "probes": {probe: {"seq": seq, "temp_c": temp_c}}}))


SUFFIXES = st.sampled_from(
    [
        *["node/state", "heartbeat", "heater/command", "arm", "guard/permit", "intent"],
        *["sensor/core-1/reading", "sensor/nobody/reading", "sensor//reading", "", "x/y", "state"],
    ]
)


@given(st.lists(st.tuples(SUFFIXES, st.binary(max_size=60) | json_values, st.booleans())))
def test_h07_no_garbage_on_any_topic_ends_the_guard_or_makes_it_grant(messages):
    room = Room()
    room.run(seconds=1)
    for suffix, payload, retained in messages:
        body = payload if isinstance(payload, bytes) else encoded(payload)
        room.hear(suffix, body, retained=retained)
    assert not room.granted
    assert set(room.latches) <= {"control_flow"}


@pytest.mark.parametrize(
    ("key", "most", "beyond"),
    [
        ("rated_w", 20_000.0, 20_000.1),
        ("window_s", 60.0, 60.1),
        ("applied_pct", 100.0, 100.1),
        ("tick", 2**31 - 1, 2**31),
    ],
)
def test_a_number_of_the_node_may_lie_at_its_bound_and_not_beyond(key, most, beyond):
    assert getattr(decode.decode_node(encoded({**NODE, key: most})), key) == most
    assert isinstance(decode.decode_node(encoded({**NODE, key: beyond})), Refusal)


@pytest.mark.parametrize("key", ["rated_w", "window_s"])
def test_a_small_heater_and_a_short_window_are_believed_if_only_above_0(key):
    assert getattr(decode.decode_node(encoded({**NODE, key: 0.5})), key) == 0.5


@pytest.mark.parametrize("most", [2**31 - 1, -(2**31) + 1])
def test_a_number_without_a_point_may_be_as_large_as_any_integer_and_no_larger(most):
    def read(temp_c):
        return decode.decode_reading("core-1", encoded({**READING, "temp_c": temp_c}))

    assert read(most).sample.temp_c == float(most)
    assert isinstance(read(most + 1 if most > 0 else most - 1), Refusal)


def test_what_a_stage_answers_may_be_as_large_as_any_integer():
    results = [2**31 - 1, 0, 1, 2, 3, 2**31 - 1]
    seen = decode.decode_heartbeat(encoded({**HEARTBEAT, "results": results}))
    assert seen.results == (2147483647, 0, 1, 2, 3, 2147483647)
