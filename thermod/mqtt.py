"""The one place that talks MQTT for control and gateway: a link that is kept up for ever.

A fresh client for each connection (a client whose connect was cancelled is unusable, and one kept
over an outage would deliver stale QoS 1 messages), nothing queued while offline, and messages
handed on the moment they arrive: the library's own queue is unbounded and creates a task for each
message.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

import aiomqtt
import orjson
import structlog
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

if TYPE_CHECKING:  # the library has this name for type checkers alone
    from paho.mqtt.client import SocketLike

TAKEN_OVER = 0x8E  # MQTT 5, 2.4: another client connected with our id
KEEPALIVE_S = 5  # a frozen broker is noticed within 1.5 times this
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)  # pauses between attempts; the last one repeats
IO_TIMEOUT_S = 2.0  # connect, subscribe, acknowledged publish, disconnect: each at most this long
STATUS_S = 1.0  # how long the broker may take to hand out our retained status
OUTBOX_MAX = 4096  # messages that wait for the socket; past it the stalest is dropped

log = structlog.get_logger("mqtt")


class Broker(Protocol):
    """Where the broker is and who we are to it."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password_text(self) -> str | None: ...
    @property
    def tls_ca_file(self) -> str | None: ...


class TakenOver(Exception):
    """Another process connected with our client id: this one ends, and must not come back."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as it came."""

    topic: str
    payload: bytes
    retain: bool
    response_topic: str | None
    correlation: bytes | None


@dataclass(frozen=True, slots=True)
class _Outbound:
    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: Properties | None


