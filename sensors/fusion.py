"""From several probes to one estimate: never a substitute, never an average of what differs."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from sensors.freshness import SAY
from sensors.plausibility import ProbeReading
from sensors.standing import AGREE_DELTA_C, Status
from sensors.values import light_dataclass

REUNITE_DELTA_C: Final = 0.2  # probes that differed must come this close to be averaged again
SLOPE_LAG_S: Final = 10.0  # spreads over some cycles what a change of probes does to the slope

# Looked up once: an Enum class is slow to ask in a hot path.
_GOOD, _SUSPECT = Status.GOOD, Status.SUSPECT


@light_dataclass(frozen=True, slots=True)
class EstimateMemory:
    """What fusion remembers from cycle to cycle."""

    apart: bool  # the good probes of the site differ, until they are close again
    slope_c_per_s: float | None
    slope_s: float
    good_s: float | None  # arrival of the newest sample of a good core probe


AT_BOOT: Final = EstimateMemory(apart=False, slope_c_per_s=None, slope_s=0.0, good_s=None)


@light_dataclass(frozen=True, slots=True)
class CoreEstimate:
    """What is known of the patient's core now, and on what grounds."""

    core_temp_c: float | None  # to control by; None: no good probe, so no heat
    core_slope_c_per_s: float | None  # least squares over up to 3 min; None: not enough yet
    spread_delta_c: float | None  # widest gap between the 2-min medians of one site's good probes
    age_s: float | None  # of the newest sample of a good probe; grows on when there is none
    highest_raw_temp_c: float | None  # of every core sample in range, trusted or not: for limits
    because: str
    good: int
    suspect: int


@light_dataclass(frozen=True, slots=True)
class Hottest:
    """The hottest of several skin, air or room probes."""

    temp_c: float | None  # of good and suspect probes, spikes dropped: to control by
    highest_raw_temp_c: float | None  # of every sample in range: for limits
    good: int
    suspect: int


def hottest(readings: Sequence[ProbeReading]) -> Hottest:
    """Skin, air and room: the hottest probe governs, since it is the one that can burn."""
    temp_c = raw_c = None
    good = suspect = 0
    for reading in readings:
        if reading.status is _GOOD:
            good += 1
        elif reading.status is _SUSPECT:
            suspect += 1
        kept_c, newest_c = reading.temp_c, reading.newest_temp_c
        if kept_c is not None and (temp_c is None or kept_c > temp_c):
            temp_c = kept_c
        if newest_c is not None and (raw_c is None or newest_c > raw_c):
            raw_c = newest_c
    return Hottest(temp_c, raw_c, good, suspect)


def fuse_core(
    readings: Sequence[ProbeReading], memory: EstimateMemory, now_s: float
) -> tuple[EstimateMemory, CoreEstimate]:
    """The core estimate of this cycle from 1-3 core probes, the control site's named first."""
    good: list[ProbeReading] = []
    suspects: list[ProbeReading] = []
    age_s = raw_c = None
    for reading in readings:
        if reading.status is _GOOD:
            good.append(reading)
            if age_s is None or (reading.age_s is not None and reading.age_s < age_s):
                age_s = reading.age_s
        elif reading.status is _SUSPECT:
            suspects.append(reading)
        newest_c = reading.newest_temp_c
        if newest_c is not None and (raw_c is None or newest_c > raw_c):
            raw_c = newest_c
    chosen = _of_first_site(good, readings)
    temps_c = sorted([reading.temp_c for reading in chosen if reading.temp_c is not None])
    apart = _are_apart(temps_c, memory.apart)
    if not temps_c:
        temp_c, wanted = None, None
        because = _none_good(readings)
    elif apart or suspects:
        leader = max((*chosen, *suspects), key=_temp_c)
        temp_c, because = leader.temp_c, _leads(leader, suspects, apart)
        # A leader may be falling out: its slope may call for less heat than the others', not more.
        wanted = _steepest((leader, *chosen))
    else:
        temp_c, because = _middle(temps_c), _agreed(chosen)
        slopes = sorted([r.slope_c_per_s for r in chosen if r.slope_c_per_s is not None])
        wanted = _middle(slopes) if slopes else None
    slope = _smoothed(wanted, memory, now_s)
    good_s = memory.good_s if age_s is None else now_s - age_s
    return EstimateMemory(apart, slope, now_s, good_s), CoreEstimate(
        temp_c,
        slope,
        _spread_delta_c(good),
        None if good_s is None else now_s - good_s,
        raw_c,
        because,
        len(good),
        len(suspects),
    )


def _of_first_site(
    good: Sequence[ProbeReading], readings: Sequence[ProbeReading]
) -> list[ProbeReading]:
    """The good probes of the control site, or else of the first site that has any."""
    named = readings[0].spec.site
    return [reading for reading in good if reading.spec.site == named] or [
        reading for reading in good if reading.spec.site == good[0].spec.site
    ]


def _are_apart(temps_c: Sequence[float], were_apart: bool) -> bool:
    """Of ascending temperatures."""
    if len(temps_c) < 2:
        return False
    return not temps_c[-1] - temps_c[0] < (REUNITE_DELTA_C if were_apart else AGREE_DELTA_C)


def _temp_c(reading: ProbeReading) -> float:
    if reading.temp_c is None:
        raise ValueError(f"{reading.spec.probe_id} is {reading.status} and has no temperature")
    return reading.temp_c


def _middle(ascending: Sequence[float]) -> float:
    """Of two, their mean; of three, the middle one."""
    middle = len(ascending) // 2
    if len(ascending) % 2:
        return ascending[middle]
    return 0.5 * (ascending[middle - 1] + ascending[middle])


def _steepest(readings: Sequence[ProbeReading]) -> float | None:
    return max((r.slope_c_per_s for r in readings if r.slope_c_per_s is not None), default=None)


def _smoothed(wanted: float | None, memory: EstimateMemory, now_s: float) -> float | None:
    """First-order lag: a probe that joins or leaves bends the slope and does not kick it."""
    dt_s = now_s - memory.slope_s
    if wanted is None or memory.slope_c_per_s is None:
        return wanted
    return memory.slope_c_per_s + (wanted - memory.slope_c_per_s) * dt_s / (SLOPE_LAG_S + dt_s)


def _spread_delta_c(good: Sequence[ProbeReading]) -> float | None:
    """The widest gap within one site; None when no site has two good probes."""
    widest: float | None = None
    for one, other in combinations(good, 2):
        if one.level_c is None or other.level_c is None or one.spec.site != other.spec.site:
            continue
        gap_delta_c = abs(one.level_c - other.level_c)
        widest = gap_delta_c if widest is None else max(widest, gap_delta_c)
    return widest


def _agreed(chosen: Sequence[ProbeReading]) -> str:
    names = " and ".join([reading.spec.probe_id for reading in chosen])
    return f"{names} agree" if len(chosen) > 1 else f"{names} is the only good probe of its site"


def _leads(leader: ProbeReading, suspects: Sequence[ProbeReading], apart: bool) -> str:
    reasons = ["the good probes differ"] if apart else []
    reasons += [_explained(reading) for reading in suspects]
    return f"{leader.spec.probe_id} reads highest and controls: {'; '.join(reasons)}"


def _none_good(readings: Sequence[ProbeReading]) -> str:
    return f"no good core probe: {'; '.join(_explained(reading) for reading in readings)}"


def _explained(reading: ProbeReading) -> str:
    said = "is good" if reading.why is None else SAY[reading.why]
    return f"{reading.spec.probe_id} {said}"
