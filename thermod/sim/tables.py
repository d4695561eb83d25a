"""The figures of simulated sessions as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from thermod.sim.simulate import Course

NOTE = "Simulation, not treatment: figures of a simulated body under a simulated dome."
PATIENTS_SHOWN = 10


def print_tables(console: Console, figures: dict[str, Any], courses: list[Course]) -> None:
    """A row for each of a few patients, and the summary over all."""
    if len(courses) <= PATIENTS_SHOWN:
        console.print(_patients_table(courses))
    console.print(_summary(f"{len(courses)} session(s), {figures['wall_s']} s", figures["summary"]))
    for name, summary in figures["baselines"].items():
        console.print(_summary(f"the same bodies, plain method: {name}", summary))


def _summary(title: str, summary: dict[str, Any]) -> Table:
    table = Table(title=title, caption=NOTE)
    for heading in ("figure", "median", "p95", "worst", "not reached"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for metric, found in summary.items():
        cells = (_cell(found[key]) for key in ("median", "p95", "worst", "missing"))
        table.add_row(metric, *cells)
    return table


def _patients_table(courses: list[Course]) -> Table:
    table = Table()
    for heading in (
        "patient",
        "min to 38.4",
        "peak over target",
        "in ±0.1",
        "ended",
        "trips",
        "alarms",
    ):
        table.add_column(heading)
    for course in courses:
        score = course.score
        table.add_row(
            score.name,
            _cell(score.time_to_38_4_min),
            _cell(score.peak_overshoot_after_c),
            _cell(score.hold_within_0_1),
            score.ended_by,
            ", ".join(score.trips) or "none",
            ", ".join(score.alarms) or "none",
        )
    return table


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
