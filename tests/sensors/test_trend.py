"""The slope of a probe: right on a line, silent on too little, calm on a coarse probe."""

from statistics import linear_regression

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors import trend
from sensors.plausibility import SLOPE_C_PER_S_MAX, SLOPE_C_PER_S_MIN
from sensors.trend import EMPTY, HISTORY_S, POINT_S, SHORT_S, extended, is_due, since


def grown(points):
    found = EMPTY
    for time_s, temp_c in points:
        found = extended(found, time_s, temp_c)
    return found


def test_the_slope_of_a_line_is_its_slope_wherever_the_line_lies():
    for start_s in (0.0, 2.0**22):
        line = grown((start_s + 2.0 * n, 37.0 + 0.001 * n) for n in range(90))
        assert line.slope_c_per_s == pytest.approx(0.0005)
        assert line.short_slope_c_per_s == pytest.approx(0.0005)


def test_the_short_slope_forgets_after_a_minute_what_the_long_one_still_knows():
    step = grown((2.0 * n, 37.0 if n < 50 else 38.0) for n in range(90))
    assert step.short_slope_c_per_s == pytest.approx(0.0)
    assert step.slope_c_per_s > 0.005


@pytest.mark.parametrize(("points", "known"), [(28, False), (29, True)])
def test_less_than_56_s_of_points_have_no_slope(points, known):
    assert (grown((2.0 * n, 37.0) for n in range(points)).slope_c_per_s is not None) == known


def test_fewer_than_20_points_have_no_slope():
    assert grown((3.0 * n, 37.0) for n in range(20)).slope_c_per_s == 0.0
    assert grown((3.25 * n, 37.0) for n in range(19)).slope_c_per_s is None


@given(
    points=st.lists(
        st.tuples(st.floats(POINT_S, 40.0) | st.just(2.0), st.floats(30.0, 43.0)), min_size=40
    ),
    start_s=st.sampled_from([0.0, 2.0**22]),
)
def test_a_slope_that_is_kept_up_is_that_of_the_points_in_its_window(points, start_s):
    """Against the library's least squares, after whatever gaps and jumps."""
    times_s = [start_s + sum(gap_s for gap_s, _ in points[: n + 1]) for n in range(len(points))]
    temps_c = [temp_c for _, temp_c in points]
    found = grown(zip(times_s, temps_c, strict=True))
    for window_s, slope in ((SHORT_S, found.short_slope_c_per_s), (HISTORY_S, found.slope_c_per_s)):
        inside = [n for n, time_s in enumerate(times_s) if time_s >= times_s[-1] - window_s]
        if slope is None:
            assert len(inside) < 20 or times_s[-1] - times_s[inside[0]] < 56.0
        else:
            lags_s = [times_s[n] - times_s[-1] for n in inside]
            best = linear_regression(lags_s, [temps_c[n] for n in inside]).slope
            assert slope == pytest.approx(best, abs=1e-12)


def test_the_sums_of_a_day_are_those_of_the_last_minutes():
    """What adding and taking away leaves behind stays far below what a probe resolves."""
    day = [(2.0 * n + 0.25 * (n % 3), 37.0 + 0.3 * ((n * 7919) % 100) / 100) for n in range(43_200)]
    kept_up, anew = grown(day), grown(day[-120:])
    assert kept_up.slope_c_per_s == pytest.approx(anew.slope_c_per_s, abs=1e-9)
    assert kept_up.short_slope_c_per_s == pytest.approx(anew.short_slope_c_per_s, abs=1e-9)


def test_a_point_is_due_about_every_two_seconds():
    assert is_due(EMPTY, 5.0)
    one = extended(EMPTY, 5.0, 37.0)
    assert not is_due(one, 6.5)
    assert is_due(one, 6.75)


def test_history_is_bounded_and_the_level_is_the_median_of_two_minutes():
    long = grown((2.0 * n, 37.0 if n < 300 else 38.0) for n in range(350))
    assert long.times_s[-1] - long.times_s[0] <= HISTORY_S
    assert long.level_c == 38.0
    assert grown((2.0 * n, 37.0 if n < 330 else 38.0) for n in range(350)).level_c == 37.0


def test_what_came_before_can_be_left_behind():
    step = grown((2.0 * n, 37.0 if n < 20 else 38.0) for n in range(60))
    after = since(step, 40.0)
    assert after.times_s[0] == 40.0
    assert after.slope_c_per_s == 0.0
    assert since(step, 0.0) is step
    assert since(step, 1e6) is step


@given(gaps_s=st.lists(st.floats(POINT_S, 12.0), min_size=19, max_size=34), flaps=st.integers(0))
def test_no_flapping_between_two_codes_of_a_tenth_reads_as_an_impossible_slope(gaps_s, flaps):
    """Whatever is lost and whenever it flaps; the steepest of all two-code patterns is a step."""
    times_s = [sum(gaps_s[:n]) for n in range(len(gaps_s) + 1)]
    steps = [(1 << len(times_s)) - (1 << n) for n in range(len(times_s))]
    for high in (flaps, *steps):
        found = grown((t, 38.1 if high >> n & 1 else 38.0) for n, t in enumerate(times_s))
        slope = found.short_slope_c_per_s
        assert slope is None or SLOPE_C_PER_S_MIN < slope < SLOPE_C_PER_S_MAX


def test_the_steepest_a_tenth_can_read_is_just_inside_the_limit():
    """The worst case by construction: all losses at both ends, the step in the middle."""
    steepest = 0.0
    for held_s in range(1, 30):
        inner = [POINT_S * (n - 8.5) for n in range(18)]
        times_s = [-float(held_s), *inner, float(held_s)]
        if not (times_s[0] < inner[0] - POINT_S and times_s[-1] - times_s[0] <= trend.SHORT_S):
            continue
        codes_c = [38.0 if t < 0.0 else 38.1 for t in times_s]
        found = grown(zip(times_s, codes_c, strict=True))
        steepest = max(steepest, found.short_slope_c_per_s or 0.0)
    assert 0.18 / 60.0 < steepest < SLOPE_C_PER_S_MAX
