"""The judgement swept over the whole range of every input, against an oracle written apart from it.

The oracle below was written from SAFETY.md §4 and CONTRACT.md, not from judge.py.
"""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thermod.guard.judge import MUST_HOLD, View, judge
from thermod.guard.limits import Limits
from thermod.guard.probes import RoleView

LIMITS = Limits()
WELL = View(
    core=RoleView(age_s=0.4, bad=False, temp_c=38.0, over_samples=0),
    skin=RoleView(age_s=0.4, bad=False, temp_c=39.0, over_samples=0),
    air=RoleView(age_s=0.4, bad=False, temp_c=58.0, over_samples=0),
    core_limit_c=39.2,
    air_lost_s=None,
    node_age_s=0.4,
    lid_is_closed=True,
    fan_stopped_s=0.0,
    answer_age_s=0.4,
    wrong_answers=0,
    controllers_heard=1,
    other_dome_heard=False,
    other_guard_heard=False,
    heater_stuck_on=False,
    echo_age_s=0.4,
    fast_rise_min=0.0,
    skin_dose_cem43_min=1.0,
    heat_span_min=30.0,
    core_missing_s=0.0,
    control_silent_s=0.0,
)
AGES_S = [None, nan, -inf, -0.001, 0.0, 0.4, 1.4, 1.5, 1.51, 2.9, 3.0, 3.01, 3.75, 3.76, inf]


def young(age_s, oldest_s):
    """An age that is known, not from the future, and not too old."""
    if age_s is None or age_s != age_s:
        return False
    return not (age_s < 0 or age_s > oldest_s)


def cool(temp_c, lowest_c, limit_c):
    """Nothing known, or a temperature in range and below its limit."""
    if temp_c is None:
        return True
    return temp_c >= lowest_c and temp_c < limit_c


def oracle(view: View) -> bool:
    """May there be heat?"""
    answers = [
        young(view.core.age_s, 3.0),
        young(view.skin.age_s, 3.0),
        young(view.air.age_s, 3.0) or young(view.air_lost_s, 600.0),
        cool(view.core.temp_c, 30, view.core_limit_c),
        cool(view.skin.temp_c, 15, 43),
        cool(view.air.temp_c, -10, 78),
        young(view.node_age_s, 1.5),
        view.lid_is_closed,
        young(view.fan_stopped_s, 3.75),
        young(view.answer_age_s, 1.5) and view.wrong_answers in (0, 1),
        view.controllers_heard in (0, 1),
        not view.other_dome_heard,
        not view.other_guard_heard,
        not view.heater_stuck_on,
        view.echo_age_s is None or young(view.echo_age_s, 3.0),
        view.fast_rise_min < 5,
        view.skin_dose_cem43_min < 15,
        view.heat_span_min < 210,
    ]
    return all(answers)


def test_heat_may_be_when_everything_is_well():
    assert judge(WELL, LIMITS) == ()
    assert oracle(WELL)


@pytest.mark.parametrize("field", ["node_age_s", "answer_age_s", "fan_stopped_s", "echo_age_s"])
@pytest.mark.parametrize("age_s", AGES_S)
def test_heat_needs_every_age_in_bounds(field, age_s):
    view = WELL._replace(**{field: age_s})
    assert (judge(view, LIMITS) == ()) == oracle(view)


@pytest.mark.parametrize("role", ["core", "skin", "air"])
@pytest.mark.parametrize("age_s", AGES_S)
@pytest.mark.parametrize("bad", [False, True])
def test_heat_needs_a_good_sample_of_each_role(role, age_s, bad):
    view = WELL._replace(**{role: getattr(WELL, role)._replace(age_s=age_s, bad=bad)})
    assert (judge(view, LIMITS) == ()) == oracle(view)


@pytest.mark.parametrize("role", ["core", "skin", "air"])
def test_heat_exists_only_inside_the_range_and_below_the_limit_of_each_role(role):
    for temp_c in [None, nan, -inf, inf, *(c / 10 for c in range(-200, 1300))]:
        view = WELL._replace(**{role: getattr(WELL, role)._replace(temp_c=temp_c)})
        assert (judge(view, LIMITS) == ()) == oracle(view), temp_c


