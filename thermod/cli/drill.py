"""`thermod drill`: the fault table, measured on real processes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from thermod.errors import ThermodError

if TYPE_CHECKING:
    from thermod.sim.drill.fault import Fault
    from thermod.sim.drill.report import Report


TABLE_WIDTH = 150
HEADINGS = (
    *("fault", "heat must be", "injected", "detected", "cut", "min", "p50", "p99", "max", "limit"),
    *("re-heats", "healed", ""),
)


def drill(
    faults: Annotated[str, typer.Option(help="Which, by name and with commas; all if none.")] = "",
    runs: Annotated[int, typer.Option(min=1, max=1000, help="Of each fault, at least.")] = 5,
    domes: Annotated[int, typer.Option(min=1, max=100, help="Domes under one guard.")] = 25,
    stacks: Annotated[int, typer.Option(min=1, max=16, help="Sets of processes at once.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the network, and of faults drawn together.")] = 0,
    long: Annotated[bool, typer.Option(help="Also what takes some minutes more.")] = False,
    json: Annotated[str | None, typer.Option(help="Write all figures here; - is stdout.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep logs and the truth file in this new folder.")
    ] = None,
    simulated: Annotated[
        bool, typer.Option(help="On pretend time instead: random faults, judged by ground truth.")
    ] = False,
    sessions: Annotated[int, typer.Option(min=1, help="Simulated: how many; 1 tells all.")] = 500,
    hours: Annotated[
        float | None, typer.Option(help="Simulated: without faults, at least; a tenth of those.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Simulated: go on with new seeds so long.")] = 0.0,
    workers: Annotated[int | None, typer.Option(help="Simulated: processes, all cores.")] = None,
) -> None:
    """Kill, freeze, blind and mislead real processes, and measure how soon true heat is off."""
    if simulated:
        from thermod.cli.campaign import campaign

        campaign(sessions, seed, hours, minutes, workers, json)
    import structlog

    from thermod.sim.drill.drill import Drill, run

    logging.disable()  # a broker that goes away is what we came for
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    try:
        report = run(
            Drill(_chosen(faults, long=long), runs, domes, stacks, seed, keep), console.print
        )
    except KeyboardInterrupt:
        console.print("ended; nothing is left running")
        raise SystemExit(130) from None
    if json == "-":
        typer.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        _print_table(report)
        if json is not None:
            Path(json).write_bytes(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))
    for problem in report.problems:
        console.print(f"ended early: {problem}")
    raise SystemExit(0 if report.held else 1)


def _chosen(names: str, *, long: bool) -> tuple[Fault, ...]:
    from thermod.sim.drill.faults import BY_NAME, FAULTS, LONG

    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in BY_NAME]
    if unknown:
        raise ThermodError(
            f"there is no fault {', '.join(unknown)}",
            where="thermod drill --faults",
            do=f"Choose from: {', '.join(BY_NAME)}.",
        )
    chosen = tuple(BY_NAME[name] for name in dict.fromkeys(wanted)) or FAULTS
    return tuple(dict.fromkeys((*chosen, *LONG))) if long else chosen


def _print_table(report: Report) -> None:
    told = report.as_json()
    table = Table(
        title="Seconds until true heater power was off",
        caption=f"{told['broker']}; {told['machine']}; {told['date']}; "
        f"{told['stalled_runs']} runs repeated. Simulated domes, not treatment.",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "fault" else "right", no_wrap=True)
    for row in told["faults"]:
        times = (row["heat_off_s"][name] for name in ("min", "p50", "p99", "max"))
        must_cut = row["expected"] == "off"
        table.add_row(
            row["fault"],
            row["expected"],
            str(row["injected"]),
            "-" if row["detected"] is None else str(row["detected"]),
            str(row["cut"]),
            *("-" if time_s is None else f"{time_s:.2f}" for time_s in times),
            f"{row['limit_s']:.2f}" if must_cut else "-",
            str(row["reheats"]),
            str(row["healed"]),
            "[green]held[/green]" if row["held"] else "[red]FAILED[/red]",
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = TABLE_WIDTH  # a file or a pipe has no narrow side
    console.print(table)
