"""The last three minutes of one probe, thinned, with the slopes and the level drawn from them."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import mul
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


@light_dataclass(frozen=True, slots=True)
class Trend:
    """Points of about 2 s each, oldest first, and what they say. None: not enough of them yet."""

    times_s: tuple[float, ...]
    temps_c: tuple[float, ...]
    short_slope_c_per_s: float | None  # over 60 s, to judge the probe by
    slope_c_per_s: float | None  # over all of HISTORY_S there is, smooth enough for control
    level_c: float | None  # the median of the last 2 min


EMPTY: Final = Trend((), (), None, None, None)


def is_due(trend: Trend, received_s: float) -> bool:
    """Time for the next point? The slopes are worked out once a point, not once a sample."""
    return not trend.times_s or received_s - trend.times_s[-1] >= POINT_S


def extended(trend: Trend, time_s: float, temp_c: float) -> Trend:
    """The trend with one more point, and without those that are too old."""
    kept = bisect_left(trend.times_s, time_s - HISTORY_S)
    times_s = trend.times_s[kept:] + (time_s,)
    temps_c = trend.temps_c[kept:] + (temp_c,)
    short = bisect_left(times_s, time_s - SHORT_S)
    level = sorted(temps_c[bisect_left(times_s, time_s - LEVEL_S) :])
    return Trend(
        times_s,
        temps_c,
        short_slope_c_per_s=slope_of(times_s[short:], temps_c[short:]),
        slope_c_per_s=slope_of(times_s, temps_c),
        level_c=level[len(level) // 2],
    )


def since(trend: Trend, time_s: float) -> Trend:
    """The trend without what came before `time_s`: a probe that is trusted again starts afresh."""
    kept = bisect_left(trend.times_s, time_s)
    if kept == 0 or kept == len(trend.times_s):
        return trend
    head = Trend(trend.times_s[kept:-1], trend.temps_c[kept:-1], None, None, None)
    return extended(head, trend.times_s[-1], trend.temps_c[-1])


def slope_of(times_s: Sequence[float], temps_c: Sequence[float]) -> float | None:
    """Least squares, °C/s. None when the points are too few or span too little to say."""
    count = len(times_s)
    if count < POINTS_MIN or not times_s[-1] - times_s[0] >= SPAN_S_MIN:
        return None
    newest_s = times_s[-1]
    lags_s = [time_s - newest_s for time_s in times_s]  # small, so exact at any uptime
    sum_s, sum_c = sum(lags_s), sum(temps_c)
    sum_sc: float = sum(map(mul, lags_s, temps_c))
    sum_ss: float = sum(map(mul, lags_s, lags_s))
    return (count * sum_sc - sum_s * sum_c) / (count * sum_ss - sum_s * sum_s)
