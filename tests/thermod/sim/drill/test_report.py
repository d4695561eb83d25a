"""What a drill prints: times that were measured, and no mercy."""

import pytest

from thermod.sim.drill.faults import BY_NAME
from thermod.sim.drill.report import Report, Row

STOP = BY_NAME["stop"]
KEPT, DIPS, TOLD = BY_NAME["one-core-silent"], BY_NAME["words-retained"], BY_NAME["all-welded"]
NOT_TOLD = BY_NAME["network-poor"]  # there is nothing to tell


def row(times_s, injected=None, reheats=0, *, fault=STOP, told=None, healed=0, late=0):
    injected = len(times_s) if injected is None else injected
    told_s = (0.5,) * (injected if told is None else told)
    return Row(fault, injected, times_s, reheats, healed, late, told_s)


def test_a_percentile_is_one_of_the_times():
    measured = row(tuple(n / 100 for n in range(1, 11)))
    assert [measured.percentile_s(each) for each in (0, 50, 99, 100)] == [0.01, 0.05, 0.1, 0.1]


def test_a_row_holds_when_every_run_was_cut_in_time_and_nothing_heated_again():
    assert row((0.1, STOP.limit_s)).held


@pytest.mark.parametrize(
    "failed",
    [
        row((0.1, STOP.limit_s + 0.001)),
        row((0.1,), injected=2),
        row((0.1,), reheats=1),
        row(()),
        row((0.1,), late=1),
        row((0.1, 0.1), told=1),
        row((0.1,), injected=2, fault=KEPT),
        row((), injected=2, told=1, fault=KEPT),
        row((0.1,), injected=2, fault=DIPS),
        row((0.1,), injected=2, healed=1, reheats=1, fault=DIPS),
        row((), injected=2, told=1, fault=TOLD),
        row((), injected=0, fault=NOT_TOLD),
    ],
    ids=[
        *("late", "not cut", "re-heat", "never run", "late for its own limit", "not told"),
        *("cut for nothing", "not refused", "did not come back", "came back in another epoch"),
        *("welded and not told", "never run either"),
    ],
)
def test_a_row_that_fails_in_any_way_fails_the_drill(failed):
    report = Report((row((0.1,)), failed), "mosquitto", 0)
    assert not failed.held
    assert not report.held
    assert report.as_json()["held"] is False


@pytest.mark.parametrize(
    "held",
    [
        row((), injected=3, fault=KEPT),
        row((), injected=3, told=0, fault=NOT_TOLD),
        row((), injected=3, fault=DIPS),
        row((0.4, 0.5), injected=3, healed=2, fault=DIPS),
        row((), injected=3, fault=TOLD),
    ],
    ids=["kept", "nothing to tell", "not even a dip", "dips that healed", "welded and told"],
)
def test_a_fault_that_must_not_or_cannot_cut_is_held_to_what_it_must_do(held):
    report = Report((row((0.1,)), held), "mosquitto", 0)
    assert report.held
    assert report.as_json()["all_cut"] is True


def test_a_row_says_in_how_many_runs_it_was_told_or_that_there_is_nothing_to_tell():
    assert row((0.1, 0.1), told=1).as_json()["detected"] == 1
    assert row((), injected=3, told=0, fault=NOT_TOLD).as_json()["detected"] is None


def test_a_run_that_was_not_cut_shows_in_the_figures():
    told = Report((row((0.1,), injected=2),), "mosquitto", 3).as_json()
    assert told["all_cut"] is False
    assert told["stalled_runs"] == 3
    assert told["faults"][0]["injected"] == 2
    assert told["faults"][0]["cut"] == 1


def test_a_stack_that_ended_early_fails_the_drill_and_keeps_what_was_measured():
    report = Report((row((0.1, 0.2)),), "a broker", 0, problems=("no heat after 240 s",))
    assert not report.held
    told = report.as_json()
    assert told["problems"] == ["no heat after 240 s"]
    assert told["faults"][0]["cut"] == 2
