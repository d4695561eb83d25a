"""Whole sessions on pretend time: one patient or many, ours or somebody else's plant, with nothing
wrong or with something. Figures are simulation.

A run is pure in its seed: the same seed on the same code gives the same session.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from math import inf
from types import MappingProxyType

from controllers.protocol import BUILT_IN, Protocol
from controllers.session import HEATING, Phase
from thermod.ahead import time_to_target
from thermod.cycle import Outcome
from thermod.errors import ThermodError
from thermod.sim.baselines import METHODS
from thermod.sim.baselines import one_session as plain_session
from thermod.sim.bodies import Bodies
from thermod.sim.delay import FULL_POWER, delays
from thermod.sim.disturbances import DISTURBANCES
from thermod.sim.foresight import Foresight
from thermod.sim.nurse import Nurse
from thermod.sim.score import AFTER_S, Course, PatientScore, Scorer, as_plain, summarise
from thermod.sim.world import World, plan_for
from thermod.state import PERIOD_S

SESSION_S_MAX = 8 * 3600.0  # a session that has not ended by then never will
EVERY = "all"  # of the disturbances, one session each
PROTOCOLS: dict[str, Protocol] = {each.protocol_id: each for each in BUILT_IN}

OnMinute = Callable[[str, float], None]
OnCourse = Callable[[Course], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What to simulate."""

    seed: int = 0
    patients: int = 1
    protocol: str = "hold-45"
    bodies: Bodies = field(default_factory=Bodies)
    disturbances: tuple[str, ...] = ()  # each patient once with each; none: undisturbed
    baselines: tuple[str, ...] = ()  # plain methods to run on the same bodies
    cycle_s: float = PERIOD_S  # of control and guard; longer is quicker, and not what is in service
    cool_down_s_max: float = inf  # stop looking this long after the heat


def simulate(run: Run, on_minute: OnMinute | None = None) -> Iterator[Course]:
    """Every patient's session in the order of the seeds, on all cores when there are several.

    `on_minute` hears the phase and the core temperature each minute of a single patient.

    Raises ThermodError for an unknown protocol, disturbance or population, or a plant that cannot
    be used.
    """
    jobs = jobs_of(run)
    if len(jobs) == 1:
        yield one_session(jobs[0], on_minute)
        return
    with ProcessPoolExecutor() as pool:
        yield from pool.map(one_session, jobs)


def jobs_of(run: Run) -> list[Run]:
    """A run of one session for each patient and disturbance. Raises ThermodError as `simulate`."""
    protocol_named(run.protocol)
    for unknown in sorted(set(run.baselines) - METHODS.keys()):
        known = ", ".join(METHODS)
        raise ThermodError(
            f"there is no method {unknown!r}", where="--baseline", do=f"Choose among: {known}."
        )
    jobs = []
    for disturbance in run.disturbances or (None,):
        bodies = replace(run.bodies, disturbance=disturbance)
        bodies.check()
        jobs += [
            replace(run, seed=seed, patients=1, bodies=bodies, disturbances=())
            for seed in range(run.seed, run.seed + run.patients)
        ]
    return jobs


def one_session(run: Run, on_minute: OnMinute | None = None) -> Course:
    """One patient from create to close."""
    plant = run.bodies.made(run.seed)
    protocol = protocol_named(run.protocol)
    one_core_probe = list(plant.probes.values()).count("core") == 1
    plan = replace(plan_for(plant), protocols=PROTOCOLS)
    nurse = Nurse(protocol=run.protocol, one_core_probe=one_core_probe)
    world = World(plant, nurse, plan)
    world.hurries, world.cycle_s = True, run.cycle_s
    scorer = Scorer(protocol.target_c, protocol.hold_min, run.bodies.bias_of(plant))
    said, foresight = _Said(), Foresight()
    began_s = world.now_s
    while world.state.phase is not Phase.ENDED and world.now_s - began_s < SESSION_S_MAX:
        before_s = world.now_s
        outcome = world.step()
        said.see(world, outcome)
        truth = plant.truth()
        if on_minute is not None and (world.now_s - began_s) % 60.0 < world.now_s - before_s:
            on_minute(world.state.phase.value, truth["core_temp_c"])
        scorer.see(
            world.now_s,
            world.now_s - before_s,
            truth,
            world.state.power_pct,
            heating_phase=world.state.phase in HEATING,
            phase=world.state.phase,
        )
        if world.state.phase is Phase.HEAT_UP and foresight.is_due(world.now_s):
            foresight.see(world.now_s, time_to_target(plan, world.state, outcome.picture))
        elif world.state.clocks.hold_s is not None:
            foresight.arrived(world.now_s)
        if _seen_enough(world, run):
            break
    score = scorer.score(
        seed=run.seed,
        name=plant.name,
        now_s=world.now_s,
        ended_by=_ended_by(world),
        trips=list(said.trips),
        alarms=list(said.alarms),
        disturbance=run.bodies.disturbance,
    )
    score = replace(score, eta_error_min=foresight.error_half_way_min())
    return Course(score, tuple(scorer.points))