@pytest.mark.parametrize("limit_c", [nan, -inf, 37.0, 37.99, 38.0, 38.01, 39.2])
def test_a_core_limit_that_is_no_number_permits_nothing(limit_c):
    view = WELL._replace(core_limit_c=limit_c)
    assert (judge(view, LIMITS) == ()) == oracle(view)


@pytest.mark.parametrize("air_age_s", [None, 0.4, 3.1, nan])
@pytest.mark.parametrize("lost_s", [None, nan, -1.0, 0.0, 3.1, 599.0, 600.0, 600.1, inf])
def test_air_may_be_lost_for_ten_minutes_and_only_after_the_start(air_age_s, lost_s):
    view = WELL._replace(air=WELL.air._replace(age_s=air_age_s), air_lost_s=lost_s)
    assert (judge(view, LIMITS) == ()) == oracle(view)


@pytest.mark.parametrize("field", ["skin_dose_cem43_min", "heat_span_min", "fast_rise_min"])
@pytest.mark.parametrize("amount", [nan, 0.0, 4.99, 5.0, 14.99, 15.0, 209.9, 210.0, 1e9, inf])
def test_dose_span_and_rise_end_at_their_limit(field, amount):
    view = WELL._replace(**{field: amount})
    assert (judge(view, LIMITS) == ()) == oracle(view)


ages_s = st.none() | st.floats(-1.0, 5.0) | st.just(nan)
temps_c = st.none() | st.floats(allow_nan=True, allow_infinity=True)
roles = st.builds(RoleView, ages_s, st.booleans(), temps_c, st.integers(0, 3))


@given(
    st.builds(
        View,
        core=roles,
        skin=roles,
        air=roles,
        core_limit_c=st.floats(37.0, 39.2) | st.just(nan),
        air_lost_s=ages_s,
        node_age_s=ages_s,
        lid_is_closed=st.booleans(),
        fan_stopped_s=ages_s,
        answer_age_s=ages_s,
        wrong_answers=st.integers(0, 3),
        controllers_heard=st.integers(0, 2),
        other_dome_heard=st.booleans(),
        other_guard_heard=st.booleans(),
        heater_stuck_on=st.booleans(),
        echo_age_s=ages_s,
        fast_rise_min=st.floats(0.0, 10.0) | st.just(nan),
        skin_dose_cem43_min=st.floats(0.0, 20.0) | st.just(nan),
        heat_span_min=st.floats(0.0, 300.0) | st.just(nan),
        core_missing_s=st.floats(0.0, 100.0),
        control_silent_s=st.floats(0.0, 100.0),
    )
)
def test_judge_and_oracle_agree_on_any_view(view):
    assert (judge(view, LIMITS) == ()) == oracle(view)


BREAKS = {
    "core_fresh": {"core": RoleView(3.1, False, 38.0, 0)},
    "core_in_range": {"core": RoleView(None, True, 38.0, 0)},
    "skin_fresh": {"skin": RoleView(3.1, False, 39.0, 0)},
    "air_fresh": {"air": RoleView(None, False, None, 0)},
    "core_below": {"core": RoleView(0.4, False, 39.2, 1)},
    "skin_below": {"skin": RoleView(0.4, False, 43.0, 1)},
    "air_below": {"air": RoleView(0.4, False, 78.0, 1)},
    "node_fresh": {"node_age_s": 1.6},
    "one_dome": {"other_dome_heard": True},
    "lid_closed": {"lid_is_closed": False},
    "fan_running": {"fan_stopped_s": 4.5},
    "control_answers": {"answer_age_s": 1.6},
    "one_controller": {"controllers_heard": 2},
    "one_guard": {"other_guard_heard": True},
    "heater_matches": {"heater_stuck_on": True},
    "node_echo": {"echo_age_s": 3.1},
    "rise_below": {"fast_rise_min": 5.0},
    "dose_below": {"skin_dose_cem43_min": 15.0},
    "span_below": {"heat_span_min": 210.0},
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_thing_that_must_hold_breaks_alone_and_by_name(name):
    assert judge(WELL._replace(**BREAKS[name]), LIMITS) == (name,)


def test_every_row_of_the_table_is_broken_by_some_test_above():
    assert list(BREAKS) == [row.name for row in MUST_HOLD]


@pytest.mark.parametrize("row", MUST_HOLD, ids=lambda row: row.name)
def test_every_row_says_what_is_wrong_in_few_words(row):
    assert 20 <= len(row.otherwise) <= 80
