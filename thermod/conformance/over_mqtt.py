"""The kit on a real broker: one connection, the clock, and nothing that decides.

A link that is lost ends the check: the dome's own lease then takes the heat, and an operator who
sees the message knows more than a kit that reconnects in silence.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import aiomqtt
import orjson

from thermod.clock import Clock
from thermod.conformance.bench import Bench
from thermod.conformance.hands import Hands
from thermod.conformance.neighbours import THEIRS, Neighbours
from thermod.conformance.run import Run
from thermod.conformance.seen import decode_state
from thermod.conformance.verdict import Requirement
from thermod.errors import ThermodError
from thermod.mqtt import Broker, ended
from thermod.post import ROOT
from thermod.wire import Refused

LISTEN_S = 5.5  # a guard repeats guard/state each 5 s, and nothing else that it says is rarer
POLL_S = 0.01
IO_TIMEOUT_S = 2.0
WHERE = "thermod node check"


class Watcher(Protocol):
    """Whoever shows a person how far it is."""

    def progress(self, run: Run) -> None: ...
    def ask(self, errand: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """Which dome, how hot, how long, who helps, and in which version of MQTT."""

    broker: Broker
    site: str
    dome: str
    requirements: Sequence[Requirement]
    power_pct: float
    limit_s: float
    hands: Hands
    mqtt_5: bool = True


class Session:
    """One check of one dome."""

    def __init__(self, settings: Settings, clock: Clock, watcher: Watcher) -> None:
        self._settings = settings
        self._clock = clock
        self._watcher = watcher
        self._site = f"{ROOT}/{settings.site}/"
        self._base = f"{self._site}{settings.dome}/"
        self._bench = Bench(lambda: secrets.token_hex(8), settings.power_pct, settings.hands)
        self._neighbours = Neighbours(settings.dome)
        self._others: set[str] = set()  # domes that speak, though not the one we came for
        self._run: Run | None = None

    async def check(self) -> Run:
        """Raises ThermodError when it cannot begin, or when the link is lost."""
        try:
            async with self._client() as client:
                await self._subscribe(client)
                listening = asyncio.create_task(self._listen(client), name="listen")
                try:
                    return await self._drive(client, listening)
                finally:
                    await self._leave(client)
                    await ended((listening,))
        except aiomqtt.MqttError as error:
            broker = self._settings.broker
            raise ThermodError(
                f"no link to the broker at {broker.host}:{broker.port}: {error}",
                where=WHERE,
                do="Check address, account, TLS and --mqtt; what was heating has run out by now.",
            ) from error

    async def _drive(self, client: aiomqtt.Client, listening: asyncio.Task[None]) -> Run:
        until_s = self._clock.now_s() + LISTEN_S
        while self._clock.now_s() < until_s:
            await self._turn(client, listening)
        self._require_ready()
        now_s = self._clock.now_s()
        settings = self._settings
        run = Run(self._bench, settings.requirements, now_s, settings.limit_s)
        self._run = run
        while not run.is_over:
            run.wake(self._clock.now_s())
            self._stop_when_not_alone(run)
            self._watcher.progress(run)
            await self._turn(client, listening)
        return run

    async def _turn(self, client: aiomqtt.Client, listening: asyncio.Task[None]) -> None:
        """Say what there is to say, then wait a moment."""
        await self._flush(client)
        while self._bench.errands:
            self._watcher.ask(self._bench.errands.pop(0))
        if listening.done():
            listening.result()
        await self._clock.sleep_until(self._clock.now_s() + POLL_S)

    def _require_ready(self) -> None:
        """A dome that can be read, and nobody else who would speak to it."""
        if self._neighbours.found:
            raise ThermodError(
                f"somebody else serves {self._settings.dome}: {self._neighbours.told}",
                where=WHERE,
                do="Stop control and guard of this dome first: the kit takes their place.",
            )
        if self._bench.states:
            return
        topic = f"{self._base}node/state"
        if self._bench.unreadable:
            raise ThermodError(
                f"{topic} is heard and cannot be read: {self._bench.unreadable[-1]}",
                where=WHERE,
                do="Correct it after thermod/CONTRACT.md, Node → all.",
            )
        heard = f"heard: {', '.join(sorted(self._others))}" if self._others else "no dome is heard"
        raise ThermodError(
            f"nothing on {topic} for {LISTEN_S} s; {heard}",
            where=WHERE,
            do="Check the dome's power and network, its broker and account, site and dome id.",
        )

    def _stop_when_not_alone(self, run: Run) -> None:
        if self._neighbours.stopped_by is not None:
            run.give_up(f"STOP was pressed by {self._neighbours.stopped_by}")
        elif self._neighbours.found:
            run.give_up(f"somebody else began to serve the dome: {self._neighbours.told}")

    # --- the wire ---------------------------------------------------------------------------------

    def _client(self) -> aiomqtt.Client:
        broker, version = self._settings.broker, aiomqtt.ProtocolVersion
        ca_file = broker.tls_ca_file
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password_text,
            identifier=f"thermod-check-{secrets.token_hex(4)}",
            protocol=version.V5 if self._settings.mqtt_5 else version.V311,
            keepalive=5,
            timeout=IO_TIMEOUT_S,
            tls_context=None if ca_file is None else ssl.create_default_context(cafile=ca_file),
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        for topic in (
            f"{self._site}+/node/state",
            f"{self._base}sensor/+/reading",
            f"{self._base}stop",
            *(self._base + suffix for suffix in THEIRS),
            f"{self._site}-/status/+",
        ):
            granted = await client.subscribe(topic, qos=1)
            if any(getattr(code, "is_failure", code == 0x80) for code in granted):
                raise aiomqtt.MqttError(f"the broker refuses us {topic}")

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self._hear(message.topic.value, message.payload, bool(message.retain))

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        dome, _, suffix = topic.removeprefix(self._site).partition("/")
        if dome == "-":
            self._neighbours.hear_status(payload)
        elif dome != self._settings.dome:
            self._others.add(dome)
        elif suffix == "node/state":
            self._hear_state(payload, retained)
        elif suffix.startswith("sensor/"):
            self._bench.hear_reading(suffix.split("/")[1], payload, retained=retained)
        else:
            self._neighbours.hear(suffix, payload, retained=retained)

    def _hear_state(self, payload: bytes, retained: bool) -> None:
        state = decode_state(payload, retained=retained, now_s=self._clock.now_s())
        if isinstance(state, Refused):
            self._bench.unreadable.append(state.why)
            return
        self._bench.hear_readings(orjson.loads(payload).get("probes", {}))
        if self._run is None:
            self._bench.see(state)
        else:
            self._run.see(state)

    async def _flush(self, client: aiomqtt.Client) -> None:
        outbox = self._bench.voices.outbox
        while outbox:
            message = outbox.pop(0)
            self._neighbours.say(message.suffix, message.payload)
            await client.publish(self._base + message.suffix, message.payload, qos=message.qos)

    async def _leave(self, client: aiomqtt.Client) -> None:
        """Whatever happened, and on Ctrl-C too: the last word is that the epoch is over."""
        self._bench.leave()
        try:
            await self._flush(client)
        except aiomqtt.MqttError:
            return  # the lease takes the heat within 3 s
