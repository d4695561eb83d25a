"""H26: the lid is open, the fan is dead, the air probe is lost."""

import math
from dataclasses import replace

from controllers.protocol import HOLD_45
from controllers.session import Phase
from tests.scenarios.people import heats_again, is_off_within, stays_cold
from thermod.sim.nurse import Nurse
from thermod.sim.probes import HEALTHY, ProbeFaults


def test_an_open_lid_takes_heat_at_once_and_gives_it_back_after_it_is_shut(heating):
    """H26."""
    heating.plant.lid_open = True
    assert is_off_within(heating, 0.5)
    assert "lid_open" in heating.state.rows
    before = heating.state.regulator
    assert stays_cold(heating, 20.0)
    after = heating.state.regulator
    assert (after.outer_integral, after.inner_integral) == (
        before.outer_integral,
        before.inner_integral,
    )  # nothing is learnt from a dome that is not driven

    heating.plant.lid_open = False
    assert heats_again(heating, within_s=20.0)
    assert heating.state.lease.epoch == 2


def test_a_lid_left_open_for_more_than_a_minute_interrupts_the_session(heating):
    heating.plant.lid_open = True
    heating.run(65.0)
    assert heating.phase is Phase.INTERRUPTED
    heating.plant.lid_open = False
    assert stays_cold(heating, 60.0)


def test_a_dead_fan_takes_heat_within_five_seconds(heating):
    heating.plant.fan_running = False
    assert is_off_within(heating, 5.0)


def test_air_lost_leaves_at_most_30_percent_and_none_after_ten_minutes(heating):
    heating.sent = lambda readings: {name: c for name, c in readings.items() if name != "air-1"}
    heating.run(4.0)
    for _ in range(2 * 590):
        heating.step()
        assert heating.state.power_pct <= 30.0
    heating.run(20.0)
    assert heating.heater_w == 0.0
    assert stays_cold(heating, 30.0)


def test_an_air_probe_that_says_nan_is_lost_too(heating):
    heating.sent = lambda readings: {**readings, "air-1": math.nan}
    heating.run(1.0)
    assert heating.state.power_pct <= 30.0


def test_an_air_probe_that_stays_cold_under_heat_is_found_and_named(heating):
    """H26: the air is believed by nobody who sees what the heater gives."""
    heating.plant.probe("air-1").fail(ProbeFaults(stuck_at_c=24.0))
    heating.run_until(lambda w: "air_lost" in w.state.rows, within_s=330.0)
    assert "air-1 does not follow the heater" in heating.state.rows["air_lost"].text
    assert heating.state.power_pct <= 30.0
    heating.run(600.0 + 5.0)
    assert stays_cold(heating, 30.0)


def test_an_air_probe_stuck_warm_is_found_while_the_loop_asks_for_ever_more(heating):
    """H26."""
    heating.plant.probe("air-1").fail(ProbeFaults(stuck=True))
    heating.run_until(lambda w: "air_lost" in w.state.rows, within_s=900.0)
    assert heating.plant.truth()["air_temp_c"] < 78.0
    assert heating.state.power_pct <= 30.0


def test_a_stuck_air_probe_is_not_trusted_again_because_heat_was_taken_away(heating):
    """H26: only its own movement speaks for it."""
    heating.plant.probe("air-1").fail(ProbeFaults(stuck_at_c=24.0))
    heating.run_until(lambda w: "air_lost" in w.state.rows, within_s=330.0)
    heating.run(900.0)
    assert heating.outcome.picture.air.good == 0

    heating.plant.probe("air-1").fail(HEALTHY)
    heating.run(90.0)
    assert heating.outcome.picture.air.good == 1


def test_an_air_probe_that_falls_by_8_c_in_the_hold_warms_neither_dome_nor_patient(holding):
    """H26: the climate does not jump, so what was learnt of it moves with the probe."""
    holding.state = holding.state._replace(
        session=replace(holding.state.session, protocol=replace(HOLD_45, protocol_id="hold-5"))
    )
    holding.nurse = Nurse(protocol="hold-5")
    holding.plant.probe("air-1").fail(ProbeFaults(offset_delta_c=-8.0))
    for _ in range(20 * 60 * 2):
        holding.step()
        truth = holding.plant.truth()
        assert truth["air_temp_c"] < 62.0
        assert truth["core_temp_c"] < 38.6
