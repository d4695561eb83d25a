"""Fixtures that start the real servers, one for each test that asks, on free ports of 127.0.0.1.

A server that is not installed fails the test: a check that did not run must not look like one
that passed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.async_api import Browser, async_playwright

HOST = "127.0.0.1"
READY_WITHIN_S = 15.0
TRIES_FOR_A_PORT = 3


def find_program(name: str) -> str:
    """The path of a Debian program; daemons live in sbin, which a user's PATH may lack."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin")
    if found is None:
        pytest.fail(f"{name} is missing. As root: apt-get install {name}", pytrace=False)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A child process that listens on one port, and the ways in which it can fail."""

    host = HOST
    ready_says = ""  # the line of its log by which it listens

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Returns when this very process listens: its log says so and the port answers."""
        old_log_bytes = len(self.log())
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline_s = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline_s and self.process.poll() is None:
            if self.ready_says in self.log()[old_log_bytes:]:
                with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1.0):
                    return
            time.sleep(0.005)
        self.kill()
        raise ServerDidNotStart(self.log())

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError("the server is not running")
        return self.process.pid

    def kill(self) -> None:
        """SIGKILL: gone without a word. Also ends a frozen one."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        """Kill, and start again on the same port."""
        self.kill()
        self.start()

    def log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text("ascii", "replace") if path.exists() else ""

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path) -> Iterator[Self]:
        server = cls._started(folder)
        try:
            yield server
        finally:
            server.kill()

    @classmethod
    def _started(cls, folder: Path) -> Self:
        """Another process may take a free port before ours binds it, so a first start has tries."""
        for _ in range(TRIES_FOR_A_PORT - 1):
            server = cls(folder)
            with contextlib.suppress(ServerDidNotStart):
                server.start()
                return server
        server = cls(folder)
        server.start()
        return server


class ServerDidNotStart(Exception):
    """Carries the server's own log."""


class Mosquitto(Server):
    """Debian's broker: anyone may connect, nothing is kept over a restart."""

    ready_says = " running"

    def command(self) -> list[str]:
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} {HOST}\n"
            "allow_anonymous true\n"
            "persistence false\n"
            "set_tcp_nodelay true\n"
            "sys_interval 0\n"
            "log_dest stderr\n",
            "utf-8",
        )
        return [find_program("mosquitto"), "-c", str(config)]


class VictoriaMetrics(Server):
    """A database that takes InfluxDB v2 writes. It answers 204 to garbage too: read back."""

    ready_says = "starting http server at"

    def command(self) -> list[str]:
        return [
            find_program("victoria-metrics"),
            f"-httpListenAddr={HOST}:{self.port}",
            f"-storageDataPath={self.folder / 'victoria-metrics'}",
            "-retentionPeriod=100y",
            "-search.latencyOffset=0s",
            "-memory.allowedBytes=256MB",
        ]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def flush(self) -> None:
        """Makes everything written so far visible to `export`."""
        self._get("/internal/force_flush", {})

    def export(self, match: str, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
        """Raw series within the times: `metric` (names and tags), `values`, `timestamps` (ms)."""
        query = {"match[]": match, "start": f"{start_ms / 1000:.3f}", "end": f"{end_ms / 1000:.3f}"}
        lines = self._get("/api/v1/export", query).splitlines()
        return [json.loads(line) for line in lines]

    def _get(self, path: str, query: dict[str, str]) -> bytes:
        address = f"{self.url}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=10.0) as answer:
            body: bytes = answer.read()
            return body


@pytest.fixture
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto.running(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def victoria_metrics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VictoriaMetrics]:
    with VictoriaMetrics.running(tmp_path_factory.mktemp("victoria-metrics")) as database:
        yield database


@pytest.fixture(scope="session")
def chromium() -> dict[str, Any]:
    """What `playwright.chromium.launch` needs to drive Debian's chromium, quietly and offline."""
    return {
        "executable_path": find_program("chromium"),
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
async def browser(chromium: dict[str, Any]) -> AsyncIterator[Browser]:
    """A browser of the test's own. For a page: `await browser.new_page()`."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(**chromium)
        try:
            yield running
        finally:
            await running.close()
