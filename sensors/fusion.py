"""From several probes to one estimate: never a substitute, never an average of what differs."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sensors.freshness import SAY
from sensors.plausibility import AGREE_DELTA_C, ProbeReading
from sensors.standing import Status

REUNITE_DELTA_C: Final = 0.2  # probes that differed must come this close to be averaged again
SLOPE_LAG_S: Final = 10.0  # spreads over some cycles what a change of probes does to the slope

# Looked up once: an Enum class is slow to ask in a hot path.
_GOOD, _SUSPECT = Status.GOOD, Status.SUSPECT


class EstimateMemory(NamedTuple):
    """What fusion remembers from cycle to cycle."""

    apart: bool  # the good probes of the site differ, until they are close again
    slope_c_per_s: float | None
    slope_s: float
    good_s: float | None  # arrival of the newest sample of a good core probe


AT_BOOT: Final = EstimateMemory(apart=False, slope_c_per_s=None, slope_s=0.0, good_s=None)


class CoreEstimate(NamedTuple):
    """What is known of the patient's core now, and on what grounds."""

    core_temp_c: float | None  # to control by; None: no good probe, so no heat
    core_slope_c_per_s: float | None  # least squares over up to 3 min; None: not enough yet
    spread_delta_c: float | None  # widest gap between the 2-min medians of one site's good probes
    age_s: float | None  # of the newest sample of a good probe; grows on when there is none
    highest_raw_temp_c: float | None  # of every core sample in range, trusted or not: for limits
    because: str
    good: int
    suspect: int


class Hottest(NamedTuple):
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
        temp_c = _higher(temp_c, reading.temp_c)
        raw_c = _higher(raw_c, reading.newest_temp_c)
    return Hottest(temp_c, raw_c, good, suspect)


def fuse_core(
    readings: Sequence[ProbeReading], memory: EstimateMemory, now_s: float
) -> tuple[EstimateMemory, CoreEstimate]:
    """The core estimate of this cycle from 1-3 core probes, the control site's named first."""
    good = [reading for reading in readings if reading.status is _GOOD]
    suspects = [reading for reading in readings if reading.status is _SUSPECT]
    chosen = _of_first_site(good, readings)
    apart = _are_apart(chosen, memory.apart)
    if not chosen:
        temp_c, wanted = None, None
        because = _none_good(readings)
    elif apart or suspects:
        leader = max((*chosen, *suspects), key=_temp_c)
        temp_c, because = leader.temp_c, _leads(leader, suspects, apart)
        # A leader may be falling out: its slope may call for less heat than the others', not more.
        wanted = _steepest((leader, *chosen))
    else:
        temp_c, because = _median([_temp_c(reading) for reading in chosen]), _agreed(chosen)
        slopes = [r.slope_c_per_s for r in chosen if r.slope_c_per_s is not None]
        wanted = _median(slopes) if slopes else None
    slope = _smoothed(wanted, memory, now_s)
    ages_s = [reading.age_s for reading in good if reading.age_s is not None]
    good_s = now_s - min(ages_s) if ages_s else memory.good_s
    raw_c = None
    for reading in readings:
        raw_c = _higher(raw_c, reading.newest_temp_c)
    return EstimateMemory(apart, slope, now_s, good_s), CoreEstimate(
        temp_c, slope, _spread_delta_c(good), None if good_s is None else now_s - good_s,
        raw_c, because, len(good), len(suspects),
    )  # fmt: skip


def _of_first_site(
    good: Sequence[ProbeReading], readings: Sequence[ProbeReading]
) -> list[ProbeReading]:
    """The good probes of the control site, or else of the first site that has any."""
    if not good:
        return []
    named = readings[0].spec.site
    site = named if any(r.spec.site == named for r in good) else good[0].spec.site
    return [reading for reading in good if reading.spec.site == site]


def _are_apart(chosen: Sequence[ProbeReading], were_apart: bool) -> bool:
    if len(chosen) < 2:
        return False
    temps_c = [_temp_c(reading) for reading in chosen]
    return not max(temps_c) - min(temps_c) < (REUNITE_DELTA_C if were_apart else AGREE_DELTA_C)


def _temp_c(reading: ProbeReading) -> float:
    if reading.temp_c is None:
        raise ValueError(f"{reading.spec.probe_id} is {reading.status} and has no temperature")
    return reading.temp_c


def _higher(one_c: float | None, other_c: float | None) -> float | None:
    if one_c is None or other_c is None:
        return other_c if one_c is None else one_c
    return max(one_c, other_c)


def _median(values: list[float]) -> float:
    """Of two, their mean; of three, the middle one."""
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else 0.5 * (values[middle - 1] + values[middle])


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
    for number, one in enumerate(good, start=1):
        for other in good[number:]:
            if one.level_c is None or other.level_c is None or one.spec.site != other.spec.site:
                continue
            widest = _higher(widest, abs(one.level_c - other.level_c))
    return widest


def _agreed(chosen: Sequence[ProbeReading]) -> str:
    names = " and ".join(reading.spec.probe_id for reading in chosen)
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
