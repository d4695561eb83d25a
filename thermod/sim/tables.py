"""The figures of simulated sessions as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from thermod.sim.disturbances import DISTURBANCES
from thermod.sim.score import Course

NOTE = "Simulation, not treatment: figures of a simulated body under a simulated dome."
PATIENTS_SHOWN = 10


def print_tables(console: Console, figures: dict[str, Any], courses: list[Course]) -> None:
    """A row for each of a few patients, one for each disturbance, and the summary over all."""
    if len(courses) <= PATIENTS_SHOWN:
        console.print(_patients_table(courses))
    if figures["disturbances"]:
        console.print(_disturbances_table(courses, figures["disturbances"]))
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


def _disturbances_table(courses: list[Course], found: dict[str, Any]) -> Table:
    table = Table(title="what goes wrong, and how far true core then passes the target, °C")
    for heading in ("disturbance", "median", "p95", "worst", "reached", "tripped", "in words"):
        table.add_column(heading)
    for label, summary in found.items():
        scores = [course.score for course in courses if course.score.disturbance == label]
        peak = summary["peak_overshoot_after_c"]
        table.add_row(
            label,
            *(_cell(peak[key]) for key in ("median", "p95", "worst")),
            f"{len(scores) - summary['time_to_38_4_min']['missing']} of {len(scores)}",
            str(sum(bool(score.trips) for score in scores)),
            DISTURBANCES[label].does,
        )
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
            score.name if score.disturbance is None else f"{score.name}, {score.disturbance}",
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
