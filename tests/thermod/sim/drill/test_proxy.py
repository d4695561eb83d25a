"""The drill's network: what it does to a connection, on real sockets; and that a seed decides."""

import asyncio
import contextlib
import time
from random import Random

import pytest

from thermod.sim.drill.proxy import HOST, Link, Weather, follow_broker

HELD = {"held": True}
SOON_S = 0.5


class Line:
    """A client, a link, and a broker that says back what it hears."""

    def __init__(self, link, reader, writer):
        self.link, self.reader, self.writer = link, reader, writer

    async def say(self, text):
        self.writer.write(text)
        await self.writer.drain()

    async def hears(self, number, within_s):
        async with asyncio.timeout(within_s):
            return await self.reader.readexactly(number)

    async def hears_nothing(self, for_s=0.06):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                return await self.reader.read(1) == b"nothing"
        return True


async def echo(reader, writer):
    with contextlib.suppress(OSError):
        while said := await reader.read(1000):
            writer.write(said)
    writer.close()


@pytest.fixture
async def line():
    async with await asyncio.start_server(echo, HOST, 0) as broker:
        link = Link(broker.sockets[0].getsockname()[1], Random(1), asyncio.Event())
        reader, writer = await asyncio.open_connection(HOST, await link.listen())
        yield Line(link, reader, writer)
        await link.order({})
        link.deafen()
        writer.close()
        await asyncio.sleep(0.02)


async def test_a_network_that_works_carries_both_ways(line):
    await line.say(b"tick")
    assert await line.hears(4, SOON_S) == b"tick"


@pytest.mark.parametrize("weather", [{"up": HELD}, {"down": HELD}, {"up": HELD, "down": HELD}])
async def test_what_a_partition_held_back_comes_late_and_in_order(line, weather):
    await line.say(b"a")
    assert await line.hears(1, SOON_S) == b"a"
    await line.link.order(weather)
    await line.say(b"b")
    await line.say(b"c")
    assert await line.hears_nothing()
    await line.link.order({})
    assert await line.hears(2, SOON_S) == b"bc"


async def test_a_refused_link_is_reset(line):
    await line.say(b"a")
    await line.hears(1, SOON_S)
    await line.link.order({"refused": True})
    with contextlib.suppress(ConnectionError):
        assert await line.reader.read() == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, await line.link.listen())
    await line.link.order({})
    _, writer = await asyncio.open_connection(HOST, await line.link.listen())
    writer.close()


async def test_while_the_broker_is_down_a_client_is_refused_and_not_left_waiting():
    left = asyncio.Event()
    async with await asyncio.start_server(echo, HOST, 0) as broker:
        broker_port = broker.sockets[0].getsockname()[1]
    link = Link(broker_port, Random(1), left)
    port = await link.listen()
    following = asyncio.create_task(follow_broker(broker_port, [link], left))
    left.set()
    await asyncio.sleep(0.03)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, port)
    async with await asyncio.start_server(echo, HOST, broker_port):
        await asyncio.sleep(0.05)
        _, writer = await asyncio.open_connection(HOST, port)
        writer.close()
        following.cancel()
        link.deafen()
        await asyncio.sleep(0.02)


async def test_a_delay_is_kept_to_in_each_direction(line):
    await line.link.order({"up": {"delay_s": 0.05}, "down": {"delay_s": 0.03}})
    began_s = time.monotonic()
    await line.say(b"a")
    await line.hears(1, SOON_S)
    assert 0.08 <= time.monotonic() - began_s < SOON_S


def test_fair_weather_makes_nothing_late():
    assert Weather().lateness_s(Random(1)) == 0.0


def test_jitter_lies_between_none_and_all_of_it():
    random, weather = Random(1), Weather(delay_s=1.0, jitter_s=0.5)
    late_s = [weather.lateness_s(random) for _ in range(1000)]
    assert min(late_s) >= 1.0
    assert max(late_s) <= 1.5
    assert max(late_s) - min(late_s) > 0.4


def test_a_lost_segment_costs_a_retransmission_and_each_further_one_twice_that():
    random, weather = Random(1), Weather(loss=0.3)
    late_s = {round(weather.lateness_s(random), 6) for _ in range(1000)}
    assert {0.0, 0.2, 0.6, 1.4} <= late_s


def test_the_seed_decides():
    weather = Weather(jitter_s=0.2, loss=0.1)
    one, same, other = (
        [weather.lateness_s(random) for _ in range(20)] for random in map(Random, (1, 1, 2))
    )
    assert one == same != other
