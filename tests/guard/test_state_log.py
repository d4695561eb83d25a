"""The guard's log: what is new is written down once, and a flood of refusals fills it not."""

from __future__ import annotations

import json

import pytest

from thermod.guard.state_log import StateLog


@pytest.fixture
def written(caplog):
    """The log of the guard, from its lowest level on."""
    caplog.set_level("INFO", "thermod.guard")
    return caplog


@pytest.fixture
def state(session):
    """What a guard says of itself that permits."""
    return session.state


def test_a_line_names_the_dome_and_all_that_the_guard_thinks_of_it(session, written):
    session.hear("stop", b'{"stop_id": "e1f0"}')
    session.node.lid = "open"
    session.run(seconds=1)
    StateLog().tell("dome-1", session.state)
    (line,) = written.messages
    dome_id, _, thought = line.partition(" ")
    assert dome_id == "dome-1"
    assert json.loads(thought) == {
        **{"permitting": False, "scope": "none", "epoch": 1, "broken": ["lid_closed"]},
        **{"tripped_by": ["stopped"], "stop_id": "e1f0", "controller_id": "c-1"},
    }


def test_what_is_said_every_5_s_is_written_down_once(state, written):
    log = StateLog()
    for _ in range(3):
        log.tell("dome-1", state)
    assert len(written.messages) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"permitting": False},
        {"scope": "test"},
        {"epoch": 2},
        {"broken": ("lid_closed",)},
        {"tripped_by": ("stopped",)},
        {"stop_id": "e1f0"},
        {"controller_id": "c-2"},
    ],
)
def test_whatever_changes_is_written_down_and_so_is_its_way_back(state, written, change):
    log = StateLog()
    for told in (state, state._replace(**change), state):
        log.tell("dome-1", told)
    before, changed, after = (json.loads(line.partition(" ")[2]) for line in written.messages)
    assert before == after
    assert changed == before | json.loads(json.dumps(change))


def test_each_dome_has_its_own_lines(state, written):
    log = StateLog()
    for dome_id in ("dome-1", "dome-2", "dome-1", "dome-2"):
        log.tell(dome_id, state._replace(refused={"command_late": 1}))
    assert [line.partition(" ")[0] for line in written.messages] == ["dome-1"] * 2 + ["dome-2"] * 2


def test_refusals_are_written_down_each_time_that_they_have_doubled(state, caplog):
    caplog.set_level("WARNING", "thermod.guard")
    log = StateLog()
    for count in range(1, 20):
        log.tell("dome-1", state._replace(refused={"command_late": count}))
    assert caplog.messages == [
        f"dome-1 refused command_late: {count} so far" for count in (1, 2, 4, 8, 16)
    ]


def test_each_kind_of_refusal_is_counted_for_itself(state, caplog):
    caplog.set_level("WARNING", "thermod.guard")
    log = StateLog()
    log.tell("dome-1", state._replace(refused={"command_late": 100}))
    log.tell("dome-1", state._replace(refused={"command_late": 101, "intent_old": 1}))
    assert caplog.messages == [
        "dome-1 refused command_late: 100 so far",
        "dome-1 refused intent_old: 1 so far",
    ]
