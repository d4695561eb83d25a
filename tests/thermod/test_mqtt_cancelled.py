"""A link that must end ends, also where the library loses a cancellation."""

import asyncio
from types import SimpleNamespace

import pytest

from thermod.mqtt import Link
from thermod.sim.service import SimBroker


class SwallowingClient:
    """Answers in the very moment in which it is cancelled, as the library may."""

    def __init__(self, swallows: str) -> None:
        self.asked: list[str] = []
        self.begun = asyncio.Event()
        self._swallows = swallows
        self._disconnected: asyncio.Future[None] = asyncio.Future()
        self._client = SimpleNamespace(on_socket_open=None, _sock_close=lambda: None)

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        if what != self._swallows or self.begun.is_set():
            return
        self.begun.set()
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            return

    async def __aenter__(self) -> "SwallowingClient":
        await self._answer("connect")
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def subscribe(self, wanted: list[object]) -> list[int]:
        await self._answer("subscribe")
        return [0 for _ in wanted]

    async def publish(self, *_: object) -> None:
        await self._answer("publish")

    @property
    def messages(self) -> "SwallowingClient":
        return self

    def __aiter__(self) -> "SwallowingClient":
        return self

    async def __anext__(self) -> None:
        await asyncio.sleep(60.0)


def link_on(client):
    link = Link(
        broker=SimBroker("127.0.0.1", 1883),
        client_id="c",
        subscriptions=[("thermod/v1/site/dome/state", 0)],
        on_message=lambda message: None,
    )
    link._client = lambda: client
    return link


async def cancelled_at(client, running):
    """The task, cancelled in the moment for which the client waits."""
    task = asyncio.create_task(running)
    await client.begun.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=2.0)
    return task


@pytest.mark.parametrize("where", ["connect", "subscribe"])
async def test_a_link_that_is_cancelled_as_the_broker_answers_ends_at_once(where):
    client = SwallowingClient(where)
    link = link_on(client)
    task = await cancelled_at(client, link.run())
    assert task.cancelled()
    assert not link.connected
    assert client.asked[-1] == where


async def test_a_sender_that_is_cancelled_as_the_broker_acknowledges_sends_no_more():
    client = SwallowingClient("publish")
    link = link_on(client)
    link.connected = True
    for count in range(3):
        link.publish(f"thermod/v1/site/dome/{count}", b"{}", qos=1)
    task = await cancelled_at(client, link._send(client, 1))
    assert task.cancelled()
    assert client.asked == ["publish"]
