"""What the journal keeps of a cycle, and that it can be stored."""

import sqlite3

import orjson
import pytest

from tests.scenarios.people import create
from thermod import record
from thermod.journal_schema import MIGRATIONS, AlarmRow, CycleRow, EventRow, SessionRow, insert

AT_MS = 1_764_000_000_000


def rows_of(world, outcome_of):
    before = world.state
    outcome = outcome_of()
    return record.rows(
        world.plan, before, world.state, outcome, at_ms=AT_MS, cycle_ms=0.7, config_sha256="ab"
    )


def of_kind(rows, kind):
    return [row for row in rows if isinstance(row, kind)]


def test_a_cycle_is_one_wide_row_with_its_inputs_as_received(heating):
    (cycle,) = rows_of(heating, heating.step)
    assert (cycle.phase, cycle.heat, cycle.epoch) == ("heat_up", "permitted", 2)
    assert cycle.power_pct == heating.state.power_pct
    inputs = orjson.loads(cycle.inputs)
    assert inputs["now_s"] == heating.now_s
    assert set(inputs["readings"]) == set(heating.plant.probes)
    assert inputs["node"]["tick"] == heating.outcome.inbox.node.tick
    assert inputs["challenge"][0] == heating.outcome.inbox.challenge
    assert inputs["permit"]["granted"] is True


def test_what_the_guard_refused_is_in_the_journal_by_kind(heating):
    """H19."""
    heating.guard.senses.count("command_not_json")
    said = []
    for _ in range(12):  # the guard speaks every 5 s
        (cycle,) = of_kind(rows_of(heating, heating.step), CycleRow)
        said += [orjson.loads(cycle.inputs).get("guard")]
    assert {"command_not_json": 1} in [guard["refused"] for guard in said if guard]


def test_what_did_not_arrive_anew_is_not_said_twice(heating):
    heating.lost = {"node", "permit", "challenge", "guard_state"}
    heating.step()
    (cycle,) = of_kind(rows_of(heating, heating.step), CycleRow)
    inputs = orjson.loads(cycle.inputs)
    assert "node" not in inputs
    assert inputs["readings"] == {}


def test_an_act_is_an_event_with_who_why_and_whether_it_was_done(heating):
    heating.ask("close", reason="too warm")
    refused = of_kind(rows_of(heating, heating.step), EventRow)[0]
    assert (refused.kind, refused.by) == ("refused", "nurse-1")
    assert "not possible in phase heat_up" in refused.text
    assert orjson.loads(refused.details)["reason"] == "too warm"

    heating.ask("pause")
    rows = rows_of(heating, heating.step)
    kinds = [event.kind for event in of_kind(rows, EventRow)]
    assert kinds == ["accepted", "phase", "epoch"]
    assert len(of_kind(rows, SessionRow)) == 1


def test_a_stop_and_an_alarm_are_kept(heating):
    heating.press_stop()
    rows = rows_of(heating, heating.step)
    assert of_kind(rows, EventRow)[0].text.startswith("STOP by nurse-1")
    raised = [alarm.alarm_id for alarm in of_kind(rows, AlarmRow) if alarm.change == "raised"]
    assert "stopped" in raised
    assert orjson.loads(of_kind(rows, CycleRow)[0].inputs)["stops"][0]["by"] == "nurse-1"


def test_an_alarm_is_kept_with_value_limit_unit_and_probe_and_who_acknowledged_it(heating):
    heating.sent = lambda readings: {**readings, "skin-1": 42.4}
    raised = next(row for row in of_kind(rows_of(heating, heating.step), AlarmRow))
    heating.ask("acknowledge", {"alarm": "skin_hot"})
    seen = next(row for row in of_kind(rows_of(heating, heating.step), AlarmRow))
    for row, change, by in ((raised, "raised", None), (seen, "acknowledged", "nurse-1")):
        assert (row.alarm_id, row.change, row.by) == ("skin_hot", change, by)
        assert (row.value, row.limit_in_force, row.unit) == (42.4, 42.0, "°C")
        assert row.probe == "skin-1"


def test_a_session_that_has_ended_says_how(heating):
    heating.ask("stop")
    heating.step()
    heating.ask("close", reason="moved to another room")
    (session,) = of_kind(rows_of(heating, heating.step), SessionRow)
    assert session.ended_by == "close by nurse-1"
    assert session.ended_ms == AT_MS
    assert session.started_ms is not None
    assert session.created_ms < session.started_ms < AT_MS
    assert session.subject == "SIM-1"


def test_a_session_begins_with_a_row_of_its_own(idle):
    create(idle)
    (session,) = of_kind(rows_of(idle, idle.step), SessionRow)
    assert (session.started_ms, session.ended_ms) == (None, None)
    assert session.config_sha256 == "ab"


@pytest.mark.parametrize("what", ["silence", "stop", "nonsense"])
def test_every_row_can_be_stored(heating, what):
    database = sqlite3.connect(":memory:")
    for statements in MIGRATIONS:
        for statement in statements:
            database.execute(statement)
    match what:
        case "silence":
            heating.lost = {"node", "permit"}
        case "stop":
            heating.press_stop()
        case "nonsense":
            heating.sent = lambda readings: dict.fromkeys(readings, float("nan"))
    for _ in range(20):
        for row in rows_of(heating, heating.step):
            chain = ("a", "b") if isinstance(row, EventRow) else ()
            database.execute(insert(type(row)), (*row, *chain))
    (stored,) = database.execute("SELECT COUNT(*) FROM cycles").fetchone()
    assert stored == 20
    database.close()
