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
