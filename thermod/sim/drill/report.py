"""What a drill came to: a row for each fault."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from thermod.clock import BootClock
from thermod.sim.drill.fault import Expected, Fault
from thermod.sim.drill.play import Play
from thermod.sim.drill.truth import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, over all its runs."""

    fault: Fault
    injected: int
    heat_off_s: tuple[float, ...]  # of the runs that were cut, the shortest first
    reheats: int
    healed: int  # runs in which heat came back as the event table allows
    late: int = 0  # runs later than allowed; where faults are drawn each has a limit of its own
    told_s: tuple[float, ...] = ()  # of the runs of which all was told that must be

    @property
    def cut(self) -> int:
        """Runs in which true heat went off."""
        return len(self.heat_off_s)

    @property
    def detected(self) -> int | None:
        """Runs of which everybody told who must. None: nobody need, there is nothing to tell."""
        return len(self.told_s) if self.fault.told else None

    @property
    def held(self) -> bool:
        """Heat did what it must in every run, and it was told."""
        if not self.injected > 0 or self.detected not in (None, self.injected):
            return False
        if self.fault.expected is Expected.TOLD:
            return True
        if self.fault.expected is Expected.KEPT:
            return self.cut == 0
        if self.fault.expected is Expected.DIPS:
            return self.healed == self.cut and self.reheats == 0
        within = all(time_s <= self.fault.limit_s for time_s in self.heat_off_s)
        in_time = within and self.late == 0
        return self.cut == self.injected and in_time and self.reheats == 0

    def percentile_s(self, percent: float) -> float | None:
        """Nearest rank: a time that was truly measured. None when none was."""
        if not self.heat_off_s:
            return None
        rank = max(1, ceil(percent / 100.0 * len(self.heat_off_s)))
        return round(self.heat_off_s[rank - 1], 3)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        spread = {"min": 0.0, "p50": 50.0, "p99": 99.0, "max": 100.0}
        return {
            "fault": self.fault.name,
            "expected": self.fault.expected.value,
            "injected": self.injected,
            "detected": self.detected,
            "cut": self.cut,
            "heat_off_s": {name: self.percentile_s(each) for name, each in spread.items()},
            "limit_s": self.fault.limit_s,
            "since": self.fault.since.value,
            "reheats": self.reheats,
            "healed": self.healed,
            "told_s_max": round(max(self.told_s), 3) if self.told_s else None,
            "held": self.held,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All rows, and what was needed to believe them."""

    rows: tuple[Row, ...]
    broker: str
    stalled_runs: int  # repeated because the machine stalled
    seed: int = 0
    problems: tuple[str, ...] = ()  # why a stack of processes ended before its last round

    @classmethod
    def of(cls, faults: Sequence[Fault], plays: Sequence[Play], seed: int) -> Report:
        """From all runs that count."""
        verdicts = [each for play in plays for each in play.verdicts]
        rows = tuple(
            _row(fault, [each for each in verdicts if each.fault == fault.name]) for fault in faults
        )
        problems = tuple(str(play.problem) for play in plays if play.problem is not None)
        stalled_runs = sum(play.stalled_runs for play in plays)
        return cls(rows, plays[0].broker, stalled_runs, seed, problems)

    @property
    def held(self) -> bool:
        """Every row is as SAFETY.md section 6 wants it."""
        return not self.problems and all(row.held for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it, with the machine and the day that the figures belong to."""
        at = datetime.fromtimestamp(BootClock().wall_ms() / 1000.0, UTC)
        machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}"
        return {
            "seed": self.seed,
            "faults": [row.as_json() for row in self.rows],
            "all_cut": all(row.injected == row.cut > 0 for row in self.rows if must_cut(row)),
            "held": self.held,
            "problems": list(self.problems),
            "stalled_runs": self.stalled_runs,
            "broker": self.broker,
            "machine": f"{machine}, Python {platform.python_version()}",
            "date": at.date().isoformat(),
        }


def must_cut(row: Row) -> bool:
    """Rows that must not cut are judged by `held`."""
    return row.fault.expected is Expected.CUT


def _row(fault: Fault, verdicts: Sequence[Verdict]) -> Row:
    times_s = sorted(each.heat_off_s for each in verdicts if each.heat_off_s is not None)
    return Row(
        fault,
        injected=len(verdicts),
        heat_off_s=tuple(times_s),
        reheats=sum(each.reheats for each in verdicts),
        healed=sum(each.healed for each in verdicts),
        late=sum(each.late for each in verdicts),
        told_s=tuple(each.told_s for each in verdicts if each.told_s is not None),
    )
