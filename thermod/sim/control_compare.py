"""This run's rows against those of the last committed result: did control become worse?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from thermod.sim.control_rows import Row

SAME = ("bodies", "baseline_bodies", "cycle_s", "protocol")  # or the figures are of other sessions


class Worse(NamedTuple):
    """A row that lost more than its noise."""

    name: str
    before: float | None
    now: float | None
    noise: float


def comparable(figures: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    """Were the same sessions run?"""
    return all(figures[key] == last.get(key) for key in SAME)


def worse_rows(rows: Sequence[Row], last_rows: Sequence[Mapping[str, Any]]) -> list[Worse]:
    """Rows that are worse than in the last result by more than their noise.

    A figure that was there and is none now is worse; a row that is new cannot be.
    """
    last = {row["name"]: row["got"] for row in last_rows}
    return [
        Worse(row.name, last[row.name], row.got, row.noise)
        for row in rows
        if row.name in last and _is_worse(row, last[row.name])
    ]


def lost_rows(rows: Sequence[Row], last_rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rows of the last result that this run no longer has."""
    names = {row.name for row in rows}
    return [row["name"] for row in last_rows if row["name"] not in names]


def _is_worse(row: Row, before: float | None) -> bool:
    if before is None:
        return False
    if row.got is None:
        return True
    lost = before - row.got if row.more_is_better else row.got - before
    return not lost <= row.noise + 1e-9  # decimal fractions are not exact
