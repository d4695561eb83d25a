"""An infrared dome: heating elements, lining with lid, air, humidity, fan, contactor.

The elements radiate to the lining and to the skin and warm the air; lining and lid store the heat
and pass it to the room; sweat wets the air until the leak or a cold lining takes the water away.
There is no active cooling: heat once stored in the dome reaches the patient whatever anyone does,
unless the lid is opened. Who may heat is not decided here but by the dome node.

All constants marked *fit* were chosen so that a session with the nominal adult looks as published;
`tests/thermod/sim/test_plant.py` holds them there.
"""

from dataclasses import dataclass
from typing import Protocol

from thermod.sim.body import LATENT_HEAT_J_PER_KG, saturated_kpa

AIR_J_PER_M3_K = 1130.0  # dry air at 40 °C: 1.12 kg/m3 of 1006 J/(kg K)
VAPOUR_KG_PER_M3_KPA = 0.0069  # ideal gas at 40 °C


@dataclass(frozen=True, slots=True)
class DomeSpec:
    """One dome: sizes and conductances. The defaults are the nominal 2 kW dome."""

    heater_w_max: float = 2000.0
    element_j_per_k: float = 2500.0  # fit: 3 kg of sheet elements, minutes to glow and to fade
    element_to_air_w_per_k: float = 6.0  # fit
    element_to_lining_w_per_k: float = 6.0  # fit
    element_to_skin_w_per_k: float = 0.5  # fit: direct view, a few percent of the power

    lining_j_per_k: float = 46_000.0  # fit: 30 kg of wood, foam, foil and mattress
    lining_to_room_w_per_k: float = 16.0  # fit: 4 m2 of thin insulation
    lining_to_air_w_per_k: float = 25.0  # 4 m2 at 6 W/(m2 K), fan running
    lining_condenses_w_per_kpa: float = 400.0  # Lewis relation on that conductance

    air_m3: float = 0.4  # between lining and patient
    air_j_per_k: float = 1500.0  # the air, foils and cloth that follow it within seconds
    leak_m3_per_s: float = 0.0009  # fit: 8 air changes an hour, past neck and seams
    still_air: float = 0.5  # heat transfer to air without the fan, relative to with it

    lid_open_m3_per_s: float = 0.02  # fit: three air changes a minute
    lid_view: float = 0.3  # fit: share of the patient's view that is then the room
    lid_open_lining_w_per_k: float = 5.0  # fit: what the bared lining loses to the room besides


class Occupant(Protocol):
    """What the dome feels of the body inside: the heat and the water it trades."""

    @property
    def skin_temp_c(self) -> float:
        """Mean skin under the dome."""

    from_air_w: float
    from_lining_w: float
    sweat_evaporated_w: float


