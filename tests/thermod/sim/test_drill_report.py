"""What a drill prints: times that were measured, and no mercy."""

import pytest

from thermod.sim.drill_faults import BY_NAME
from thermod.sim.drill_report import Report, Row

STOP = BY_NAME["stop"]


def row(times_s, injected=None, reheats=0):
    return Row(STOP, len(times_s) if injected is None else injected, times_s, reheats, 0)


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
    ],
    ids=["late", "not cut", "re-heat", "never run"],
)
def test_a_row_that_fails_in_any_way_fails_the_drill(failed):
    report = Report((row((0.1,)), failed), "mosquitto", 0)
    assert not failed.held
    assert not report.held
    assert report.as_json()["held"] is False


def test_a_run_that_was_not_cut_shows_in_the_figures():
    told = Report((row((0.1,), injected=2),), "mosquitto", 3).as_json()
    assert told["all_cut"] is False
    assert told["stalled_runs"] == 3
    assert told["faults"][0]["injected"] == 2
    assert told["faults"][0]["cut"] == 1
