"""What a protocol may ask for, and where its ramp stands."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.limits import TARGET_C_CEILING, TARGET_C_FLOOR, Limits
from controllers.protocol import (
    BUILT_IN,
    HOLD_45,
    IN_BAND_DELTA_C,
    RAMP_C_PER_MIN_MAX,
    RESUME_STEP_DELTA_C,
    TARGET_2,
    TARGET_C_MAX,
    TARGET_C_MIN,
    Protocol,
    is_done,
    setpoint_c,
)
from thermod.config_relations import misfit


def protocol(target_c=38.5, hold_min=45.0, ramp_c_per_min=None):
    return Protocol("test", 1, "A test", target_c, hold_min, ramp_c_per_min)


def test_the_default_brings_the_core_to_38_5_and_holds_it_for_45_min():
    assert (HOLD_45.protocol_id, HOLD_45.target_c, HOLD_45.hold_min) == ("hold-45", 38.5, 45.0)


def test_in_band_is_a_tenth_of_a_degree_and_a_resumed_ramp_begins_three_tenths_above_the_core():
    assert (IN_BAND_DELTA_C, RESUME_STEP_DELTA_C) == (0.1, 0.3)


def test_bounds_that_two_packages_must_name_are_the_same_in_both():
    assert (TARGET_C_MIN, TARGET_C_MAX) == (TARGET_C_FLOOR, TARGET_C_CEILING)
    assert Limits().core_rise_keep_c_per_min == RAMP_C_PER_MIN_MAX


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("target_c", 37.0, 38.6), ("hold_min", 0.0, 60.0), ("ramp_c_per_min", 0.005, 0.038)],
)
def test_each_figure_is_bounded_on_both_sides_and_the_refusal_names_it(name, low, high):
    for value in (low, high):
        assert getattr(protocol(**{name: value}), name) == value
    for value in (low - 1e-6, high + 1e-6, nan, inf, -inf):
        with pytest.raises(ValueError, match=rf"{name} is .*; it must lie in {low}…{high}"):
            protocol(**{name: value})


@pytest.mark.parametrize("at_target_min", [0.4, 10.1, 45.1, nan, inf])
def test_the_minutes_at_target_are_bounded_and_no_longer_than_the_hold(at_target_min):
    with pytest.raises(ValueError, match="at_target_min is"):
        Protocol("t", 1, "A test", 38.5, 45.0, at_target_min=at_target_min)
    with pytest.raises(ValueError, match="at_target_min is 5.0"):
        Protocol("t", 1, "A test", 38.5, 4.0, at_target_min=5.0)


def test_a_hold_is_done_after_its_minutes_and_never_sooner():
    assert not is_done(HOLD_45, 45.0, 2699.5, 2699.5)
    assert is_done(HOLD_45, 45.0, 2700.0, 0.0)
    assert is_done(HOLD_45, 30.0, 1800.0, 0.0)


def test_a_protocol_may_be_done_once_the_core_was_at_target_for_long_enough():
    assert not is_done(TARGET_2, 20.0, 600.0, 119.5)
    assert is_done(TARGET_2, 20.0, 600.0, 120.0)
    assert is_done(TARGET_2, 20.0, 1200.0, 0.0)


@pytest.mark.parametrize(("held_s", "at_target_s"), [(nan, 0.0), (0.0, nan)])
def test_a_time_that_is_none_ends_the_heat(held_s, at_target_s):
    assert is_done(TARGET_2, 20.0, held_s, at_target_s)


def test_every_built_in_protocol_has_its_own_id_and_fits_the_default_limits():
    assert len({each.protocol_id for each in BUILT_IN}) == len(BUILT_IN)
    assert all(misfit(each, Limits()) is None for each in BUILT_IN)


def test_the_set_point_climbs_at_the_protocol_s_rate_from_where_the_core_was():
    slow = protocol(ramp_c_per_min=0.02)
    assert setpoint_c(slow, 38.5, 37.0, 0.0) == 37.0
    assert setpoint_c(slow, 38.5, 37.0, 1800.0) == pytest.approx(37.6)


def test_without_a_rate_it_climbs_as_fast_as_control_may_let_the_core_rise():
    assert setpoint_c(HOLD_45, 38.5, 37.0, 600.0) == pytest.approx(37.38)
    assert setpoint_c(HOLD_45, 38.5, 37.0, 2400.0) == 38.5


def test_after_a_pause_it_begins_at_most_0_3_above_the_core_not_at_the_target():
    assert setpoint_c(HOLD_45, 38.5, 37.6 + RESUME_STEP_DELTA_C, 0.0) == pytest.approx(37.9)


def test_without_a_starting_point_it_is_the_target():
    assert setpoint_c(protocol(ramp_c_per_min=0.02), 38.5, None, 0.0) == 38.5


@given(st.floats(37.0, 38.6), st.floats(34.0, 40.0), st.floats(0.0, 2e4), st.floats(0.005, 0.038))
def test_it_never_passes_the_target_and_never_falls(target_c, from_c, ramp_s, rate):
    one = protocol(target_c, ramp_c_per_min=rate)
    assert setpoint_c(one, target_c, from_c, ramp_s) <= target_c
    later_c = setpoint_c(one, target_c, from_c, ramp_s + 0.5)
    assert later_c >= setpoint_c(one, target_c, from_c, ramp_s)


@pytest.mark.parametrize(("from_c", "ramp_s"), [(nan, 0.0), (37.0, nan)])
def test_what_is_no_number_does_not_turn_into_the_target(from_c, ramp_s):
    found = setpoint_c(HOLD_45, 38.5, from_c, ramp_s)
    assert found != found
