"""What control has to reach, as rows: figure, target, met or not. Simulation.

Pure. The targets are those of issue 4; README.md beside this file says what each row means and why
the noise is what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from statistics import fmean
from typing import NamedTuple

from thermod.sim.delay import Delay
from thermod.sim.score import PatientScore, ranked

Scores = Sequence[PatientScore]
PEAK = "peak_overshoot_after_c"  # with 30 min of cool-down: the after-rise counts
NO_AIR = ("air-lost", "air-stuck")  # disturbances that leave no air probe to steer by
AIR_LOW = "air-low"  # decision 0010: nobody can tell it from a dome that is so
AIR_C_MAX = 70.0  # SAFETY.md section 4: heat off, clears by itself
ETA_WITHIN_MIN = 10.0


class Row(NamedTuple):
    """One figure beside its target."""

    name: str
    got: float | None
    target: float
    noise: float  # what may change without control having become worse
    more_is_better: bool = False

    @property
    def met(self) -> bool:
        """A figure that is none meets nothing."""
        if self.got is None:
            return False
        return self.got >= self.target if self.more_is_better else self.got <= self.target


class Bounds(NamedTuple):
    """Of one population."""

    peak_median_c: float
    peak_p95_c: float
    peak_worst_c: float
    delay_median_min: float
    delay_worst_min: float
    hold_share: float  # of the hold within ±0.1 °C …
    held_share: float  # … in this share of patients
    skin_c_max: float
    air_c_max: float
    rise_c_per_min_max: float
    one_probe_p95_c: float


# SAFETY.md section 4: ordinary bodies stay in the column "control keeps below", hard ones below the
# warnings.
NOMINAL = Bounds(0.0, 0.03, 0.05, 12.0, 20.0, 0.99, 1.0, 40.8, 64.0, 0.038, 0.05)
HARD = Bounds(0.02, 0.10, 0.15, 10.0, inf, 0.95, 0.95, 41.0, 65.0, 0.040, 0.12)
BOUNDS: Mapping[str, Bounds] = {"nominal": NOMINAL, "hard": HARD}


def of_population(name: str, scores: Scores, delay: Delay) -> Iterator[Row]:
    """Two healthy core probes, nothing wrong."""
    bounds = BOUNDS[name]
    yield from _peaks(name, scores, bounds)
    yield Row(f"{name}: delay, median, min", delay.median, bounds.delay_median_min, 1.0)
    if bounds.delay_worst_min < inf:
        yield Row(f"{name}: delay, worst, min", delay.worst, bounds.delay_worst_min, 2.0)
    yield Row(f"{name}: reached by full power alone", float(delay.ours_missing), 0.0, 0.0)
    held = [(score.hold_within_0_1 or 0.0) >= bounds.hold_share for score in scores]
    in_band = f"{name}: patients with {bounds.hold_share:.0%} of the hold in ±0.1 °C, share"
    yield Row(in_band, _share(held), bounds.held_share, 0.01, more_is_better=True)
    yield Row(f"{name}: skin, worst, °C", _worst(scores, "skin_temp_c_max"), bounds.skin_c_max, 0.1)
    yield Row(f"{name}: air, worst, °C", _worst(scores, "air_temp_c_max"), bounds.air_c_max, 0.3)
    rise = _worst(scores, "rise_c_per_min_max")
    yield Row(f"{name}: rise over 10 min, worst, °C/min", rise, bounds.rise_c_per_min_max, 0.001)
    yield Row(f"{name}: sessions tripped", _tripped(scores), 0.0, 0.0)
    errors = [score.eta_error_min for score in scores if score.time_to_38_4_min is not None]
    told = [error is not None and abs(error) <= ETA_WITHIN_MIN for error in errors]
    within = f"{name}: time told half-way, within ±10 min, share"
    yield Row(within, _share(told), 0.9, 0.03, more_is_better=True)


def of_calibration(scores: Scores) -> Iterator[Row]:
    """The simulated dome against Mason 2021: a check of the dome, not a result."""
    minutes = _known(scores, "two_min_at_target_min")
    name = "dome: two minutes at target"
    off = abs(fmean(minutes) - 82.0) if minutes else None
    yield Row(f"{name}, mean off 82, min", off, 15.0, inf)
    yield Row(f"{name}, p5, min", ranked(minutes, 0.05), 61.0, inf, more_is_better=True)
    yield Row(f"{name}, p95, min", ranked(minutes, 0.95), 115.0, inf)
    yield Row(f"{name}, longest, min", minutes[-1] if minutes else None, 130.0, inf)


def of_faults(name: str, scores: Scores) -> Iterator[Row]:
    """One disturbance in turn."""
    yield Row(f"{name}, faults: peak, worst, °C", _worst(scores, PEAK), 0.10, 0.02)
    no_air = [score for score in scores if score.disturbance in NO_AIR]
    others = [score for score in scores if score not in no_air]
    healthy = f"{name}, faults: trips though each role had a healthy probe"
    yield Row(healthy, _tripped(others), 0.0, 0.0)
    unsaid = sum(not score.alarms for score in no_air)
    yield Row(f"{name}, faults: no air probe to steer by, and no alarm", float(unsaid), 0.0, 0.0)
    low = [score for score in scores if score.disturbance == AIR_LOW]
    if low:
        hottest_c, hot = _worst(low, "air_temp_c_max"), f"{name}, faults: air probe 8 °C low"
        yield Row(f"{hot}, true air, worst, °C", hottest_c, AIR_C_MAX, 0.3)


def of_one_probe(name: str, scores: Scores) -> Iterator[Row]:
    """One core probe, nothing wrong."""
    bound_c = BOUNDS[name].one_probe_p95_c
    yield Row(f"{name}, one core probe: peak, p95, °C", _rank(scores, PEAK, 0.95), bound_c, 0.015)
    yield Row(f"{name}, one core probe: sessions tripped", _tripped(scores), 0.0, 0.0)


def of_cost(cycle_us: float, session_s: float) -> Iterator[Row]:
    """On a quiet machine, the median of some rounds; never compared with another run."""
    yield Row("cycle with observer, median, µs on a quiet machine", cycle_us, 100.0, inf)
    yield Row("whole session on the lumped body, s on a quiet machine", session_s, 3.0, inf)


def _peaks(name: str, scores: Scores, bounds: Bounds) -> Iterator[Row]:
    yield Row(f"{name}: peak, median, °C", _rank(scores, PEAK, 0.5), bounds.peak_median_c, 0.01)
    yield Row(f"{name}: peak, p95, °C", _rank(scores, PEAK, 0.95), bounds.peak_p95_c, 0.015)
    yield Row(f"{name}: peak, worst, °C", _worst(scores, PEAK), bounds.peak_worst_c, 0.02)
    unbiased_c = _worst(scores, "peak_overshoot_unbiased_c")
    yield Row(f"{name}: peak had the probes no bias, worst, °C (aim)", unbiased_c, 0.02, 0.02)


def _known(scores: Scores, metric: str) -> list[float]:
    values = (getattr(score, metric) for score in scores)
    return sorted(value for value in values if value is not None)


def _rank(scores: Scores, metric: str, share: float) -> float | None:
    return ranked(_known(scores, metric), share)


def _worst(scores: Scores, metric: str) -> float | None:
    return max(_known(scores, metric), default=None)


def _share(held: Sequence[bool]) -> float | None:
    return round(sum(held) / len(held), 4) if held else None


def _tripped(scores: Scores) -> float:
    return float(sum(bool(score.trips) for score in scores))
