"""Live events for many browsers (SSE), bounded for each of them.

State of a dome is a slot, not a queue: a client that reads slowly finds the newest and misses what
lay between. Happenings are kept in order, the oldest dropped and counted when too many wait. A
frame is encoded once, however many look on.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from thermod.gateway.problems import BUSY, Problem

CLIENTS_MAX = 200
HAPPENINGS_MAX = 64


class Client:
    """What one browser has yet to read."""

    def __init__(self) -> None:
        self.slots: dict[str, bytes] = {}
        self.happenings: deque[bytes] = deque()
        self.wake = asyncio.Event()
        self.dropped = 0

    def put(self, slot: str | None, frame: bytes) -> None:
        if slot is not None:
            self.slots[slot] = frame
        else:
            if len(self.happenings) >= HAPPENINGS_MAX:
                self.happenings.popleft()
                self.dropped += 1
            self.happenings.append(frame)
        self.wake.set()

    def take(self) -> bytes:
        frames = b"".join((*self.happenings, *self.slots.values()))
        self.happenings.clear()
        self.slots.clear()
        self.wake.clear()
        return frames


class Hub:
    """Everybody who listens."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.dropped = 0  # by clients that have gone
        self.closed = False
        self._boot = secrets.token_hex(4)
        self._count = 0

    def publish(self, event: str, data: bytes, *, slot: str | None = None) -> None:
        """To everybody. With a `slot`, a newer frame of that slot takes the place of an older."""
        if self.clients:
            frame = self.frame(event, data)
            for client in self.clients:
                client.put(slot, frame)

    def frame(self, event: str, data: bytes) -> bytes:
        """`data` is JSON on one line."""
        self._count += 1
        return b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (
            self._boot.encode(), self._count, event.encode(), data
        )  # fmt: skip

    @contextmanager
    def client(self) -> Iterator[Client]:
        if len(self.clients) >= CLIENTS_MAX:
            raise Problem(BUSY, f"{CLIENTS_MAX} others are listening already.")
        client = Client()
        self.clients.add(client)
        try:
            yield client
        finally:
            self.clients.discard(client)
            self.dropped += client.dropped

    @property
    def dropped_so_far(self) -> int:
        return self.dropped + sum(client.dropped for client in self.clients)

    def close(self) -> None:
        """Let every stream end by itself, so that the server can stop."""
        self.closed = True
        for client in self.clients:
            client.wake.set()


class EventStream(Response):
    """One browser's stream: everything as it is now, then what changes.

    It ends when the browser leaves, when the hub closes, or when `allowed` says no more: a key
    that was revoked or a login that ran out must not go on reading.
    """

    media_type = "text/event-stream"

    def __init__(
        self, request: Request, hub: Hub, first: Callable[[], bytes], allowed: Callable[[], bool]
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._request = request
        self._hub = hub
        self._first = first
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._hub.client() as client:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            frames = self._hub.frame("snapshot", self._first())
            while frames and not self._hub.closed and self._allowed():
                await send({"type": "http.response.body", "body": frames, "more_body": True})
                await client.wake.wait()  # the gateway's own beat comes twice a second
                frames = b"" if await self._request.is_disconnected() else client.take()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
