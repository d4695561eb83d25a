"""The plant plug-in, and ours: a body in a dome, looked at through probes.

`Plant` is the protocol that `thermod simulate --plant FILE.py:FACTORY` accepts. Whoever decides
looks at `readings()` only; whoever judges looks at `truth()` only. `factory` makes the cheap one
with a lumped body, for fault work and fast sessions; `patients.py` makes those with a detailed one.
Both are simulation; README.md and PATIENTS.md say what they leave out.
"""

from dataclasses import replace
from math import ceil
from random import Random
from typing import Protocol

from thermod.sim.body import BODY_STEP_S_MAX, Body, BodySpec
from thermod.sim.dome import Dome, DomeSpec, Occupant
from thermod.sim.probes import Probe, ProbeSpec, Role, Site


class Plant(Protocol):
    """Anything that can be heated and read."""

    @property
    def name(self) -> str:
        """For tables: which plant, which body."""

    @property
    def heater_w_max(self) -> float:
        """Rated heater power, 100 % duty."""

    @property
    def probes(self) -> dict[str, str]:
        """Probe id → role: `core`, `skin`, `air` or `room`."""

    def step(self, heater_w: float, dt_s: float) -> None:
        """Advance by `dt_s` (0.5-10 s) with `heater_w` at the heater's terminals."""

    def readings(self) -> dict[str, float | None]:
        """°C as each probe's electronics report it; None says nothing."""

    def truth(self) -> dict[str, float]:
        """`core_temp_c`, `skin_temp_c_max`, `air_temp_c`, `heater_w`: for the judge alone."""


PROBES: dict[str, ProbeSpec] = {
    "core-1": ProbeSpec("core", "rectal", lag_s=10.0, noise_sd_c=0.005, resolution_c=0.01),
    "core-2": ProbeSpec("core", "rectal", lag_s=10.0, noise_sd_c=0.005, resolution_c=0.01),
    "skin-1": ProbeSpec("skin", "skin-hottest", lag_s=15.0, noise_sd_c=0.02, resolution_c=0.01),
    "skin-2": ProbeSpec("skin", "skin-between", lag_s=15.0, noise_sd_c=0.02, resolution_c=0.01),
    "skin-3": ProbeSpec("skin", "skin-mean", lag_s=15.0, noise_sd_c=0.02, resolution_c=0.01),
    "air-1": ProbeSpec("air", "air", lag_s=10.0, noise_sd_c=0.05, resolution_c=0.1),
    "room-1": ProbeSpec("room", "room", lag_s=60.0, noise_sd_c=0.05, resolution_c=0.1),
}

BIAS_SD_DELTA_C: dict[Role, float] = {"core": 0.03, "skin": 0.05, "air": 0.15, "room": 0.15}


class Person(Occupant, Protocol):
    """Whoever lies in our dome, lumped or detailed."""

    @property
    def rectal_temp_c(self) -> float:
        """True temperature where the rectal probes lie."""

    hottest_skin_temp_c: float

    def step(self, climate: Dome, dt_s: float) -> None:
        """Advance by `dt_s`, at most `BODY_STEP_S_MAX`."""


