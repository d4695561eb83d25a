"""`thermod node check`: hold a dome's hardware to the wire contract, over the bus."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from thermod.cli.configuration import DEFAULT_CONFIG, ConfigPath
from thermod.conformance.hands import Hands
from thermod.errors import ThermodError

if TYPE_CHECKING:
    from thermod.conformance.run import Run
    from thermod.conformance.verdict import Requirement

app = typer.Typer(no_args_is_help=True)

COLOURS = {"pass": "green", "fail": "red", "unseen": "yellow", "not reached": "red"}
EMPTY = "Is the dome empty, with no person in it or near its heater, until this check is over?"


class Version(StrEnum):
    """Of MQTT."""

    V5, V311 = "5", "3.1.1"


@app.callback()
def node() -> None:
    """Checks for whoever builds a dome."""


@app.command()
def check(
    dome: Annotated[str, typer.Option(help="Which dome, by its id on the bus.")],
    config: ConfigPath = DEFAULT_CONFIG,
    power: Annotated[float, typer.Option(min=5.0, max=30.0, help="How hot, in %.")] = 20.0,
    minutes: Annotated[float, typer.Option(min=0.5, max=30.0, help="How long at most.")] = 10.0,
    only: Annotated[str, typer.Option(help="Requirements, with commas; all if none.")] = "",
    hands: Annotated[Hands, typer.Option(help="Who opens the lid and reboots it.")] = Hands.NOBODY,
    mqtt: Annotated[Version, typer.Option(help="Version of MQTT.")] = Version.V5,
    yes: Annotated[bool, typer.Option("--yes", help="The dome is empty: do not ask.")] = False,
    json: Annotated[str | None, typer.Option(help="Write all results here; - is stdout.")] = None,
) -> None:
    """Take the place of control and guard, and try each requirement of thermod/CONTRACT.md on a
    dome. It heats, at low power, so the dome must be empty. Exit status 1 if one fails.
    """
    from thermod.clock import BootClock
    from thermod.config import load
    from thermod.conformance.over_mqtt import Session, Settings
    from thermod.conformance.report import as_json

    loaded = load(config)
    settings = Settings(
        broker=loaded.broker,
        site=loaded.site,
        dome=_dome_id(dome),
        requirements=_chosen(only),
        power_pct=power,
        limit_s=60.0 * minutes,
        hands=hands,
        mqtt_5=mqtt is Version.V5,
    )
    _require_empty(yes)
    console = Console(stderr=True, highlight=False)
    try:
        with _Progress(console, len(settings.requirements)) as watcher:
            run = asyncio.run(Session(settings, BootClock(), watcher).check())
    except KeyboardInterrupt:
        console.print("ended; the dome was told that its epoch is over")
        raise SystemExit(130) from None
    payload = orjson.dumps(as_json(dome, run), option=orjson.OPT_INDENT_2)
    if json == "-":
        typer.echo(payload.decode())
    else:
        _print_table(dome, run)
        if json is not None:
            Path(json).write_bytes(payload + b"\n")
    raise SystemExit(0 if run.conforms else 1)


class _Progress:
    """One line that says how far it is; errands stay above it."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("listening for the dome", total=total)
        self._shown = ""

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, run: Run) -> None:
        """Called many times a second: draw only what is new."""
        name = "" if run.current is None else f"{run.current.name}: {run.current.text}"
        if name != self._shown:
            self._shown = name
            self._bar.update(self._task, completed=len(run.results), description=name)

    def ask(self, errand: str) -> None:
        self._console.print(f"[bold yellow]{errand}[/bold yellow]")


def _dome_id(text: str) -> str:
    from thermod.wire import is_name

    if not is_name(text):
        raise ThermodError(
            f"{text!r} is no dome id",
            where="thermod node check --dome",
            do="Give what stands in its topics: small letters, digits and -, at most 32.",
        )
    return text


def _chosen(names: str) -> tuple[Requirement, ...]:
    from thermod.conformance.table import BY_NAME, REQUIREMENTS

    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in BY_NAME]
    if unknown:
        raise ThermodError(
            f"there is no requirement {', '.join(unknown)}",
            where="thermod node check --only",
            do=f"Choose from: {', '.join(BY_NAME)}.",
        )
    return tuple(each for each in REQUIREMENTS if each.name in wanted or not wanted)


def _require_empty(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise ThermodError(
            "nobody is there to say that the dome is empty",
            where="thermod node check",
            do="Look into the dome, then give --yes.",
        )
    if not typer.confirm(EMPTY, default=False, err=True):
        raise ThermodError(
            "the dome is not known to be empty", where="thermod node check", do="Empty it first."
        )


def _print_table(dome: str, run: Run) -> None:
    from thermod.conformance.report import off_text, summary

    table = Table(
        title=f"{dome} against thermod/CONTRACT.md",
        caption=f"{summary(run)}. What the bus shows is what the node says: true power needs a "
        "meter of its own at the heater's terminals.",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for heading in ("requirement", "", "s until off", "seen", "CONTRACT.md"):
        table.add_column(heading, no_wrap=heading in ("requirement", ""), overflow="fold")
    for result in run.results:
        requirement, colour = result.requirement, COLOURS[result.outcome.value]
        seen = ": ".join(text for text in (requirement.text, result.text) if text)
        again = f" (tried {result.repeats + 1} times)" if result.repeats else ""
        table.add_row(
            requirement.name,
            f"[{colour}]{result.outcome.value}[/{colour}]",
            off_text(result.off),
            escape(seen) + again,
            requirement.section,
        )
    Console(highlight=False).print(table)
