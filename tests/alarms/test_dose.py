"""Thermal dose of the skin, against figures worked out by hand from the published formula."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.dose import accumulate, cem43_min


@pytest.mark.parametrize(
    ("temp_c", "minutes"),
    [(43.0, 1.0), (42.0, 0.25), (41.0, 0.0625), (39.0, 1 / 256), (44.0, 2.0), (45.0, 4.0)],
)
def test_a_minute_at_a_temperature_is_worth_so_many_at_43(temp_c, minutes):
    assert cem43_min(temp_c, 60.0) == pytest.approx(minutes)


@pytest.mark.parametrize("temp_c", [38.99, 37.0, 0.0, -inf, nan])
def test_below_39_and_without_a_number_nothing_is_counted(temp_c):
    assert cem43_min(temp_c, 60.0) == 0.0


@given(st.floats(30.0, 50.0), st.floats(30.0, 50.0), st.floats(0.0, 3600.0))
def test_warmer_is_never_less(one_c, other_c, dt_s):
    low_c, high_c = sorted((one_c, other_c))
    assert 0.0 <= cem43_min(low_c, dt_s) <= cem43_min(high_c, dt_s)


@given(st.floats(39.0, 50.0), st.integers(1, 100))
def test_many_short_steps_come_to_one_long_one(temp_c, steps):
    dose_min = {}
    for _ in range(steps):
        dose_min = accumulate(dose_min, {"skin-1": temp_c}, 60.0 / steps)
    assert dose_min["skin-1"] == pytest.approx(cem43_min(temp_c, 60.0))


def test_each_site_has_its_own_dose_and_keeps_it_without_a_reading():
    dose_min = accumulate({}, {"skin-1": 43.0, "skin-2": 42.0}, 60.0)
    dose_min = accumulate(dose_min, {"skin-2": 42.0}, 60.0)
    assert dose_min == {"skin-1": pytest.approx(1.0), "skin-2": pytest.approx(0.5)}


def test_cool_skin_adds_nothing_and_what_was_handed_in_is_not_changed():
    before = {"skin-1": 3.0}
    assert accumulate(before, {"skin-1": 38.0}, 60.0) == {"skin-1": 3.0}
    accumulate(before, {"skin-1": 43.0}, 60.0)
    assert before == {"skin-1": 3.0}