class Link:
    """One MQTT 5 connection, kept up. `publish` never waits and never queues for a later
    connection.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        client_id: str,
        subscriptions: Sequence[tuple[str, int]],
        on_message: Callable[[Inbound], None],
        status_topic: str | None = None,
        status: dict[str, object] | None = None,
        on_change: Callable[[bool], None] | None = None,
        no_local: bool = False,
    ) -> None:
        self.connected = False
        self.connections = 0
        self.dropped = 0
        self._broker = broker
        self._client_id = client_id
        self._subscriptions = [
            (topic, SubscribeOptions(qos=qos, noLocal=no_local)) for topic, qos in subscriptions
        ]
        self._on_message = on_message
        self._status_topic = status_topic
        self._status = status or {}
        self._on_change = on_change
        self._outbox: dict[int, deque[_Outbound]] = {
            0: deque(maxlen=OUTBOX_MAX),
            1: deque(maxlen=OUTBOX_MAX),
        }
        self._waiting = {0: asyncio.Event(), 1: asyncio.Event()}
        self._sent = {0: asyncio.Event(), 1: asyncio.Event()}  # set while nothing waits to leave
        for sent in self._sent.values():
            sent.set()
        self._left_by: asyncio.Future[bytes]  # the retained status found on this connection

    async def run(self) -> None:
        """Connect, serve, reconnect, until cancelled. Raises TakenOver; lets a bug in a handler
        out.
        """
        attempt = 0
        while True:
            client = self._client()
            client._disconnected.add_done_callback(_read)  # the library may leave it unread
            try:
                async with client:
                    heed_cancellation()
                    attempt = 0
                    await self._serve(client)
            except aiomqtt.MqttError as error:
                self._raise_what_is_no_outage(error)
                log.warning(
                    "no broker", broker=f"{self._broker.host}:{self._broker.port}", why=str(error)
                )
            finally:
                self._set_connected(False)
                _abandon(client)
            heed_cancellation()
            await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 0,
        retain: bool = False,
        expiry_s: int | None = None,
        response_topic: str | None = None,
        correlation: bytes | None = None,
    ) -> bool:
        """Hand a message to the socket. False when offline: the next cycle says it anew."""
        if not self.connected:
            return False
        box = self._outbox[qos]
        if len(box) == OUTBOX_MAX:
            self.dropped += 1
        box.append(
            _Outbound(
                topic, payload, qos, retain, _properties(expiry_s, response_topic, correlation)
            )
        )
        self._waiting[qos].set()
        self._sent[qos].clear()
        return True

    async def goodbye(self, timeout_s: float) -> None:
        """Say that we are leaving on purpose, and give what is in the outbox this long to go."""
        if self._status_topic is not None:
            gone = orjson.dumps({**self._status, "online": False})
            self.publish(self._status_topic, gone, qos=1, retain=True)
        try:
            async with asyncio.timeout(timeout_s):
                for sent in self._sent.values():
                    await sent.wait()
        except TimeoutError:
            log.warning("left unsent", messages=sum(len(box) for box in self._outbox.values()))

    def _client(self) -> aiomqtt.Client:
        will = None
        if self._status_topic is not None:
            gone = orjson.dumps({**self._status, "online": False})
            will = aiomqtt.Will(self._status_topic, gone, qos=1, retain=True)
        ca_file = self._broker.tls_ca_file
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password_text,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=MQTT_CLEAN_START_FIRST_ONLY,
            keepalive=KEEPALIVE_S,
            timeout=IO_TIMEOUT_S,
            will=will,
            tls_context=None if ca_file is None else ssl.create_default_context(cafile=ca_file),
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", self._inlet()),
        )
        client._client.connect_timeout = IO_TIMEOUT_S  # the library leaves it at 5 s
        return client

    def _inlet(self) -> type:
        deliver = self._deliver

        class Inlet:
            """Stands where the library wants a queue: hands each message on and holds none."""

            def __init__(self, maxsize: int = 0) -> None:
                self._never: asyncio.Future[aiomqtt.Message] = asyncio.Future()

            def put_nowait(self, message: aiomqtt.Message) -> None:
                deliver(message)

            async def get(self) -> aiomqtt.Message:
                return await self._never

            def qsize(self) -> int:
                return 0

        return Inlet

    def _deliver(self, message: aiomqtt.Message) -> None:
        payload = message.payload
        properties = message.properties
        if message.retain and message.topic.value == self._status_topic:
            self._hear_status(payload)
        self._on_message(
            Inbound(
                message.topic.value,
                payload,
                bool(message.retain),
                getattr(properties, "ResponseTopic", None),
                getattr(properties, "CorrelationData", None),
            )
        )

    def _hear_status(self, payload: bytes) -> None:
        if not self._left_by.done():
            self._left_by.set_result(payload)

    async def _serve(self, client: aiomqtt.Client) -> None:
        for qos, box in self._outbox.items():
            box.clear()
            self._sent[qos].set()
        self._left_by = asyncio.get_running_loop().create_future()
        await self._subscribe(client)
        heed_cancellation()
        await self._look_who_was_here()
        self.connections += 1
        self._set_connected(True)
        if self._status_topic is not None:
            online = orjson.dumps({**self._status, "online": True})
            self.publish(self._status_topic, online, qos=1, retain=True)
        senders = [
            asyncio.create_task(self._send(client, qos), name=f"mqtt-send-{qos}") for qos in (0, 1)
        ]
        listener = asyncio.create_task(self._listen(client), name="mqtt-listen")
        try:
            done, _ = await asyncio.wait((*senders, listener), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await ended((*senders, listener))

    async def _look_who_was_here(self) -> None:
        """Has somebody else had our name since we were last here? Then we were taken over.

        The reason code for that is optional, and Mosquitto 2.0.11 closes the connection without it:
        two processes with one name would throw each other out for ever. The retained status tells.
        """
        if self.connections == 0 or self._status_topic is None:
            return
        try:
            async with asyncio.timeout(STATUS_S):
                left_by = instance_of(await self._left_by)
        except TimeoutError:
            return  # the broker forgot: it restarted, so nobody can have been here since
        if left_by != self._status.get("instance_id"):
            raise TakenOver(f"{left_by} connected to the broker as {self._client_id}")

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        """To all of it or none: who is deaf to STOP must not look as if it were there."""
        wanted = list(self._subscriptions)
        if self._status_topic is not None:
            wanted.append((self._status_topic, SubscribeOptions(qos=1)))
        if not wanted:
            return
        granted = await client.subscribe(wanted)
        for (topic, _), reason in zip(wanted, granted, strict=True):
            if isinstance(reason, ReasonCode) and reason.is_failure:
                raise aiomqtt.MqttError(f"the broker refuses us {topic}: {reason}")

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for _ in (
            client.messages
        ):  # never yields: the inlet holds nothing. It raises when the link is lost
            pass

    async def _send(self, client: aiomqtt.Client, qos: int) -> None:
        box, waiting = self._outbox[qos], self._waiting[qos]
        while True:
            await waiting.wait()
            waiting.clear()
            while box:
                message = box.popleft()
                await client.publish(
                    message.topic, message.payload, message.qos, message.retain, message.properties
                )
                heed_cancellation()
            self._sent[qos].set()

    def _set_connected(self, connected: bool) -> None:
        if connected is not self.connected:
            self.connected = connected
            log.info("link", up=connected)
            if self._on_change is not None:
                self._on_change(connected)

    def _raise_what_is_no_outage(self, error: aiomqtt.MqttError) -> None:
        cause: BaseException | None = error
        while cause is not None:
            code = getattr(cause, "rc", None)
            if isinstance(code, ReasonCode) and code.value == TAKEN_OVER:
                raise TakenOver(
                    f"another process connected to the broker as {self._client_id}"
                ) from error
            if not isinstance(cause, aiomqtt.MqttError | OSError | ValueError):
                raise cause  # a handler of ours failed: that is a bug, and the process ends
            cause = cause.__cause__


def instance_of(status: bytes) -> object:
    """The `instance_id` of a status message; None when it cannot be read."""
    try:
        found = orjson.loads(status)
    except orjson.JSONDecodeError:
        return None
    return found.get("instance_id") if isinstance(found, dict) else None


def heed_cancellation() -> None:
    """End the current task if it was cancelled. Up to Python 3.11 `asyncio.wait_for`, in which the
    library connects, subscribes and publishes, loses a cancellation that comes together with the
    broker's answer, and a link that must end would go on.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling() > 0:
        raise asyncio.CancelledError


def _abandon(client: aiomqtt.Client) -> None:
    """Close its socket, which the library leaves open when it could not end, and any that it opens
    from now on: it connects in a thread, which a cancellation does not reach, and a broker that
    then heard a CONNECT with our name would throw out whoever bears it by then.
    """
    client._client.on_socket_open = _close
    client._client._sock_close()


def _close(client: object, userdata: object, opened: SocketLike) -> None:
    opened.close()


def _read(lost: asyncio.Future[None]) -> None:
    """What nobody reads, asyncio writes past the log when it is collected."""
    if not lost.cancelled():
        lost.exception()


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel until they have ended: see `heed_cancellation` for what may be lost."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)
    await asyncio.gather(*tasks, return_exceptions=True)  # every error was seen


@lru_cache(maxsize=64)
def _expiring(expiry_s: int) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = expiry_s
    return properties


def _properties(
    expiry_s: int | None, response_topic: str | None, correlation: bytes | None
) -> Properties | None:
    if response_topic is None and correlation is None:
        return None if expiry_s is None else _expiring(expiry_s)
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if expiry_s is not None:
        properties.MessageExpiryInterval = expiry_s
    if response_topic is not None:
        properties.ResponseTopic = response_topic
    if correlation is not None:
        properties.CorrelationData = correlation
    return properties
