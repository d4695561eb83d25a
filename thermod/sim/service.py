"""`thermod sim`: one or many simulated domes over real MQTT, on the clock handed in.

Each dome is a `Rig`; here it gets its connection and its beat. A dome heats and judges whether or
not there is a broker, as hardware does.
"""

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from thermod.clock import Clock
from thermod.mqtt import Broker, Inbound, Link
from thermod.sim.faults import decode_fault
from thermod.sim.node import LOOK_S, TICK_S
from thermod.sim.plant import DomePlant, factory
from thermod.sim.rig import Record, Rig, record_nothing
from thermod.sim.truth import TruthFile

HEARD = (("guard/permit", 0), ("heater/command", 0), ("stop", 1), ("sim/fault", 1))

log = structlog.get_logger("sim")


@dataclass(frozen=True, slots=True)
class SimBroker:
    """A broker without account or encryption; `thermod.mqtt.Broker` says what the fields mean."""

    host: str
    port: int
    username: str | None = None
    password_text: str | None = None
    tls_ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class SimConfig:
    """Which domes to simulate. Dome n gets the plant of seed + n."""

    broker: Broker
    site: str
    domes: tuple[str, ...]
    seed: int = 0
    truth_file: Path | None = None
    new_plant: Callable[[int], DomePlant] = factory


class Service:
    """Some domes, one connection, one beat."""

    def __init__(self, config: SimConfig, clock: Clock, record: Record) -> None:
        self._clock = clock
        self._top = f"thermod/v1/{config.site}/"
        now_s = clock.now_s()
        self._rigs = {
            dome: Rig(dome, config.new_plant(config.seed + n), _new_boot_id, now_s, record)
            for n, dome in enumerate(config.domes)
        }
        self.link = Link(
            broker=config.broker,
            client_id=f"thermod-sim-{_new_boot_id()}",
            subscriptions=[
                (f"{self._top}{dome}/{suffix}", qos)
                for dome in config.domes
                for suffix, qos in HEARD
            ],
            on_message=self._hear,
        )

    async def beat(self) -> None:
        """Look at every dome each 20 ms and let each tick every 0.5 s, on absolute deadlines.

        Ticks of many domes are spread over the period. A tick that was missed is not made up for: a
        node that slept has not ticked.
        """
        look_s = self._clock.now_s()
        spread_s = TICK_S / len(self._rigs)
        tick_s = {dome: look_s + n * spread_s for n, dome in enumerate(self._rigs)}
        while True:
            now_s = self._clock.now_s()
            for dome, rig in self._rigs.items():
                rig.look(now_s)
                if now_s >= tick_s[dome]:
                    missed_s = now_s - tick_s[dome]
                    tick_s[dome] += TICK_S if missed_s < TICK_S else missed_s + TICK_S
                    self._say(rig, now_s)
            look_s = max(look_s + LOOK_S, now_s)
            await self._clock.sleep_until(look_s)

    def _say(self, rig: Rig, now_s: float) -> None:
        for suffix, payload in rig.tick(now_s):
            self.link.publish(f"{self._top}{rig.dome}/{suffix}", payload)

    def _hear(self, message: Inbound) -> None:
        dome, _, suffix = message.topic.removeprefix(self._top).partition("/")
        now_s = self._clock.now_s()
        if suffix == "sim/fault":
            self._fail(self._rigs[dome], message.payload, now_s)
        else:
            self._rigs[dome].hear(suffix, message.payload, message.retain, now_s)

    def _fail(self, rig: Rig, payload: bytes, now_s: float) -> None:
        try:
            rig.fail(decode_fault(payload), now_s)
        except ValueError as error:
            log.warning("no such fault", dome=rig.dome, why=str(error))


async def run(config: SimConfig, clock: Clock) -> None:
    """Until cancelled. Raises OSError when the truth file cannot be written."""
    with _recording(config.truth_file) as record:
        service = Service(config, clock, record)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(service.link.run(), name="link")
            tasks.create_task(service.beat(), name="beat")


def serve(
    broker_host: str,
    broker_port: int,
    site: str,
    domes: Sequence[str],
    seed: int,
    clock: Clock,
    truth_file: Path | None = None,
) -> None:
    """The whole process: returns after SIGTERM or SIGINT."""
    config = SimConfig(SimBroker(broker_host, broker_port), site, tuple(domes), seed, truth_file)

    async def until_told() -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(run(config, clock), name="sim")
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, running.cancel)

    asyncio.run(until_told())


@contextlib.contextmanager
def _recording(path: Path | None) -> Iterator[Record]:
    if path is None:
        yield record_nothing
        return
    with TruthFile(path) as truth:
        yield truth.record


def _new_boot_id() -> str:
    return secrets.token_hex(8)
