"""The whole gateway process of a test: its configuration, its start and its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.fakes import SITE, eventually
from tests.servers import HOST, Mosquitto, free_port
from thermod.clock import BootClock
from thermod.config import Broker, Config, Dome, Gateway
from thermod.gateway.app import serve
from thermod.gateway.auth import Role
from thermod.gateway.keys import create_key


def config_for(
    folder: Path, broker: Mosquitto, *, port: int = 0, domes: tuple[str, ...] = ("dome-1",)
) -> Config:
    return Config(
        site=SITE,
        state_dir=folder / "state",
        broker=Broker(host=HOST, port=broker.port),
        gateway=Gateway(port=port or free_port()),
        dome=tuple(Dome(id=dome, rated_w=2000.0) for dome in domes),
    )


class Running:
    """A gateway that serves, and a key for each role, made as by the command line beforehand."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.url = ""
        self.keys = {
            role: create_key(config.state_dir, role=role, label=f"test-{role}") for role in Role
        }
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        addresses: list[str] = []
        serving = serve(self.config, BootClock(), on_ready=addresses.append)
        task = self._task = asyncio.create_task(serving, name="gateway")
        await eventually(lambda: bool(addresses) or task.done(), within_s=15.0)
        if not addresses:
            await task
        self.url = addresses[0]

    async def stop(self) -> None:
        """As a service manager would."""
        if self._task is not None:
            if not self._task.done():
                signal.raise_signal(signal.SIGTERM)
            async with asyncio.timeout(5.0):
                await self._task

    def client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.keys[Role.OPERATOR]}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers)


@contextlib.asynccontextmanager
async def gateway(config: Config) -> AsyncIterator[Running]:
    running = Running(config)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@contextlib.asynccontextmanager
async def serving(config: Config) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(config) as running, running.client() as client:
        yield client


async def live(client: httpx.AsyncClient) -> None:
    """Waits until control's state is heard."""
    await until_json(client, "/v1/domes/dome-1", lambda dome: dome["live"] == "live")


async def until_json(client: httpx.AsyncClient, path: str, holds: Callable[[Any], bool]) -> None:
    async with asyncio.timeout(10.0):
        while not holds((await client.get(path)).json()):  # noqa: ASYNC110  # over HTTP
            await asyncio.sleep(0.02)
