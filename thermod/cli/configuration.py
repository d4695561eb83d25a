"""`thermod config check` and `thermod config show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

ConfigPath = Annotated[
    Path, typer.Option("--config", "-c", envvar="THERMOD_CONFIG", help="The configuration file.")
]
DEFAULT_CONFIG = Path("thermod.toml")


@app.command()
def check(path: Annotated[Path, typer.Argument(help="The file.")] = DEFAULT_CONFIG) -> None:
    """Read a configuration as the services would, and say what is wrong with it."""
    from thermod.config import load

    config = load(path)
    probes = sum(len(dome.probe) for dome in config.domes)
    typer.echo(f"{path} is in order: {len(config.domes)} dome(s), {probes} probes, {config.sha256}")


@app.command()
def show(path: Annotated[Path, typer.Argument(help="The file.")] = DEFAULT_CONFIG) -> None:
    """Print the configuration in force, defaults filled in and secrets masked."""
    from thermod.config import load
    from thermod.config import show as shown

    typer.echo(shown(load(path)), nl=False)
