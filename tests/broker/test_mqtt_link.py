"""The link on a real broker that dies, freezes and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiomqtt
import orjson
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from tests.servers import Mosquitto
from thermod.mqtt import Inbound, Link, TakenOver

pytestmark = pytest.mark.broker

STATUS = "thermod/v1/clinic/-/status/control"


@dataclass(frozen=True)
class At:
    host: str
    port: int
    username: str | None = None
    password_text: str | None = None
    tls_ca_file: str | None = None


class Heard(list[Inbound]):
    """What a link handed on, in order."""

    def payloads(self, topic: str) -> list[bytes]:
        return [message.payload for message in self if message.topic == topic]


def link_to(broker: Mosquitto, name: str, heard: Heard, **options: object) -> Link:
    given: dict[str, object] = {
        "client_id": name,
        "subscriptions": [("said", 1), ("said/fast", 0)],
        "on_message": heard.append,
    }
    return Link(broker=At(broker.host, broker.port), **{**given, **options})  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def running(link: Link) -> AsyncIterator[Link]:
    task = asyncio.create_task(link.run(), name="link")
    try:
        await until(lambda: link.connected)
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool], within_s: float = 10.0) -> float:
    began_s = time.monotonic()
    while not holds():
        if time.monotonic() - began_s > within_s:
            raise TimeoutError(f"not within {within_s} s")
        await asyncio.sleep(0.005)
    return time.monotonic() - began_s


async def status_of(broker: Mosquitto) -> dict[str, object]:
    """The retained status, as a newcomer would find it."""
    async with aiomqtt.Client(broker.host, broker.port) as newcomer:
        await newcomer.subscribe(STATUS)
        async with asyncio.timeout(5.0):
            message = await anext(newcomer.messages)
            assert message.retain
            found: dict[str, object] = orjson.loads(message.payload)
            return found


async def test_what_one_link_says_another_hears_with_its_properties(mosquitto):
    heard = Heard()
    async with (
        running(link_to(mosquitto, "ear", heard)),
        running(link_to(mosquitto, "mouth", Heard(), subscriptions=[])) as mouth,
    ):
        assert mouth.publish("said", b"1", qos=1, response_topic="reply", correlation=b"id-7")
        assert mouth.publish("said/fast", b"2", expiry_s=2)
        await until(lambda: len(heard) == 2)
    said = next(message for message in heard if message.topic == "said")
    assert said == Inbound("said", b"1", False, "reply", b"id-7")


async def test_a_link_does_not_hear_itself_where_it_asked_not_to(mosquitto):
    heard, other = Heard(), Heard()
    async with (
        running(link_to(mosquitto, "a", heard, no_local=True)) as link,
        running(link_to(mosquitto, "b", other)),
    ):
        link.publish("said", b"mine", qos=1)
        await until(lambda: other.payloads("said") == [b"mine"])
        await asyncio.sleep(0.05)
    assert heard == []


async def test_a_restarted_broker_is_found_again_and_gets_nothing_from_the_time_between(mosquitto):
    """H08: what was said while nobody could hear it is not said later."""
    heard = Heard()
    async with running(link_to(mosquitto, "mouth", Heard())) as link:
        mosquitto.kill()
        await until(lambda: not link.connected)
        for qos in (0, 1):
            assert link.publish("said", b"of the time between", qos=qos) is False
        mosquitto.start()
        took_s = await until(lambda: link.connected)
        assert took_s < 5.0
        async with running(link_to(mosquitto, "ear", heard)):
            link.publish("said", b"of now", qos=1)
            await until(lambda: b"of now" in heard.payloads("said"))
    assert heard.payloads("said") == [b"of now"]
    assert link.connections == 2


async def test_it_subscribes_anew_after_a_restart(mosquitto):
    heard = Heard()
    async with running(link_to(mosquitto, "ear", heard)) as ear:
        mosquitto.restart()
        await until(lambda: ear.connections == 2 and ear.connected)
        async with aiomqtt.Client(mosquitto.host, mosquitto.port) as speaker:
            await speaker.publish("said", b"after", qos=1)
        await until(lambda: heard.payloads("said") == [b"after"])


async def test_a_frozen_broker_holds_no_publish_up(mosquitto):
    """H08: a cycle must not wait for anybody."""
    async with running(link_to(mosquitto, "mouth", Heard())) as link:
        mosquitto.freeze()
        worst_s = 0.0
        began_s = time.monotonic()
        while time.monotonic() - began_s < 4.0:  # past every time-out of the library
            at_s = time.monotonic()
            for _ in range(20):
                link.publish("said/fast", b"x" * 200, expiry_s=2)
                link.publish("said", b"y" * 200, qos=1)
            worst_s = max(worst_s, time.monotonic() - at_s)
            await asyncio.sleep(0.05)
        assert worst_s < 0.25
        assert not link.connected  # without an acknowledgement for 2 s it gave up
        mosquitto.thaw()
        await until(lambda: link.connected)


async def test_the_outbox_is_bounded_and_loses_the_stalest(mosquitto):
    async with running(link_to(mosquitto, "mouth", Heard())) as link:
        for number in range(5000):
            link.publish("said/fast", str(number).encode())
        assert link.dropped == 5000 - 4096


async def test_a_status_is_there_for_newcomers_and_says_goodbye(mosquitto):
    status = {"process": "control", "instance_id": "c-1"}
    link = link_to(mosquitto, "control", Heard(), status_topic=STATUS, status=status)
    async with running(link):
        await asyncio.sleep(0.1)
        assert await status_of(mosquitto) == {**status, "online": True}
        await link.goodbye(2.0)
    assert await status_of(mosquitto) == {**status, "online": False}


async def test_goodbye_does_not_wait_for_a_broker_that_is_gone(mosquitto):
    link = link_to(mosquitto, "control", Heard(), status_topic=STATUS, status={})
    async with running(link):
        link.publish("said", b"1", qos=1)
        mosquitto.freeze()
        link.publish("said", b"2", qos=1)
        at_s = time.monotonic()
        await link.goodbye(0.5)
        assert time.monotonic() - at_s < 1.0
        mosquitto.thaw()


async def test_who_is_taken_over_ends_and_does_not_come_back(mosquitto):
    """H13: two processes of one name must not throw each other out for ever."""
    first = link_to(
        mosquitto, "control", Heard(), status_topic=STATUS, status={"instance_id": "c-1"}
    )
    second = link_to(
        mosquitto, "control", Heard(), status_topic=STATUS, status={"instance_id": "c-2"}
    )
    task = asyncio.create_task(first.run())
    await until(lambda: first.connected)
    async with running(second):
        with pytest.raises(TakenOver):
            async with asyncio.timeout(10.0):
                await task
        await asyncio.sleep(0.3)
        assert second.connected
    assert second.connections <= 2


async def test_a_fault_of_ours_in_a_handler_ends_the_link(mosquitto):
    def handler(message: Inbound) -> None:
        raise ZeroDivisionError("a bug")

    link = link_to(mosquitto, "ear", Heard(), on_message=handler)
    task = asyncio.create_task(link.run())
    await until(lambda: link.connected)
    async with aiomqtt.Client(mosquitto.host, mosquitto.port) as speaker:
        await speaker.publish("said", b"1", qos=1)
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(5.0):
            await task


async def test_a_broker_that_refuses_one_subscription_is_no_broker(mosquitto):
    """Who is deaf to STOP must not look as if it were there."""

    class Refusing:
        async def subscribe(self, wanted: list[tuple[str, object]]) -> list[ReasonCode]:
            codes = ["Granted QoS 1"] * len(wanted)
            codes[-1] = "Not authorized"
            return [ReasonCode(PacketTypes.SUBACK, code) for code in codes]

    link = link_to(mosquitto, "ear", Heard())
    with pytest.raises(aiomqtt.MqttError, match="refuses us said/fast"):
        await link._subscribe(Refusing())  # type: ignore[arg-type]


async def test_it_ends_when_it_is_cancelled_whatever_it_waits_for(mosquitto):
    for freeze in (False, True):
        link = link_to(mosquitto, "mouth", Heard())
        task = asyncio.create_task(link.run())
        await until(lambda link=link: link.connected)
        if freeze:
            mosquitto.freeze()
        for number in range(50):
            link.publish("said", str(number).encode(), qos=1)
        await asyncio.sleep(0.01)
        at_s = time.monotonic()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
            async with asyncio.timeout(5.0):
                await task
        assert task.done()
        assert time.monotonic() - at_s < 4.0
    mosquitto.thaw()
