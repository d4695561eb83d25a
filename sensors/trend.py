"""The last three minutes of one probe, thinned, with the slopes and the level drawn from them."""

from bisect import bisect_left
from typing import Final

from sensors.values import light_dataclass

POINT_S: Final = 1.75  # a point is the mean of the samples of about 2 s (4 at 2 Hz, 2 at 1 Hz)
HISTORY_S: Final = 180.0  # long enough that control may multiply the slope by its lead time
LEVEL_S: Final = 120.0  # SAFETY.md section 4: same-site probes are compared by 2-min medians
SHORT_S: Final = 60.0  # SAFETY.md section 4: the slope that judges a probe
POINTS_MIN: Final = 20
# A window must be nearly full: one 0.1 °C step in the middle of T seconds reads as 1.5 x 0.1 / T,
# which at 60 s is 0.15 °C/min, but at 40 s would be 0.22 and trip the rise limit of 0.2.
SPAN_S_MIN: Final = 56.0


# Of a window that ends at the newest point: how many points, ∑ lag, ∑ temp, ∑ lag · temp, ∑ lag².
# A lag is the time of a point less that of the newest, so it is small at any uptime.
Sums = tuple[int, float, float, float, float]
NOTHING: Final[Sums] = (0, 0.0, 0.0, 0.0, 0.0)


@light_dataclass(frozen=True, slots=True)
class Trend:
    """Points of about 2 s each, oldest first, and what they say. None: not enough of them yet."""

    times_s: tuple[float, ...]
    temps_c: tuple[float, ...]
    short_slope_c_per_s: float | None  # over 60 s, to judge the probe by
    slope_c_per_s: float | None  # over all of HISTORY_S there is, smooth enough for control
    level_c: float | None  # the median of the last 2 min
    short_sums: Sums  # behind the two slopes
    sums: Sums


EMPTY: Final = Trend((), (), None, None, None, NOTHING, NOTHING)


def is_due(trend: Trend, received_s: float) -> bool:
    """Time for the next point? The slopes are worked out once a point, not once a sample."""
    return not trend.times_s or received_s - trend.times_s[-1] >= POINT_S


def extended(trend: Trend, time_s: float, temp_c: float) -> Trend:
    """The trend with one more point, and without those that are too old."""
    kept = bisect_left(trend.times_s, time_s - HISTORY_S)
    times_s = trend.times_s[kept:] + (time_s,)
    temps_c = trend.temps_c[kept:] + (temp_c,)
    level = sorted(temps_c[bisect_left(times_s, time_s - LEVEL_S) :])
    short = _moved_on(trend.short_sums, trend, SHORT_S, time_s, temp_c)
    long = _moved_on(trend.sums, trend, HISTORY_S, time_s, temp_c)
    return Trend(
        times_s, temps_c, _slope(short, times_s), _slope(long, times_s), level[len(level) // 2],
        short, long,
    )  # fmt: skip


def since(trend: Trend, time_s: float) -> Trend:
    """The trend without what came before `time_s`: a probe that is trusted again starts afresh."""
    kept = bisect_left(trend.times_s, time_s)
    if kept == 0 or kept == len(trend.times_s):
        return trend
    found = EMPTY
    for time_s, temp_c in zip(trend.times_s[kept:], trend.temps_c[kept:], strict=True):
        found = extended(found, time_s, temp_c)
    return found


def _moved_on(sums: Sums, before: Trend, window_s: float, time_s: float, temp_c: float) -> Sums:
    """The sums of a window over `before`, moved to end at one more point: to add up 90 points for
    each of them would be a twentieth of all that control does.
    """
    count, sum_s, sum_c, sum_sc, sum_ss = sums
    if count:
        times_s, temps_c = before.times_s, before.temps_c
        by_s = time_s - times_s[-1]
        sum_ss += by_s * (count * by_s - 2.0 * sum_s)
        sum_sc -= by_s * sum_c
        sum_s -= by_s * count
        for old in range(len(times_s) - count, bisect_left(times_s, time_s - window_s)):
            lag_s, old_c = times_s[old] - time_s, temps_c[old]
            count -= 1
            sum_s -= lag_s
            sum_c -= old_c
            sum_sc -= lag_s * old_c
            sum_ss -= lag_s * lag_s
    return count + 1, sum_s, sum_c + temp_c, sum_sc, sum_ss


def _slope(sums: Sums, times_s: tuple[float, ...]) -> float | None:
    """Least squares, °C/s. None when the points are too few or span too little to say."""
    count, sum_s, sum_c, sum_sc, sum_ss = sums
    if count < POINTS_MIN or not times_s[-1] - times_s[-count] >= SPAN_S_MIN:
        return None
    return (count * sum_sc - sum_s * sum_c) / (count * sum_ss - sum_s * sum_s)
