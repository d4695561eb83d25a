"""How well a simulated session went, judged on the plant's truth alone; PLANTS.md says what the
figures mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from statistics import fmean

IN_BAND_C = 0.1
WIDE_BAND_C = 0.2
NEARLY_DELTA_C = 0.1  # "time to 38.4" is the time to this far below a 38.5 target
AT_TARGET_DELTA_C, AT_TARGET_S = 0.05, 120.0  # Mason 2021: two consecutive minutes at target
LOOK_S = 10.0
AFTER_S = 30 * 60.0  # the after-rise is looked for this long into the cool-down
RISE_WINDOW_S = 600.0
SERIES_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Point:
    """The truth and the act at one moment, for pictures."""

    at_min: float
    core_temp_c: float
    skin_temp_c: float
    air_temp_c: float
    power_pct: float
    phase: str


@dataclass(frozen=True, slots=True)
class PatientScore:
    """One session. The keys of the JSON output; keep them stable."""

    seed: int
    name: str
    time_to_38_4_min: float | None  # from the first heat; None: never reached
    peak_overshoot_c: float | None  # true core over target while heated
    peak_overshoot_after_c: float | None  # the same with 30 min of cool-down
    peak_overshoot_unbiased_c: float | None  # as the core probes showed it on average, bias and all
    two_min_at_target_min: float | None  # when sessions of Mason 2021 end: the dome's calibration
    hold_within_0_1: float | None  # share of the protocol's hold within ±0.1 °C
    hold_within_0_2: float | None
    skin_temp_c_max: float
    air_temp_c_max: float
    rise_c_per_min_max: float | None  # over 10 min
    energy_kwh: float
    ended_by: str
    session_min: float
    trips: list[str]
    alarms: list[str]
    disturbance: str | None = None
    eta_error_min: float | None = None  # time to in band as told half-way there, less what it took


@dataclass(frozen=True, slots=True)
class Course:
    """One simulated session: its figures and what to draw."""

    score: PatientScore
    points: tuple[Point, ...]


METRICS = (
    "time_to_38_4_min",
    "peak_overshoot_c",
    "peak_overshoot_after_c",
    "peak_overshoot_unbiased_c",
    "two_min_at_target_min",
    "hold_within_0_1",
    "hold_within_0_2",
    "skin_temp_c_max",
    "air_temp_c_max",
    "rise_c_per_min_max",
    "energy_kwh",
)
MORE_IS_BETTER = frozenset({"hold_within_0_1", "hold_within_0_2"})


@dataclass(slots=True)
class Scorer:
    """Watches a session from outside. `see` once for each step of the plant."""

    target_c: float
    hold_min: float
    bias_c: Callable[[], float | None] | None = None  # by how much the core probes read high now
    points: list[Point] = field(default_factory=list)
    energy_j: float = 0.0
    skin_c_max: float = float("-inf")
    air_c_max: float = float("-inf")
    peak_c: float = float("-inf")
    peak_after_c: float = float("-inf")
    rise_c_per_min: float | None = None
    _heat_began_s: float | None = None
    _heat_ended_s: float | None = None
    _nearly_s: float | None = None
    _band_s: float | None = None
    _held_s: float = 0.0
    _within_s: float = 0.0
    _within_wide_s: float = 0.0
    _pointed_s: float = float("-inf")
    _nearby: list[tuple[float, float]] = field(default_factory=list)  # time, core; near the target
    _biases_c: list[float] = field(default_factory=list)
    _minutes: list[float] = field(default_factory=list)
    _minute_s: float = float("-inf")
    _looked_s: float = float("-inf")

    def see(
        self,
        now_s: float,
        dt_s: float,
        truth: dict[str, float],
        power_pct: float,
        *,
        heating_phase: bool,
        phase: str,
    ) -> None:
        """Take in one step."""
        core_c, skin_c = truth["core_temp_c"], truth["skin_temp_c_max"]
        air_c, heater_w = truth["air_temp_c"], truth["heater_w"]
        self.energy_j += heater_w * dt_s
        self.skin_c_max = max(self.skin_c_max, skin_c)
        self.air_c_max = max(self.air_c_max, air_c)
        if heating_phase:
            self._see_heating(now_s, dt_s, core_c)
        elif self._heat_began_s is not None:
            self._heat_ended_s = now_s if self._heat_ended_s is None else self._heat_ended_s
            if now_s - self._heat_ended_s <= AFTER_S:
                self.peak_after_c = max(self.peak_after_c, core_c)
        if now_s - self._minute_s >= 60.0:
            self._see_minute(now_s, core_c)
        if now_s - self._pointed_s >= SERIES_EVERY_S:
            self._pointed_s = now_s
            at_min = 0.0 if self._heat_began_s is None else (now_s - self._heat_began_s) / 60.0
            if self._heat_began_s is not None:
                self.points.append(Point(at_min, core_c, skin_c, air_c, power_pct, phase))

    def _see_heating(self, now_s: float, dt_s: float, core_c: float) -> None:
        if self._heat_began_s is None:
            self._heat_began_s = now_s
        self._heat_ended_s = None
        self.peak_c = max(self.peak_c, core_c)
        self.peak_after_c = max(self.peak_after_c, core_c)
        if self._nearly_s is None and core_c >= self.target_c - NEARLY_DELTA_C:
            self._nearly_s = self._band_s = now_s
        if core_c >= self.target_c - 0.25 and not now_s < self._looked_s + LOOK_S:
            self._looked_s = now_s
            self._nearby.append((now_s, core_c))
        if self._band_s is not None and now_s - self._band_s < self.hold_min * 60.0:
            self._held_s += dt_s
            self._within_s += dt_s if abs(core_c - self.target_c) <= IN_BAND_C else 0.0
            self._within_wide_s += dt_s if abs(core_c - self.target_c) <= WIDE_BAND_C else 0.0

    def _see_minute(self, now_s: float, core_c: float) -> None:
        self._minute_s = now_s
        if self._band_s is not None and self._heat_ended_s is None and self.bias_c is not None:
            bias_c = self.bias_c()
            if bias_c is not None:
                self._biases_c.append(bias_c)
        self._minutes.append(core_c)
        if len(self._minutes) > 10:
            rise = (core_c - self._minutes[-11]) / (RISE_WINDOW_S / 60.0)
            self.rise_c_per_min = max(rise, self.rise_c_per_min or rise)

    def score(
        self,
        *,
        seed: int,
        name: str,
        now_s: float,
        ended_by: str,
        trips: list[str],
        alarms: list[str],
        disturbance: str | None = None,
    ) -> PatientScore:
        """The session as figures."""
        heated = self._heat_began_s is not None
        peak_c = self.peak_c - self.target_c
        return PatientScore(
            seed=seed,
            name=name,
            time_to_38_4_min=self._since_heat_min(self._nearly_s),
            peak_overshoot_c=round(peak_c, 4) if heated else None,
            peak_overshoot_after_c=round(self.peak_after_c - self.target_c, 4) if heated else None,
            peak_overshoot_unbiased_c=round(peak_c + fmean(self._biases_c), 4)
            if self._biases_c
            else None,
            two_min_at_target_min=self._since_heat_min(self._two_min_s()),
            hold_within_0_1=_share(self._within_s, self._held_s),
            hold_within_0_2=_share(self._within_wide_s, self._held_s),
            skin_temp_c_max=round(self.skin_c_max, 3),
            air_temp_c_max=round(self.air_c_max, 2),
            rise_c_per_min_max=None
            if self.rise_c_per_min is None
            else round(self.rise_c_per_min, 4),
            energy_kwh=round(self.energy_j / 3.6e6, 3),
            ended_by=ended_by,
            session_min=round(self._since_heat_min(now_s) or 0.0, 1),
            trips=trips,
            alarms=alarms,
            disturbance=disturbance,
        )

    def _two_min_s(self) -> float | None:
        """When the core probes, noise apart, had shown the target for two minutes on end."""
        bias_c = fmean(self._biases_c) if self._biases_c else 0.0
        since_s: float | None = None
        for now_s, core_c in self._nearby:
            if not core_c + bias_c >= self.target_c - AT_TARGET_DELTA_C:
                since_s = None
            elif since_s is None:
                since_s = now_s
            elif now_s - since_s >= AT_TARGET_S:
                return now_s
        return None

    def _since_heat_min(self, at_s: float | None) -> float | None:
        if at_s is None or self._heat_began_s is None:
            return None
        return round((at_s - self._heat_began_s) / 60.0, 2)


def summarise(scores: Sequence[PatientScore]) -> dict[str, dict[str, float | int | None]]:
    """Median, p95 and worst of each metric. p95 is the bad end: low where more is better.

    A patient without the figure (who never reached the target) is left out and counted in
    `missing`.
    """
    summary: dict[str, dict[str, float | int | None]] = {}
    for metric in METRICS:
        values = [getattr(score, metric) for score in scores]
        known = sorted(value for value in values if value is not None)
        if metric in MORE_IS_BETTER:
            known.reverse()
        summary[metric] = {
            "median": ranked(known, 0.5),
            "p95": ranked(known, 0.95),
            "worst": known[-1] if known else None,
            "missing": len(values) - len(known),
        }
    return summary


def as_plain(score: PatientScore) -> dict[str, object]:
    """For JSON."""
    return asdict(score)


def _share(part_s: float, whole_s: float) -> float | None:
    return None if whole_s <= 0.0 else round(part_s / whole_s, 4)


def ranked(known: Sequence[float], share: float) -> float | None:
    """Of sorted values the one at this rank; nearest rank: a value that was really seen."""
    return None if not known else known[max(0, ceil(share * len(known)) - 1)]
