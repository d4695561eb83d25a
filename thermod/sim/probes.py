"""Temperature probes with labelled faults: what the electronics say, not what is true.

A probe sits at a site, follows it with a first-order lag, adds bias and noise, and reports in whole
steps of its resolution. Faults are a frozen value put on a probe with `fail` and taken off with
`heal`; `FAULTS` names a typical case of each. Each probe owns a random stream, so a fault on one
changes no bit of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from random import Random
from statistics import NormalDist
from types import MappingProxyType
from typing import Literal

Role = Literal["core", "skin", "air", "room"]
Site = Literal["rectal", "skin-hottest", "skin-between", "skin-mean", "air", "room"]


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """One probe as bought and placed."""

    role: Role
    site: Site
    lag_s: float
    noise_sd_c: float
    resolution_c: float
    bias_delta_c: float = 0.0


@dataclass(frozen=True, slots=True)
class ProbeFaults:
    """What is wrong with a probe. The defaults are a healthy one; faults may be combined."""

    slipped_to: Site | None = None  # lies there instead, warming or cooling with its own lag
    slipped_share: float = 1.0  # 0.3: half out, reads 30 % of the new place
    offset_delta_c: float = 0.0
    drift_c_per_h: float = 0.0  # grows from the moment of `fail`
    noise_factor: float = 1.0
    spike_delta_c: float = 0.0
    spike_chance: float = 0.0  # per sample; either sign
    stuck: bool = False  # repeats the last value, with new sequence numbers
    stuck_at_c: float | None = None  # repeats this value instead
    fahrenheit: bool = False  # a number in the wrong unit
    nan_text: bool = False  # says "nan", as some firmware does on a sensor error
    drop_out_chance: float = 0.0  # per sample; 1.0 is an unplugged probe
    sequence_frozen: bool = False  # the same message again and again, number and all


HEALTHY = ProbeFaults()

# Gaussian noise from a uniform number above 0, at a third of the cost of `Random.gauss`.
standard_normal = NormalDist().inv_cdf

FAULTS: Mapping[str, ProbeFaults] = MappingProxyType(
    {
        "drop-out": ProbeFaults(drop_out_chance=1.0),
        "flaky": ProbeFaults(drop_out_chance=0.5),
        "stuck": ProbeFaults(stuck=True),
        "slipped-to-air": ProbeFaults(slipped_to="air"),
        "slipped-to-room": ProbeFaults(slipped_to="room"),
        "half-slipped": ProbeFaults(slipped_to="air", slipped_share=0.3),
        "offset-high": ProbeFaults(offset_delta_c=0.3),
        "offset-low": ProbeFaults(offset_delta_c=-0.3),
        "drift-high": ProbeFaults(drift_c_per_h=0.3),
        "drift-low": ProbeFaults(drift_c_per_h=-0.3),
        "noisy": ProbeFaults(noise_factor=10.0),
        "spikes": ProbeFaults(spike_delta_c=2.0, spike_chance=0.02),
        "nan-text": ProbeFaults(nan_text=True),
        "wrong-unit": ProbeFaults(fahrenheit=True),
        "frozen-sequence": ProbeFaults(sequence_frozen=True),
    }
)


class Probe:
    """One probe: `sample` reads its site; `reported_c` and `seq` are what it then sends."""

    __slots__ = (
        "_drift_delta_c",
        "_faults",
        "_held_c",
        "_random",
        "_sensed_c",
        "_steps_per_c",
        "reported_c",
        "seq",
        "site",
        "spec",
    )

    def __init__(self, spec: ProbeSpec, temp_c_at: Mapping[Site, float], random: Random) -> None:
        self.spec = spec
        self.site: Site = spec.site  # where it lies now; `swap` changes it
        self.seq = 0
        self.reported_c: float | None = None  # None says nothing; NaN is the text "nan"
        self._random = random
        self._steps_per_c = 1.0 / spec.resolution_c
        self._sensed_c = self._held_c = temp_c_at[spec.site]
        self._drift_delta_c = 0.0
        self._faults = HEALTHY
        self.sample(temp_c_at, dt_s=0.0)

    @property
    def faults(self) -> ProbeFaults:
        """What is wrong with it now; equal to `HEALTHY` if nothing is."""
        return self._faults

    def fail(self, faults: ProbeFaults) -> None:
        """Put these faults on in place of any before; a drift starts from zero."""
        self._faults = faults
        self._drift_delta_c = 0.0

    def heal(self) -> None:
        """Take all faults off. A probe that had slipped warms up again with its own lag."""
        self.fail(HEALTHY)

    def sample(self, temp_c_at: Mapping[Site, float], dt_s: float) -> None:
        """Follow the site for `dt_s`, then take one sample and number it."""
        spec, faults, sensed_c = self.spec, self._faults, self._sensed_c
        lies_at_c = temp_c_at[self.site] if faults is HEALTHY else self._lies_at_c(temp_c_at)
        sensed_c += (lies_at_c - sensed_c) * dt_s / (spec.lag_s + dt_s)
        self._sensed_c = sensed_c
        noise_c = spec.noise_sd_c * standard_normal(self._random.random() or 0.5)
        electronics_c = sensed_c + spec.bias_delta_c + noise_c * faults.noise_factor
        if faults is HEALTHY:
            steps_per_c = self._steps_per_c
            self._held_c = self.reported_c = round(electronics_c * steps_per_c) / steps_per_c
            self.seq += 1
        elif not faults.sequence_frozen:
            self._sample_faulty(electronics_c, dt_s)

    def _lies_at_c(self, temp_c_at: Mapping[Site, float]) -> float:
        faults, at_home_c = self._faults, temp_c_at[self.site]
        if faults.slipped_to is None:
            return at_home_c
        return at_home_c + faults.slipped_share * (temp_c_at[faults.slipped_to] - at_home_c)

    def _sample_faulty(self, electronics_c: float, dt_s: float) -> None:
        faults, random = self._faults, self._random
        self.seq += 1
        self._drift_delta_c += faults.drift_c_per_h * dt_s / 3600.0
        electronics_c += faults.offset_delta_c + self._drift_delta_c
        if faults.spike_chance > 0.0 and random.random() < faults.spike_chance:
            electronics_c += random.choice((-1.0, 1.0)) * faults.spike_delta_c
        if faults.stuck_at_c is not None:
            self._held_c = faults.stuck_at_c
        elif not faults.stuck:
            self._held_c = round(electronics_c * self._steps_per_c) / self._steps_per_c
        if faults.drop_out_chance > 0.0 and random.random() < faults.drop_out_chance:
            self.reported_c = None
        elif faults.nan_text:
            self.reported_c = nan
        else:
            self.reported_c = self._held_c * 1.8 + 32.0 if faults.fahrenheit else self._held_c


def swap(one: Probe, other: Probe) -> None:
    """Exchange the places of two probes, as a nurse with two alike leads would. Twice undoes it."""
    one.site, other.site = other.site, one.site
