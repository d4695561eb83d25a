"""`thermod bench-control`: how well control holds simulated patients, on fixed seeds, beside the
plain methods on the same bodies.

Simulation. CONTROL.md beside this file says what is run, what is saved on the way and what the
figures are worth.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, NamedTuple

from thermod.sim import control_rows as rows_of
from thermod.sim.baselines import METHODS
from thermod.sim.baselines import one_session as plain_session
from thermod.sim.bench import cycle_cost
from thermod.sim.bodies import Bodies
from thermod.sim.control_rows import Row
from thermod.sim.delay import FULL_POWER, delays
from thermod.sim.disturbances import DISTURBANCES
from thermod.sim.score import AFTER_S, PatientScore, summarise
from thermod.sim.simulate import Run, one_session, protocol_named
from thermod.sim.yardstick import pass_ns, quiet_us

PROTOCOL = "hold-45"
CYCLE_S = 1.0  # control and guard at 1 Hz: CONTROL.md says what that changes
OURS = "thermod"
PASSES = 7  # of the yardstick, each minute of a session

Sessions = dict[str, dict[str, list[PatientScore]]]  # by group and method


class Cost(NamedTuple):
    """Of the pure core on one processor core, as it is and on a quiet machine (yardstick.py)."""

    cycle_us: float  # the median one, with observer
    session_s: float  # of a whole session on the lumped body by `thermod simulate`
    quiet_cycle_us: float
    quiet_session_s: float


class Group(NamedTuple):
    """Bodies that are run alike. The seeds are fixed: a figure repeats to the last digit."""

    name: str
    population: str
    first_seed: int
    bodies_share: float = 1.0  # of the bodies asked for
    core_probes: int = 2
    disturbed: bool = False  # each body with one disturbance, in turn
    plain: bool = False  # also by the plain methods


GROUPS = (
    Group("nominal", "nominal", 1000, plain=True),
    Group("hard", "hard", 2000, plain=True),
    Group("nominal, faults", "nominal", 3000, 0.5, disturbed=True),
    Group("hard, faults", "hard", 4000, 0.5, disturbed=True),
    Group("nominal, one core probe", "nominal", 6000, 0.5, core_probes=1),
    Group("hard, one core probe", "hard", 7000, 0.5, core_probes=1),
)


@dataclass(frozen=True, slots=True)
class Job:
    """One session to be run somewhere."""

    group: str
    method: str
    run: Run

    def score(self) -> PatientScore:
        """Run it."""
        if self.method == OURS:
            return one_session(self.run).score
        protocol = protocol_named(self.run.protocol)
        return plain_session(self.method, self.run.bodies, self.run.seed, protocol).score


def jobs(bodies: int, baseline_bodies: int) -> list[Job]:
    """Everything to be run. Full power is run on every body that ours is compared with by time."""
    found = []
    for group in GROUPS:
        runs = _runs(group, max(1, round(bodies * group.bodies_share)))
        found += [Job(group.name, OURS, run) for run in runs]
        if group.plain:
            for method in METHODS:
                some = runs if method == FULL_POWER else runs[:baseline_bodies]
                found += [Job(group.name, method, run) for run in some]
    return found


def _runs(group: Group, bodies: int) -> list[Run]:
    labels = tuple(DISTURBANCES)
    runs = []
    for count in range(bodies):
        disturbance = labels[count % len(labels)] if group.disturbed else None
        who = Bodies(group.population, disturbance=disturbance, core_probes=group.core_probes)
        seed = group.first_seed + count
        runs.append(Run(seed, 1, PROTOCOL, who, cycle_s=CYCLE_S, cool_down_s_max=AFTER_S))
    return runs


def play(todo: Sequence[Job], on_session: Callable[[], None], processes: int | None) -> Sessions:
    """Run them all, on all cores if not told otherwise."""
    sessions: Sessions = {job.group: {} for job in todo}
    with ProcessPoolExecutor(processes) as pool:
        for job, score in zip(todo, pool.map(Job.score, todo, chunksize=1), strict=True):
            sessions[job.group].setdefault(job.method, []).append(score)
            on_session()
    return sessions


def measured(
    bodies: int,
    baseline_bodies: int,
    on_session: Callable[[], None],
    processes: int | None = None,
) -> tuple[dict[str, Any], list[Row]]:
    """Run the benchmark. Returns the result file's content, and its rows."""
    began = time.perf_counter()
    todo, sessions, costs = jobs(bodies, baseline_bodies), Sessions(), [cost()]
    for group in GROUPS:
        some = [job for job in todo if job.group == group.name]
        sessions |= play(some, on_session, processes)
        costs.append(cost())
    usual = Cost(*map(median, zip(*costs, strict=True)))
    rows = [*judged(sessions), *rows_of.of_cost(usual.quiet_cycle_us, usual.quiet_session_s)]
    figures = result(sessions, rows, bodies, baseline_bodies)
    figures["cost"] = usual._asdict()
    figures["wall_s"] = round(time.perf_counter() - began)
    return figures, rows


