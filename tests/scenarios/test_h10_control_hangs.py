"""H10: control hangs, is starved, or loses a part of its cycle."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import is_off_within, stays_cold
from thermod.sim import handed


def test_h10_a_control_that_hangs_loses_its_permit_within_1_7_s_and_trips_after_10(heating):
    heating.control_runs = False
    assert is_off_within(heating, 2.0)  # 1.7 s, seen every half second
    heating.run(10.0)
    assert heating.guard.latches == ("control_silent",)


@pytest.mark.parametrize("busy_s", [2.0, 5.0])
def test_h10_a_starved_control_heats_only_in_the_time_in_which_it_answers(heating, busy_s):
    """A cycle now and then is not control: each gap costs heat until all has held for 3 s."""
    for _ in range(6):
        heating.control_runs = False
        heating.run(busy_s)
        assert heating.heater_w == 0.0
        heating.control_runs = True
        heating.run(1.0)
        assert heating.heater_w == 0.0


def test_h10_a_cycle_that_skips_a_stage_is_no_answer_and_two_in_a_row_trip(heating):
    """As if the alarm stage had been lost: its result is missing from the chain of the flow."""
    spoken = heating.guard.on_heartbeat

    def on_heartbeat(beat, now_s):
        spoken(beat._replace(results=(*beat.results[:2], 0, *beat.results[3:])), now_s)

    heating.guard.on_heartbeat = on_heartbeat
    assert is_off_within(heating, 2.0)
    assert heating.guard.latches == ("control_flow",)
    heating.run(1.0)
    assert heating.phase is Phase.TRIPPED
    assert stays_cold(heating, 30.0)


def test_h10_a_beat_of_a_cycle_that_was_already_answered_is_no_answer(heating):
    outcome = heating.outcome
    heating.control_runs = False
    for _ in range(20):
        heating.step()
        beat = handed.beat_to_guard(heating.plan.controller_id, outcome)
        heating.guard.on_heartbeat(beat, heating.now_s)
    assert heating.heater_w == 0.0
    assert heating.guard.latches != ()


def test_h10_a_gap_is_told_to_staff(heating):
    heating.control_runs = False
    heating.run(2.5)
    heating.control_runs = True
    heating.step()
    assert "clock_jump" in heating.state.rows
    assert heating.state.overruns == 1
    row = heating.state.rows["clock_jump"]
    assert (row.value, row.limit) == (3.0, 2.0)
