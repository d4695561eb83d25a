"""Is what an air probe says possible, given the heat that the dome gets and the skin that it warms?

An air probe has no twin to be compared with, and the inner loop believes it: one that is stuck
cold calls for full power without end (SAFETY.md H26). So it is judged against what else is known. A
probe that reads some degrees low in a dome at full heat cannot be told from a dome that is; in a
hold it may be, because a warm body is not held warm by air that is colder than its skin.
"""

from typing import Final, NamedTuple

from sensors.freshness import Why
from sensors.standing import Finding, Status
from sensors.values import light_dataclass

POINT_S: Final = 15.0  # a point each so often
GAP_S_MAX: Final = 60.0  # without a point for longer, or a jump of the clock: begin again
POWER_PCT_MAX: Final = 200.0  # more than any heater gives is no measurement
NO_HEAT_PCT: Final = 2.0  # a measurement is never exactly 0
COLD_AFTER_S: Final = 60.0  # of no heat: the dome may be cold or open, so `heated_s` begins again

# Deaf: the mean of this much of rated power for so long moves the air of any dome that can treat,
# unless it is warm already. The lightest load known, holding a patient, needs air of 41-46 °C.
DEAF_WINDOW_S: Final = 300.0
DEAF_SHARE_MIN: Final = 0.4
DEAF_MOVE_DELTA_C: Final = 1.0
DEAF_BELOW_C: Final = 40.0
# Still: reads exactly alike, while the heater runs flat out or has changed its power by this much.
STILL_WINDOW_S: Final = 180.0
STILL_SHARE_MIN: Final = 0.9
STILL_CHANGE_SHARE: Final = 0.3
# Below the skin: for the whole window, after so much time of heat with the lid shut.
BELOW_SKIN_DELTA_C: Final = 1.0
BELOW_SKIN_AFTER_S: Final = 1200.0
BELOW_SKIN_SHARE_MIN: Final = 0.1
# A doubt ends when the reading has shown that it can move, or is above the skin again.
ALIVE_DELTA_C: Final = 1.0


class Heat(NamedTuple):
    """What goes into the dome, as far as it is measured."""

    power_pct: float  # of rated power
    lid_open: bool


class Point(NamedTuple):
    """One moment of one air probe."""

    at_s: float
    heat_s: float  # ∫ power share dt up to then
    temp_c: float
    skin_temp_c: float | None


@light_dataclass(frozen=True, slots=True)
class AirWatch:
    """What is remembered of one air probe beside what its messages were."""

    at_s: float | None
    heat_s: float  # ∫ power share dt
    heated_s: float  # time with heat and the lid shut, since it was last open or long without
    cold_s: float  # time without heat up to now
    points: tuple[Point, ...]
    doubt: Why | None
    doubted_c: float  # what it read when the doubt began


AT_BOOT: Final = AirWatch(None, 0.0, 0.0, 0.0, (), None, 0.0)


def finding(watch: AirWatch) -> Finding | None:
    """What the doubt, if there is one, makes of the probe: out, since it must not be steered by."""
    return None if watch.doubt is None else Finding(Status.OUT, watch.doubt)


