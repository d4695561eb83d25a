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
from thermod.sim.drill_faults import Fault
from thermod.sim.drill_play import Play
from thermod.sim.drill_truth import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, over all its runs."""

    fault: Fault
    injected: int
    heat_off_s: tuple[float, ...]  # of the runs that were cut, the shortest first
    reheats: int
    healed: int  # runs in which heat came back as the event table allows

    @property
    def held(self) -> bool:
        """Every run was cut within the limit, and nothing heated again by itself."""
        within = all(time_s <= self.fault.limit_s for time_s in self.heat_off_s)
        return len(self.heat_off_s) == self.injected > 0 and within and self.reheats == 0

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
            "injected": self.injected,
            "cut": len(self.heat_off_s),
            "heat_off_s": {name: self.percentile_s(each) for name, each in spread.items()},
            "limit_s": self.fault.limit_s,
            "since": self.fault.since.value,
            "reheats": self.reheats,
            "healed": self.healed,
            "held": self.held,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All rows, and what was needed to believe them."""

    rows: tuple[Row, ...]
    broker: str
    stalled_runs: int  # repeated because the machine stalled

    @classmethod
    def of(cls, faults: Sequence[Fault], plays: Sequence[Play]) -> Report:
        """From all runs that count."""
        verdicts = [each for play in plays for each in play.verdicts]
        rows = tuple(
            _row(fault, [each for each in verdicts if each.fault == fault.name]) for fault in faults
        )
        return cls(rows, plays[0].broker, sum(play.stalled_runs for play in plays))

    @property
    def held(self) -> bool:
        """Every row is as SAFETY.md section 6 wants it."""
        return all(row.held for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it, with the machine and the day that the figures belong to."""
        at = datetime.fromtimestamp(BootClock().wall_ms() / 1000.0, UTC)
        machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}"
        return {
            "faults": [row.as_json() for row in self.rows],
            "all_cut": all(row.injected == len(row.heat_off_s) > 0 for row in self.rows),
            "held": self.held,
            "stalled_runs": self.stalled_runs,
            "broker": self.broker,
            "machine": f"{machine}, Python {platform.python_version()}",
            "date": at.date().isoformat(),
        }


def _row(fault: Fault, verdicts: Sequence[Verdict]) -> Row:
    times_s = sorted(each.heat_off_s for each in verdicts if each.heat_off_s is not None)
    return Row(
        fault,
        injected=len(verdicts),
        heat_off_s=tuple(times_s),
        reheats=sum(each.reheats for each in verdicts),
        healed=sum(each.healed for each in verdicts),
    )
