"""What a core probe said, as far as a rule still looks back at it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Final

from sensors.record import Record
from sensors.samples import ProbeSpec
from sensors.stillness import Evidence, Stillness, watched
from sensors.trend import EMPTY, Trend, extended, is_due
from sensors.values import light_dataclass

RECENT_S: Final = 10.0  # the window of the spike rule, and of "three in 10 s"
RECENT_SAMPLES_MIN: Final = 3  # fewer make no median to judge a sample by
SPIKE_DELTA_C: Final = 0.5  # SAFETY.md section 4


@light_dataclass(frozen=True, slots=True)
class CorePast:
    """The samples of a core probe that passed."""

    recent_s: tuple[float, ...]  # of the last 10 s
    recent_c: tuple[float, ...]
    median_c: float | None  # the middle of them
    still: Stillness | None
    trend: Trend
    record: Record | None


NO_PAST: Final = CorePast((), (), None, None, EMPTY, None)


def is_spike(past: CorePast, temp_c: float, received_s: float) -> bool:
    """One sample off the 10 s median."""
    if past.median_c is None or abs(temp_c - past.median_c) <= SPIKE_DELTA_C:
        return False
    recent = len(past.recent_s) - bisect_left(past.recent_s, received_s - RECENT_S)
    return recent >= RECENT_SAMPLES_MIN


def with_sample(
    spec: ProbeSpec,
    past: CorePast,
    temp_c: float,
    received_s: float,
    evidence: Callable[[], Evidence],
) -> CorePast:
    """The past with one more sample. Trend and evidence are looked at once a point only."""
    first = bisect_left(past.recent_s, received_s - RECENT_S)
    recent_s = past.recent_s[first:] + (received_s,)
    recent_c = past.recent_c[first:] + (temp_c,)
    still, trend = past.still, past.trend
    if still is None or temp_c != still.temp_c:
        still = Stillness(received_s, temp_c, None, None, None)
    if is_due(trend, received_s):
        unused = recent_c[bisect_right(recent_s, trend.times_s[-1]) if trend.times_s else 0 :]
        trend = extended(trend, received_s, sum(unused) / len(unused))
        still = watched(still, spec, evidence(), received_s)
    median_c = sorted(recent_c)[len(recent_c) // 2]
    return CorePast(recent_s, recent_c, median_c, still, trend, past.record)
