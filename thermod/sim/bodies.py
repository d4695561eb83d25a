"""Which bodies a run simulates: ours or somebody else's, with fewer probes or something wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import fmean
from types import MappingProxyType

from thermod.errors import ThermodError
from thermod.sim.disturbances import DISTURBANCES, Disturbed
from thermod.sim.foreign import Factory, load_plant, made
from thermod.sim.plant import Plant

POPULATIONS: Mapping[str, str] = MappingProxyType(
    {
        "lumped": "nearly the same adult each time, quickly",
        "nominal": "ordinary adults, JOS-3",
        "hard": "the same, each made hard in two ways",
    }
)


@dataclass(frozen=True, slots=True)
class Bodies:
    """What to make a plant of, once for each seed."""

    population: str = "lumped"
    plant: str | None = None  # FILE.py:FACTORY; goes before the population
    disturbance: str | None = None
    core_probes: int = 2  # at most

    @property
    def title(self) -> str:
        """For the record of a run."""
        return self.plant or self.population

    def check(self) -> None:
        """Raises ThermodError for anything that is not there."""
        _choose("population", self.population, POPULATIONS)
        if self.disturbance is not None:
            _choose("disturbance", self.disturbance, DISTURBANCES)
        self._factory()

    def made(self, seed: int) -> Plant:
        """The body with this seed. Raises ThermodError for a plant that cannot be used."""
        plant = made(self._factory(), seed, self.plant)
        if list(plant.probes.values()).count("core") > self.core_probes:
            plant = FewerCoreProbes(plant, self.core_probes)
        return plant if self.disturbance is None else Disturbed(plant, self.disturbance, seed)

    def bias_of(self, plant: Plant) -> Callable[[], float | None] | None:
        """How the judge learns what the probes' bias was; None where something is wrong besides."""
        return None if self.disturbance else lambda: _core_bias_c(plant)

    def _factory(self) -> Factory:
        if self.plant is not None or self.population == "lumped":
            return load_plant(self.plant)
        if find_spec("jos3") is None:
            raise ThermodError(
                "the detailed patients need the package jos3",
                where=f"--population {self.population}",
                do="Install thermod[sim], or take --population lumped.",
            )
        from thermod.sim import patients

        return patients.hard if self.population == "hard" else patients.nominal


def _core_bias_c(plant: Plant) -> float | None:
    """By how much the core probes read high on average; noise and lag fade in a hold."""
    said = plant.readings()
    core = (said.get(probe_id) for probe_id, role in plant.probes.items() if role == "core")
    known = [temp_c for temp_c in core if temp_c is not None]
    return fmean(known) - plant.truth()["core_temp_c"] if known else None


class FewerCoreProbes:
    """A plant of which only the first core probes are connected."""

    def __init__(self, plant: Plant, core_probes: int) -> None:
        self._plant = plant
        core = [probe_id for probe_id, role in plant.probes.items() if role == "core"]
        self._left_out = frozenset(core[core_probes:])
        self.name = plant.name
        self.heater_w_max = plant.heater_w_max
        self.probes = {
            probe_id: role
            for probe_id, role in plant.probes.items()
            if probe_id not in self._left_out
        }

    def step(self, heater_w: float, dt_s: float) -> None:
        """Let time pass."""
        self._plant.step(heater_w, dt_s)

    def readings(self) -> dict[str, float | None]:
        """Of the probes that are left."""
        said = self._plant.readings()
        return {probe_id: said.get(probe_id) for probe_id in self.probes}

    def truth(self) -> dict[str, float]:
        """As it is."""
        return self._plant.truth()

    @property
    def lid_open(self) -> bool:
        """The plant's own."""
        return bool(getattr(self._plant, "lid_open", False))

    @lid_open.setter
    def lid_open(self, is_open: bool) -> None:
        if hasattr(self._plant, "lid_open"):
            self._plant.lid_open = is_open


def _choose(what: str, name: str, there_are: Mapping[str, object]) -> None:
    if name not in there_are:
        raise ThermodError(
            f"there is no {what} {name!r}",
            where=f"--{what}",
            do=f"Choose one of: {', '.join(there_are)}.",
        )
