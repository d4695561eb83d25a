"""The table of limits: its figures, what a file may make of them, what a target does to them."""

from dataclasses import asdict
from itertools import pairwise
from math import inf, nan

import pytest

from alarms.limits import (
    CEILINGS,
    TABLE,
    TARGET_C_CEILING,
    Limits,
    in_force,
    not_enclosed,
    problems,
)

GUARD_LIMITS = {
    "core_temp_c_max": 39.2,
    "core_rise_c_per_min_max": 0.07,
    "skin_temp_c_max": 43.0,
    "air_temp_c_max": 78.0,
    "skin_dose_cem43_min_max": 15.0,
    "heat_span_min_max": 210.0,
    "core_age_s_max": 60.0,
}


@pytest.mark.parametrize(
    ("quantity", "figures"),
    [
        ("core_{}_c", {"keep": 38.6, "warn": 38.7, "off": 38.9, "cut": 39.0, "single": 39.3}),
        (
            "core_rise_{}_c_per_min",
            {"keep": 0.038, "warn": 0.040, "curb": 0.045, "off": 0.05, "clear": 0.04, "cut": 0.06},
        ),
        ("no_response_{}_min", {"warn": 30, "off": 40}),
        ("skin_{}_c", {"keep": 40.8, "dosed": 40.5, "warn": 41, "off": 42, "cut": 43}),
        ("skin_dose_{}_cem43_min", {"warn": 1, "curb": 5, "cut": 10}),
        ("air_{}_c", {"keep": 64, "warn": 65, "off": 70, "cut": 75}),
        ("core_spread_{}_delta_c", {"warn": 0.3, "curb": 0.5, "cut": 0.8}),
        ("core_age_{}_s", {"off": 2.5, "warn": 5, "high": 15, "cut": 60}),
        ("heat_up_{}_min", {"warn": 110, "off": 130, "cut": 140}),
        ("hold_over_{}_min", {"warn": 2, "off": 5}),
        ("hold_{}_min", {"cut": 75}),
        ("heat_span_{}_min", {"warn": 170, "off": 185, "cut": 200}),
        ("cool_down_{}_min", {"warn": 75}),
        ("presence_{}_min", {"warn": 20, "off": 25, "cut": 30}),
    ],
)
def test_the_defaults_are_the_figures_of_the_safety_table(quantity, figures):
    limits = Limits()
    for column, figure in figures.items():
        assert getattr(limits, quantity.format(column)) == figure


def test_every_cut_off_has_a_hard_ceiling_at_or_above_it_but_for_measured_power():
    cuts = {name for name in TABLE if "_cut_" in name}
    assert cuts - CEILINGS.keys() == {"stuck_on_cut_pct"}
    assert all(TABLE[name] <= ceiling for name, ceiling in CEILINGS.items())


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("value", [nan, inf, -inf, 0.0, -1.0, 1e9])
def test_no_limit_can_be_made_absurd(name, value):
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("name", TABLE)
def test_no_limit_can_be_loosened_not_even_a_little(name):
    with pytest.raises(ValueError, match=rf"{name} = .* (looser|above the hard ceiling)"):
        Limits(**{name: TABLE[name] * 1.001})


@pytest.mark.parametrize("value", [True, "38.8", None, [38.8]])
def test_a_limit_that_is_no_number_is_named(value):
    [problem] = problems({"core_off_c": value})
    assert "is not a number" in str(problem)


def test_a_limit_that_does_not_exist_is_answered_with_the_nearest_that_does():
    [problem] = problems({"core_of_c": 38.8})
    assert problem.do == "Did you mean core_off_c?"