class _Said:
    """Each trip and alarm once, in the order in which they came."""

    def __init__(self) -> None:
        self.trips: dict[str, None] = {}
        self.alarms: dict[str, None] = {}

    def see(self, world: World, outcome: Outcome) -> None:
        for change in outcome.changes:
            if change.change == "raised":
                self.alarms[change.alarm_id] = None
        if world.state.latches or world.guard.latches:
            self.trips.update(dict.fromkeys(world.state.latches))
            self.trips.update(dict.fromkeys(f"guard_{name}" for name in world.guard.latches))


def run_baselines(run: Run, on_course: OnCourse | None = None) -> dict[str, list[Course]]:
    """The plain methods on the same bodies, on all cores. Raises ThermodError as `simulate`."""
    protocol = protocol_named(run.protocol)
    found: dict[str, list[Course]] = {name: [] for name in run.baselines}
    with ProcessPoolExecutor() as pool:
        done = [
            (name, pool.submit(plain_session, name, job.bodies, job.seed, protocol))
            for name in run.baselines
            for job in jobs_of(run)
        ]
        for name, job in done:
            course = job.result()
            found[name].append(course)
            if on_course is not None:
                on_course(course)
    return found


def report(
    run: Run,
    courses: Sequence[Course],
    wall_s: float,
    baselines: Mapping[str, Sequence[Course]] = MappingProxyType({}),
) -> dict[str, object]:
    """The JSON of `--json -`. Keys stay stable: PLANTS.md."""
    scores = scores_of(courses)
    at_full = scores_of(baselines.get(FULL_POWER, ()))
    return {
        "kind": "simulation",
        "seed": run.seed,
        "protocol": run.protocol,
        "controller": "thermod",
        "plant": run.bodies.title,
        "patients": [as_plain(score) for score in scores],
        "summary": summarise(scores),
        "baselines": {name: summarise(scores_of(found)) for name, found in baselines.items()},
        "delay_min": delays(scores, at_full)._asdict() if at_full else None,
        "disturbances": {
            label: summarise([score for score in scores if score.disturbance == label])
            for label in run.disturbances
        },
        "wall_s": round(wall_s, 2),
    }


def scores_of(courses: Sequence[Course]) -> list[PatientScore]:
    """The figures alone."""
    return [course.score for course in courses]


def timed(
    run: Run, on_course: OnCourse, on_minute: OnMinute | None = None
) -> tuple[list[Course], float]:
    """Run it all, telling of each course as it is done. Returns them with the wall time, s."""
    began = time.perf_counter()
    courses = []
    for course in simulate(run, on_minute):
        courses.append(course)
        on_course(course)
    return courses, time.perf_counter() - began


def disturbances_named(names: str) -> tuple[str, ...]:
    """`--disturbance` as labels: one, several with commas, or all."""
    if names == EVERY:
        return tuple(DISTURBANCES)
    return tuple(name for name in names.split(",") if name)


def protocol_named(name: str) -> Protocol:
    """Raises ThermodError, naming those there are."""
    found = PROTOCOLS.get(name)
    if found is None:
        known = ", ".join(sorted(PROTOCOLS))
        raise ThermodError(
            f"there is no protocol {name!r}", where="--protocol", do=f"Choose one of: {known}."
        )
    return found


def _seen_enough(world: World, run: Run) -> bool:
    """After a trip nothing heats again, but the core still rises."""
    phase, phase_s = world.state.phase, world.state.clocks.phase_s
    if phase is Phase.TRIPPED:
        return phase_s > AFTER_S
    return phase is Phase.COOL_DOWN and phase_s > run.cool_down_s_max


def _ended_by(world: World) -> str:
    phase = world.state.phase
    if phase is Phase.ENDED:
        return "closed"
    return phase.value if phase is Phase.TRIPPED else f"unfinished in {phase.value}"
