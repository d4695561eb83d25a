"""The last word before the wire: it can only lower, and it says why."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.limiter import Cap, Limited, limit

any_number = st.floats(allow_nan=True, allow_infinity=True)
caps = st.lists(st.builds(Cap, any_number, st.sampled_from(["skin", "core", "lid"])), max_size=6)


def test_what_no_cap_lies_below_goes_through_without_a_reason():
    assert limit(40.0, []) == Limited(40.0, ())
    assert limit(40.0, [Cap(40.0, "skin"), Cap(100.0, "core"), Cap(inf, "lid")]) == Limited(
        40.0, ()
    )


def test_the_lowest_cap_wins_and_every_cap_that_binds_is_named_the_lowest_first():
    found = limit(80.0, [Cap(50.0, "one probe"), Cap(90.0, "loose"), Cap(30.0, "spread")])
    assert found == Limited(30.0, ("spread", "one probe"))


@pytest.mark.parametrize("wanted_pct", [nan, inf, -inf, -0.001, 100.001, 1e308])
def test_what_is_no_power_is_no_heat(wanted_pct):
    assert limit(wanted_pct, [Cap(50.0, "x")]) == Limited(
        0.0, ("the regulator's output is not a power",)
    )


@pytest.mark.parametrize("cap_pct", [nan, -inf, -5.0, 0.0])
def test_a_cap_that_is_no_power_is_no_heat_and_named_first(cap_pct):
    assert limit(80.0, [Cap(30.0, "spread"), Cap(cap_pct, "bad")]) == Limited(
        0.0, ("bad", "spread")
    )


@given(any_number, caps)
def test_power_is_never_raised_above_what_was_wanted_or_above_any_cap(wanted_pct, caps):
    power_pct = limit(wanted_pct, caps).power_pct
    assert 0.0 <= power_pct <= 100.0
    assert power_pct == 0.0 or power_pct <= wanted_pct
    assert power_pct == 0.0 or all(power_pct <= cap.power_pct_max for cap in caps)


@given(st.floats(0.0, 100.0), caps)
def test_power_is_lowered_no_further_than_the_lowest_cap_and_only_with_a_reason(wanted_pct, caps):
    found = limit(wanted_pct, caps)
    heights = [cap.power_pct_max if cap.power_pct_max > 0.0 else 0.0 for cap in caps]
    assert found.power_pct == min([wanted_pct, *heights])
    assert bool(found.because) or found.power_pct == wanted_pct


@given(st.floats(0.0, 100.0), caps, st.builds(Cap, any_number, st.just("one more")))
def test_one_more_cap_never_gives_more_power(wanted_pct, caps, one_more):
    assert limit(wanted_pct, [*caps, one_more]).power_pct <= limit(wanted_pct, caps).power_pct


@given(st.floats(0.0, 100.0), st.lists(st.tuples(st.floats(0.0, 100.0), st.text()), max_size=6))
def test_reasons_come_in_the_order_of_their_caps(wanted_pct, pairs):
    found = limit(wanted_pct, [Cap(height, f"{height!r} {text}") for height, text in pairs])
    heights = [float(because.split()[0]) for because in found.because]
    assert heights == sorted(heights)
    assert all(height < wanted_pct for height in heights)


def test_full_power_is_a_power():
    assert limit(100.0, []) == Limited(100.0, ())
    assert limit(100.0, [Cap(100.0, "all of it")]) == Limited(100.0, ())
    assert limit(100.0, [Cap(99.9, "almost")]).power_pct == 99.9
