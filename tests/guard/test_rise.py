"""The rise of the core as the guard judges it: each probe alone, over ten minutes, for five."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from thermod.guard.rise import RiseWatch

LIMIT_C_PER_MIN = 0.07
Says = Callable[[int], float | None]  # what a probe says in this second; None: nothing


def fast_min(probes: Mapping[str, Says], minutes: float) -> float:
    """The most that any of these probes came to, at 1 Hz."""
    watches = {name: RiseWatch() for name in probes}
    most = 0.0
    for second in range(round(60 * minutes)):
        for name, says in probes.items():
            temp_c = says(second)
            if temp_c is not None:
                watches[name].take(temp_c, LIMIT_C_PER_MIN, 1000.0 + second)
        most = max(most, *(watch.fast_min for watch in watches.values()))
    return most


def rising(c_per_min: float, from_c: float = 36.8) -> Says:
    return lambda second: from_c + c_per_min * second / 60.0


def silent(says: Says, every_min: int, for_s: int, offset_s: int = 0) -> Says:
    """The same probe with a bad cable."""
    return lambda second: None if (second + offset_s) % (60 * every_min) < for_s else says(second)


@pytest.mark.parametrize(
    ("c_per_min", "minutes", "trips"),
    [(0.08, 17.2, True), (0.08, 14.9, False), (0.0701, 17.2, True), (0.069, 120.0, False)],
)
def test_a_rise_trips_after_ten_minutes_and_five_more(c_per_min, minutes, trips):
    assert (fast_min({"core-1": rising(c_per_min)}, minutes) >= 5.0) is trips


def test_two_probes_with_bad_cables_hide_no_rise():
    """Never ten minutes without a gap, of either: each is silent for 45 s of every eight min."""
    core_1 = silent(rising(0.08), 8, 45)
    core_2 = silent(rising(0.08, 37.1), 8, 45, offset_s=240)
    assert fast_min({"core-1": core_1, "core-2": core_2}, 30.0) >= 5.0


@pytest.mark.parametrize("apart_c", [-0.7, -0.3, 0.3, 0.7])
def test_a_probe_that_takes_over_from_another_one_is_no_rise(apart_c):
    core_1 = silent(rising(0.035), 12, 200)
    core_2 = silent(rising(0.035, 36.8 + apart_c), 12, 200, offset_s=360)
    assert fast_min({"core-1": core_1, "core-2": core_2}, 120.0) == 0.0


def test_a_probe_that_is_lost_leaves_the_rise_to_the_other_one():
    def lost(second: int) -> float | None:
        return rising(0.08)(second) if second < 12 * 60 else None

    assert fast_min({"core-1": lost, "core-2": rising(0.08, 36.9)}, 17.2) >= 5.0


def test_minutes_that_were_too_fast_are_not_forgotten_in_a_gap():
    """Three before it and two after it are five: nobody can tell what was in between."""

    def with_gap(second: int) -> float | None:
        return None if 14.5 * 60 <= second < 19.5 * 60 else rising(0.08, 36.5)(second)

    before = fast_min({"core-1": with_gap}, 14.5)
    assert 1.0 <= before < 5.0
    assert fast_min({"core-1": with_gap}, 36.0) >= 5.0
    assert fast_min({"core-1": with_gap}, 19.5 + 10.0 + 5.0 - before + 3.0) >= 5.0


@pytest.mark.parametrize("gap_s", [0, 90])
def test_a_probe_that_is_put_back_in_its_place_is_no_rise(gap_s):
    def put_back(second: int) -> float | None:
        if 0 <= second - 750 < gap_s:
            return None
        return rising(0.03, 36.4 if second < 750 else 37.4)(second)

    assert fast_min({"core-1": put_back}, 50.0) == 0.0


def test_minutes_that_seemed_too_fast_are_forgotten_when_the_probe_has_moved():
    """It rose for 13 min, slipped by 0.8 °C within a minute, and rose again for 13."""

    def slips(second: int) -> float:
        return 36.5 + 0.08 * (second % (13 * 60)) / 60.0

    assert fast_min({"core-1": slips}, 60.0) < 5.0


def test_a_monitor_that_shows_tenths_is_no_rise():
    assert fast_min({"core-1": lambda second: round(rising(0.035)(second), 1)}, 50.0) == 0.0


def test_an_hour_without_a_sample_is_not_ten_minutes():
    """The host slept: what lies an hour apart says nothing of a minute."""

    def sleeps(second: int) -> float | None:
        return 36.5 if second < 300 else None if second < 3900 else 38.5

    assert fast_min({"core-1": sleeps}, 90.0) == 0.0
