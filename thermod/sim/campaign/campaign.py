"""A campaign: many drill sessions and fault-free hours, on all cores, and what they came to.

Each session depends on its seed alone, so neither their number nor that of the worker processes
changes what any of them does.
"""

from __future__ import annotations

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, inf, isfinite
from typing import Any, Final

import structlog

from thermod.sim.campaign.calm import SHORTEST_H, CalmVerdict, play_calm
from thermod.sim.campaign.checkpoints import COURSES, Moment
from thermod.sim.campaign.mishaps import MISHAPS
from thermod.sim.campaign.session import Verdict, play_seed

CHUNK: Final = 4  # sessions handed to a worker at once

Judged = Verdict | CalmVerdict
Done = Callable[[Judged], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to run. Seeds are `seed`, `seed + 1`, …; the same for the fault-free sessions."""

    sessions: int = 500
    seed: int = 1
    calm_hours_min: float = 50.0  # pretend hours without a fault, at least
    workers: int | None = None  # None: all cores
    stop_after_s: float = 0.0  # go on with the next seeds until so much real time has passed

    def calm_sessions(self) -> int:
        """How many whole sessions that takes."""
        return ceil(self.calm_hours_min / SHORTEST_H)


@dataclass(frozen=True, slots=True)
class Campaign:
    """What it came to, in the order of the seeds."""

    wanted: Wanted
    drills: tuple[Verdict, ...]
    calms: tuple[CalmVerdict, ...]
    moments: int
    wall_s: float

    @property
    def holds(self) -> bool:
        """Nothing unsafe, nothing stuck, no false trip."""
        return not (
            any(drill.unsafe or drill.stuck for drill in self.drills)
            or any(calm.unsafe or calm.trips or not calm.closed for calm in self.calms)
        )

    def as_json(self) -> dict[str, Any]:
        """The figures of `thermod drill --simulated --json -`. Keys stay stable."""
        drills, calms = self.drills, self.calms
        both: tuple[Judged, ...] = (*drills, *calms)
        kinds = Counter(name for each in drills for name in each.faults)
        return {
            "kind": "simulation",
            "seed": self.wanted.seed,
            "sessions": len(drills),
            "whole_sessions": sum(each.moment == "whole" for each in drills),
            "checkpoints": self.moments,
            "faults_injected": sum(kinds.values()),
            "kinds": len(kinds),
            "kinds_in_table": len(MISHAPS),
            "unsafe": [*_unsafe("drill", drills), *_unsafe("fault-free", calms)],
            "stuck": [{"seed": each.seed, "why": each.stuck} for each in drills if each.stuck],
            "excused": excused(drills),
            "false_trips": sum(len(each.trips) for each in calms),
            "false_trips_of": [
                {"seed": each.seed, "what": list(each.trips)} for each in calms if each.trips
            ],
            "session_hours": hours([each.lasted_s for each in both]),
            "hours_with_heat": hours([each.heated_s for each in both]),
            "fault_free_hours": hours([calm.lasted_s for calm in calms]),
            "withheld_in_fault_free_hours": sum(each.withheld for each in calms),
            "by_kind": dict(sorted(kinds.items())),
            "trace_sha256": trace_of(drills, calms),
            "wall_s": round(self.wall_s, 1),
        }


def excused(drills: Sequence[Verdict]) -> dict[str, dict[str, Any]]:
    """The classes that are counted apart, with what the patient had at worst in each."""
    found: dict[str, dict[str, Any]] = {}
    for name in sorted({name for each in drills for name in each.excused}):
        of = [each for each in drills if name in each.excused]
        found[name] = {
            "sessions": len(of),
            "core_temp_c_max": round(max(each.core_temp_c_max for each in of), 2),
            "skin_temp_c_max": round(max(each.skin_temp_c_max for each in of), 2),
        }
        told = [each.welded_alarm_s for each in of if each.welded_alarm_s is not None]
        if told:
            in_time = [each_s for each_s in told if isfinite(each_s)]
            found[name] |= {
                "to_be_alarmed": len(told),
                "alarmed": len(in_time),
                "alarm_s_max": round(max(in_time, default=inf), 2) if in_time else None,
            }
    return found


def _unsafe(session: str, verdicts: Sequence[Judged]) -> list[dict[str, Any]]:
    return [
        {"seed": each.seed, "session": session, "why": "; ".join(each.unsafe)}
        for each in verdicts
        if each.unsafe
    ]


def hours(spans_s: Sequence[float]) -> float:
    """All of them together."""
    return round(sum(spans_s) / 3600.0, 2)


def trace_of(drills: Sequence[Verdict], calms: Sequence[CalmVerdict]) -> str:
    """One hash for all of what truly happened."""
    hashes = [drill.trace_sha256 for drill in drills] + [calm.trace_sha256 for calm in calms]
    text = "".join(hashes)
    return sha256(text.encode()).hexdigest()


# --- running it -----------------------------------------------------------------------------------


def run(wanted: Wanted, on_done: Done) -> Campaign:
    """All of it; `on_done` hears each verdict, in no order."""
    began_s = time.monotonic()
    moments = make_moments(wanted.workers)
    drills: list[Verdict] = []
    calms: list[CalmVerdict] = []
    with ProcessPoolExecutor(wanted.workers, initializer=_prepare, initargs=(moments,)) as pool:
        first_drill = first_calm = wanted.seed
        while not drills or time.monotonic() - began_s < wanted.stop_after_s:
            calm_seeds = range(first_calm, first_calm + wanted.calm_sessions())
            seeds = range(first_drill, first_drill + wanted.sessions)
            calm_results = pool.map(_calm, calm_seeds)  # the long ones first: no core waits idle
            for verdict in pool.map(_drill, seeds, chunksize=CHUNK):
                on_done(verdict)
                drills.append(verdict)
            for calm in calm_results:
                on_done(calm)
                calms.append(calm)
            first_drill, first_calm = seeds.stop, calm_seeds.stop
    wall_s = time.monotonic() - began_s
    return Campaign(wanted, tuple(drills), tuple(calms), len(moments), wall_s)


def make_moments(workers: int | None = None) -> tuple[Moment, ...]:
    """The checkpoints, made anew: they are of this code and of no other."""
    with ProcessPoolExecutor(min(len(COURSES), workers or len(COURSES))) as pool:
        courses = list(pool.map(_course, range(len(COURSES))))
    return tuple(moment for course in courses for moment in course)


_moments: tuple[Moment, ...] = ()


def _prepare(moments: tuple[Moment, ...]) -> None:
    global _moments
    _moments = moments
    be_quiet()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)  # a session leaves little behind, and that all at once


def _course(number: int) -> list[Moment]:
    be_quiet()
    return COURSES[number]()


def _drill(seed: int) -> Verdict:
    return play_seed(seed, _moments)


def _calm(seed: int) -> CalmVerdict:
    return play_calm(seed)


def be_quiet() -> None:
    """What is refused is logged in service; here it is what we came for."""
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
