"""The last column of SAFETY.md section 4: what no file passes, and what a file finds built in."""

from itertools import pairwise
from math import inf, nan

import pytest

from alarms import limits
from alarms.limits import CEILINGS, Limits, in_force, problems


def test_the_hard_ceilings_are_those_of_the_safety_table():
    """H21: a constant in code, so only a change of this page and of that table moves one."""
    assert {name: value for name, value in vars(limits).items() if "CEILING_" in name} == {
        "CORE_CEILING_C": 39.5,
        "CORE_RISE_CEILING_C_PER_MIN": 0.08,
        "NO_RESPONSE_CEILING_MIN": 50.0,
        "SKIN_CEILING_C": 43.0,
        "SKIN_DOSE_CEILING_CEM43_MIN": 21.0,
        "AIR_CEILING_C": 80.0,
        "CORE_SPREAD_CEILING_DELTA_C": 1.0,
        "CORE_AGE_CEILING_S": 60.0,
        "HEAT_UP_CEILING_MIN": 150.0,
        "HOLD_CEILING_MIN": 90.0,
        "HEAT_SPAN_CEILING_MIN": 240.0,
        "PRESENCE_CEILING_MIN": 60.0,
        "MANUAL_CHECK_CEILING_MIN": 60.0,
    }
    assert limits.TARGET_C_CEILING == 38.6
    assert limits.TARGET_C_FLOOR == 37.0


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("pause_min_max", 20.0),
        ("stuck_on_cut_pct", 5.0),
        ("power_error_warn_pct", 15.0),
        ("air_setpoint_c_max", 60.0),
        ("manual_check_warn_min", 30.0),
        ("manual_check_off_min", 35.0),
        ("manual_check_off_delta_c", 0.5),
    ],
)
def test_the_defaults_beside_the_columns_are_those_of_the_safety_page(name, figure):
    assert getattr(Limits(), name) == figure


def test_no_limit_stands_above_its_ceiling():
    for name, ceiling in CEILINGS.items():
        assert getattr(Limits(), name) <= ceiling, name


CHAINS = {
    39.5: "core_keep_c core_warn_c core_off_c core_cut_c core_single_c",
    0.08: "core_rise_keep_c_per_min core_rise_warn_c_per_min core_rise_curb_c_per_min"
    " core_rise_off_c_per_min core_rise_cut_c_per_min",
    50.0: "no_response_warn_min no_response_off_min",
    43.0: "skin_dosed_c skin_keep_c skin_warn_c skin_off_c skin_cut_c",
    21.0: "skin_dose_warn_cem43_min skin_dose_curb_cem43_min skin_dose_cut_cem43_min",
    80.0: "air_setpoint_c_max air_keep_c air_warn_c air_off_c air_cut_c",
    1.0: "core_spread_warn_delta_c core_spread_curb_delta_c core_spread_cut_delta_c",
    150.0: "heat_up_warn_min heat_up_off_min heat_up_cut_min",
    90.0: "hold_over_warn_min hold_over_off_min hold_cut_min",
    240.0: "heat_span_warn_min heat_span_off_min heat_span_cut_min",
}
CHAINS_OF_60 = (
    "core_age_off_s core_age_warn_s core_age_high_s core_age_cut_s",
    "presence_warn_min presence_off_min presence_cut_min",
    "manual_check_warn_min manual_check_off_min",
)
EVERY_CHAIN = [
    *((ceiling, chain.split()) for ceiling, chain in CHAINS.items()),
    *((60.0, chain.split()) for chain in CHAINS_OF_60),
    (0.08, ["core_rise_clear_c_per_min", "core_rise_off_c_per_min"]),
]


def test_each_limit_has_the_ceiling_of_its_quantity():
    assert {name: ceiling for ceiling, chain in EVERY_CHAIN for name in chain} == CEILINGS


@pytest.mark.parametrize(
    ("lower", "upper"), [pair for _, chain in EVERY_CHAIN for pair in pairwise(chain)]
)
def test_of_two_columns_the_milder_must_stay_below_the_graver(lower, upper):
    """H21: a file that tightens only the graver one would have staff told after the fact."""
    at_the_milder = getattr(Limits(), lower)
    found = problems({upper: at_the_milder})
    assert (upper, f"must lie above {lower} = {at_the_milder}") in {
        (each.name, each.what) for each in found
    }


def test_a_lower_target_brings_all_five_core_limits_down_with_it():
    lowered = in_force(Limits(), 38.0)
    names = ("core_keep_c", "core_warn_c", "core_off_c", "core_cut_c", "core_single_c")
    assert [getattr(lowered, name) for name in names] == [38.1, 38.2, 38.4, 38.5, 38.8]


@pytest.mark.parametrize("value", [inf, -inf, nan, 0.0, -1.0])
def test_what_is_no_positive_number_is_called_so(value):
    [problem] = problems({"pause_min_max": value})
    assert problem.what == "is not a positive number"
