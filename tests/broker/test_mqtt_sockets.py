"""A connection attempt that fails leaves no socket behind: no ghost of us at the broker."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import Iterator

import pytest

from tests.broker.test_mqtt_link import At
from thermod import mqtt
from thermod.mqtt import Link

pytestmark = pytest.mark.broker


@pytest.fixture
def mute() -> Iterator[socket.socket]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is closed because it happens to be collected."""
    gc.disable()
    yield
    gc.enable()


def link_to(server: socket.socket) -> Link:
    host, port = server.getsockname()
    return Link(broker=At(host, port), client_id="c", subscriptions=[("said", 1)], on_message=print)


async def seconds_until_closed(server: socket.socket) -> float:
    """From the first byte that the next client sends to the end of its connection."""
    loop = asyncio.get_running_loop()
    taken, _ = await loop.sock_accept(server)
    with contextlib.closing(taken):
        assert await loop.sock_recv(taken, 4096), "no CONNECT"
        began_s = time.monotonic()
        async with asyncio.timeout(10.0):
            while await loop.sock_recv(taken, 4096):
                pass
    return time.monotonic() - began_s


@pytest.mark.usefixtures("uncollected")
async def test_a_broker_that_never_answers_is_left_at_once_and_tried_again(mute):
    task = asyncio.create_task(link_to(mute).run())
    try:
        for _ in range(2):
            assert await seconds_until_closed(mute) <= mqtt.IO_TIMEOUT_S + 0.5
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("uncollected")
async def test_a_link_that_is_cancelled_while_it_waits_for_the_broker_closes_at_once(mute):
    task = asyncio.create_task(link_to(mute).run())
    closed = asyncio.create_task(seconds_until_closed(mute))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await closed <= 1.0


@pytest.mark.usefixtures("uncollected")
async def test_a_connection_that_comes_about_after_we_gave_up_is_closed_too():
    """The library connects in a thread that cannot be cancelled: what it brings is not wanted."""
    with socket.socket() as full:  # one call may wait; the next gets through a second later
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        full.setblocking(False)
        waiting = socket.create_connection(full.getsockname())
        task = asyncio.create_task(link_to(full).run())
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        loop = asyncio.get_running_loop()
        (await loop.sock_accept(full))[0].close()
        waiting.close()
        async with asyncio.timeout(5.0):
            late, _ = await loop.sock_accept(full)
            with contextlib.closing(late):
                assert await loop.sock_recv(late, 4096) == b"", "a CONNECT of a link that is gone"