class DomePlant:
    """A body in our dome. Same seed and same calls give bit-identical results.

    Fault work reaches the parts directly: `dome.heater_gain`, `dome.contactor_closed`,
    `dome.room_temp_c`, `probe(id).fail(...)`, and `probes.swap(probe(a), probe(b))`.
    """

    def __init__(
        self, name: str, body: Person, dome: Dome, specs: dict[str, ProbeSpec], seed: int
    ) -> None:
        self.name = name
        self.heater_w_max = dome.spec.heater_w_max
        self.probes: dict[str, str] = {probe_id: spec.role for probe_id, spec in specs.items()}
        self.body = body
        self.dome = dome
        temp_c_at = self._look()
        self._probe = {
            probe_id: Probe(spec, temp_c_at, Random(f"{seed}/{probe_id}"))
            for probe_id, spec in specs.items()
        }

    def step(self, heater_w: float, dt_s: float) -> None:
        """Advance body and dome by `dt_s`, then let every probe take one sample.

        Raises ValueError for a power or a time that is none. Longer times than the body can take
        at once are cut into equal parts.
        """
        if not 0.0 < dt_s <= 3600.0:
            raise ValueError(f"step of {dt_s} s; give more than 0 and at most 3600")
        parts = 1 if dt_s <= BODY_STEP_S_MAX else ceil(dt_s / BODY_STEP_S_MAX)
        body, dome, part_s = self.body, self.dome, dt_s / parts
        for _ in range(parts):
            body.step(dome, part_s)
            dome.step(heater_w, body, part_s)
        temp_c_at = self._look()
        for probe in self._probe.values():
            probe.sample(temp_c_at, dt_s)

    def readings(self) -> dict[str, float | None]:
        """The newest sample of each probe. Looking twice changes nothing."""
        return {probe_id: probe.reported_c for probe_id, probe in self._probe.items()}

    def truth(self) -> dict[str, float]:
        """Rectal temperature, hottest skin, dome air and power as they are, without any probe."""
        return {
            "core_temp_c": self.body.rectal_temp_c,
            "skin_temp_c_max": self.body.hottest_skin_temp_c,
            "air_temp_c": self.dome.air_temp_c,
            "heater_w": self.dome.heater_w,
        }

    def probe(self, probe_id: str) -> Probe:
        """One probe, to put a fault on or to read its sequence number. Raises ValueError."""
        probe = self._probe.get(probe_id)
        if probe is None:
            raise ValueError(f"no probe {probe_id!r}; this plant has {', '.join(self._probe)}")
        return probe

    @property
    def lid_open(self) -> bool:
        """An open lid lets the warm air out and turns the heaters away from the patient."""
        return self.dome.lid_open

    @lid_open.setter
    def lid_open(self, is_open: bool) -> None:
        self.dome.lid_open = is_open

    @property
    def fan_running(self) -> bool:
        """Without the fan, air takes and gives half the heat."""
        return self.dome.fan_running

    @fan_running.setter
    def fan_running(self, is_running: bool) -> None:
        self.dome.fan_running = is_running

    def _look(self) -> dict[Site, float]:
        """The temperature of every site where a probe can lie."""
        body, dome = self.body, self.dome
        return {
            "rectal": body.rectal_temp_c,
            "skin-hottest": body.hottest_skin_temp_c,
            "skin-between": 0.5 * (body.hottest_skin_temp_c + body.skin_temp_c),
            "skin-mean": body.skin_temp_c,
            "air": dome.air_temp_c,
            "room": dome.room_temp_c,
        }


def factory(seed: int) -> DomePlant:
    """Seed 0 is exactly nominal; any other seed is a person, a dome and probes a little off it."""
    body_spec, dome_spec, probe_specs, rest_temp_c = BodySpec(), DomeSpec(), PROBES, 37.0
    if seed != 0:
        random = Random(seed)
        rest_temp_c += _spread(random, 0.12)
        body_spec = _some_body(random, rest_temp_c)
        dome_spec = _some_dome(random)
        probe_specs = {
            probe_id: replace(spec, bias_delta_c=_spread(random, BIAS_SD_DELTA_C[spec.role]))
            for probe_id, spec in PROBES.items()
        }
    body = Body(body_spec, core_temp_c=rest_temp_c)
    return DomePlant(f"lumped-{seed}", body, Dome(dome_spec), probe_specs, seed)


def _some_body(random: Random, rest_temp_c: float) -> BodySpec:
    nominal = BodySpec()
    mass_factor = 1.0 + _spread(random, 0.10)
    return replace(
        nominal,
        mass_kg=nominal.mass_kg * mass_factor,
        surface_m2=nominal.surface_m2 * mass_factor**0.425,  # Du Bois, same height
        core_set_c=rest_temp_c,
        head_dry_w_per_k=nominal.head_dry_w_per_k * (1.0 + _spread(random, 0.10)),
    )


def _some_dome(random: Random) -> DomeSpec:
    nominal = DomeSpec()
    return replace(
        nominal,
        lining_to_room_w_per_k=nominal.lining_to_room_w_per_k * (1.0 + _spread(random, 0.10)),
        leak_m3_per_s=nominal.leak_m3_per_s * (1.0 + _spread(random, 0.10)),
    )


def _spread(random: Random, sd: float) -> float:
    """Normal about zero, cut off at two standard deviations: a little off, never odd."""
    return max(-2.0 * sd, min(2.0 * sd, random.gauss(0.0, sd)))
