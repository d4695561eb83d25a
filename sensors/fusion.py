"""From several probes to one estimate: never a substitute, never an average of what differs."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from sensors.freshness import SAY
from sensors.plausibility import ProbeReading
from sensors.standing import AGREE_DELTA_C, CALIBRATED_DELTA_C, CALIBRATED_SD_C, Status
from sensors.values import light_dataclass

REUNITE_DELTA_C: Final = 0.2  # three that differed must come this close to be averaged again
SLOPE_LAG_S: Final = 10.0  # spreads over some cycles what a change of probes does to the slope

# Looked up once: an Enum class is slow to ask in a hot path.
_GOOD, _SUSPECT = Status.GOOD, Status.SUSPECT

# Temperature, slope, on what grounds, and whose readings they are.
Drawn = tuple[float | None, float | None, str, tuple[str, ...]]


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
    highest_raw_id: str | None  # the probe that read it
    because: str
    good: int
    suspect: int
    good_temp_c: float | None  # of good probes alone: what a model of the patient may learn from
    good_ids: tuple[str, ...]  # whose readings that is


@light_dataclass(frozen=True, slots=True)
class Hottest:
    """The hottest of several skin, air or room probes."""

    temp_c: float | None  # of good and suspect probes, spikes dropped: to control by
    highest_raw_temp_c: float | None  # of every sample in range: for limits
    highest_raw_id: str | None  # the probe that read it
    good: int
    suspect: int


def hottest(readings: Sequence[ProbeReading]) -> Hottest:
    """Skin, air and room: the hottest probe governs, since it is the one that can burn."""
    temp_c = raw_c = raw_id = None
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
            raw_c, raw_id = newest_c, reading.spec.probe_id
    return Hottest(temp_c, raw_c, raw_id, good, suspect)


def fuse_core(
    readings: Sequence[ProbeReading], memory: EstimateMemory, now_s: float
) -> tuple[EstimateMemory, CoreEstimate]:
    """The core estimate of this cycle from 1-3 core probes, the control site's named first."""
    control_site = readings[0].spec.site
    good: list[ProbeReading] = []
    chosen: list[ProbeReading] = []
    suspects: list[ProbeReading] = []
    age_s = raw_c = raw_id = None
    for reading in readings:
        if reading.status is _GOOD:
            good.append(reading)
            if reading.spec.site == control_site:
                chosen.append(reading)
            if age_s is None or (reading.age_s is not None and reading.age_s < age_s):
                age_s = reading.age_s
        elif reading.status is _SUSPECT:
            suspects.append(reading)
        newest_c = reading.newest_temp_c
        if newest_c is not None and (raw_c is None or newest_c > raw_c):
            raw_c, raw_id = newest_c, reading.spec.probe_id
    if not chosen:  # another site takes over
        chosen = [reading for reading in good if reading.spec.site == good[0].spec.site]

    agreed = _agreed(chosen, memory.apart)
    apart = agreed is None and bool(chosen)
    drawn = agreed or (_led(chosen, (), apart) if chosen else _none_good(readings))
    good_temp_c, _, _, good_ids = drawn
    if chosen and suspects:
        drawn = _led(chosen, suspects, apart)
    temp_c, wanted, because, _ = drawn
    slope = _smoothed(wanted, memory, now_s)
    good_s = memory.good_s if age_s is None else now_s - age_s
    return EstimateMemory(apart, slope, now_s, good_s), CoreEstimate(
        temp_c,
        slope,
        None if len(good) < 2 else _spread_delta_c(good),
        None if good_s is None else now_s - good_s,
        raw_c,
        raw_id,
        because,
        len(good),
        len(suspects),
        good_temp_c,
        good_ids,
    )


def _agreed(chosen: Sequence[ProbeReading], were_apart: bool) -> Drawn | None:
    """The middle of the good probes of the site, of two never far below the higher: one that sinks
    must not take the patient along. None: they differ, or there is none.
    """
    temps_c: list[float] = []
    slopes: list[float] = []
    names: list[str] = []
    for reading in chosen:
        temps_c.append(_temp_c(reading))
        names.append(reading.spec.probe_id)
        if reading.slope_c_per_s is not None:
            slopes.append(reading.slope_c_per_s)
    temps_c.sort()
    slopes.sort()
    if not temps_c or not temps_c[-1] - temps_c[0] < _near_delta_c(chosen, were_apart):
        return None
    what = "agree" if len(names) > 1 else "is the only good probe of its site"
    temp_c = _middle(temps_c)
    if len(temps_c) == 2:  # of three the middle one stands by itself
        temp_c = max(temp_c, temps_c[-1] - CALIBRATED_SD_C)
    because = f"{' and '.join(names)} {what}"
    return temp_c, _middle(slopes) if slopes else None, because, tuple(names)


def _near_delta_c(chosen: Sequence[ProbeReading], were_apart: bool) -> float:
    """Closer than this they agree. Of two, whichever is off further than calibration lets it be is
    no more one of two that are right; of three the middle one is right still.
    """
    if len(chosen) > 2:
        return REUNITE_DELTA_C if were_apart else AGREE_DELTA_C
    coarsest_c = max(chosen[0].spec.resolution_c, chosen[-1].spec.resolution_c)
    return (1.0 if were_apart else 2.0) * CALIBRATED_DELTA_C + coarsest_c


def _led(chosen: Sequence[ProbeReading], suspects: Sequence[ProbeReading], apart: bool) -> Drawn:
    """The highest controls. With the steepest slope of those in play, since the leader may be
    falling out: it may call for less heat than the others, not for more."""
    leader = max((*chosen, *suspects), key=_temp_c)
    slopes = [r.slope_c_per_s for r in (leader, *chosen) if r.slope_c_per_s is not None]
    reasons = ["the good probes differ"] if apart else []
    reasons += [_explained(reading) for reading in suspects]
    because = f"{leader.spec.probe_id} reads highest and controls: {'; '.join(reasons)}"
    return leader.temp_c, max(slopes, default=None), because, (leader.spec.probe_id,)


def _none_good(readings: Sequence[ProbeReading]) -> Drawn:
    because = f"no good core probe: {'; '.join(_explained(reading) for reading in readings)}"
    return None, None, because, ()


def _explained(reading: ProbeReading) -> str:
    said = "is good" if reading.why is None else SAY[reading.why]
    return f"{reading.spec.probe_id} {said}"


def _temp_c(reading: ProbeReading) -> float:
    if reading.temp_c is None:
        raise ValueError(f"{reading.spec.probe_id} is {reading.status} and has no temperature")
    return reading.temp_c


def _middle(ascending: Sequence[float]) -> float:
    """Of two, their mean; of three, the middle one."""
    count = len(ascending)
    return 0.5 * (ascending[(count - 1) // 2] + ascending[count // 2])


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
