"""The command line. Each command is a thin call; what it does lives elsewhere and is imported when
it is asked for.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from rich.markup import escape

from thermod.cli import (
    alarms,
    bench_control,
    configuration,
    drill,
    journal,
    node,
    services,
    simulation,
    tune,
)
from thermod.errors import ThermodError

app = typer.Typer(
    name="thermod",
    help="Thermal control for whole-body hyperthermia research. Not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(configuration.app, name="config", help="Check or show a configuration.")
app.add_typer(alarms.app, name="alarms", help="The runbook: what each alarm means.")
app.add_typer(journal.app, name="journal", help="The record: sessions, their story, its chain.")
app.add_typer(services.keys_app, name="keys", help="Access keys of the gateway.")
app.add_typer(node.app, name="node", help="Checks of a dome's own hardware.")
app.command()(services.control)
app.command()(services.gateway)
app.command()(services.sim)
app.command()(simulation.simulate)
app.command()(simulation.demo)
app.command()(simulation.bench)
app.command()(bench_control.bench_control)
app.command()(drill.drill)
app.command()(tune.tune)


def main() -> None:
    """Run a command; an expected error is told in words and exits with 2."""
    try:
        app()
    except ThermodError as error:
        text = f"[red]thermod:[/red] {escape(str(error))}"  # `[where]` is no markup
        Console(stderr=True).print(text, highlight=False, soft_wrap=True)
        sys.exit(2)
