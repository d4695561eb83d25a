"""Whole sessions on pretend time: one patient or many, ours or somebody else's plant. Figures are
simulation.

A run is pure in its seed: the same seed on the same code gives the same session.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from controllers.protocol import HOLD_45, Protocol
from controllers.session import HEATING, Phase
from thermod.errors import ThermodError
from thermod.sim.nurse import Nurse
from thermod.sim.plant import Plant
from thermod.sim.plant import factory as lumped
from thermod.sim.score import PatientScore, Point, Scorer, as_plain, summarise
from thermod.sim.world import World, plan_for
from thermod.state import PERIOD_S

SESSION_S_MAX = 8 * 3600.0  # a session that has not ended by then never will
PROTOCOLS: dict[str, Protocol] = {HOLD_45.protocol_id: HOLD_45}

Factory = Callable[[int], Plant]


@dataclass(frozen=True, slots=True)
class Run:
    """What to simulate."""

    seed: int = 0
    patients: int = 1
    protocol: str = "hold-45"
    plant: str | None = None  # FILE.py:FACTORY; None: the lumped body


@dataclass(frozen=True, slots=True)
class Course:
    """One simulated session: its figures and what to draw."""

    score: PatientScore
    points: tuple[Point, ...]


def simulate(run: Run) -> Iterator[Course]:
    """Every patient's session in the order of the seeds, on all cores when there are several.

    Raises ThermodError for an unknown protocol or a plant that cannot be used.
    """
    protocol_named(run.protocol)
    load_plant(run.plant)
    jobs = [
        replace(run, seed=seed, patients=1) for seed in range(run.seed, run.seed + run.patients)
    ]
    if run.patients == 1:
        yield one_session(jobs[0])
        return
    with ProcessPoolExecutor() as pool:
        yield from pool.map(one_session, jobs)


def one_session(run: Run) -> Course:
    """One patient from create to close."""
    plant = _made(load_plant(run.plant), run.seed, run.plant)
    protocol = protocol_named(run.protocol)
    one_core_probe = list(plant.probes.values()).count("core") == 1
    plan = replace(plan_for(plant), protocols=PROTOCOLS)
    nurse = Nurse(protocol=run.protocol, one_core_probe=one_core_probe)
    world = World(plant, nurse, plan)
    scorer = Scorer(protocol.target_c, protocol.hold_min)
    trips: dict[str, None] = {}
    alarms: dict[str, None] = {}
    began_s = world.now_s
    while world.state.phase is not Phase.ENDED and world.now_s - began_s < SESSION_S_MAX:
        outcome = world.step()
        for change in outcome.changes:
            if change.change == "raised":
                alarms[change.alarm_id] = None
        trips.update(dict.fromkeys(world.state.latches))
        trips.update(dict.fromkeys(f"guard_{name}" for name in world.guard.latches))
        scorer.see(
            world.now_s,
            PERIOD_S,
            plant.truth(),
            world.state.power_pct,
            heating_phase=world.state.phase in HEATING,
            phase=world.state.phase.value,
        )
        if world.state.phase is Phase.TRIPPED:
            break
    score = scorer.score(
        seed=run.seed,
        name=plant.name,
        now_s=world.now_s,
        ended_by=_ended_by(world),
        trips=list(trips),
        alarms=list(alarms),
    )
    return Course(score, tuple(scorer.points))


def report(run: Run, courses: list[Course], wall_s: float) -> dict[str, object]:
    """The JSON of `--json -`. Keys stay stable: control.md section 4."""
    scores = [course.score for course in courses]
    return {
        "kind": "simulation",
        "seed": run.seed,
        "protocol": run.protocol,
        "controller": "cascade",
        "plant": run.plant or "lumped",
        "patients": [as_plain(score) for score in scores],
        "summary": summarise(scores),
        "baselines": {},
        "wall_s": round(wall_s, 2),
    }


def timed(run: Run, on_course: Callable[[Course], None]) -> tuple[list[Course], float]:
    """Run it all, telling of each course as it is done. Returns them with the wall time, s."""
    began = time.perf_counter()
    courses = []
    for course in simulate(run):
        courses.append(course)
        on_course(course)
    return courses, time.perf_counter() - began


def protocol_named(name: str) -> Protocol:
    """Raises ThermodError, naming those there are."""
    found = PROTOCOLS.get(name)
    if found is None:
        known = ", ".join(sorted(PROTOCOLS))
        raise ThermodError(
            f"there is no protocol {name!r}", where="--protocol", do=f"Choose one of: {known}."
        )
    return found


def load_plant(spec: str | None) -> Factory:
    """`FILE.py:FACTORY` as a callable; None is the lumped body.

    Raises ThermodError for a file, a name or a plant that does not satisfy control.md section 4.
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


def _made(factory: Factory, seed: int, spec: str | None) -> Plant:
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
            f"the plant lacks {', '.join(lacking)}", where=where, do="See control.md section 4."
        )
    return plant


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
    if not 0.0 < plant.heater_w_max < 20_000.0:
        raise ThermodError(
            f"heater_w_max is {plant.heater_w_max}", where=where, do="Give watts, 0 to 20000."
        )
    lacking = {"core_temp_c", "skin_temp_c_max", "air_temp_c", "heater_w"} - set(plant.truth())
    if lacking:
        raise ThermodError(
            f"truth() lacks {sorted(lacking)[0]}", where=where, do="See control.md section 4."
        )


def _ended_by(world: World) -> str:
    phase = world.state.phase
    if phase is Phase.ENDED:
        return "closed"
    return phase.value if phase is Phase.TRIPPED else f"unfinished in {phase.value}"
