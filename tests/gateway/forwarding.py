"""What the forwarder's tests stand on: a journal with a session in it, and servers that answer."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

from tests.gateway.fakes import FakeClock
from tests.thermod.journal_rows import ALARM, CYCLE, EVENT
from thermod.gateway.bookmarks import Bookmarks
from thermod.gateway.forward import Forwarder, ForwardStatus, lines_of
from thermod.gateway.influx import Influx, Target, client_for
from thermod.gateway.lines import hello_line
from thermod.gateway.records import Records
from thermod.gateway.store import Store
from thermod.journal import Journal
from thermod.journal_read import JournalReader

AT_MS = CYCLE.at_ms


class Ledger:
    """A journal being written, and a forwarder's memory beside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        self.journal = Journal(self.path)
        self.store = Store(folder / "gateway.db")
        self.cycle = 0

    def write(self, seconds: int) -> None:
        """Two cycles a second of a session that heats, alarms and is done; on the disk after it."""
        for _ in range(2 * seconds):
            self.cycle += 1
            at_ms = AT_MS + 500 * self.cycle
            row = CYCLE._replace(
                cycle=self.cycle,
                at_ms=at_ms,
                phase="hold" if self.cycle > 41 else "heat_up",
                alarms="core_warm" if self.cycle % 30 > 24 else "",
                core_temp_c=None if self.cycle % 50 == 0 else 37.0 + self.cycle / 1000,
                probes=f'{{"core-1":["core","good",{37.0 + self.cycle / 1000:.3f}],'
                '"skin-1":["skin","out",null]}',
            )
            self.journal.append(row)
            if self.cycle % 10 == 0:
                self.journal.append(EVENT._replace(cycle=self.cycle, at_ms=at_ms))
                self.journal.append(EVENT._replace(cycle=self.cycle, at_ms=at_ms, text="again"))
            if self.cycle % 30 == 25:
                self.journal.append(ALARM._replace(at_ms=at_ms))
        if not self.journal.flush(10.0):
            raise TimeoutError("the journal did not flush")

    def forwarder(self, target: Target, status: ForwardStatus) -> Forwarder:
        """A new one, as after a restart: all it knows of before is in `gateway.db`."""
        hello = partial(hello_line, "clinic-a", "gateway")
        records, marks = Records(self.path), Bookmarks(self.store)
        return Forwarder(records, target, marks, FakeClock(), status, hello)

    def lines(self) -> int:
        """How many lines all of it makes."""
        reader, before = JournalReader(self.path), {}
        reads = (reader.cycles_after, reader.events_after, reader.alarms_after)
        return sum(1 for read in reads for _ in lines_of(read(0, 1_000_000), before))

    def close(self) -> None:
        self.journal.close()
        self.store.close()


@contextlib.asynccontextmanager
async def influx_at(url: str, token: str = "secret") -> AsyncIterator[Influx]:
    async with client_for(url, token, "org") as client:
        yield Influx(client, org="org", bucket="bucket")


@contextlib.asynccontextmanager
async def running(forwarder: Forwarder) -> AsyncIterator[None]:
    task = asyncio.create_task(forwarder.run(), name="forward")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Scripted:
    """A small HTTP server: `judge` gets the lines of each write and names the answer.

    No server with the error codes of InfluxDB 2 can be installed from Debian, so its codes are
    played here, by the book; what a real database stores is tested with VictoriaMetrics.
    """

    def __init__(self, judge: Callable[[list[str]], tuple[int, dict[str, str]]]) -> None:
        self.judge = judge
        self.taken: list[str] = []
        self.requests: list[dict[str, str]] = []
        self.times_s: list[float] = []
        self.url = ""

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Scripted]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers["content-length"]))
            if headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self.requests.append({"line": head[0], **headers})
            self.times_s.append(asyncio.get_running_loop().time())
            lines = body.decode().split("\n")
            status, more = self.judge(lines)
            if status == 204:
                self.taken += lines
            if status:
                sent = {"content-length": "0", "connection": "close", **more}
                text = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
                writer.write(f"HTTP/1.1 {status} said\r\n{text}\r\n".encode())
                await writer.drain()
        finally:
            writer.close()


def numbers(lines: Iterator[str]) -> list[str]:
    """Lines without the greeting of a new forwarder."""
    return [line for line in lines if "began=1.0" not in line]
