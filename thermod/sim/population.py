"""Who lies in which dome: seeded people, domes and probes. The same seed is the same case, on every
machine.

`nominal` are ordinary adults in domes of one make. `hard` are drawn the same way, and then two of
`CORNERS` are put on. Spreads marked *guess* have no source; they are wide on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from types import MappingProxyType
from typing import Literal

from thermod.sim.body import saturated_kpa
from thermod.sim.dome import DomeSpec
from thermod.sim.jos3_body import PersonSpec
from thermod.sim.plant import BIAS_SD_DELTA_C, PROBES

# Fit: tighter and heavier than the lumped body's, because JOS-3's people sweat more.
PATIENT_DOME = DomeSpec(leak_m3_per_s=0.00055, lining_j_per_k=55_000.0, lining_to_room_w_per_k=20.0)
CORNERS_EACH = 2


@dataclass(frozen=True, slots=True)
class Case:
    """One patient in one dome under one set of probes. The defaults are the nominal case."""

    person: PersonSpec = PersonSpec()
    dome: DomeSpec = PATIENT_DOME
    heater_gain: float = 1.0  # what flows over what is rated: mains, ageing
    room_temp_c: float = 24.0
    room_vapour_kpa: float = 1.3
    core_probe_lag_s: float = 20.0
    bias_delta_c: Mapping[str, float] = field(default_factory=dict)  # by probe
    corners: tuple[str, ...] = ()  # what is hard about it


def nominal(seed: int) -> Case:
    """An ordinary adult; seed 0 is exactly the defaults."""
    return Case() if seed == 0 else _drawn(Random(f"nominal/{seed}"))


def hard(seed: int) -> Case:
    """Drawn like an ordinary one, then made hard in two ways."""
    random = Random(f"hard/{seed}")
    case = _drawn(random)
    for way in random.sample(CORNERS, CORNERS_EACH):
        name = random.choice(sorted(way))
        case = way[name](case, random)
        case = replace(case, corners=(*case.corners, name))
    return case


POPULATIONS: Mapping[str, Callable[[int], Case]] = MappingProxyType(
    {"nominal": nominal, "hard": hard}
)


def _drawn(random: Random) -> Case:
    room_temp_c = _normal(random, 23.5, 1.5)
    return Case(
        person=_person(random),
        dome=replace(
            PATIENT_DOME,
            lining_j_per_k=PATIENT_DOME.lining_j_per_k * _factor(random, 0.10),
            lining_to_room_w_per_k=PATIENT_DOME.lining_to_room_w_per_k * _factor(random, 0.10),
            leak_m3_per_s=PATIENT_DOME.leak_m3_per_s * _factor(random, 0.20),
        ),
        heater_gain=_factor(random, 0.04),  # mains within 4 %, heaters within 5 % of their rating
        room_temp_c=room_temp_c,
        room_vapour_kpa=saturated_kpa(room_temp_c) * random.uniform(0.30, 0.60),
        core_probe_lag_s=random.uniform(10.0, 40.0),
        bias_delta_c={
            probe_id: _normal(random, 0.0, BIAS_SD_DELTA_C[spec.role])
            for probe_id, spec in PROBES.items()
        },
    )


def _person(random: Random) -> PersonSpec:
    usual = PersonSpec()
    sex: Literal["male", "female"] = random.choice(("male", "female"))
    age_years = random.randint(20, 72)
    # Adults in Europe: NCD Risk Factor Collaboration 2016, eLife 5:e13410.
    height_m = _normal(random, 1.77, 0.07) if sex == "male" else _normal(random, 1.64, 0.065)
    body_mass_index = _normal(random, 25.5, 3.5)
    # Deurenberg 1991, Br J Nutr 65:105: fat from body mass index, age and sex.
    fat_pct = 1.20 * body_mass_index + 0.23 * age_years - 10.8 * (sex == "male") - 5.4
    return PersonSpec(
        mass_kg=body_mass_index * height_m**2,
        height_m=height_m,
        fat_pct=fat_pct,
        age_years=age_years,
        sex=sex,
        rest_temp_c=_normal(random, 37.0, 0.20),  # guess: rectal, whatever the hour
        activity=random.uniform(1.0, 1.15),
        sweat_share=_factor(random, 0.20),  # guess
        rectal_perfusion=usual.rectal_perfusion * _factor(random, 0.20),  # guess
        exposed_share=usual.exposed_share * _factor(random, 0.08),  # guess
        cover_clo=usual.cover_clo * _factor(random, 0.25),  # guess
    )


Corner = Callable[[Case, Random], Case]


def _person_times(name: str, low: float, high: float) -> Corner:
    """A corner that scales one of the person's figures."""

    def put(case: Case, random: Random) -> Case:
        scaled = getattr(case.person, name) * random.uniform(low, high)
        return replace(case, person=replace(case.person, **{name: scaled}))

    return put


def _dome_times(name: str, low: float, high: float) -> Corner:
    """A corner that scales one of the dome's figures."""

    def put(case: Case, random: Random) -> Case:
        scaled = getattr(case.dome, name) * random.uniform(low, high)
        return replace(case, dome=replace(case.dome, **{name: scaled}))

    return put


def _heater(low: float, high: float) -> Corner:
    return lambda case, random: replace(case, heater_gain=random.uniform(low, high))


def _over_60(case: Case, random: Random) -> Case:
    return replace(case, person=replace(case.person, age_years=random.randint(62, 78)))


def _both_biased(case: Case, random: Random) -> Case:
    worst_c = random.choice((-2.0, 2.0)) * BIAS_SD_DELTA_C["core"]
    biased = {probe_id: worst_c for probe_id, spec in PROBES.items() if spec.role == "core"}
    return replace(case, bias_delta_c={**case.bias_delta_c, **biased})


# Each row is one way to be hard; of opposites only one can be.
CORNERS: Sequence[Mapping[str, Corner]] = (
    {"slow rectal perfusion": _person_times("rectal_perfusion", 0.50, 0.70)},
    {"over 60": _over_60},  # JOS-3: less blood, and half the sweat and skin blood flow
    {"hardly sweats": _person_times("sweat_share", 0.25, 0.45)},
    {
        "heavy dome": _dome_times("lining_j_per_k", 1.5, 2.0),
        "light dome": _dome_times("lining_j_per_k", 0.50, 0.65),
    },
    {
        "sealed dome": _dome_times("leak_m3_per_s", 0.2, 0.4),
        "leaky dome": _dome_times("leak_m3_per_s", 1.3, 1.6),
    },
    {"weak heater": _heater(0.65, 0.80), "strong heater": _heater(1.15, 1.30)},
    {"both probes biased": _both_biased},
)


def _normal(random: Random, mean: float, sd: float) -> float:
    """Cut off at two standard deviations: unusual, never odd."""
    return max(mean - 2.0 * sd, min(mean + 2.0 * sd, random.gauss(mean, sd)))


def _factor(random: Random, sd: float) -> float:
    return _normal(random, 1.0, sd)
