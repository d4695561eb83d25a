"""One probe as the guard takes it: what is a sample, what is none, and what counts as "twice"."""

from math import inf, nan

import pytest

from thermod.guard.probes import Probe, role_view
from thermod.guard.specs import ProbeSpec

LIMIT_C = 39.2


def probe(role="core", **spec):
    return Probe(ProbeSpec(f"{role}-1", role, **spec))


@pytest.mark.parametrize("role", ["core", "skin", "air", "room"])
@pytest.mark.parametrize("nonsense", [nan, inf, -inf, -127.0, 1e300])
def test_what_is_no_temperature_is_no_sample(role, nonsense):
    """H07: neither the value nor the time of it is kept, and the probe is bad from then on."""
    one = probe(role)
    assert one.take(37.0, LIMIT_C, 10.0)
    assert not one.take(nonsense, LIMIT_C, 10.5)
    assert (one.temp_c, one.temp_s, one.bad_s) == (37.0, 10.0, 10.5)


@pytest.mark.parametrize("fault_c", [85.0, -127.0])
def test_the_fault_value_of_a_sensor_is_no_sample_though_air_may_be_that_warm(fault_c):
    """H07: 85.0 °C lies inside the range of dome air, and is what a DS18B20 says at power-on."""
    air = probe("air")
    assert not air.take(fault_c, 78.0, 10.0)
    assert air.over_samples(10.0) == 0
    assert air.take(85.1, 78.0, 10.5)
    assert air.over_samples(10.5) == 1


@pytest.mark.parametrize(
    ("role", "low_c", "high_c"),
    [("core", 30.0, 43.0), ("skin", 15.0, 50.0), ("air", -10.0, 120.0), ("room", -10.0, 60.0)],
)
def test_the_ends_of_a_role_s_range_are_inside(role, low_c, high_c):
    one = probe(role)
    assert one.take(low_c, LIMIT_C, 1.0)
    assert one.take(high_c, LIMIT_C, 2.0)
    assert not one.take(low_c - 0.01, LIMIT_C, 3.0)
    assert not one.take(high_c + 0.01, LIMIT_C, 4.0)


def test_a_good_sample_after_a_bad_one_makes_it_good_again():
    one = probe()
    one.take(nan, LIMIT_C, 1.0)
    assert role_view([one], 0, 1.5).bad
    one.take(37.0, LIMIT_C, 2.0)
    assert not role_view([one], 0, 2.5).bad
    assert role_view([one], 0, 2.5).age_s == 0.5


def heard(*samples, tick=0):
    """A core probe with these samples: when each came, and what it said."""
    one = probe()
    one.tick = tick
    for now_s, temp_c in samples:
        one.take(temp_c, LIMIT_C, now_s)
    return one


def test_a_probe_that_was_never_heard_says_nothing():
    assert role_view([probe()], 100, 1000.0) == (None, False, None, 0)
    other = heard((999.5, 37.0), tick=100)
    assert role_view([probe(), other], 100, 1000.0) == (0.5, False, 37.0, 0)


@pytest.mark.parametrize("order", [1, -1])
def test_of_the_probes_of_a_role_the_freshest_the_hottest_and_the_worst_count(order):
    """H03: nothing is averaged, whichever comes first."""
    hottest, freshest = heard((8.0, 38.5)), heard((9.5, 37.0))
    assert role_view([hottest, freshest][::order], 0, 10.0) == (0.5, False, 38.5, 0)
    long_bad, just_bad = heard((1.0, nan)), heard((9.5, nan))
    assert role_view([long_bad, just_bad][::order], 0, 10.0).bad


@pytest.mark.parametrize(("age_s", "bad"), [(0.0, True), (3.0, True), (3.01, False)])
def test_nonsense_is_bad_for_3_s_and_silence_after_that(age_s, bad):
    assert role_view([heard((10.0, nan))], 0, 10.0 + age_s).bad is bad


@pytest.mark.parametrize(("lag", "age_s"), [(0, 0.5), (6, 0.5), (7, None)])
def test_h05_what_came_just_now_but_lags_by_more_than_six_ticks_is_not_fresh(lag, age_s):
    assert role_view([heard((9.5, 37.0), tick=50)], 50 + lag, 10.0).age_s == age_s


@pytest.mark.parametrize(("again_s", "samples"), [(4.0, 2), (4.01, 1)])
def test_two_samples_at_the_limit_within_3_s_are_two_though_one_between_was_lower(again_s, samples):
    """SAFETY.md §4, "on two samples"."""
    core = heard((1.0, 39.2), (2.0, 38.0), (again_s, 39.2))
    assert core.over_samples(again_s) == samples


def test_a_probe_that_falls_silent_at_the_limit_goes_on_counting():
    """The lower sample lies before the newest one at the limit, and is no relief after it."""
    core = heard((1.0, 39.2), (2.0, 38.0), (3.0, 39.2))
    assert core.over_samples(30.0) == 2


def test_h16_after_a_boot_of_the_dome_a_probe_counts_from_the_start():
    core = probe()
    core.seq = 481
    assert core.refuses(0, 1, 1) == "reading_late"
    core.restart()
    assert [core.refuses(seq, 1, 1) for seq in (0, 1, 481)] == [None, None, None]
