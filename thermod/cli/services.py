"""The long-running processes: `thermod control`, `thermod gateway`, `thermod sim`, and the
gateway's keys.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from thermod.cli.configuration import DEFAULT_CONFIG, ConfigPath
from thermod.errors import ThermodError

keys_app = typer.Typer(no_args_is_help=True)


def control(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the control process: the one that may heat, under the guard's permit."""
    from thermod.clock import BootClock
    from thermod.config import load
    from thermod.daemon import serve
    from thermod.logs import configure

    configure()
    raise SystemExit(asyncio.run(serve(load(config), BootClock())))


def gateway(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the gateway: API, console and the copy to InfluxDB. It holds no authority over heat."""
    from thermod.clock import BootClock
    from thermod.config import load
    from thermod.gateway.app import serve
    from thermod.logs import configure
    from thermod.mqtt import TakenOver

    configure()
    try:
        asyncio.run(serve(load(config), BootClock()))
    except* TakenOver as taken:
        typer.echo(f"thermod: {taken.exceptions[0]}", err=True)
        raise SystemExit(64) from None


def sim(
    config: ConfigPath = DEFAULT_CONFIG,
    seed: Annotated[int, typer.Option(help="Which simulated patient.")] = 0,
    truth: Annotated[
        Path | None, typer.Option(help="Append what truly happened to this file, for a judge.")
    ] = None,
) -> None:
    """Run simulated domes with simulated patients, for every dome of the configuration."""
    from thermod.clock import BootClock
    from thermod.config import load
    from thermod.logs import configure
    from thermod.sim.service import serve

    configure()
    loaded = load(config)
    domes = [dome.id for dome in loaded.domes]
    broker = loaded.broker
    serve(broker.host, broker.port, loaded.site, domes, seed, BootClock(), truth)


@keys_app.command("create")
def create_key(
    role: Annotated[str, typer.Argument(help="viewer, operator, clinician, technician, admin…")],
    label: Annotated[str, typer.Argument(help="Whose key it is.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Create an access key and print it, once."""
    from thermod.config import load
    from thermod.gateway import keys

    try:
        typer.echo(keys.create_key(load(config).state_dir, role=role, label=label))
    except ValueError as error:
        raise ThermodError(str(error), where="thermod keys create", do="See --help.") from error


@keys_app.command("list")
def list_keys(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """List the access keys, without their secrets."""
    from thermod.config import load
    from thermod.gateway import keys

    for key in keys.list_keys(load(config).state_dir):
        state = "in force" if key.revoked_ms is None else "revoked"
        typer.echo(f"{key.key_id}  {key.role:<12} {state:<9} {key.label}")


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The id that `keys list` shows.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Revoke an access key."""
    from thermod.config import load
    from thermod.gateway import keys

    if not keys.revoke_key(load(config).state_dir, key_id):
        raise ThermodError(
            f"there is no key {key_id} in force", where="gateway.db", do="See `list`."
        )
    typer.echo(f"{key_id} is revoked")
