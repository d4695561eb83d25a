"""`thermod simulate`, `thermod demo` and `thermod bench`: the commands that need no hardware."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from thermod.sim.simulate import Course

TYPICAL_MINUTES = 185  # of a whole session, for the progress bar of a single patient
NOTE = "Simulation, not treatment: figures of a simulated body under a simulated dome."


def simulate(
    patients: Annotated[int, typer.Option(min=1, max=10_000, help="How many patients.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first; the others follow.")] = 0,
    protocol: Annotated[str, typer.Option(help="Which protocol.")] = "hold-45",
    plant: Annotated[
        str | None, typer.Option(help="Your own patient and dome: FILE.py:FACTORY.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the sessions into this HTML file.")
    ] = None,
    json: Annotated[str | None, typer.Option(help="Write all figures here; - is stdout.")] = None,
) -> None:
    """Run whole sessions on pretend time: the real control core, the real guard's judgement, a
    simulated patient.
    """
    from thermod.sim.simulate import Run, report, timed

    run = Run(seed, patients, protocol, plant)
    quiet = json == "-"
    console = Console(stderr=quiet)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        total = patients if patients > 1 else TYPICAL_MINUTES
        task = progress.add_task("simulating", total=total)

        def on_minute(phase: str, core_temp_c: float) -> None:
            progress.update(task, advance=1, description=f"{phase}, core {core_temp_c:.2f} °C")

        courses, wall_s = timed(run, lambda course: progress.advance(task), on_minute)
    figures = report(run, courses, wall_s)
    if not quiet:
        _print_tables(console, figures, courses)
    if plot is not None:
        from thermod.sim.plot import draw

        draw(plot, courses, protocol)
        console.print(f"drawn: {plot}")
    if json is not None:
        _write_json(json, figures)


def _print_tables(console: Console, figures: dict[str, Any], courses: list[Course]) -> None:
    if len(courses) <= 10:
        console.print(_patients_table(courses))
    summary = Table(title=f"{len(courses)} session(s), {figures['wall_s']} s", caption=NOTE)
    for heading in ("figure", "median", "p95", "worst", "not reached"):
        summary.add_column(heading, justify="left" if heading == "figure" else "right")
    for metric, found in figures["summary"].items():
        cells = (_cell(found[key]) for key in ("median", "p95", "worst", "missing"))
        summary.add_row(metric, *cells)
    console.print(summary)


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


def _write_json(target: str, figures: dict[str, Any]) -> None:
    payload = orjson.dumps(figures, option=orjson.OPT_INDENT_2)
    if target == "-":
        typer.echo(payload.decode())
    else:
        Path(target).write_bytes(payload + b"\n")


def demo(
    speed: Annotated[
        float, typer.Option(min=1.0, max=30.0, help="Pretend seconds a second.")
    ] = 10.0,
    port: Annotated[int, typer.Option(help="Port of the page; 0 picks a free one.")] = 8080,
    domes: Annotated[int, typer.Option(min=1, max=8, help="How many domes.")] = 1,
    nurse: Annotated[bool, typer.Option(help="A scripted nurse confirms presence.")] = True,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> None:
    """Everything on this machine: broker, simulated dome and patient, guard, control, gateway and
    page.
    """
    from thermod.sim.demo import run

    raise SystemExit(run(speed=speed, port=port, domes=domes, nurse=nurse, open_page=open_page))


def bench(
    seconds: Annotated[float, typer.Option(min=2.0, max=600.0, help="For each load.")] = 60.0,
    domes: Annotated[str, typer.Option(help="Loads, in domes at 2 Hz.")] = "1,20,100",
    json: Annotated[str | None, typer.Option(help="Write all figures here; - is stdout.")] = None,
) -> None:
    """Measure cycle cost, jitter, latency, CPU and memory, each beside a baseline."""
    from thermod.sim.bench import run

    figures = run(seconds=seconds, loads=[int(part) for part in domes.split(",")])
    if json is not None:
        _write_json(json, figures)
