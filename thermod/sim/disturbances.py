"""What can go wrong during a simulated session, as rows of one table, put around any plant.

A disturbance lies between the plant and whoever looks at it: it changes what probes seem to say,
what power reaches the heater, or opens the lid. So it works on a foreign plant as on ours; what the
judge sees stays true. Minutes count from the first heat that lasts longer than the heater test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, inf
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from thermod.sim.plant import Plant
from thermod.sim.probes import Role

Readings = dict[str, float | None]

TEST_S = 12.0  # the heater test heats for 10 s at most; heat that lasts longer is the session's
SLIPPING_S = 60.0  # a probe that slips takes on its new place with this time constant
DRIFTING_S = 3600.0
# 1 % of the readings, one by one: two within 3 s, both above a limit, are two samples above it, and
# SAFETY.md section 4 cuts off for them whatever a second probe says.
SPIKES_EVERY_S, SPIKES_FOR_S, SPIKE_CHANCE = 5.0, 1.0, 0.05

FROM_HEAT_ON = ((0.0, inf),)
FROM_MINUTE_30 = ((30.0, inf),)  # about half-way up, where a false reading does most


class Heard(NamedTuple):
    """One reading and what it may be turned into."""

    temp_c: float
    first_c: float  # when the disturbance began
    since_s: float
    beside_c: float  # the coolest skin, where a probe lies that has slipped out
    off_before_c: float  # how far off the last reading was
    random: Random


Lie = Callable[[Heard], float | None]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One row. `role`: whose first probe lies; None with a lie: every probe does."""

    does: str
    role: Role | None = None
    lie: Lie | None = None
    windows_min: tuple[tuple[float, float], ...] = FROM_HEAT_ON
    heater_share: float = 1.0
    lid_open: bool = False

    def standing_since_s(self, heated_s: float) -> float | None:
        """For how long it has stood; None while it does not."""
        for begins_min, ends_min in self.windows_min:
            if begins_min * 60.0 <= heated_s < ends_min * 60.0:
                return heated_s - begins_min * 60.0
        return None


def _lost(heard: Heard) -> None:
    return None


def _stuck(heard: Heard) -> float:
    return heard.first_c


def _slipped(heard: Heard) -> float:
    stays = exp(-heard.since_s / SLIPPING_S)
    return heard.beside_c + stays * (heard.temp_c - heard.beside_c)


def _spikes(heard: Heard) -> float:
    may_spike = heard.since_s % SPIKES_EVERY_S < SPIKES_FOR_S and heard.off_before_c == 0.0
    if not may_spike or heard.random.random() >= SPIKE_CHANCE:
        return heard.temp_c
    return heard.temp_c + heard.random.choice((-2.0, 2.0))


def _drifts_to(delta_c: float) -> Lie:
    return lambda heard: heard.temp_c + delta_c * min(1.0, heard.since_s / DRIFTING_S)


def _reads_off_by(delta_c: float) -> Lie:
    return lambda heard: heard.temp_c + delta_c


DISTURBANCES: Mapping[str, Disturbance] = MappingProxyType(
    {
        "core-lost": Disturbance("a core probe says nothing", "core", _lost, FROM_MINUTE_30),
        "core-stuck": Disturbance("a core probe repeats itself", "core", _stuck, FROM_MINUTE_30),
        "core-drift-up": Disturbance("a core probe drifts +0.3 °C in 1 h", "core", _drifts_to(0.3)),
        "core-drift-down": Disturbance(
            "a core probe drifts −0.3 °C in 1 h", "core", _drifts_to(-0.3)
        ),
        "core-slipped": Disturbance(
            "a core probe slips out and lies against skin", "core", _slipped, FROM_MINUTE_30
        ),
        "core-spikes": Disturbance(
            "1 % of a core probe's readings are ±2 °C off, one at a time", "core", _spikes
        ),
        "air-lost": Disturbance("the air probe says nothing", "air", _lost, FROM_MINUTE_30),
        "air-stuck": Disturbance(
            "the air probe repeats itself, still cool", "air", _stuck, ((5.0, inf),)
        ),
        "air-low": Disturbance("the air probe reads 8 °C low", "air", _reads_off_by(-8.0)),
        "lid-open": Disturbance(
            "the lid is open for 3 min, three times",
            windows_min=((20.0, 23.0), (50.0, 53.0), (90.0, 93.0)),
            lid_open=True,
        ),
        "heater-70": Disturbance("the heater gives 70 %", heater_share=0.7),
        "heater-130": Disturbance("the heater gives 130 %", heater_share=1.3),
        "gaps": Disturbance(
            "no probe says anything for 20 s, every 5 min",
            lie=_lost,
            windows_min=tuple((5.0 * n, 5.0 * n + 1.0 / 3.0) for n in range(1, 60)),
        ),
    }
)