class Dome:
    """One dome's state. `step` is explicit, but implicit in the fast exchange with the room."""

    __slots__ = (
        "air_temp_c",
        "contactor_closed",
        "element_temp_c",
        "fan_running",
        "heater_gain",
        "heater_to_skin_w",
        "heater_w",
        "lid_open",
        "lining_temp_c",
        "radiant_temp_c",
        "room_temp_c",
        "room_vapour_kpa",
        "spec",
        "stirring",
        "vapour_kpa",
    )

    def __init__(
        self, spec: DomeSpec, room_temp_c: float = 24.0, room_vapour_kpa: float = 1.3
    ) -> None:
        self.spec = spec
        self.room_temp_c = room_temp_c
        self.room_vapour_kpa = self.vapour_kpa = room_vapour_kpa
        self.air_temp_c = self.lining_temp_c = self.element_temp_c = room_temp_c
        self.radiant_temp_c = room_temp_c
        self.heater_w = self.heater_to_skin_w = 0.0
        self.stirring = 1.0
        self.heater_gain = 1.0  # a weak heater or mains voltage off its rating: 0.65-1.3
        self.contactor_closed = True
        self.fan_running = True
        self.lid_open = False

    def step(self, wanted_w: float, occupant: Occupant, dt_s: float) -> None:
        """Advance by `dt_s` with `wanted_w` at the heater's terminals.

        `heater_w` then holds the electrical power that truly flowed. Raises ValueError for a power
        that is negative or not a number: that is a fault of the caller, not of a dome.
        """
        if not wanted_w >= 0.0:
            raise ValueError(f"heater power {wanted_w} W is not a power; give 0 or more")
        spec = self.spec
        given_w = wanted_w if wanted_w < spec.heater_w_max else spec.heater_w_max
        self.heater_w = given_w * self.heater_gain if self.contactor_closed else 0.0
        self.stirring = 1.0 if self.fan_running else spec.still_air

        condensed_w = self._condensed_w()
        to_air_w = self._step_solids(condensed_w, occupant, dt_s)
        lid_m3_per_s = spec.lid_open_m3_per_s if self.lid_open else spec.leak_m3_per_s
        self._step_air(to_air_w - occupant.from_air_w, lid_m3_per_s, dt_s)
        self._step_vapour(occupant.sweat_evaporated_w - condensed_w, lid_m3_per_s, dt_s)
        self._set_radiation(occupant.skin_temp_c)

    def _condensed_w(self) -> float:
        """Water that settles on the lining, as heat; it drains off and does not come back."""
        surplus_kpa = self.vapour_kpa - saturated_kpa(self.lining_temp_c)
        return self.spec.lining_condenses_w_per_kpa * surplus_kpa if surplus_kpa > 0.0 else 0.0

    def _step_solids(self, condensed_w: float, occupant: Occupant, dt_s: float) -> float:
        """Advance elements and lining; returns the heat that they gave to the air."""
        spec, air_c = self.spec, self.air_temp_c
        element_c, lining_c = self.element_temp_c, self.lining_temp_c
        element_to_air_w = spec.element_to_air_w_per_k * self.stirring * (element_c - air_c)
        element_to_lining_w = spec.element_to_lining_w_per_k * (element_c - lining_c)
        lining_to_air_w = spec.lining_to_air_w_per_k * self.stirring * (lining_c - air_c)
        to_room_w_per_k, to_body_w = spec.lining_to_room_w_per_k, occupant.from_lining_w
        if self.lid_open:  # the rest of what the body radiates goes straight to the room
            to_room_w_per_k += spec.lid_open_lining_w_per_k
            to_body_w *= 1.0 - spec.lid_view
        element_w = self.heater_w - element_to_air_w - element_to_lining_w - self.heater_to_skin_w
        lining_w = element_to_lining_w + condensed_w - lining_to_air_w - to_body_w
        lining_w -= to_room_w_per_k * (lining_c - self.room_temp_c)
        self.element_temp_c += element_w * dt_s / spec.element_j_per_k
        self.lining_temp_c += lining_w * dt_s / spec.lining_j_per_k
        return element_to_air_w + lining_to_air_w

    def _step_air(self, gained_w: float, exchange_m3_per_s: float, dt_s: float) -> None:
        k_per_w = dt_s / self.spec.air_j_per_k
        to_room_w_per_k = exchange_m3_per_s * AIR_J_PER_M3_K
        warmed_c = self.air_temp_c + k_per_w * (gained_w + to_room_w_per_k * self.room_temp_c)
        self.air_temp_c = warmed_c / (1.0 + k_per_w * to_room_w_per_k)

    def _step_vapour(self, gained_w: float, exchange_m3_per_s: float, dt_s: float) -> None:
        kpa_per_kg = 1.0 / (VAPOUR_KG_PER_M3_KPA * self.spec.air_m3)
        changes = exchange_m3_per_s * dt_s / self.spec.air_m3
        gained_kpa = gained_w / LATENT_HEAT_J_PER_KG * dt_s * kpa_per_kg
        wetter_kpa = self.vapour_kpa + gained_kpa + changes * self.room_vapour_kpa
        self.vapour_kpa = wetter_kpa / (1.0 + changes)

    def _set_radiation(self, skin_temp_c: float) -> None:
        spec = self.spec
        to_skin_w_per_k, radiant_c = spec.element_to_skin_w_per_k, self.lining_temp_c
        if self.lid_open:  # most elements sit in the lid, which now looks away
            to_skin_w_per_k *= 1.0 - spec.lid_view
            radiant_c += spec.lid_view * (self.room_temp_c - radiant_c)
        self.heater_to_skin_w = to_skin_w_per_k * (self.element_temp_c - skin_temp_c)
        self.radiant_temp_c = radiant_c