def watched(
    watch: AirWatch,
    temp_c: float | None,
    resolution_c: float,
    skin_temp_c: float | None,
    heat: Heat | None,
    now_s: float,
) -> AirWatch:
    """One cycle on. `temp_c` is the probe's newest sample in range, `skin_temp_c` that of the
    hottest skin probe; None of these, and a `heat` of None, cannot tell and proves nothing.
    """
    dt_s = 0.0 if watch.at_s is None else now_s - watch.at_s
    if heat is None or not 0.0 <= heat.power_pct <= POWER_PCT_MAX or not 0.0 <= dt_s <= GAP_S_MAX:
        return AirWatch(now_s, 0.0, 0.0, 0.0, (), watch.doubt, watch.doubted_c)
    heat_s = watch.heat_s + heat.power_pct / 100.0 * dt_s
    cold_s = 0.0 if heat.power_pct > NO_HEAT_PCT else watch.cold_s + dt_s
    heated_s, points = watch.heated_s + dt_s, watch.points
    if cold_s >= COLD_AFTER_S:
        heated_s = 0.0
    if heat.lid_open:
        heated_s, points = 0.0, ()
    elif temp_c is not None and (not points or now_s - points[-1].at_s >= POINT_S):
        if points and now_s - points[-1].at_s > GAP_S_MAX:
            points = ()
        points = _extended(points, Point(now_s, heat_s, temp_c, skin_temp_c))
        doubt, doubted_c = _judged(watch, points, resolution_c, heated_s)
        return AirWatch(now_s, heat_s, heated_s, cold_s, points, doubt, doubted_c)
    return AirWatch(now_s, heat_s, heated_s, cold_s, points, watch.doubt, watch.doubted_c)


def _extended(points: tuple[Point, ...], newest: Point) -> tuple[Point, ...]:
    """With the newest point, back to the last one that is a full window old."""
    points = (*points, newest)
    while len(points) > 2 and newest.at_s - points[1].at_s >= DEAF_WINDOW_S:
        points = points[1:]
    return points


def _judged(
    watch: AirWatch, points: tuple[Point, ...], resolution_c: float, heated_s: float
) -> tuple[Why | None, float]:
    newest = points[-1]
    if watch.doubt is not None and not _answered(watch, newest):
        return watch.doubt, watch.doubted_c
    if _is_deaf(points) or _is_still(points, resolution_c):
        return Why.DEAF, newest.temp_c
    if heated_s >= BELOW_SKIN_AFTER_S and _is_below_skin(points):
        return Why.BELOW_SKIN, newest.temp_c
    return None, 0.0


def _answered(watch: AirWatch, newest: Point) -> bool:
    """Has the probe shown that the doubt was wrong, or is over? Time alone never does."""
    if watch.doubt is Why.BELOW_SKIN:
        return newest.skin_temp_c is not None and newest.temp_c >= newest.skin_temp_c
    return abs(newest.temp_c - watch.doubted_c) >= ALIVE_DELTA_C


def _is_deaf(points: tuple[Point, ...]) -> bool:
    """Cold, and no warmer for all the heat of the window."""
    first, newest = points[0], points[-1]
    return (
        newest.at_s - first.at_s >= DEAF_WINDOW_S
        and newest.temp_c < DEAF_BELOW_C
        and newest.temp_c - first.temp_c < DEAF_MOVE_DELTA_C
        and _mean_share(first, newest) >= DEAF_SHARE_MIN
    )


def _is_still(points: tuple[Point, ...], resolution_c: float) -> bool:
    """Reads alike at full power, or through a change of power."""
    newest = points[-1]
    recent = [point for point in points if newest.at_s - point.at_s <= STILL_WINDOW_S]
    if not newest.at_s - points[0].at_s >= STILL_WINDOW_S:
        return False
    temps_c = [point.temp_c for point in recent]
    if max(temps_c) - min(temps_c) > 0.5 * resolution_c:
        return False
    first, middle = recent[0], recent[len(recent) // 2]
    before, after = _mean_share(first, middle), _mean_share(middle, newest)
    return min(before, after) >= STILL_SHARE_MIN or abs(after - before) >= STILL_CHANGE_SHARE


def _is_below_skin(points: tuple[Point, ...]) -> bool:
    first, newest = points[0], points[-1]
    return (
        newest.at_s - first.at_s >= DEAF_WINDOW_S
        and _mean_share(first, newest) >= BELOW_SKIN_SHARE_MIN
        and all(
            point.skin_temp_c is not None and point.temp_c < point.skin_temp_c - BELOW_SKIN_DELTA_C
            for point in points
        )
    )


def _mean_share(first: Point, newest: Point) -> float:
    passed_s = newest.at_s - first.at_s
    return (newest.heat_s - first.heat_s) / passed_s if passed_s > 0.0 else 0.0
