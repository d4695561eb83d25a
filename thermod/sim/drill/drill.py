"""`thermod drill`: real processes, real faults, and how long true heat then lasted.

Here a drill is set up and its stacks of processes are played side by side. `play.py` is the
order of events on one stack, `truth.py` the judge, DRILL.md what is measured and how.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thermod.errors import ThermodError
from thermod.sim.drill.canary import Canary
from thermod.sim.drill.fault import Fault
from thermod.sim.drill.plan import domes_of, plan
from thermod.sim.drill.play import Play, Tell
from thermod.sim.drill.report import Report
from thermod.sim.drill.stack import Stack


@dataclass(frozen=True, slots=True)
class Drill:
    """What to play: each fault at least `runs` times, on `stacks_max` × `domes_max` domes at most.

    `keep` is a new folder for configurations, logs and truth; without it they go.
    """

    faults: tuple[Fault, ...]
    runs: int = 5
    domes_max: int = 25
    stacks_max: int = 10
    seed: int = 0
    keep: Path | None = None


def run(drill: Drill, tell: Tell) -> Report:
    """Play all of it. Raises ThermodError when no processes come to heat at all, OSError when
    there is no disk to write to.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: leave nothing running
    try:
        with _folder(drill.keep) as folder, Canary() as canary, contextlib.ExitStack() as running:
            plays = []
            lanes = plan(
                drill.faults,
                runs=drill.runs,
                domes_max=drill.domes_max,
                stacks_max=drill.stacks_max,
                seed=drill.seed,
            )
            for number, lane in enumerate(lanes, 1):
                inside = any(each.inside for each in lane)
                here = folder / f"stack-{number}"
                stack = Stack(here, domes_of(lane), seed=drill.seed + number, inside=inside)
                running.enter_context(stack.running())
                plays.append(Play(f"stack {number}", stack, lane, canary, tell))
            asyncio.run(_side_by_side(plays))
    except* ThermodError as problems:
        raise _first(problems) from None
    failed = [play.problem for play in plays if play.problem is not None]
    if failed and not any(play.verdicts for play in plays):
        raise failed[0]
    return Report.of(drill.faults, plays, drill.seed)


async def _side_by_side(plays: list[Play]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for play in plays:
            tasks.create_task(play.run(), name=play.name)


def _first(problem: BaseException) -> BaseException:
    """Of a group in a group: the command line tells one in words."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        try:
            keep.mkdir(parents=True)
        except FileExistsError as error:
            raise ThermodError(
                f"{keep} is there already", where="thermod drill --keep", do="Name a new folder."
            ) from error
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="thermod-drill-") as folder:
        yield Path(folder)
