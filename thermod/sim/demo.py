"""`thermod demo`: everything on this machine, faster than life, until Ctrl-C.

An embedded broker, a simulated dome with a patient, the guard, control and the gateway, each in a
process of its own, plus a scripted nurse here. They run the shipped loops; only the clock that is
handed in runs fast, and only for a site whose id starts with `demo-` on a broker on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Event
from types import FrameType

from thermod.clock import BootClock
from thermod.config import Config, load
from thermod.errors import ThermodError, require
from thermod.sim.clock import Origin, ScaledClock
from thermod.sim.demo_files import DEMO_SITE, LOOPBACK, write_files

READY_S = 20.0
STOP_S = 5.0
ROLES = ("sim", "guard", "control", "gateway", "nurse")


@dataclass(frozen=True, slots=True)
class Stage:
    """What every process of the demo is told."""

    folder: Path
    speed: float
    origin: Origin
    nurse: bool

    def clock(self) -> ScaledClock:
        """The fast clock, the same in every process."""
        return ScaledClock(self.speed, self.origin)

    def config(self) -> Config:
        """The configuration; refuses to run fast anywhere but here."""
        config = load(self.folder / "thermod.toml")
        require(config.site.startswith("demo-"), "a scaled clock is only for a demo site")
        require(config.broker.host == LOOPBACK, "a scaled clock is only for a local broker")
        return config


def run(*, speed: float, port: int, domes: int, nurse: bool, open_page: bool) -> int:
    """Start all of it, print the address, wait for Ctrl-C, stop all of it; the exit status."""
    with tempfile.TemporaryDirectory(prefix="thermod-demo-") as folder, _told_to_stop() as told:
        broker_port = free_port(0, "the broker")
        page_port = free_port(port, "the page")
        names = [f"dome-{number}" for number in range(1, domes + 1)]
        key = write_files(Path(folder), broker_port, page_port, names)
        stage = Stage(Path(folder), speed, Origin.here(BootClock()), nurse)
        with broker(Path(folder)), _processes(stage) as running:
            wait_until_listening(page_port, running)
            address = f"http://{LOOPBACK}:{page_port}/#key={key}"
            _say(address, speed, broker_port)
            if open_page:
                webbrowser.open(address)
            return _watch(running, told)


def _say(address: str, speed: float, broker_port: int) -> None:
    lines = (
        "",
        f"  thermod demo: {DEMO_SITE}, {speed:g} times as fast as life. Not a medical device.",
        f"  MQTT on {LOOPBACK}:{broker_port}. Ctrl-C ends everything.",
        "",
        f"  {address}",
        "",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def _told_to_stop() -> Iterator[Event]:
    """Ctrl-C and SIGTERM set an event instead of tearing through the clean-up."""
    told = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[None]:
    try:
        from iotcore import Broker
    except ImportError as error:
        raise ThermodError(
            "the demo's broker is not installed", where="iotcore", do="pip install 'thermod[demo]'"
        ) from error
    with Broker(config_path=str(folder / "broker.toml")):
        yield


@contextlib.contextmanager
def _processes(stage: Stage) -> Iterator[list[SpawnProcess]]:
    """Each part as a process of its own; whatever happens, none is left behind."""
    context = multiprocessing.get_context("spawn")
    parent = os.getpid()
    roles = ROLES if stage.nurse else ROLES[:-1]
    running = [
        context.Process(target=play, args=(role, stage, parent), name=role) for role in roles
    ]
    try:
        for process in running:
            process.start()
        yield running
    finally:
        for process in running:
            if process.is_alive():
                process.terminate()
        for process in running:
            if process.pid is not None:
                process.join(STOP_S)
                if process.is_alive():
                    process.kill()
                    process.join()


def play(role: str, stage: Stage, parent: int) -> None:
    """The main function of each child."""
    _end_with(parent)
    log = stage.folder / f"{role}.log"
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    _PLAYERS[role](stage)


def _end_with(parent: int) -> None:
    """Ask Linux to end us when the launcher dies, however it dies."""
    with contextlib.suppress(OSError, AttributeError):
        import ctypes

        pr_set_pdeathsig = 1  # prctl(2)
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(0)


def _sim(stage: Stage) -> None:
    from thermod.logs import configure
    from thermod.sim.service import serve

    configure()
    config = stage.config()
    domes = [dome.id for dome in config.domes]
    truth = stage.folder / "truth.jsonl"
    serve(LOOPBACK, config.broker.port, config.site, domes, 0, stage.clock(), truth)


def _guard(stage: Stage) -> None:
    from thermod.guard.config import load as load_guard
    from thermod.guard.loop import run as run_guard

    stage.config()
    clock, stop = stage.clock(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    config = load_guard(stage.folder / "guard.toml", os.environ)
    raise SystemExit(run_guard(config, _GuardClock(clock), stop))


@dataclass(frozen=True, slots=True)
class _GuardClock:
    """The fast clock as the guard's blocking loop wants it."""

    clock: ScaledClock

    def now_s(self) -> float:
        """Pretend seconds."""
        return self.clock.now_s()

    def wait_s(self, span_s: float) -> float:
        """How many real seconds a span of pretend time takes."""
        return self.clock.real_s(span_s)


def _control(stage: Stage) -> None:
    from thermod.daemon import serve
    from thermod.logs import configure

    configure()
    raise SystemExit(asyncio.run(serve(stage.config(), stage.clock())))


def _gateway(stage: Stage) -> None:
    from thermod.gateway.app import serve
    from thermod.logs import configure

    configure()
    # It decides nothing about heat, and people live in real time: so do its time-outs.
    asyncio.run(serve(stage.config(), BootClock()))


def _nurse(stage: Stage) -> None:
    from thermod.logs import configure
    from thermod.sim.bedside import attend

    configure()
    asyncio.run(attend(stage.config(), stage.clock()))


_PLAYERS: dict[str, Callable[[Stage], None]] = {
    "sim": _sim,
    "guard": _guard,
    "control": _control,
    "gateway": _gateway,
    "nurse": _nurse,
}


def _watch(running: list[SpawnProcess], told: Event) -> int:
    """Until Ctrl-C, or until a part ends by itself: then say which, with its last words."""
    while not told.wait(0.5):
        for process in running:
            if not process.is_alive():
                sys.stderr.write(f"thermod demo: {process.name} ended ({process.exitcode})\n")
                return 1
    return 0


def wait_until_listening(port: int, running: list[SpawnProcess]) -> None:
    clock = BootClock()
    deadline_s = clock.now_s() + READY_S
    pause = Event()
    while clock.now_s() < deadline_s:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 0.2):
            return
        for process in running:
            if not process.is_alive():
                break
        pause.wait(0.1)
    raise ThermodError(
        f"the page did not come up within {READY_S:.0f} s", where="gateway", do="Try again."
    )


def free_port(wanted: int, what: str) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError as error:
            raise ThermodError(
                f"port {wanted} is taken", where=what, do="Choose another, or 0 for a free one."
            ) from error
        found: int = probe.getsockname()[1]
        return found
