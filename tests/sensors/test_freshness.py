"""One message by itself: in time on both clocks, in range, or absent with a reason."""

from math import inf, nan, nextafter

import pytest

from sensors.freshness import SAY, Absent, Fresh, Why, classify
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role

CORE = ProbeSpec.of("rectal-1", Role.CORE, "rectum")
AIR = ProbeSpec.of("air-1", Role.AIR, "dome")


def sample(temp_c=37.0, tick_lag=0, received_s=100.0):
    return ProbeSample("rectal-1", 7, tick_lag, temp_c, received_s)


def test_a_probe_that_never_spoke_is_absent():
    assert classify(None, CORE, 100.0) == Absent(Why.NEVER_SEEN)


@pytest.mark.parametrize(
    ("age_s", "why"),
    [
        (-inf, Why.FROM_FUTURE), (-0.125, Why.FROM_FUTURE), (nan, Why.FROM_FUTURE),
        (0.0, None), (2.5, None), (2.625, Why.STALE), (1e9, Why.STALE), (inf, Why.STALE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("message", [sample(), Rejection("rectal-1", "malformed", 100.0)])
def test_age_is_bounded_on_both_sides(message, age_s, why):
    found = classify(message, CORE, 100.0 + age_s)
    if why is not None:
        assert found == Absent(why)
    elif isinstance(message, Rejection):
        assert found == Absent(Why.REJECTED)
    else:
        assert found == Fresh(37.0, proven=True)


def test_an_arrival_time_that_is_not_a_number_is_not_fresh():
    assert classify(sample(received_s=nan), CORE, 100.0) == Absent(Why.FROM_FUTURE)


@pytest.mark.parametrize("tick_lag", range(-3, 12))
def test_a_sample_more_than_six_ticks_behind_or_ahead_of_its_dome_is_old(tick_lag):
    found = classify(sample(tick_lag=tick_lag), CORE, 100.0)
    assert isinstance(found, Fresh) == (0 <= tick_lag <= 6)
    assert isinstance(found, Fresh) or found.why is Why.OLD_TICK


def test_a_sample_without_a_tick_is_fresh_but_unproven():
    assert classify(sample(tick_lag=None), CORE, 100.0) == Fresh(37.0, proven=False)


@pytest.mark.parametrize(
    "temp_c",
    [nan, inf, -inf, 1e308, 0.0, -0.0, 98.6, nextafter(30.0, 0.0), nextafter(43.0, 99.0)],
)
def test_a_core_temperature_outside_30_to_43_is_absent(temp_c):
    assert classify(sample(temp_c), CORE, 100.0) == Absent(Why.OUT_OF_RANGE)


@pytest.mark.parametrize("temp_c", [30.0, 37.0, 43.0])
def test_the_ends_of_the_range_are_inside(temp_c):
    assert classify(sample(temp_c), CORE, 100.0) == Fresh(temp_c, proven=True)


@pytest.mark.parametrize("temp_c", [85.0, -127.0])
@pytest.mark.parametrize("spec", [CORE, AIR])
def test_the_fault_values_of_a_ds18b20_are_never_temperatures(spec, temp_c):
    assert classify(sample(temp_c), spec, 100.0) == Absent(Why.FAULT_VALUE)


def test_next_to_a_fault_value_the_air_may_be_that_hot():
    assert classify(sample(85.0625), AIR, 100.0) == Fresh(85.0625, proven=True)


@pytest.mark.parametrize(("raw_c", "inside"), [(42.75, True), (42.8125, False), (30.0, True)])
def test_the_range_is_judged_after_the_calibration(raw_c, inside):
    spec = ProbeSpec.of("rectal-1", Role.CORE, "rectum", offset_c=0.25)
    found = classify(sample(raw_c), spec, 100.0)
    assert found == (Fresh(raw_c + 0.25, proven=True) if inside else Absent(Why.OUT_OF_RANGE))


def test_every_reason_can_be_said():
    assert set(SAY) == set(Why)
