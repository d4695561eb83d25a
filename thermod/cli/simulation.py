"""`thermod simulate`, `thermod demo` and `thermod bench`: the commands that need no hardware."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from thermod.sim.score import Course
    from thermod.sim.simulate import Run

TYPICAL_MINUTES = 185  # of a whole session, for the progress bar of a single patient


def simulate(
    patients: Annotated[int, typer.Option(min=1, max=10_000, help="How many patients.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first; the others follow.")] = 0,
    protocol: Annotated[str, typer.Option(help="Which protocol.")] = "hold-45",
    plant: Annotated[
        str | None, typer.Option(help="Your own patient and dome: FILE.py:FACTORY.")
    ] = None,
    population: Annotated[
        str | None,
        typer.Option(help="lumped, nominal or hard. One patient: lumped, several: nominal."),
    ] = None,
    disturbance: Annotated[
        str, typer.Option(help="What goes wrong: a label, several with commas, or all.")
    ] = "",
    probes: Annotated[int, typer.Option(min=1, max=2, help="Core probes, at most.")] = 2,
    baseline: Annotated[
        str, typer.Option(help="Plain methods on the same bodies: manual,pid,cascade.")
    ] = "",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the sessions into this HTML file.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write curves and tables into this HTML file.")
    ] = None,
    json: Annotated[str | None, typer.Option(help="Write all figures here; - is stdout.")] = None,
) -> None:
    """Run whole sessions on pretend time: the real control core, the real guard's judgement, a
    simulated patient.
    """
    from thermod.sim.bodies import Bodies
    from thermod.sim.simulate import Run, disturbances_named
    from thermod.sim.simulate import report as figures_of
    from thermod.sim.tables import print_tables

    methods = tuple(name for name in baseline.split(",") if name)
    # One session in seconds and without the extra `sim`; many are for judging a controller.
    population = population or ("lumped" if patients == 1 else "nominal")
    bodies = Bodies(population, plant, core_probes=probes)
    run = Run(seed, patients, protocol, bodies, disturbances_named(disturbance), methods)
    quiet = json == "-"
    console = Console(stderr=quiet)
    courses, plain, wall_s = _watched(run, console)
    figures = figures_of(run, courses, wall_s, plain)
    if not quiet:
        print_tables(console, figures, courses)
    _draw(console, run, courses, plain, figures, plot=plot, report=report)
    if json is not None:
        _write_json(json, figures)


def _watched(run: Run, console: Console) -> tuple[list[Course], dict[str, list[Course]], float]:
    """Our sessions, then the plain methods', under a progress bar; and the seconds ours took."""
    from thermod.sim.simulate import jobs_of, run_baselines, timed

    sessions = len(jobs_of(run))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("simulating", total=sessions if sessions > 1 else TYPICAL_MINUTES)

        def on_minute(phase: str, core_temp_c: float) -> None:
            progress.update(task, advance=1, description=f"{phase}, core {core_temp_c:.2f} °C")

        courses, wall_s = timed(run, lambda course: progress.advance(task), on_minute)
        if not run.baselines:
            return courses, {}, wall_s
        task = progress.add_task("plain methods", total=sessions * len(run.baselines))
        return courses, run_baselines(run, lambda course: progress.advance(task)), wall_s


def _draw(
    console: Console,
    run: Run,
    courses: list[Course],
    plain: dict[str, list[Course]],
    figures: dict[str, Any],
    *,
    plot: Path | None,
    report: Path | None,
) -> None:
    if plot is not None:
        from thermod.sim.plot import draw

        draw(plot, courses, run.protocol)
        console.print(f"drawn: {plot}")
    if report is not None:
        from thermod.sim.report_html import write

        write(report, run, courses, plain, figures)
        console.print(f"report: {report}")


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