def result(
    sessions: Sessions, rows: Sequence[Row], bodies: int, baseline_bodies: int
) -> dict[str, Any]:
    """The result file's content: rows, and what stands behind them."""
    return {
        "kind": "simulation",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
        "protocol": PROTOCOL,
        "cycle_s": CYCLE_S,
        "bodies": bodies,
        "baseline_bodies": baseline_bodies,
        "rows": [{**row._asdict(), "noise": _finite(row.noise), "met": row.met} for row in rows],
        "groups": {name: _group(found) for name, found in sessions.items()},
        "disturbances": _disturbances(sessions),
    }


def judged(sessions: Sessions) -> list[Row]:
    """Every row that the sessions answer."""
    rows: list[Row] = []
    for name in ("nominal", "hard"):
        found = sessions[name]
        delay = delays(found[OURS], found[FULL_POWER])
        rows += rows_of.of_population(name, found[OURS], delay)
        rows += rows_of.of_faults(name, sessions[f"{name}, faults"][OURS])
        rows += rows_of.of_one_probe(name, sessions[f"{name}, one core probe"][OURS])
    return [*rows, *rows_of.of_calibration(sessions["nominal"][OURS])]


def cost() -> Cost:
    """What control costs at this moment, while nothing else of ours runs."""
    began_ns = since_ns = time.perf_counter_ns()
    session_us = 0.0

    def lay(*_: object) -> None:
        nonlocal since_ns, session_us
        spent_ns = time.perf_counter_ns() - since_ns
        session_us += quiet_us(spent_ns, pass_ns(PASSES))
        since_ns = time.perf_counter_ns()

    one_session(Run(), on_minute=lay)
    lay()
    session_s = (time.perf_counter_ns() - began_ns) / 1e9
    cycle = cycle_cost()
    return Cost(cycle["p50"], round(session_s, 2), cycle["quiet_p50"], round(session_us / 1e6, 2))


def _group(found: Mapping[str, Sequence[PatientScore]]) -> dict[str, Any]:
    ours = found[OURS]
    tripped = {
        f"{score.name}{f', {score.disturbance}' if score.disturbance else ''}": score.trips
        for score in ours
        if score.trips
    }
    group: dict[str, Any] = {
        "sessions": len(ours),
        "first_seed": ours[0].seed,
        "summary": summarise(ours),
        "tripped": tripped,
    }
    if FULL_POWER in found:
        group["delay_min"] = delays(ours, found[FULL_POWER])._asdict()
        group["baselines"] = {
            name: {"sessions": len(scores), "summary": summarise(scores)}
            for name, scores in found.items()
            if name != OURS
        }
    return group


def _disturbances(sessions: Sessions) -> dict[str, dict[str, Any]]:
    """Each with the figures of both populations."""
    table: dict[str, dict[str, Any]] = {}
    for label in DISTURBANCES:
        scores = [
            score
            for group in GROUPS
            if group.disturbed
            for score in sessions[group.name][OURS]
            if score.disturbance == label
        ]
        table[label] = {
            "sessions": len(scores),
            "peak_c": summarise(scores)[rows_of.PEAK],
            "reached": sum(score.time_to_38_4_min is not None for score in scores),
            "tripped": sum(bool(score.trips) for score in scores),
            "alarms": sorted({alarm for score in scores for alarm in score.alarms}),
        }
    return table


def _finite(noise: float) -> float | None:
    """JSON has no infinity; None: this row is never compared."""
    return noise if noise < float("inf") else None
