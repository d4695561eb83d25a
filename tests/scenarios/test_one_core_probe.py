"""A session on one core probe, waived by a clinician: tighter limits, and a hand that checks."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import answer, create, is_accepted, resume, start, stays_cold


def later(world, minutes):
    clocks = world.state.clocks._replace(manual_check_s=60.0 * minutes)
    world.state = world.state._replace(clocks=clocks)


@pytest.fixture
def alone(idle):
    """Two minutes into heat-up, with one core probe."""
    idle.sent = lambda readings: {name: c for name, c in readings.items() if name != "core-2"}
    create(idle, one_core_probe=True)
    idle.run(20.0)
    assert is_accepted(idle, start(idle))
    idle.run(120.0)
    assert idle.phase is Phase.HEAT_UP
    return idle


def check(world, core_temp_c):
    return world.ask("manual-check", {"core_temp_c": core_temp_c})


def test_the_core_must_be_measured_by_hand_each_half_hour_else_heat_pauses(alone):
    later(alone, 29.95)
    alone.run(10.0)
    assert "manual_check_due" in alone.state.rows
    assert alone.phase is Phase.HEAT_UP

    later(alone, 34.95)
    alone.run(10.0)
    assert alone.phase is Phase.PAUSED
    assert stays_cold(alone, 30.0)

    truth_c = alone.plant.truth()["core_temp_c"]
    told = answer(alone, check(alone, round(truth_c, 1)))
    assert told.accepted
    assert "by hand" in told.because
    assert is_accepted(alone, resume(alone))


def test_a_hand_that_measures_half_a_degree_more_pauses_heat_until_one_agrees(alone):
    truth_c = alone.plant.truth()["core_temp_c"]
    assert is_accepted(alone, check(alone, round(truth_c + 0.7, 1)))
    alone.run(1.0)
    assert alone.phase is Phase.PAUSED
    assert "core-1" in alone.state.rows["manual_check_differs"].text

    assert is_accepted(alone, resume(alone))
    assert stays_cold(alone, 20.0)  # the row still stands

    assert is_accepted(alone, check(alone, round(alone.plant.truth()["core_temp_c"], 1)))
    alone.run(1.0)
    assert "manual_check_differs" not in alone.state.rows


@pytest.mark.parametrize("nonsense_c", [20.0, 85.0, float("nan"), "38", None, True])
def test_a_measurement_that_is_no_core_temperature_is_refused(alone, nonsense_c):
    assert not answer(alone, check(alone, nonsense_c)).accepted


def test_on_two_core_probes_nobody_is_asked_to_measure_by_hand(heating):
    later(heating, 60.0)
    heating.run(5.0)
    assert heating.phase is Phase.HEAT_UP
    assert "manual_check_due" not in heating.state.rows


def test_the_time_since_the_last_check_outlives_a_restart_of_control(alone):
    later(alone, 20.0)
    alone.step()
    alone.restart_control()
    assert alone.state.clocks.manual_check_s >= 20.0 * 60.0
