"""A detailed human under the dome: JOS-3, 17 body parts and 85 nodes, with what wet air needs.

The model is that of Takahashi et al. 2021 (Energy and Buildings 231:110575) as the package `jos3`
computes it: sizes, set points, blood flows, sweat, heat capacities. This file writes the balance
down anew, because a person in a dome differs from JOS-3's person in a room:

- head and neck lie outside; only a share of the other skin sees the dome
- in air wetter than the skin nothing evaporates. There JOS-3's wettedness turns negative: without
  sweat its skin is heated, and with sweat all of it leaves into air that takes none. Here that
  water runs off, and the air's own condenses on the dome's lining
- how much a person sweats and how well blood reaches the rectal site differ between people
- nobody shivers here: JOS-3's two terms for cold are left out

In a warm room, all of the body in the same air and nothing covered, it is JOS-3 to the last digits:
`tests/thermod/sim/test_jos3_body.py` holds it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import jos3
import numpy as np
from jos3 import construction, matrix
from jos3 import thermoregulation as regulation
from numpy.typing import NDArray

from thermod.sim.body import Climate
from thermod.sim.jos3_blood import NODES, PARTS, Blood, Flows

Array = NDArray[np.float64]

STEP_S = 5.0  # the balance is solved this often; PATIENTS.md says what that costs in accuracy
CORE, SKIN = np.array(matrix.INDEX["core"]), np.array(matrix.INDEX["skin"])
CHEST, PELVIS = matrix.BODY_NAMES.index("Chest"), matrix.BODY_NAMES.index("Pelvis")
OUTSIDE = 2  # head and neck come first
STILL_M_PER_S = np.full(PARTS, 0.1)  # below 0.2 JOS-3 takes natural convection
DRY_PCT = np.zeros(PARTS)
THIRSTY = np.full(PARTS, 1e-6)  # resistance of air that takes all water: shows what glands give
DIFFUSED = 0.06  # Gagge, as in JOS-3: wettedness of skin that does not sweat


@dataclass(frozen=True, slots=True)
class PersonSpec:
    """One person and how they lie. The defaults are the nominal adult.

    *fit*: chosen so that a session looks as published; `tests/thermod/sim/test_patients.py` holds
    it there.
    """

    mass_kg: float = 74.43  # JOS-3's standard body
    height_m: float = 1.72
    fat_pct: float = 20.0
    age_years: int = 40
    sex: Literal["male", "female"] = "male"
    rest_temp_c: float = 37.0  # rectal at rest; the set points lie accordingly
    activity: float = 1.0  # metabolic over basal rate: lying awake
    sweat_share: float = 1.0  # of what JOS-3's glands give
    rectal_perfusion: float = 0.85  # fit: blood to the pelvic core, over JOS-3's
    exposed_share: float = 0.47  # fit: skin that the dome sees; the rest lies on or under cloth
    cover_clo: float = 0.25  # fit: a towel over what the dome sees
    hottest_lag_s: float = 90.0  # as the lumped body
    hottest_k_m2_per_w: float = 0.005  # as the lumped body: hottest site above its part's skin


class DomeClimate(Climate, Protocol):
    """What a detailed body feels besides: the humidity of the air that it breathes."""

    room_vapour_kpa: float


class Around(NamedTuple):
    """What each part's skin meets during one step."""

    air_c: Array
    lining_c: Array
    air_w_per_k: Array
    lining_w_per_k: Array
    elements_w: Array
    evaporated_w: Array


