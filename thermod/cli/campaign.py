"""`thermod drill --simulated`: random faults on pretend time, judged by ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from thermod.sim.campaign.campaign import Campaign, Wanted

HOURS_PER_SESSION = 0.1


def campaign(
    sessions: int,
    seed: int,
    hours: float | None,
    minutes: float,
    workers: int | None,
    json: str | None,
) -> NoReturn:
    """Run it and print what it came to; ends with 0 if nothing was unsafe, stuck or tripped."""
    from thermod.sim.campaign.campaign import Wanted

    if sessions == 1 and json is None:
        raise SystemExit(0 if _tell_one(seed) else 1)
    calm_hours = HOURS_PER_SESSION * sessions if hours is None else hours
    wanted = Wanted(sessions, seed, calm_hours, workers, 60.0 * minutes)
    try:
        done = _run(wanted)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    told = done.as_json()
    if json is None:
        _print(told)
    elif json == "-":
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        Path(json).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    raise SystemExit(0 if done.holds else 1)


def _run(wanted: Wanted) -> Campaign:
    from thermod.sim.campaign.campaign import run

    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        total = wanted.sessions + wanted.calm_sessions()
        bar = progress.add_task("sessions", total=None if wanted.stop_after_s else total)
        return run(wanted, lambda verdict: progress.advance(bar))


def _tell_one(seed: int) -> bool:
    """One session with its story. True: it was safe, and not stuck."""
    from thermod.sim.campaign.campaign import be_quiet, make_moments
    from thermod.sim.campaign.plan import plan_session
    from thermod.sim.campaign.session import Session

    be_quiet()
    moments = make_moments()
    console = Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
    plan = plan_session(seed, len(moments))
    session = Session(plan, moments, lambda at_s, text: console.print(f"{at_s:9.3f} s  {text}"))
    console.print(f"seed {seed}, from checkpoint {session.moment}; true time, 0 at its beginning")
    verdict = session.play()
    for what in verdict.unsafe:
        console.print(f"UNSAFE at {what}")
    console.print(
        f"stuck: {verdict.stuck}"
        if verdict.stuck
        else "neither unsafe nor stuck" * (not verdict.unsafe)
    )
    console.print(f"trace {verdict.trace_sha256}")
    return not (verdict.unsafe or verdict.stuck)


def _print(told: dict[str, Any]) -> None:
    """A table for people."""
    console = Console(highlight=False, emoji=False, markup=False)
    table = Table(
        title="Drill on pretend time: simulation, not treatment", box=None, show_header=False
    )
    for name, text in (
        ("sessions", f"{told['sessions']}, {told['whole_sessions']} of them whole"),
        ("begun at", f"{told['checkpoints']} checkpoints"),
        ("faults injected", f"{told['faults_injected']} of {told['kinds']} kinds"),
        (
            "pretend time",
            f"{told['session_hours']} h, {told['fault_free_hours']} h without a fault",
        ),
        ("unsafe", str(len(told["unsafe"]))),
        ("neither recovered nor ended", str(len(told["stuck"]))),
        ("false trips", str(told["false_trips"])),
        ("withheld without a fault", str(told["withheld_in_fault_free_hours"])),
        ("seeds", f"{told['seed']} and on"),
        ("trace", told["trace_sha256"]),
        ("took", f"{told['wall_s']} s"),
    ):
        table.add_row(name, text)
    console.print(table)
    for name, found in told["excused"].items():
        console.print(f"counted apart, {name}: {found}")
    for what in ("unsafe", "stuck", "false_trips_of"):
        for each in told[what]:
            console.print(f"{what}: {each}")