class Disturbed:
    """A plant with something wrong. All that is not disturbed is handed on."""

    def __init__(self, plant: Plant, label: str, seed: int) -> None:
        self._plant = plant
        self._disturbance = DISTURBANCES[label]
        self._random = Random(f"{label}/{seed}")
        self._on_s = 0.0  # for how long heat has been on
        self._heated_s: float | None = None  # since the session's first heat
        self._first_c: dict[str, float] = {}
        self._off_c = 0.0  # of the newest reading
        self._said: Readings | None = None  # since the last step
        self.name = plant.name
        self.heater_w_max = plant.heater_w_max
        self.probes = plant.probes
        self.lies = self._liars()

    def step(self, heater_w: float, dt_s: float) -> None:
        """Let time pass."""
        self._on_s = self._on_s + dt_s if heater_w > 0.0 else 0.0
        if self._heated_s is not None:
            self._heated_s += dt_s
        elif self._on_s > TEST_S:
            self._heated_s = 0.0
        self._said = None
        stands = self._since_s() is not None
        if self._disturbance.lid_open and hasattr(self._plant, "lid_open"):
            self._plant.lid_open = stands
        self._plant.step(heater_w * (self._disturbance.heater_share if stands else 1.0), dt_s)
        if not stands:
            self._first_c.clear()
        elif not self._first_c:
            self._first_c.update(self._told_by_liars())

    def readings(self) -> Readings:
        """What the probes seem to say. Looking twice changes nothing."""
        if self._said is None:
            self._said = self._heard(self._plant.readings())
        return self._said

    def truth(self) -> dict[str, float]:
        """As it is."""
        return self._plant.truth()

    @property
    def lid_open(self) -> bool:
        """What the lid's switch says, also where the plant has no lid to open."""
        if self._disturbance.lid_open:
            return self._since_s() is not None
        return bool(getattr(self._plant, "lid_open", False))

    def _liars(self) -> frozenset[str]:
        row = self._disturbance
        if row.lie is None:
            return frozenset()
        if row.role is None:
            return frozenset(self.probes)
        return frozenset([next(each for each, role in self.probes.items() if role == row.role)])

    def _told_by_liars(self) -> dict[str, float]:
        said = self._plant.readings() if self.lies else {}
        told = ((probe_id, said.get(probe_id)) for probe_id in self.lies)
        return {probe_id: temp_c for probe_id, temp_c in told if temp_c is not None}

    def _since_s(self) -> float | None:
        heated_s = self._heated_s
        return None if heated_s is None else self._disturbance.standing_since_s(heated_s)

    def _heard(self, true: Readings) -> Readings:
        since_s, lie = self._since_s(), self._disturbance.lie
        if since_s is None or lie is None:
            return true
        skins = (true.get(each) for each, role in self.probes.items() if role == "skin")
        beside_c = min((skin_c for skin_c in skins if skin_c is not None), default=30.0)
        said = dict(true)
        for probe_id in self.lies:
            temp_c = true.get(probe_id)
            if temp_c is not None:
                first_c = self._first_c.get(probe_id, temp_c)
                heard = Heard(temp_c, first_c, since_s, beside_c, self._off_c, self._random)
                told_c = said[probe_id] = lie(heard)
                self._off_c = 0.0 if told_c is None else told_c - temp_c
        return said
