"""Which topics the guard listens to, and what it does with one that it does not know."""

from __future__ import annotations

import pytest

from thermod.guard.hear import SUFFIXES


def test_the_guard_listens_to_all_that_the_contract_has_for_it():
    assert sorted(SUFFIXES) == [
        *("arm", "guard/permit", "heartbeat", "heater/command", "intent"),
        *("node/state", "sensor/+/reading", "stop"),
    ]


@pytest.mark.parametrize(
    "suffix",
    [
        *["", "state", "sensor", "sensor/core-1", "sensor/core-1/reading/raw"],
        *["sensor/core-1/state", "actuator/core-1/reading", "stop/now", "node/state/"],
    ],
)
def test_a_topic_that_is_not_the_guards_is_counted_and_nothing_else(session, suffix):
    hot = {"boot_id": session.node.boot_id, "seq": 9999, "tick": session.node.tick, "temp_c": 40.0}
    session.hear(suffix, hot)
    session.hear(suffix, {**hot, "seq": 10_000})
    assert session.guard.senses.refused == {"topic_unknown": 2}
    assert session.granted


@pytest.mark.parametrize(
    ("probe", "payload", "kind"),
    [
        ("core-1", b"37.0 C", "reading_not_json"),
        ("core-1", b'{"temp_c": NaN}', "reading_not_finite"),
        ("core-9", b"{}", "reading_malformed"),
    ],
)
def test_a_reading_that_cannot_be_read_is_counted_by_kind(room, probe, payload, kind):
    room.hear(f"sensor/{probe}/reading", payload)
    assert room.guard.senses.refused == {kind: 1}
