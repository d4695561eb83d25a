"""`thermod bench-control`: is control good enough, and has it become worse?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from thermod.sim.control_rows import Row

COMMITTED = Path(__file__).parent.parent / "sim" / "control_results.json"
METHOD_FIGURES = ("time_to_38_4_min", "peak_overshoot_after_c", "hold_within_0_1")


def bench_control(
    bodies: Annotated[int, typer.Option(min=2, max=10_000, help="Ours, of each kind.")] = 200,
    baseline_bodies: Annotated[
        int, typer.Option(min=1, max=10_000, help="By each plain method, of these.")
    ] = 50,
    processes: Annotated[int | None, typer.Option(min=1, help="At once; all cores.")] = None,
    against: Annotated[Path, typer.Option(help="The last result.")] = COMMITTED,
    bless: Annotated[bool, typer.Option(help="Write this result over the last one.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write this result here as well.")] = None,
) -> None:
    """Judge control on simulated patients with fixed seeds, beside the plain methods and beside the
    last committed result. Exit 1: worse than that by more than the noise of a row.
    """
    from thermod.sim.bench_control import jobs, measured

    console = Console(stderr=True)
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(jobs(bodies, min(baseline_bodies, bodies))))
        figures, rows = measured(
            bodies, min(baseline_bodies, bodies), lambda: progress.advance(task), processes
        )
    told = orjson.dumps(figures, option=orjson.OPT_INDENT_2) + b"\n"
    if json is not None:
        json.write_bytes(told)
    out = Console()
    last = orjson.loads(against.read_bytes()) if against.exists() else None
    out.print(_rows_table(rows, figures, last))
    for name in ("nominal", "hard"):
        out.print(_methods_table(name, figures["groups"][name]))
    out.print(_disturbances_table(figures["disturbances"]))
    cost = figures["cost"]
    out.print(f"As it was: a cycle {cost['cycle_us']:.0f} µs, a session {cost['session_s']:.1f} s.")
    is_worse = _compared(out, figures, rows, last)
    if bless:
        against.write_bytes(told)
        out.print(f"written: {against}")
    raise SystemExit(1 if is_worse and not bless else 0)


def _compared(
    out: Console, figures: dict[str, Any], rows: Sequence[Row], last: dict[str, Any] | None
) -> bool:
    """Say what became worse. True if anything did."""
    from thermod.sim.control_compare import comparable, lost_rows, worse_rows

    if last is None:
        out.print("There is no last result to compare with; --bless makes this one it.")
        return False
    if not comparable(figures, last):
        out.print(
            f"Not compared: the last result is of {last['bodies']} bodies, this one of"
            f" {figures['bodies']}, or the sessions differ otherwise."
        )
        return False
    worse, lost = worse_rows(rows, last["rows"]), lost_rows(rows, last["rows"])
    for row in worse:
        out.print(f"[bold]worse:[/bold] {row.name}: {row.before} before, {row.now} now")
    for name in lost:
        out.print(f"[bold]gone:[/bold] {name}")
    if not worse and not lost:
        out.print("No row is worse than in the last result by more than its noise.")
    return bool(worse or lost)


def _rows_table(rows: Sequence[Row], figures: dict[str, Any], last: dict[str, Any] | None) -> Table:
    before = {} if last is None else {row["name"]: row["got"] for row in last["rows"]}
    table = Table(
        title=f"Control on simulated patients, {figures['bodies']} of each kind",
        caption=f"Simulation. {figures['wall_s']} s on {figures['machine']}, {figures['date']}.",
    )
    for heading in ("figure", "target", "got", "last", "met"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for row in rows:
        target = f"{'≥' if row.more_is_better else '≤'} {row.target:g}"
        met = "yes" if row.met else "NO"
        table.add_row(row.name, target, _cell(row.got), _cell(before.get(row.name)), met)
    return table


def _methods_table(name: str, group: dict[str, Any]) -> Table:
    """Median / p95 / worst of a few figures, ours and the plain methods'."""
    delay = group["delay_min"]
    table = Table(
        title=f"{name}: the same bodies, method by method; median / p95 / worst",
        caption=f"Simulation. Delay against full power over {delay['reached']} that reach 38.4 °C"
        f" both ways; not by ours: {delay['ours_missing']}, not by full power:"
        f" {delay['full_power_missing']}.",
    )
    for heading in ("method", "bodies", "min to 38.4", "peak over target, °C", "hold in ±0.1"):
        table.add_column(heading)
    methods = {"thermod": group, **group["baselines"]}
    for method, found in methods.items():
        cells = (_ranks(found["summary"][figure]) for figure in METHOD_FIGURES)
        table.add_row(method, str(found["sessions"]), *cells)
    return table


def _disturbances_table(found: dict[str, Any]) -> Table:
    table = Table(title="what goes wrong, both populations", caption="Simulation.")
    for heading in ("disturbance", "sessions", "peak over target, °C", "reached", "tripped"):
        table.add_column(heading)
    for label, row in found.items():
        counts = (str(row["reached"]), str(row["tripped"]))
        table.add_row(label, str(row["sessions"]), _ranks(row["peak_c"]), *counts)
    return table


def _ranks(found: dict[str, Any]) -> str:
    return " / ".join(_cell(found[key]) for key in ("median", "p95", "worst"))


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
