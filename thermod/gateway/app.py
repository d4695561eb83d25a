"""The gateway process: the web application, the link to the broker and the forwarder, together.

`serve` is what `thermod gateway` runs. One flat task group holds everything that goes on; if one
part fails the process ends, and the service manager starts it anew. Nothing that heats notices.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from importlib.metadata import version

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from thermod.clock import Clock
from thermod.config import Config
from thermod.errors import ThermodError
from thermod.gateway import (
    api_alarms,
    api_console,
    api_domes,
    api_events,
    api_ops,
    api_people,
    api_protocols,
    api_sessions,
)
from thermod.gateway.answers import Answers
from thermod.gateway.auth import People
from thermod.gateway.bookmarks import Bookmarks
from thermod.gateway.forward import Forwarder, ForwardStatus
from thermod.gateway.influx import Influx, client_for
from thermod.gateway.keys import DATABASE
from thermod.gateway.lines import hello_line
from thermod.gateway.metrics import registry_of
from thermod.gateway.middleware import BodyLimit, SecurityHeaders
from thermod.gateway.openapi import describe
from thermod.gateway.problems import Problem, on_fault, on_http_error, on_invalid, on_problem
from thermod.gateway.records import Records
from thermod.gateway.service import Gateway, Parts
from thermod.gateway.state import Picture
from thermod.gateway.store import Store
from thermod.gateway.topics import Topics
from thermod.mqtt import Inbound, Link

FIRST_KEY = "first-key.txt"
PARTS = (
    api_domes,
    api_sessions,
    api_protocols,
    api_alarms,
    api_events,
    api_people,
    api_ops,
    api_console,
)
GOODBYE_S = 1.0
SHUTDOWN_S = 2  # uvicorn would wait for open event streams for ever

log = structlog.get_logger(__name__)


def create_app(gateway: Gateway) -> FastAPI:
    """The API and the console over this gateway. Serve it wrapped by `guarded`."""
    app = build_app()
    attach(app, gateway)
    return app


def attach(app: FastAPI, gateway: Gateway) -> None:
    """From now on the application speaks for this gateway."""
    app.state.gateway = gateway
    app.state.registry = registry_of(gateway)
    app.state.assets = api_console.load_assets()


def build_app() -> FastAPI:
    """The routes and the handlers of errors, without a gateway behind them."""
    app = FastAPI(
        title="thermod gateway",
        version=version("thermod"),
        openapi_url="/v1/openapi.json",
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
    )
    for part in PARTS:
        app.include_router(part.router)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_fault)
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app


def guarded(app: FastAPI) -> ASGIApp:
    """With what must hold for every answer, also for the answer to a fault."""
    return SecurityHeaders(BodyLimit(app))


async def serve(
    config: Config, clock: Clock, *, on_ready: Callable[[str], None] | None = None
) -> None:
    """Run the gateway until SIGTERM or SIGINT. `on_ready` gets the address once it listens.

    Raises ThermodError if the port is taken, and TakenOver if another gateway took our place.
    """
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(config.state_dir / DATABASE)
    try:
        await _serve(config, clock, store, on_ready)
    finally:
        store.close()


async def _serve(
    config: Config, clock: Clock, store: Store, on_ready: Callable[[str], None] | None
) -> None:
    people = People(store)
    people.write_first_key(config.state_dir / FIRST_KEY, clock.wall_ms())
    topics = Topics(config.site, config.gateway.process)
    inbox: list[Callable[[Inbound], None]] = []  # the link comes first, its listener after it
    link = _link(config, topics, lambda message: inbox[0](message))
    gateway = Gateway(
        Parts(
            bus=link,
            picture=Picture(topics, [dome.id for dome in config.domes], clock),
            people=people,
            answers=Answers(store),
            records=Records(config.journal_path),
            forward=ForwardStatus(configured=config.influx is not None),
            protocols=tuple(config.protocols.values()),
            limits=config.limits,
        )
    )
    inbox.append(gateway.on_message)
    listener = _listen(config.gateway.host, config.gateway.port)
    server = _web_server(gateway)
    async with AsyncExitStack() as stack:
        forwarder = await _forwarder(config, gateway, store, clock, stack)
        stack.enter_context(_stopped_by_signals(server, gateway))
        async with asyncio.TaskGroup() as tasks:
            going_on = [
                tasks.create_task(link.run(), name="link"),
                tasks.create_task(gateway.beat(), name="beat"),
                tasks.create_task(gateway.refresh(), name="refresh"),
                tasks.create_task(gateway.stops.run(), name="stops"),
            ]
            if forwarder is not None:
                going_on.append(tasks.create_task(forwarder.run(), name="forward"))
            host, port = listener.getsockname()[:2]
            log.info("listening", address=f"http://{host}:{port}/")
            if on_ready is not None:
                on_ready(f"http://{host}:{port}/")
            await server.serve(sockets=[listener])
            await link.goodbye(GOODBYE_S)
            for task in going_on:
                task.cancel()


def _link(config: Config, topics: Topics, on_message: Callable[[Inbound], None]) -> Link:
    instance_id = f"{topics.process}-{secrets.token_hex(8)}"
    return Link(
        broker=config.broker,
        client_id=f"thermod-{topics.site}-{topics.process}",
        subscriptions=topics.subscriptions,
        on_message=on_message,
        status_topic=topics.status,
        status={
            "process": topics.process,
            "instance_id": instance_id,
            "version": version("thermod"),
            "domes": [dome.id for dome in config.domes],
        },
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Said to be TCP outright: asyncio sets TCP_NODELAY only then, and without it a small answer
    # waits 40 ms for the acknowledgement of its own head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ThermodError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            where="thermod.toml: [gateway]",
            do="Choose another port, or end what listens there.",
        ) from error
    return listener


class _Server(uvicorn.Server):
    """Signals are ours: uvicorn would raise them again after it has stopped, and skip our end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _web_server(gateway: Gateway) -> _Server:
    return _Server(
        uvicorn.Config(
            guarded(create_app(gateway)),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
    )


@contextmanager
def _stopped_by_signals(server: _Server, gateway: Gateway) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        gateway.hub.close()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _forwarder(
    config: Config, gateway: Gateway, store: Store, clock: Clock, stack: AsyncExitStack
) -> Forwarder | None:
    influx = config.influx
    if influx is None:
        return None
    client = await stack.enter_async_context(client_for(influx.url, influx.token_text, influx.org))
    return Forwarder(
        gateway.records,
        Influx(client, org=influx.org, bucket=influx.bucket),
        Bookmarks(store),
        clock,
        gateway.forward,
        partial(hello_line, config.site, config.gateway.process),
    )
