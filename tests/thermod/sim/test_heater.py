"""The heater circuit: true power changes at once, the meter shows its mean over the window."""

import pytest

from thermod.sim.heater import Heater


@pytest.fixture
def heater():
    return Heater(rated_w=2000.0, window_s=1.0, now_s=0.0)


def run(heater, pct, closed, since_s, until_s):
    for n in range(round(since_s / 0.02), round(until_s / 0.02)):
        heater.switch(pct, closed, n * 0.02)


def test_true_power_is_duty_times_rating_and_gone_at_once(heater):
    assert heater.switch(40.0, True, 1.0)
    assert heater.power_w == 800.0
    assert not heater.switch(40.0, True, 1.02)
    assert heater.switch(0.0, True, 1.04)
    assert heater.power_w == 0.0


def test_no_power_flows_through_open_contactors(heater):
    heater.switch(40.0, False, 1.0)
    assert heater.power_w == 0.0


def test_the_meter_rises_over_one_window_and_is_exactly_zero_one_window_after_heat(heater):
    run(heater, 40.0, True, 0.0, 0.5)
    assert heater.measured_w() == pytest.approx(400.0, abs=20.0)
    run(heater, 40.0, True, 0.5, 2.0)
    assert heater.measured_w() == pytest.approx(800.0)
    run(heater, 0.0, True, 2.0, 2.5)
    assert heater.measured_w() == pytest.approx(400.0, abs=20.0)
    run(heater, 0.0, True, 2.5, 3.1)
    assert heater.measured_w() == 0.0


@pytest.mark.parametrize("step_s", [0.5, 0.3, 5.0])
def test_the_meter_is_right_when_it_is_switched_seldom(heater, step_s):
    for n in range(12):
        heater.switch(40.0, True, n * step_s)
    assert heater.measured_w() == pytest.approx(800.0)


def test_energy_is_what_flowed(heater):
    heater.switch(50.0, True, 10.0)
    heater.switch(0.0, True, 13.0)
    heater.switch(0.0, True, 20.0)
    assert heater.energy_j == pytest.approx(3000.0)


def test_a_welded_ssr_heats_fully_until_the_contactors_open(heater):
    heater.ssr_welded = True
    heater.switch(0.0, True, 1.0)
    assert heater.power_w == 2000.0
    heater.switch(0.0, False, 1.1)
    assert heater.power_w == 0.0


def test_welded_contactors_leave_the_ssr_in_charge(heater):
    heater.contactors_welded = True
    heater.switch(40.0, False, 1.0)
    assert heater.power_w == 800.0


def test_nothing_stops_a_dome_with_every_switch_welded(heater):
    heater.ssr_welded = heater.contactors_welded = True
    heater.switch(0.0, False, 1.0)
    assert heater.power_w == 2000.0


def test_a_weak_heater_gives_its_share(heater):
    heater.output_share = 0.7
    heater.switch(50.0, True, 1.0)
    assert heater.power_w == pytest.approx(700.0)
