"""What the guard makes of measured power: how much heat there was, and whether it was allowed."""

from __future__ import annotations

import pytest

from tests.guard.pretend import Room
from thermod.guard.decode import decode_node
from thermod.guard.heater_watch import HeaterWatch, power_fraction


def node(**changes):
    """A heater of 2000 W."""
    return decode_node(Room().node.state(**changes))


def hear(watch, times_s, **changes):
    for now_s in times_s:
        watch.take(node(**changes), now_s)


def half_seconds(from_s, until_s):
    """Each time at which the dome speaks, the last one too."""
    return [0.5 * n for n in range(round(2 * from_s), round(2 * until_s) + 1)]


@pytest.mark.parametrize(
    ("says", "fraction"),
    [
        ({"measured_w": 500.0, "applied_pct": 80.0}, 0.25),
        ({"measured_w": 0.0, "applied_pct": 80.0}, 0.0),
        ({"measured_w": None, "applied_pct": 50.0}, 0.5),
        ({"measured_w": None, "applied_pct": 100.0}, 1.0),
    ],
)
def test_where_nothing_measures_power_the_dome_s_own_word_is_taken(says, fraction):
    assert power_fraction(node(**says)) == fraction


@pytest.mark.parametrize(("gap_s", "heat_s"), [(0.5, 0.5), (1.5, 1.5), (1.625, 0.0)])
def test_heat_is_counted_over_two_lost_messages_and_over_no_longer_gap(gap_s, heat_s):
    watch = HeaterWatch(0.0)
    hear(watch, [10.0, 10.0 + gap_s], measured_w=800.0)
    assert watch.heat_s == heat_s


@pytest.mark.parametrize(("hot_s", "is_stuck"), [(2.5, False), (3.0, True)])
def test_h14_three_seconds_of_heat_that_is_not_allowed_are_a_heater_stuck_on(hot_s, is_stuck):
    watch = HeaterWatch(0.0)
    hear(watch, half_seconds(0.0, 9.5), measured_w=0.0)
    hear(watch, half_seconds(10.0, 10.0 + hot_s), measured_w=800.0)
    assert watch.stuck_on is is_stuck


def test_heat_within_the_window_and_a_second_after_the_cut_was_asked_for():
    watch = HeaterWatch(0.0)
    watch.allowed(heat=True, now_s=10.0)
    hear(watch, half_seconds(10.0, 20.0), measured_w=800.0)
    watch.allowed(heat=False, now_s=20.0)
    hear(watch, half_seconds(20.5, 22.0), measured_w=800.0)
    assert not watch.heats_unasked
    hear(watch, [22.5], measured_w=800.0)
    assert watch.heats_unasked


def test_h14_where_nothing_measures_power_nothing_is_stuck():
    """What the dome says it gives is what it was told, and no proof."""
    watch = HeaterWatch(0.0)
    hear(watch, half_seconds(0.0, 30.0), measured_w=None, applied_pct=100.0)
    assert not watch.stuck_on


@pytest.mark.parametrize(("window_s", "stuck_from_s"), [(1.0, 7.0), (2.0, 8.0)])
def test_h25_what_comes_after_a_silence_may_be_the_last_lease_running_out(window_s, stuck_from_s):
    """A way to the dome that is suddenly 3.5 s long: 3 s of lease and one window arrive late."""
    watch = HeaterWatch(0.0)
    hear(watch, half_seconds(0.0, 9.5), measured_w=0.0, window_s=window_s)
    for now_s in half_seconds(13.0, 13.0 + stuck_from_s - 0.5):
        hear(watch, [now_s], measured_w=800.0, window_s=window_s)
        assert not watch.stuck_on
    hear(watch, [13.0 + stuck_from_s], measured_w=800.0, window_s=window_s)
    assert watch.stuck_on


@pytest.mark.parametrize("window_s", [1.0, 2.0])
def test_h14_power_may_be_measured_for_a_window_and_a_second_after_the_cut(window_s):
    """CONTRACT.md: what is measured is averaged over `window_s`."""
    watch = HeaterWatch(0.0)
    watch.allowed(heat=True, now_s=10.0)
    hear(watch, half_seconds(10.0, 19.5), measured_w=800.0, window_s=window_s)
    watch.allowed(heat=False, now_s=20.0)
    stuck_s = 20.0 + max(window_s + 1.5, 3.0)
    for now_s in half_seconds(20.0, stuck_s - 0.5):
        hear(watch, [now_s], measured_w=800.0, window_s=window_s)
        assert watch.heats_unasked is (now_s > 20.0 + window_s + 1.0)
        assert not watch.stuck_on
    hear(watch, [stuck_s], measured_w=800.0, window_s=window_s)
    assert watch.stuck_on


def test_h14_heat_from_before_a_cut_that_was_taken_back_proves_nothing():
    watch = HeaterWatch(0.0)
    hear(watch, half_seconds(0.0, 9.5), measured_w=0.0)
    hear(watch, half_seconds(10.0, 11.5), measured_w=800.0)
    watch.allowed(heat=True, now_s=11.6)
    watch.allowed(heat=False, now_s=11.8)
    hear(watch, half_seconds(12.0, 14.5), measured_w=800.0)
    assert not watch.stuck_on
    hear(watch, [15.0], measured_w=800.0)
    assert watch.stuck_on


@pytest.mark.parametrize(
    ("measured_w", "for_s", "is_past"),
    [(600.0, 9.0, False), (602.0, 1.0, False), (602.0, 1.5, True)],
)
def test_a_test_may_have_more_than_30_percent_for_one_second(measured_w, for_s, is_past):
    watch = HeaterWatch(0.0)
    hear(watch, half_seconds(10.0, 10.0 + for_s), measured_w=measured_w)
    assert watch.is_past_a_test(10.0 + for_s) is is_past
