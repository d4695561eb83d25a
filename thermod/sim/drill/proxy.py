"""`python -m thermod.sim.drill.proxy FILE`: the network of a drill, with what can go wrong in one.

Each process of a drill reaches the broker through a link of its own. Orders come as JSON lines on
stdin, `{"link": "guard", "up": {"held": true}}`; `up` is towards the broker. What TCP promises
stays true: nothing is lost or reordered inside a connection, so what a partition held back comes
late, and in good order, when it ends. Chances are drawn from a seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

HOST = "127.0.0.1"
LOOK_S = 0.01
CHUNK_BYTES = 65536
CHUNKS_MAX = 1024  # that wait on a way; a sender that is further ahead waits itself, as with TCP
RETRANSMIT_S = 0.2  # Linux: the least time after which a lost segment is sent again; then doubled


@dataclass(frozen=True, slots=True)
class Weather:
    """How one direction of a link does. The defaults are a network that works."""

    held: bool = False  # nothing passes; it is not lost either
    delay_s: float = 0.0
    jitter_s: float = 0.0  # up to this much more
    loss: float = 0.0  # chance that a segment must be sent again

    def lateness_s(self, random: Random) -> float:
        """Of one chunk."""
        late_s = self.delay_s + self.jitter_s * random.random()
        again_s = RETRANSMIT_S
        while self.loss > 0.0 and random.random() < self.loss:
            late_s += again_s
            again_s *= 2.0
        return late_s


class Way:
    """One direction of one link: all its connections share its weather."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._weather = Weather()
        self.is_open = asyncio.Event()
        self.is_open.set()

    def order(self, weather: Weather) -> None:
        """From now on."""
        self._weather = weather
        if weather.held:
            self.is_open.clear()
        else:
            self.is_open.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the sender has closed, or one of them is gone."""
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_MAX)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take(reader, chunks))
            tasks.create_task(self._give(writer, chunks))

    async def _take(
        self, reader: asyncio.StreamReader, chunks: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        chunk, due_s, loop = b"-", 0.0, asyncio.get_running_loop()
        while chunk:
            try:
                chunk = await reader.read(CHUNK_BYTES)
            except OSError:  # a reset ends it as a close does
                chunk = b""
            due_s = max(due_s, loop.time() + self._weather.lateness_s(self._random))
            await chunks.put((due_s, chunk))

    async def _give(
        self, writer: asyncio.StreamWriter, chunks: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                due_s, chunk = await chunks.get()
                await asyncio.sleep(max(0.0, due_s - loop.time()))
                await self.is_open.wait()
                if not chunk:
                    break
                writer.write(chunk)
                await writer.drain()
        writer.close()


class Link:
    """One process's way to the broker and back. Nobody listens at it where nobody would there."""

    def __init__(self, broker_port: int, random: Random, broker_left: asyncio.Event) -> None:
        self.up, self.down = Way(random), Way(random)
        self.refused = False
        self._broker_port = broker_port
        self._broker_left = broker_left
        self._port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def listen(self, port: int = 0) -> int:
        """From now on, at this port or at the one of before. Which one that is."""
        if self._server is None and not self.refused:
            self._server = await asyncio.start_server(self._serve, HOST, port or self._port)
            self._port = self._server.sockets[0].getsockname()[1]
        return self._port

    def deafen(self) -> None:
        """Who tries to connect is refused, as by a machine on which no broker runs."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def order(self, said: Mapping[str, Any]) -> None:
        """`refused`: every connection is reset and nobody listens, until it is taken back."""
        self.up.order(Weather(**said.get("up", {})))
        self.down.order(Weather(**said.get("down", {})))
        self.refused = said.get("refused", False)
        if self.refused:
            self.deafen()
            for writer in self._connections:
                writer.transport.abort()
        else:
            await self.listen()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._connections.add(writer)
        await self.up.is_open.wait()  # a partition lets no connection through
        try:
            to_broker = await asyncio.open_connection(HOST, self._broker_port)
        except OSError:
            writer.transport.abort()
        else:
            await self._both_ways(reader, writer, *to_broker)
        self._connections.discard(writer)
        self._broker_left.set()

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        broker_reader: asyncio.StreamReader,
        broker_writer: asyncio.StreamWriter,
    ) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.up.carry(reader, broker_writer))
            tasks.create_task(self.down.carry(broker_reader, writer))


async def follow_broker(port: int, links: Collection[Link], left: asyncio.Event) -> None:
    """While the broker is down the links refuse as it would: a client is to see that at once."""
    while True:
        await left.wait()
        left.clear()
        while not await _listens(port):
            for link in links:
                link.deafen()
            await asyncio.sleep(LOOK_S)
        for link in links:
            await link.listen()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def run(setup: Mapping[str, Any]) -> None:
    """`setup`: the `broker` port, a `seed`, and a port for each of `links`. Until stdin ends."""
    random, broker_left = Random(setup["seed"]), asyncio.Event()
    links = {name: Link(setup["broker"], random, broker_left) for name in setup["links"]}
    for name, link in links.items():
        await link.listen(setup["links"][name])
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    following = asyncio.create_task(follow_broker(setup["broker"], links.values(), broker_left))
    while line := await orders.readline():
        said = json.loads(line)
        await links[said["link"]].order(said)
    following.cancel()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
