"""A cheap lumped human under the dome: blood and core, skin, hottest skin site, rectal site.

The body is Gagge's two-node man with two sites read off it. Heat enters through the skin that the
dome sees, blood carries it to the core, and it leaves again by breath, by the head (which lies
outside) and by whatever sweat the humid dome still lets evaporate.

Sources, by the short names used below:
- Gagge: Gagge, Fobelets, Berglund 1986, ASHRAE Transactions 92(2B), the two-node model
- ASHRAE: Handbook of Fundamentals, chapter on thermal comfort
- ISO 7933: predicted heat strain; ISO 8996: metabolic rate
- fit: chosen so that a session looks as published; `tests/thermod/sim/test_plant.py` holds it there
"""

from dataclasses import dataclass
from math import exp
from typing import Protocol

LATENT_HEAT_J_PER_KG = 2.43e6  # of water at skin temperature
BODY_STEP_S_MAX = 10.0  # explicit steps stay stable and within 0.02 °C up to here


@dataclass(frozen=True, slots=True)
class BodySpec:
    """One person: sizes, set points and gains. The defaults are the nominal adult."""

    mass_kg: float = 72.0
    surface_m2: float = 1.87  # Du Bois: 72 kg and 1.75 m
    heat_j_per_kg_k: float = 3492.0  # Gagge: 0.97 Wh/(kg K)
    skin_mass_share: float = 0.12  # Gagge: 0.04 flushed to 0.2 constricted; held constant here

    metabolic_w_per_m2: float = 46.0  # ISO 8996: lying at rest
    metabolic_per_k: float = 0.07  # doubles in 10 K; kept linear, so that no fault runs away
    breath_share: float = 0.092  # ASHRAE: of metabolic heat, into a room of 24 °C and 1.3 kPa

    exposed_share: float = 0.33  # fit: skin that the dome sees; the rest lies on or under cloth
    convective_w_per_m2_k: float = 4.0  # ASHRAE: lying, in air slower than 0.2 m/s
    radiative_w_per_m2_k: float = 4.7  # ASHRAE
    lewis_k_per_kpa: float = 16.5  # ASHRAE: evaporative over convective coefficient
    head_dry_w_per_k: float = 1.1  # fit: 0.13 m2 of head at 8 W/(m2 K)
    head_evaporation_w_max: float = 40.0  # 0.13 m2 of wet head in that room
    head_sweat_share: float = 0.10  # of all sweat, near the head's share of the surface

    core_set_c: float = 37.0  # Gagge has 36.8 for blood; here the rectal temperature at rest
    skin_set_c: float = 33.7  # Gagge
    tissue_w_per_m2_k: float = 5.28  # Gagge: core to skin without blood flow
    blood_wh_per_l_k: float = 1.163  # Gagge: heat that a litre of blood carries
    skin_flow_l_per_h_m2: float = 6.3  # Gagge: at rest
    skin_flow_l_per_h_m2_max: float = 90.0  # Gagge
    dilation_l_per_h_m2_k: float = 120.0  # ASHRAE: per kelvin of core above its set point
    constriction_per_k: float = 0.5  # Gagge: per kelvin of skin below its set point
    sweat_kg_per_h_m2_k: float = 0.170  # Gagge: per kelvin of body above its set point
    sweat_kg_per_h_m2_max: float = 0.50  # Gagge
    sweat_skin_scale_k: float = 10.7  # Gagge: warm skin multiplies sweat by e per this many kelvin
    wetness_min: float = 0.06  # Gagge: moisture that diffuses through dry skin

    rectal_lag_s: float = 276.0  # ISO 7933: 4.6 min behind the core
    hottest_lag_s: float = 90.0  # fit: a patch of skin follows what falls on it
    hottest_k_per_w: float = 0.008  # fit: hottest site above mean skin, per watt into the skin


class Climate(Protocol):
    """What a body feels: the inside of the dome, and the room around the head."""

    air_temp_c: float
    radiant_temp_c: float
    vapour_kpa: float
    stirring: float  # heat transfer to air, relative to a running fan
    heater_to_skin_w: float  # radiation straight from the heating elements
    room_temp_c: float