class Jos3Body:
    """One person's state. Call `step` as often as you like; it solves every `STEP_S`."""

    def __init__(self, spec: PersonSpec) -> None:
        person = jos3.JOS3(spec.height_m, spec.mass_kg, spec.fat_pct, spec.age_years, spec.sex)
        size = self._size = (spec.height_m, spec.mass_kg, "dubois", spec.age_years)
        above_c = spec.rest_temp_c - person.Tcr[PELVIS]
        self.spec = spec
        self._temp_c: Array = person.bodytemp + above_c
        self._core_set_c: Array = person.setpt_cr + above_c
        self._skin_set_c: Array = person.setpt_sk + above_c
        self._heat_j_per_k: Array = construction.capacity(*size)
        self._surface_m2: Array = person.BSA
        self._seen_m2 = self._surface_m2 * _parts(1.0, spec.exposed_share)
        self._cover_clo = _parts(0.0, spec.cover_clo)
        self._radiative: Array = regulation.fixed_hr(regulation.rad_coef("lying"))
        self._made_w, basal = _at_rest(spec, size)
        tissue_w_per_k = construction.conductance(*size[:3], spec.fat_pct)
        self._blood = Blood(tissue_w_per_k, basal)

        self._owed_s = 0.0
        self.from_air_w = self.from_lining_w = self.sweat_evaporated_w = 0.0
        self.hottest_skin_temp_c = float(self._temp_c[SKIN][OUTSIDE:].max())
        self._read()

    def step(self, climate: DomeClimate, dt_s: float) -> None:
        """Advance by `dt_s`. The `…_w` fields say what the body drew from the dome when last
        solved.
        """
        self._owed_s += dt_s
        if self._owed_s >= STEP_S:
            self._solve(climate, self._owed_s)
            self._owed_s = 0.0

    def _solve(self, climate: DomeClimate, dt_s: float) -> None:
        """One implicit step of all nodes; vessels and glands act on the state before it."""
        core_above_c = self._temp_c[CORE] - self._core_set_c
        skin_above_c = self._temp_c[SKIN] - self._skin_set_c
        around = self._around(climate, core_above_c, skin_above_c)
        skin_flow = regulation.skin_bloodflow(core_above_c, skin_above_c, *self._size)
        shunts = regulation.ava_bloodflow(core_above_c, skin_above_c, *self._size)

        gained_w = self._made_w.copy()
        gained_w[CORE[CHEST]] -= self._breath_w(climate)
        gained_w[SKIN] += around.elements_w - around.evaporated_w
        gained_w[SKIN] += around.air_w_per_k * around.air_c
        gained_w[SKIN] += around.lining_w_per_k * around.lining_c
        balance_w_per_k = -self._blood.exchange_w_per_k(skin_flow, *shunts)
        diagonal = balance_w_per_k.reshape(-1)[:: NODES + 1]
        diagonal -= balance_w_per_k.sum(axis=1)
        diagonal[SKIN] += around.air_w_per_k + around.lining_w_per_k
        inertia_w_per_k = self._heat_j_per_k / dt_s
        diagonal += inertia_w_per_k
        gained_w += inertia_w_per_k * self._temp_c
        self._temp_c = np.asarray(np.linalg.solve(balance_w_per_k, gained_w), np.float64)
        self._tell(around, dt_s)

    def _around(self, climate: DomeClimate, core_above_c: Array, skin_above_c: Array) -> Around:
        """Coefficients as JOS-3 has them for somebody lying in still air."""
        skin_c = self._temp_c[SKIN]
        air_c = _parts(climate.room_temp_c, climate.air_temp_c)
        convective = regulation.conv_coef("lying", STILL_M_PER_S, air_c, skin_c)
        convective = regulation.fixed_hc(convective, STILL_M_PER_S)
        convective[OUTSIDE:] *= climate.stirring

        both = convective + self._radiative
        dry_w_per_k = self._seen_m2 / regulation.dry_r(convective, self._radiative, self._cover_clo)
        vapour_kpa = _parts(climate.room_vapour_kpa, climate.vapour_kpa)
        soaked_w = self._seen_m2 / regulation.wet_r(convective, self._cover_clo)
        soaked_w *= regulation.antoine(skin_c) - vapour_kpa
        return Around(
            air_c,
            _parts(climate.room_temp_c, climate.radiant_temp_c),
            dry_w_per_k * convective / both,
            dry_w_per_k * self._radiative / both,
            self._seen_m2 * _parts(0.0, climate.heater_to_skin_w / self._seen_m2[OUTSIDE:].sum()),
            self._evaporated_w(np.maximum(soaked_w, 0.0), core_above_c, skin_above_c),
        )

    def _evaporated_w(self, soaked_w: Array, core_above_c: Array, skin_above_c: Array) -> Array:
        """What evaporates on each part: `soaked_w` at most, which is what the air takes from wet
        skin, and never negative.
        """
        skin_c = self._temp_c[SKIN]
        *_, sweat_w = regulation.evaporation(
            core_above_c, skin_above_c, skin_c, skin_c, DRY_PCT, THIRSTY, *self._size
        )
        sweat_w *= self.spec.sweat_share * self._seen_m2 / self._surface_m2
        evaporated_w: Array = DIFFUSED * soaked_w + (1.0 - DIFFUSED) * sweat_w
        return np.minimum(evaporated_w, soaked_w)

    def _breath_w(self, climate: DomeClimate) -> float:
        dry_w, wet_w = regulation.resp_heatloss(
            climate.room_temp_c, climate.room_vapour_kpa, self._made_w.sum()
        )
        return float(dry_w + wet_w)

    def _tell(self, around: Around, dt_s: float) -> None:
        """What the dome and the judge want to know of the step just solved."""
        skin_c, inside = self._temp_c[SKIN], slice(OUTSIDE, None)
        from_air_w = around.air_w_per_k * (around.air_c - skin_c)
        from_lining_w = around.lining_w_per_k * (around.lining_c - skin_c)
        self.from_air_w = float(from_air_w[inside].sum())
        self.from_lining_w = float(from_lining_w[inside].sum())
        self.sweat_evaporated_w = float(around.evaporated_w[inside].sum())
        falls_w_per_m2 = (from_air_w + from_lining_w + around.elements_w) / self._seen_m2
        sites_c = skin_c + self.spec.hottest_k_m2_per_w * np.maximum(falls_w_per_m2, 0.0)
        hottest_c = float(sites_c[inside].max())
        share = dt_s / (self.spec.hottest_lag_s + dt_s)
        self.hottest_skin_temp_c += share * (hottest_c - self.hottest_skin_temp_c)
        self._read()

    def _read(self) -> None:
        inside_m2 = self._surface_m2[OUTSIDE:]
        # The pelvic core, where a rectal probe lies; central blood, about what an oesophageal probe
        # reads; and the mean of the skin under the dome.
        self.rectal_temp_c = float(self._temp_c[CORE[PELVIS]])
        self.core_temp_c = float(self._temp_c[0])
        self.skin_temp_c = float(self._temp_c[SKIN][OUTSIDE:] @ inside_m2 / inside_m2.sum())


