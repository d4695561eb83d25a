"""Somebody else's plant: loaded from a file, looked over, and watched while it runs.

Whatever it does wrong becomes an error that says what, where and with which seed; it never looks
like a fault of ours.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from math import isfinite
from pathlib import Path

from sensors.picture import CORE_PROBES_MAX
from thermod.errors import ThermodError
from thermod.sim.plant import Plant
from thermod.sim.plant import factory as lumped

Factory = Callable[[int], Plant]
TRUTHS = ("core_temp_c", "skin_temp_c_max", "air_temp_c", "heater_w")


class Watched:
    """A foreign plant behind a fence. What it raises or says wrongly leaves as a ThermodError."""

    def __init__(self, plant: Plant, where: str) -> None:
        self._plant = plant
        self._where = where
        self.name = str(plant.name)
        self.heater_w_max = float(plant.heater_w_max)
        self.probes = dict(plant.probes)

    def step(self, heater_w: float, dt_s: float) -> None:
        """Let time pass."""
        try:
            self._plant.step(heater_w, dt_s)
        except Exception as error:
            raise self._failed("step()", error) from error

    def readings(self) -> dict[str, float | None]:
        """What its probes report. A NaN is a reading like any other: control must cope."""
        try:
            return {
                probe_id: None if temp_c is None else float(temp_c)
                for probe_id, temp_c in self._plant.readings().items()
                if probe_id in self.probes
            }
        except Exception as error:
            raise self._failed("readings()", error) from error

    def truth(self) -> dict[str, float]:
        """What is truly so, for the judge: it must be finite."""
        try:
            found = self._plant.truth()
            truth = {name: float(found[name]) for name in TRUTHS}
        except Exception as error:
            raise self._failed("truth()", error) from error
        for name, value in truth.items():
            if not isfinite(value):
                do = "A plant must stay finite; use smaller steps inside step()."
                raise ThermodError(f"truth()[{name!r}] is {value}", where=self._where, do=do)
        return truth

    def _failed(self, what: str, error: Exception) -> ThermodError:
        said = f"{what} failed: {type(error).__name__}: {error}"
        return ThermodError(said, where=self._where, do="Repair the plant.")


def load_plant(spec: str | None) -> Factory:
    """`FILE.py:FACTORY` as a callable; None is the lumped body.

    Raises ThermodError for a file, a name or a plant that does not satisfy PLANTS.md.
    """
    if spec is None:
        return lumped
    file, colon, name = spec.rpartition(":")
    where = f"--plant {spec}"
    if not colon or not file or not name:
        raise ThermodError(
            "this is not FILE.py:FACTORY", where=where, do="Name both, with a colon."
        )
    path = Path(file)
    if not path.is_file():
        raise ThermodError(f"there is no file {file}", where=where, do="Check the path.")
    module_spec = importlib.util.spec_from_file_location(f"plant_{path.stem}", path)
    if module_spec is None or module_spec.loader is None:
        raise ThermodError(f"{file} is no Python file", where=where, do="Name a .py file.")
    module = importlib.util.module_from_spec(module_spec)
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:
        raise ThermodError(
            f"{file} cannot be loaded: {type(error).__name__}: {error}",
            where=where,
            do="Repair it.",
        ) from error
    found = getattr(module, name, None)
    if not callable(found):
        raise ThermodError(f"{file} has no callable {name}", where=where, do="Check the name.")
    factory: Factory = found
    return factory


def made(factory: Factory, seed: int, spec: str | None) -> Plant:
    """Make the plant and look whether it is one."""
    where = f"--plant {spec or 'lumped'}, seed {seed}"
    try:
        plant = factory(seed)
        lacking = [name for name in _PLANT_NAMES if not hasattr(plant, name)]
        if not lacking:
            _check(plant, where)
    except ThermodError:
        raise
    except Exception as error:
        raise ThermodError(
            f"the plant failed: {type(error).__name__}: {error}", where=where, do="Repair it."
        ) from error
    if lacking:
        raise ThermodError(
            f"the plant lacks {', '.join(lacking)}", where=where, do="See thermod/sim/PLANTS.md."
        )
    return plant if spec is None else Watched(plant, where)


_PLANT_NAMES = ("name", "heater_w_max", "probes", "step", "readings", "truth")


def _check(plant: Plant, where: str) -> None:
    roles = set(plant.probes.values())
    unknown = roles - {"core", "skin", "air", "room"}
    missing = {"core", "skin", "air"} - roles
    if unknown:
        raise ThermodError(
            f"probe role {sorted(unknown)[0]!r} is unknown",
            where=where,
            do="Use core, skin, air or room.",
        )
    if missing:
        raise ThermodError(
            f"the plant has no {sorted(missing)[0]} probe",
            where=where,
            do="thermod needs at least one core, one skin and one air probe.",
        )
    if list(plant.probes.values()).count("core") > CORE_PROBES_MAX:
        raise ThermodError(
            "the plant has too many core probes", where=where, do=f"At most {CORE_PROBES_MAX}."
        )
    if not 0.0 < plant.heater_w_max < 20_000.0:
        raise ThermodError(
            f"heater_w_max is {plant.heater_w_max}", where=where, do="Give watts, 0 to 20000."
        )
    lacking = set(TRUTHS) - set(plant.truth())
    if lacking:
        raise ThermodError(
            f"truth() lacks {sorted(lacking)[0]}", where=where, do="See thermod/sim/PLANTS.md."
        )
