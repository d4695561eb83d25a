"""The story of a session, told from the rows that the real cycle would have journalled."""

import json

import pytest
from typer.testing import CliRunner

from controllers.session import Phase
from tests.scenarios.conftest import new_world
from tests.scenarios.people import reset, resume
from thermod import record
from thermod.cli import app
from thermod.journal import Journal
from thermod.journal_schema import AlarmRow, CycleRow, EventRow, SessionRow
from thermod.sim.nurse import Nurse
from thermod.story import Moment, tell

BEGAN_MS = 1_795_000_000_000
NURSE = Nurse(protocol="hold-5")


class Recorded:
    """A session in pretend time, and every row of its record."""

    def __init__(self):
        self.world = new_world(NURSE)
        self.rows = []

    def run_until(self, happened, within_s=2 * 3600.0):
        until_s = self.world.now_s + within_s
        while not happened(self.world):
            assert self.world.now_s < until_s
            self.step()

    def step(self):
        world, before = self.world, self.world.state
        outcome = world.step()
        at_ms = BEGAN_MS + round(world.now_s * 1000.0)
        self.rows += record.rows(
            *(world.plan, before, world.state, outcome),
            at_ms=at_ms,
            cycle_ms=0.1,
            config_sha256="ab12",
        )

    def story(self):
        session = [row for row in self.rows if isinstance(row, SessionRow)][-1]
        mine = [row for row in self.rows if getattr(row, "session_id", None) == session.session_id]
        moments = [
            Moment(*(getattr(row, name) for name in Moment._fields))
            for row in mine
            if isinstance(row, CycleRow)
        ]
        events = [row for row in mine if isinstance(row, EventRow)]
        alarms = [row for row in mine if isinstance(row, AlarmRow)]
        return tell(session, moments, events, alarms)


@pytest.fixture(scope="module")
def whole():
    """A session from create to close, with a lid opened and a STOP on the way."""
    recorded = Recorded()
    recorded.run_until(lambda world: world.phase is Phase.HEAT_UP)
    recorded.run_until(lambda world: world.state.clocks.phase_s > 120.0)
    world = recorded.world
    world.plant.lid_open = True
    for _ in range(40):
        recorded.step()
    world.plant.lid_open = False
    recorded.run_until(lambda world: world.state.clocks.phase_s > 300.0)
    world.nurse = None
    world.press_stop("patient")
    for _ in range(20):
        recorded.step()
    reset(world)
    for _ in range(10):
        recorded.step()
    resume(world)
    world.nurse = NURSE
    recorded.run_until(lambda world: world.phase is Phase.COOL_DOWN)
    world.plant.lid_open = True  # it cools the sooner
    recorded.run_until(lambda world: world.phase is Phase.ENDED)
    return recorded


def test_the_story_is_a_dozen_sentences_or_so(whole):
    story = whole.story()
    assert 10 <= len(story) <= 20
    assert all(sentence.endswith(".") for sentence in story)


@pytest.mark.parametrize(
    "said",
    [
        "protocol hold-5 v1, target 38.5 °C",
        "nurse-1 started heat",
        "of heat-up",
        "The lid is open",
        "STOP by patient",
        "“found and put right”",
        "resume by nurse-1",
        "was held for 5 min",
        "% of that within 0.1 °C",
        "alarm stopped: STOP was pressed by patient",
        "Staff confirmed",
        "the core fell below 38.0 °C",
        "close by nurse-1",
        "kWh",
    ],
)
def test_what_mattered_is_told(whole, said):
    assert said in "\n".join(whole.story())


def test_a_session_that_never_heated_and_is_not_over_is_told_as_such():
    session = SessionRow(
        *("s-1", "clinic", "dome-1", "P-1", "N-1", "hold-45 v1", 38.5, "ab", BEGAN_MS),
        *(None, None, None, "{}"),
    )
    story = "\n".join(tell(session, [], [], []))
    assert "Heat was never started" in story
    assert "is not over" in story


def test_when_and_why_it_held_back_is_told():
    session = SessionRow(
        *("s-1", "clinic", "dome-1", "P-1", "N-1", "hold-45 v1", 38.5, "ab", BEGAN_MS),
        *(BEGAN_MS, None, None, "{}"),
    )
    at = Moment(BEGAN_MS, "heat_up", 38.5, 37.0, 34.0, 30.0, 100.0, 2000.0, "permitted", "heating")
    back = "holding back: forecast 38.52 °C against 38.50 °C; dome air kept below 64 °C"
    moments = [
        at,
        at._replace(at_ms=BEGAN_MS + 60_000),
        at._replace(at_ms=BEGAN_MS + 120_000, core_temp_c=38.2, because=back),
        at._replace(at_ms=BEGAN_MS + 180_000, core_temp_c=38.3, because=back),
    ]
    story = "\n".join(tell(session, moments, [], []))
    assert "From minute 2, at 38.20 °C, it was holding back: forecast 38.52 °C" in story
    assert "1 min by “holding back: forecast 38.52 °C against 38.50 °C”" in story
    assert "0.433 °C/min in the mean" in story


def test_a_gap_in_the_record_is_told_and_counts_as_no_time(whole):
    cycles = [row for row in whole.rows if isinstance(row, CycleRow) and row.phase == "hold"]
    moments = [Moment(*(getattr(row, name) for name in Moment._fields)) for row in cycles]
    late = [moments[0], *(each._replace(at_ms=each.at_ms + 600_000) for each in moments[1:])]
    session = [row for row in whole.rows if isinstance(row, SessionRow)][-1]
    story = "\n".join(tell(session, late, [], []))
    assert "There is no record for 10 min" in story
    assert "was held for 5 min" in story


def test_details_that_are_no_json_spoil_nothing(whole):
    event = next(row for row in whole.rows if isinstance(row, EventRow))
    session = [row for row in whole.rows if isinstance(row, SessionRow)][-1]
    odd = [event._replace(details=text) for text in ("", "[", "[]", json.dumps("x"))]
    assert tell(session, [], odd, [])


def test_the_command_reads_it_from_a_journal_and_says_what_it_does_not_have(whole, tmp_path):
    path = tmp_path / "journal.db"
    journal = Journal(path)
    for row in whole.rows[-4000:]:
        journal.append(row)
    journal.close()

    told = CliRunner().invoke(app, ["journal", "explain", "--journal", str(path)])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("- Session s-")
    assert "was held for" in told.output

    unknown = CliRunner().invoke(app, ["journal", "explain", "s-none", "--journal", str(path)])
    assert "no session s-none" in str(unknown.exception)
    nowhere = CliRunner().invoke(app, ["journal", "explain", "--journal", str(tmp_path / "x.db")])
    assert "there is no journal" in str(nowhere.exception)

    listed = CliRunner().invoke(app, ["journal", "sessions", "--journal", str(path)])
    assert "hold-5 v1" in listed.output
    verified = CliRunner().invoke(app, ["journal", "verify", "--journal", str(path)])
    assert "every event follows on the one before it" in verified.output