@pytest.mark.parametrize(
    ("changed", "blamed"),
    [
        ({"core_off_c": 38.7}, "core_off_c = 38.7 must lie above core_warn_c = 38.7"),
        ({"core_cut_c": 38.8}, "core_cut_c = 38.8 must lie above core_off_c = 38.9"),
        ({"core_single_c": 39.0}, "core_single_c = 39.0 must lie above core_cut_c = 39.0"),
        ({"air_keep_c": 59.0}, "air_keep_c = 59.0 must lie above air_setpoint_c_max = 60.0"),
        ({"core_age_warn_s": 2.0}, "core_age_warn_s = 2.0 must lie above core_age_off_s = 2.5"),
        ({"hold_cut_min": 5.0}, "hold_cut_min = 5.0 must lie above hold_over_off_min = 5.0"),
    ],
)
def test_limits_out_of_order_are_refused(changed, blamed):
    [problem] = problems(changed)
    assert str(problem).startswith(blamed)


def test_all_problems_are_told_at_once():
    found = problems({"core_cut_c": 40.0, "skin_off_c": nan, "air_of_c": 60.0, "pause_min_max": 0})
    assert {problem.name for problem in found} == {
        *("core_cut_c", "skin_off_c", "air_of_c", "pause_min_max")
    }


def test_a_whole_column_may_be_tightened():
    limits = Limits(core_keep_c=38.3, core_warn_c=38.4, core_off_c=38.6, core_cut_c=38.7)
    assert limits.core_cut_c == 38.7
    assert limits.skin_cut_c == 43.0


def test_at_the_default_target_the_table_itself_is_in_force():
    assert in_force(Limits(), 38.5) == Limits()


def test_a_lower_target_brings_warning_heat_off_and_cut_off_down_with_it():
    limits = in_force(Limits(), 38.0)
    assert (limits.core_warn_c, limits.core_off_c, limits.core_cut_c) == (38.2, 38.4, 38.5)


def test_a_file_that_is_stricter_than_the_target_wins():
    strict = Limits(core_keep_c=37.9, core_warn_c=38.0, core_off_c=38.1, core_cut_c=38.2)
    assert in_force(strict, 38.0).core_cut_c == 38.2


@pytest.mark.parametrize("target_c", [c / 100 for c in range(3700, 3861)])
def test_whatever_the_target_limits_in_force_are_ordered_and_never_looser_than_the_site_s(target_c):
    limits = asdict(in_force(Limits(), target_c))
    chain = [limits[f"core_{column}_c"] for column in ("keep", "warn", "off", "cut", "single")]
    assert all(lower < upper for lower, upper in pairwise(chain))
    assert all(value <= TABLE[name] for name, value in limits.items())
    assert chain[3] <= target_c + 0.5 + 1e-9


@pytest.mark.parametrize("target_c", [nan, inf, -inf, 0.0, 36.9, 38.7, TARGET_C_CEILING + 1e-6])
def test_a_target_no_protocol_may_have_has_no_limits(target_c):
    with pytest.raises(ValueError, match="the target is"):
        in_force(Limits(), target_c)


def test_the_guard_s_own_defaults_enclose_ours():
    assert not_enclosed(Limits(), GUARD_LIMITS) == ()


@pytest.mark.parametrize("name", GUARD_LIMITS)
@pytest.mark.parametrize("value", [None, nan, inf, -inf, 0.0, 1e9])
def test_a_guard_limit_that_is_missing_absurd_or_tighter_than_ours_is_named(name, value):
    theirs = {**GUARD_LIMITS, name: value}
    if value is None:
        del theirs[name]
    [text] = not_enclosed(Limits(), theirs)
    assert f"the guard's {name} is {value}" in text


def test_a_guard_limit_just_inside_our_cut_off_is_refused_and_just_at_it_accepted():
    assert not_enclosed(Limits(), {**GUARD_LIMITS, "core_temp_c_max": 39.0}) == ()
    assert len(not_enclosed(Limits(), {**GUARD_LIMITS, "core_temp_c_max": 38.99})) == 1
    assert len(not_enclosed(Limits(), {**GUARD_LIMITS, "core_temp_c_max": 39.51})) == 1
