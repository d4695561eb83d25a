"""H26: what an air probe says, against the heater's power and the skin."""

import math

import pytest

from sensors import dome_air
from sensors.dome_air import Heat
from sensors.freshness import Why


class Dome:
    """A shut dome in pretend time: what its air probe reads, under the power it gets."""

    def __init__(self, resolution_c=0.1):
        self.watch, self.now_s, self.resolution_c = dome_air.AT_BOOT, 1024.0, resolution_c

    def run(self, minutes, power_pct, air_c, *, skin_c=34.0, lid_open=False):
        """`power_pct` and `air_c` are numbers, or functions of the minutes passed."""
        for cycle in range(round(minutes * 120.0)):
            passed_min = cycle / 120.0
            self.now_s += 0.5
            share = power_pct(passed_min) if callable(power_pct) else power_pct
            read_c = air_c(passed_min) if callable(air_c) else air_c
            if read_c is not None:
                read_c = round(read_c / self.resolution_c) * self.resolution_c
            heat = None if share is None else Heat(share, lid_open)
            self.watch = dome_air.watched(
                self.watch, read_c, self.resolution_c, skin_c, heat, self.now_s
            )
        return self.watch.doubt


def test_a_probe_that_stays_cold_under_heat_is_deaf():
    assert Dome().run(5.5, 60.0, 24.0) is Why.DEAF


def test_one_that_warms_by_a_degree_in_five_minutes_is_not():
    assert Dome().run(15.0, 60.0, lambda minutes: 24.0 + 0.25 * minutes) is None


def test_a_cold_dome_without_heat_may_stay_cold():
    assert Dome().run(60.0, 0.0, 24.0) is None


def test_a_hold_at_45_degrees_with_steady_power_is_believed():
    assert Dome().run(60.0, 45.0, 45.0, skin_c=39.5) is None


def test_a_probe_that_reads_alike_at_full_power_is_deaf_also_when_warm():
    assert Dome().run(4.0, 100.0, 55.0) is Why.DEAF


def test_one_that_reads_alike_through_a_change_of_power_is_deaf():
    dome = Dome()
    dome.run(10.0, 60.0, 55.0)
    assert dome.run(2.0, 10.0, 55.0) is Why.DEAF


def test_a_weak_heater_at_its_limit_that_still_warms_a_little_is_believed():
    assert Dome().run(60.0, 100.0, lambda minutes: 55.0 + 0.06 * minutes) is None


@pytest.mark.parametrize("lowest_c", [37.0, 30.0, 20.0])
def test_air_colder_than_the_skin_it_has_warmed_for_long_is_doubted(lowest_c):
    dome = Dome()
    dome.run(15.0, 40.0, lambda minutes: 24.0 + (lowest_c - 24.0) * min(1.0, minutes / 5.0))
    assert dome.run(15.0, 20.0, lowest_c, skin_c=39.0) in (Why.BELOW_SKIN, Why.DEAF)


def test_air_colder_than_the_skin_soon_after_a_pause_with_an_open_lid_is_believed():
    dome = Dome()
    dome.run(30.0, 40.0, 48.0, skin_c=39.0)
    dome.run(3.0, 0.0, 28.0, skin_c=38.5, lid_open=True)
    warming = dome.run(12.0, 35.0, lambda minutes: 28.0 + minutes, skin_c=38.5)
    assert warming is None


def test_a_doubt_ends_by_the_probes_own_movement_and_never_by_time():
    dome = Dome()
    dome.run(6.0, 80.0, 24.0)
    assert dome.run(120.0, 0.0, 24.0) is Why.DEAF
    assert dome.run(1.0, 0.0, 26.0) is None


def test_a_doubt_about_reading_too_low_ends_when_it_reads_above_the_skin():
    dome = Dome()
    dome.run(20.0, 40.0, 45.0, skin_c=39.0)
    assert dome.run(6.0, 20.0, 36.0, skin_c=39.0) is Why.BELOW_SKIN
    assert dome.run(6.0, 20.0, 38.5, skin_c=39.0) is Why.BELOW_SKIN
    assert dome.run(6.0, 20.0, lambda minutes: 42.0 + minutes / 10.0, skin_c=39.0) is None


@pytest.mark.parametrize("power_pct", [None, math.nan, math.inf, -1.0, 1e9])
def test_a_power_that_nobody_knows_proves_nothing_and_clears_nothing(power_pct):
    dome = Dome()
    assert dome.run(30.0, power_pct, 24.0) is None
    dome.run(6.0, 80.0, 24.0)
    assert dome.run(30.0, power_pct, 40.0) is Why.DEAF


def test_silence_of_the_probe_and_a_jump_of_the_clock_begin_the_window_anew():
    dome = Dome()
    dome.run(4.5, 80.0, 24.0)
    dome.run(2.0, 80.0, None)
    assert dome.run(4.0, 80.0, 24.0) is None
    dome.now_s += 3600.0
    assert dome.run(4.0, 80.0, 24.0) is None
    assert dome.run(2.0, 80.0, 24.0) is Why.DEAF
