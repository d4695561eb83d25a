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


def watched(says: Says, minutes: int, limit_c_per_min: float = LIMIT_C_PER_MIN) -> RiseWatch:
    """One probe at 1 Hz, until the sample with which the last of these minutes is over."""
    watch = RiseWatch()
    for second in range(60 * minutes + 1):
        temp_c = says(second)
        if temp_c is not None:
            watch.take(temp_c, limit_c_per_min, 1000.0 + second)
    return watch


def rising(c_per_min: float, from_c: float = 36.8) -> Says:
    return lambda second: from_c + c_per_min * second / 60.0


def silent(says: Says, every_min: int, for_s: int, offset_s: int = 0) -> Says:
    """The same probe with a bad cable."""
    return lambda second: None if (second + offset_s) % (60 * every_min) < for_s else says(second)


def stairs(c_per_min: float, flat_min: int = 0) -> Says:
    """One step a minute, once the flat minutes are over."""
    return lambda second: 37.0 + c_per_min * max(0, second // 60 - flat_min)


def sparse(says: Says, samples: Mapping[int, int], otherwise: int = 20) -> Says:
    """Every 3 s; in each of these minutes no more than so many times."""

    def said(second: int) -> float | None:
        minute, within_s = divmod(second, 60)
        is_said = within_s % 3 == 0 and within_s // 3 < samples.get(minute, otherwise)
        return says(second) if is_said else None

    return said


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


# --- what a minute is, and what ten of them are ---------------------------------------------------


def test_ten_minutes_lie_between_the_first_minute_and_the_eleventh():
    assert watched(rising(0.05), 10).rise_c_per_min is None
    assert watched(rising(0.05), 11).rise_c_per_min == pytest.approx(0.05)


def test_a_watch_that_begins_again_knows_of_no_rise_until_it_has_seen_ten_minutes():
    assert RiseWatch().rise_c_per_min is None
    watch = watched(rising(0.08), 13)
    assert watch.fast_min == 2.0
    watch.restart()
    assert watch.rise_c_per_min is None
    assert watch.fast_min == 0.0


@pytest.mark.parametrize(("samples", "counts"), [(20, True), (19, False)])
def test_a_minute_counts_from_twenty_samples_on(samples, counts):
    watch = watched(sparse(rising(0.05), {}, otherwise=samples), 11)
    assert (watch.rise_c_per_min is not None) is counts


def test_how_often_a_probe_speaks_in_a_minute_is_no_rise():
    def seldom_at_first(second: int) -> float | None:
        return None if second < 60 and second % 3 else 37.0

    assert watched(seldom_at_first, 11).rise_c_per_min == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("samples", "known_after_min"),
    [
        ({3: 19, 6: 19}, 11),
        ({3: 0, 6: 0}, 11),
        ({2: 19, 5: 19, 8: 19}, 20),  # anew with the minute after the third one
        ({2: 0, 5: 0, 8: 0}, 20),
        ({0: 19, 1: 19, 5: 19, 8: 19}, 13),  # nothing had begun in the first two
    ],
)
def test_two_thin_minutes_of_the_eleven_are_borne_and_three_are_not(samples, known_after_min):
    probe = sparse(rising(0.05), samples)
    assert watched(probe, known_after_min - 1).rise_c_per_min is None
    assert watched(probe, known_after_min).rise_c_per_min == pytest.approx(0.05)


@pytest.mark.parametrize(("next_s", "known_after_min"), [(360, 11), (419, 11), (420, 18)])
def test_two_minutes_without_a_sample_end_the_watch_and_a_second_less_does_not(
    next_s, known_after_min
):
    """The probe falls silent with the end of a minute, at 300 s."""

    def with_gap(second: int) -> float | None:
        return None if 300 <= second < next_s else rising(0.05)(second)

    assert watched(with_gap, known_after_min - 1).rise_c_per_min is None
    assert watched(with_gap, known_after_min).rise_c_per_min == pytest.approx(0.05)


def test_a_thin_minute_that_has_become_the_oldest_costs_one_minute_and_not_ten():
    assert watched(rising(0.08), 16).fast_min == 5.0
    assert watched(sparse(rising(0.08), {1: 0}), 17).fast_min == 5.0


# --- what no body does in a minute ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("step_c", "silent_min", "is_bodily"),
    [
        *[(0.19, 0, True), (0.21, 0, False), (-0.29, 0, True), (-0.31, 0, False)],
        *[(0.38, 1, True), (0.42, 1, False), (-0.58, 1, True), (-0.62, 1, False)],
    ],
)
def test_a_step_that_no_body_makes_begins_the_ten_minutes_anew(step_c, silent_min, is_bodily):
    """No body's core gains more than 0.2 °C in a minute, or loses more than 0.3."""
    step_min = 5 + silent_min

    def steps(second: int) -> float:
        return 37.0 if second < 60 * step_min else 37.0 + step_c

    probe = sparse(steps, {5: 0} if silent_min else {})
    seen = watched(probe, 11).rise_c_per_min
    assert seen == (pytest.approx(step_c / 10.0) if is_bodily else None)
    if not is_bodily:  # the minute of the step itself is of neither side
        assert watched(probe, step_min + 11).rise_c_per_min is None
        assert watched(probe, step_min + 12).rise_c_per_min == pytest.approx(0.0)


# --- for how long it has been too fast ------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "fast_min"), [(14, 0.0), (15, 0.0), (16, 1.0), (20, 5.0)])
def test_too_fast_counts_from_the_minute_in_which_it_became_so(minutes, fast_min):
    """0.19 °C a minute after eleven flat ones: 0.057 over ten after 14 min, 0.076 after 15."""
    assert watched(stairs(0.19, flat_min=10), minutes).fast_min == fast_min


def test_a_rise_at_the_very_limit_is_too_fast():
    """1/16 °C in a minute: a number that binary fractions hold exactly."""
    assert watched(stairs(0.0625), 16, limit_c_per_min=0.0625).fast_min == 5.0


def test_minutes_that_were_too_fast_are_forgotten_once_it_is_slow_again():
    def slows(second: int) -> float:
        return 37.0 + 0.08 * min(second, 780) / 60.0

    assert watched(slows, 14).fast_min == 3.0
    assert watched(slows, 20).fast_min == 0.0