class Body:
    """One person's state. `step` is explicit Euler: at most `BODY_STEP_S_MAX` at a time."""

    __slots__ = (
        "core_temp_c",
        "from_air_w",
        "from_lining_w",
        "hottest_skin_temp_c",
        "rectal_temp_c",
        "skin_temp_c",
        "spec",
        "sweat_evaporated_w",
    )

    def __init__(
        self, spec: BodySpec, core_temp_c: float = 37.0, skin_temp_c: float = 33.5
    ) -> None:
        self.spec = spec
        self.core_temp_c = self.rectal_temp_c = core_temp_c
        self.skin_temp_c = self.hottest_skin_temp_c = skin_temp_c
        self.from_air_w = self.from_lining_w = self.sweat_evaporated_w = 0.0

    def step(self, climate: Climate, dt_s: float) -> None:
        """Advance by `dt_s`. The `…_w` fields then say what the body drew from the dome."""
        spec, core_c, skin_c = self.spec, self.core_temp_c, self.skin_temp_c
        heat_j_per_k = spec.mass_kg * spec.heat_j_per_kg_k
        skin_j_per_k = heat_j_per_k * spec.skin_mass_share

        sweat_w = self._sweat_w()
        dry_w = self._dry_w(climate)
        evaporated_w = self.sweat_evaporated_w = self._evaporated_w(climate, sweat_w)
        kept_w = self._metabolic_w() * (1.0 - spec.breath_share)
        head_sweat_w = sweat_w * spec.head_sweat_share
        if head_sweat_w > spec.head_evaporation_w_max:
            head_sweat_w = spec.head_evaporation_w_max
        head_w = spec.head_dry_w_per_k * (core_c - climate.room_temp_c) + head_sweat_w
        to_skin_w = self._core_to_skin_w_per_k() * (core_c - skin_c)

        core_c += (kept_w - head_w - to_skin_w) * dt_s / (heat_j_per_k - skin_j_per_k)
        skin_c += (to_skin_w + dry_w - evaporated_w) * dt_s / skin_j_per_k
        hottest_c = skin_c + spec.hottest_k_per_w * (dry_w if dry_w > 0.0 else 0.0)
        self.core_temp_c = core_c
        self.skin_temp_c = skin_c
        self.rectal_temp_c += (core_c - self.rectal_temp_c) * dt_s / (spec.rectal_lag_s + dt_s)
        self.hottest_skin_temp_c += (
            (hottest_c - self.hottest_skin_temp_c) * dt_s / (spec.hottest_lag_s + dt_s)
        )

    def _dry_w(self, climate: Climate) -> float:
        """Heat into the skin from air, lining and heating elements; negative when it cools."""
        spec = self.spec
        seen_m2 = spec.surface_m2 * spec.exposed_share
        self.from_air_w = (
            spec.convective_w_per_m2_k
            * climate.stirring
            * seen_m2
            * (climate.air_temp_c - self.skin_temp_c)
        )
        self.from_lining_w = (
            spec.radiative_w_per_m2_k * seen_m2 * (climate.radiant_temp_c - self.skin_temp_c)
        )
        return self.from_air_w + self.from_lining_w + climate.heater_to_skin_w

    def _evaporated_w(self, climate: Climate, sweat_w: float) -> float:
        """What evaporates of the sweat: wet air takes less, saturated air nothing."""
        spec = self.spec
        soaked_w = (
            spec.lewis_k_per_kpa
            * spec.convective_w_per_m2_k
            * climate.stirring
            * spec.surface_m2
            * spec.exposed_share
            * (saturated_kpa(self.skin_temp_c) - climate.vapour_kpa)
        )
        if soaked_w <= 0.0:
            return 0.0
        evaporated_w, least_w = sweat_w * spec.exposed_share, spec.wetness_min * soaked_w
        if evaporated_w < least_w:
            evaporated_w = least_w
        return evaporated_w if evaporated_w < soaked_w else soaked_w

    def _metabolic_w(self) -> float:
        spec = self.spec
        warm_k = self.core_temp_c - spec.core_set_c
        return spec.metabolic_w_per_m2 * spec.surface_m2 * (1.0 + spec.metabolic_per_k * warm_k)

    def _core_to_skin_w_per_k(self) -> float:
        """Tissue plus blood: warm core opens the skin vessels, cold skin closes them."""
        spec = self.spec
        warm_k = self.core_temp_c - spec.core_set_c
        cold_k = spec.skin_set_c - self.skin_temp_c
        flow_l_per_h_m2 = spec.skin_flow_l_per_h_m2
        if warm_k > 0.0:
            flow_l_per_h_m2 += spec.dilation_l_per_h_m2_k * warm_k
        if cold_k > 0.0:
            flow_l_per_h_m2 /= 1.0 + spec.constriction_per_k * cold_k
        if flow_l_per_h_m2 > spec.skin_flow_l_per_h_m2_max:
            flow_l_per_h_m2 = spec.skin_flow_l_per_h_m2_max
        return spec.surface_m2 * (spec.tissue_w_per_m2_k + spec.blood_wh_per_l_k * flow_l_per_h_m2)

    def _sweat_w(self) -> float:
        """Heat that all sweat would carry off if all of it evaporated."""
        spec = self.spec
        share = spec.skin_mass_share
        skin_warm_k = self.skin_temp_c - spec.skin_set_c
        body_warm_k = share * skin_warm_k + (1.0 - share) * (self.core_temp_c - spec.core_set_c)
        if not body_warm_k > 0.0:
            return 0.0
        sweat_kg_per_h_m2 = (
            spec.sweat_kg_per_h_m2_k * body_warm_k * exp(skin_warm_k / spec.sweat_skin_scale_k)
        )
        if sweat_kg_per_h_m2 > spec.sweat_kg_per_h_m2_max:
            sweat_kg_per_h_m2 = spec.sweat_kg_per_h_m2_max
        return sweat_kg_per_h_m2 * spec.surface_m2 * LATENT_HEAT_J_PER_KG / 3600.0


def saturated_kpa(temp_c: float) -> float:
    """Vapour pressure over water by Antoine's equation, as in ASHRAE; meant for 0-100 °C."""
    return exp(16.6536 - 4030.183 / (temp_c + 235.0))