def _at_rest(spec: PersonSpec, size: tuple[float, float, str, int]) -> tuple[Array, Flows]:
    """Heat made in each node, W, and the blood that core, muscle and fat then get."""
    none = np.zeros(PARTS)
    basal_w = regulation.local_mbase(spec.height_m, spec.mass_kg, spec.age_years, spec.sex)
    work_w = regulation.local_mwork(sum(layer_w.sum() for layer_w in basal_w), spec.activity)
    layers_w = regulation.sum_m(basal_w, work_w, none, none)
    made_w = np.zeros(NODES)
    for layer, layer_w in zip(("core", "muscle", "fat", "skin"), layers_w, strict=True):
        made_w[matrix.INDEX[layer]] += layer_w[matrix.VINDEX[layer]]
    core, muscle, fat = regulation.crmsfat_bloodflow(work_w, none, *size)
    # Blood follows need: the pelvic core makes as much less heat as it gets less blood, or it would
    # rest far above the blood. The trunk makes up for it.
    core[PELVIS] *= spec.rectal_perfusion
    spared_w = made_w[CORE[PELVIS]] * (1.0 - spec.rectal_perfusion)
    made_w[CORE[PELVIS]] -= spared_w
    made_w[CORE[CHEST]] += spared_w
    return made_w, Flows(core, muscle, fat)


def _parts(outside: float, inside: float) -> Array:
    """One value for head and neck, another for every part under the dome."""
    values = np.full(PARTS, inside)
    values[:OUTSIDE] = outside
    return values
