"""The time to target: what is told early, half-way and late, and when nothing is told."""

from math import nan

import pytest

from controllers import body as bodies
from controllers import dome as domes
from controllers.eta import until_in_band
from controllers.observer import BLIND, Observer
from controllers.trust import doubted

TARGET_C = 38.5
FREE = 0.033  # °C/min, where control begins to hold the rise back


def told(
    observer=BLIND, core_temp_c=37.5, rise=0.025, heat_min=45.0, rise_max=FREE, ramp_left_s=0.0
):
    return until_in_band(
        observer,
        core_temp_c=core_temp_c,
        core_slope_c_per_s=None if rise is None else rise / 60.0,
        target_c=TARGET_C,
        air_temp_c_max=60.0,
        rise_c_per_s_max=rise_max / 60.0,
        heat_s=60.0 * heat_min,
        ramp_left_s=ramp_left_s,
    )


def observing(gain_per_h=0.11, hold_temp_c=39.0, sure=0.1):
    body = bodies.begin(37.5)._replace(
        hold_temp_c=hold_temp_c,
        gain_per_s=gain_per_h / 3600.0,
        spread=bodies.unrelated(0.01, 0.02, 1.0, gain_sd_share=sure, lag_sd_share=0.2),
    )
    return Observer(body=body, dome=domes.begin(45.0))


def test_without_an_observer_the_slope_tells_and_the_approach_is_slower_than_it():
    eta = told(core_temp_c=37.5, rise=0.025)
    assert 36.0 * 60.0 < eta.in_s < 50.0 * 60.0  # 0.9 °C at 0.025 °C/min are 36 min
    assert eta.low_s < eta.in_s < eta.high_s


@pytest.mark.parametrize("rise", [None, 0.001, -0.02, nan])
def test_a_core_that_should_rise_by_now_and_does_not_tells_nothing(rise):
    assert told(rise=rise, heat_min=45.0) is None


@pytest.mark.parametrize("core_temp_c", [None, nan, 20.0, 85.0])
def test_without_a_core_temperature_nothing_is_told(core_temp_c):
    assert told(observing(), core_temp_c=core_temp_c) is None


def test_in_band_there_is_nothing_left():
    assert told(core_temp_c=38.41).in_s == 0.0


def test_in_the_dead_time_what_is_usual_is_told_whatever_the_slope_is():
    first = told(observing(), core_temp_c=36.9, rise=0.0, heat_min=0.0)
    assert 70.0 * 60.0 < first.in_s < 95.0 * 60.0
    assert first.high_s - first.low_s > 30.0 * 60.0
    later = told(observing(), core_temp_c=36.9, rise=-0.01, heat_min=10.0)
    assert later.in_s == pytest.approx(first.in_s - 600.0)


def test_half_way_a_patient_who_heats_slowly_is_told_more_than_one_who_heats_fast():
    slow = told(observing(gain_per_h=0.07), rise=0.016)
    fast = told(observing(gain_per_h=0.14), rise=0.027)
    assert slow.in_s > 1.4 * fast.in_s
    assert fast.high_s - fast.low_s < 20.0 * 60.0


def test_the_interval_narrows_as_more_is_seen():
    def width_s(heat_min):
        eta = told(observing(), heat_min=heat_min)
        return eta.high_s - eta.low_s

    assert width_s(15.0) > width_s(25.0) > width_s(40.0)


def test_an_observer_that_is_not_sure_counts_for_less_and_widens_the_interval():
    sure = told(observing(gain_per_h=0.06, sure=0.05))
    unsure = told(observing(gain_per_h=0.06, sure=1.0))
    assert unsure.in_s < sure.in_s  # nearer to what the slope says
    assert unsure.high_s / unsure.low_s > sure.high_s / sure.low_s


def test_an_observer_in_doubt_is_not_asked():
    doubting = observing(gain_per_h=0.06)._replace(trust=doubted("made up"))
    assert told(doubting) == told(BLIND)


def test_a_slow_ramp_is_not_overtaken():
    eta = told(observing(), ramp_left_s=5400.0)
    assert eta.low_s == eta.in_s == eta.high_s == 5400.0


def test_a_rise_limit_that_binds_is_kept():
    free = told(observing(gain_per_h=0.2), rise=None)
    bound = told(observing(gain_per_h=0.2), rise=None, rise_max=0.02)
    assert bound.in_s > 1.2 * free.in_s
