"""The guard's constants that no file passes: the columns "guard trip" and "hard ceiling"."""

from math import inf, nan

import pytest

from thermod.guard.limits import (
    CEILINGS,
    FAULT_VALUES_C,
    FLOORS,
    RANGES_C,
    TARGET_C_MAX,
    TARGET_C_MIN,
    Limits,
    tightened,
)

# name: floor, built-in, hard ceiling
TABLE = {
    "core_temp_c_max": (38.0, 39.2, 39.5),
    "core_over_target_delta_c_max": (0.3, 0.7, 0.9),
    "core_rise_c_per_min_max": (0.02, 0.07, 0.08),
    "core_age_s_max": (5.0, 60.0, 60.0),
    "skin_temp_c_max": (38.5, 43.0, 43.0),
    "skin_dose_cem43_min_max": (0.5, 15.0, 21.0),
    "air_temp_c_max": (45.0, 78.0, 80.0),
    "heat_span_min_max": (30.0, 210.0, 240.0),
}


def test_floors_defaults_and_ceilings_are_those_of_the_safety_table():
    """H21."""
    found = {name: (FLOORS[name], getattr(Limits(), name), CEILINGS[name]) for name in TABLE}
    assert found == TABLE
    assert FLOORS.keys() == CEILINGS.keys() == TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_a_limit_may_lie_at_its_floor_and_at_its_ceiling_and_not_beyond(name):
    floor, _, ceiling = TABLE[name]
    cool = {"core_temp_c_max": 38.2, name: floor}  # below the lowest limit of skin
    assert getattr(Limits(**cool), name) == floor
    assert getattr(Limits(**{name: ceiling}), name) == ceiling
    for beyond in (floor - 0.001, ceiling + 0.001, nan, inf):
        with pytest.raises(ValueError, match=rf"{name} is .* must lie within"):
            Limits(**{name: beyond})


def test_the_core_limit_lies_below_that_of_the_skin_and_not_at_it():
    Limits(core_temp_c_max=39.0, skin_temp_c_max=39.1)
    with pytest.raises(ValueError, match="out of order"):
        Limits(core_temp_c_max=39.0, skin_temp_c_max=39.0)


def test_ranges_targets_and_fault_values_are_those_of_the_safety_page():
    assert RANGES_C == {
        "core": (30.0, 43.0),
        "skin": (15.0, 50.0),
        "air": (-10.0, 120.0),
        "room": (-10.0, 60.0),
    }
    assert (TARGET_C_MIN, TARGET_C_MAX) == (37.0, 38.6)
    assert FAULT_VALUES_C == (85.0, -127.0)


def test_a_file_may_repeat_the_built_in_figure_and_names_no_other():
    assert tightened({"core_temp_c_max": 39.2}) == Limits()
    with pytest.raises(ValueError, match="core_temp_max is not a limit; there are: air_temp"):
        tightened({"core_temp_max": 39.0})
    with pytest.raises(ValueError, match="may only tighten the built-in 39.2"):
        tightened({"core_temp_c_max": 39.21})
