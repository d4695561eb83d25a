"""One look at all probes, once a cycle: the page to read first in this package."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Final, Self

from sensors import dome_air, fusion, hearing
from sensors.dome_air import AirWatch, Heat
from sensors.freshness import Why
from sensors.fusion import CoreEstimate, EstimateMemory, Hottest, fuse_core, hottest
from sensors.hearing import ProbeMemory
from sensors.plain import judge_plain
from sensors.plausibility import ProbeReading, judge
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from sensors.standing import Status
from sensors.stillness import Evidence, Witness
from sensors.values import light_dataclass

CORE_PROBES_MAX: Final = 3

# Looked up once: an Enum class is slow to ask in a hot path.
_CORE, _SKIN, _AIR, _GOOD = Role.CORE, Role.SKIN, Role.AIR, Status.GOOD


@light_dataclass(frozen=True, slots=True)
class SensorMemory:
    """All that the sensors remember between two cycles; plain values, so a replay can hash it."""

    probes: tuple[ProbeMemory, ...]  # in the order of the specs
    estimate: EstimateMemory
    air: tuple[AirWatch, ...]  # of the air probes, in the order of the specs

    @classmethod
    def at_boot(cls, specs: Sequence[ProbeSpec]) -> Self:
        """Nothing heard yet. Raises ValueError for probes that cannot be judged together."""
        names = [spec.probe_id for spec in specs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"probe {twice[0]!r} is declared twice")
        core = sum(spec.role is Role.CORE for spec in specs)
        if not 1 <= core <= CORE_PROBES_MAX:
            raise ValueError(f"{core} core probes are declared, 1 to {CORE_PROBES_MAX} are needed")
        air = tuple(dome_air.AT_BOOT for spec in specs if spec.role is Role.AIR)
        return cls(tuple(hearing.AT_BOOT for _ in specs), fusion.AT_BOOT, air)


@light_dataclass(frozen=True, slots=True)
class Picture:
    """What is known in this cycle, per probe and drawn together."""

    probes: Mapping[str, ProbeReading]
    core_probes: Sequence[ProbeReading]  # the same, by role
    skin_probes: Sequence[ProbeReading]
    air_probes: Sequence[ProbeReading]
    core: CoreEstimate
    skin: Hottest
    air: Hottest
    room: Hottest


def read(
    specs: Sequence[ProbeSpec],
    memory: SensorMemory,
    newest: Mapping[str, ProbeSample | Rejection],
    now_s: float,
    expected_core_temp_c: float | None = None,
    heat: Heat | None = None,
) -> tuple[SensorMemory, Picture]:
    """Judge the newest message of every probe and draw them together. Any pace of 0.1-2 s will do.

    `heat` is what the dome was measured to get since the last cycle, for the air probes to be
    judged by; None when that is not known.

    `expected_core_temp_c` is where a model of the patient, fed with heat and not with these probes,
    puts the core now. Only its movement counts, as evidence that a probe ought to have moved; give
    None for the cycle in which the model is reset, or when there is none.
    """
    evidence = partial(_evidence, specs, memory.probes, expected_core_temp_c)
    memories: list[ProbeMemory] = []
    core: list[ProbeReading] = []
    skin: list[ProbeReading] = []
    air: list[ProbeReading] = []
    room: list[ProbeReading] = []
    for spec, before in zip(specs, memory.probes, strict=True):
        message, role = newest.get(spec.probe_id), spec.role
        if role is _CORE:
            after, reading = judge(spec, before, message, now_s, evidence)
            core.append(reading)
        else:
            doubt = dome_air.finding(memory.air[len(air)]) if role is _AIR else None
            after, reading = judge_plain(spec, before, message, now_s, doubt)
            (skin if role is _SKIN else air if role is _AIR else room).append(reading)
        memories.append(after)

    core, skin = _proven(core), _proven(skin)
    estimate_memory, estimate = fuse_core(core, memory.estimate, now_s)
    probes = {reading.spec.probe_id: reading for reading in (*core, *skin, *air, *room)}
    warmest = hottest(skin), hottest(air), hottest(room)
    picture = Picture(probes, core, skin, air, estimate, *warmest)
    skin_c = picture.skin.temp_c
    watches = [
        dome_air.watched(
            watch, reading.newest_temp_c, reading.spec.resolution_c, skin_c, heat, now_s
        )
        for watch, reading in zip(memory.air, air, strict=True)
    ]
    return SensorMemory(tuple(memories), estimate_memory, tuple(watches)), picture


def _evidence(
    specs: Iterable[ProbeSpec], memories: Iterable[ProbeMemory], expected_core_temp_c: float | None
) -> Evidence:
    """What the core probes said up to the last cycle, so that their order does not matter."""
    witnesses = [
        Witness(
            spec,
            before.past.median_c if before.standing.status is _GOOD else None,
            before.past.trend.short_slope_c_per_s,
            before.past.record is not None,
        )
        for spec, before in zip(specs, memories, strict=True)
        if spec.role is _CORE
    ]
    if expected_core_temp_c is not None and not isfinite(expected_core_temp_c):
        expected_core_temp_c = None
    return Evidence(tuple(witnesses), expected_core_temp_c)


def _proven(readings: list[ProbeReading]) -> list[ProbeReading]:
    """A reading without a dome tick is never the only core or the only skin probe (section 3)."""
    some_good = False
    for reading in readings:
        if reading.status is _GOOD:
            if reading.proven:
                return readings
            some_good = True
    if not some_good:
        return readings
    return [
        replace(reading, status=Status.OUT, why=Why.UNPROVEN, temp_c=None, age_s=None)
        if reading.status is _GOOD
        else reading
        for reading in readings
    ]
