"""The gateway itself: its parts put together, what a message sets off, and its own beat."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import structlog
from pydantic import BaseModel

from alarms.limits import Limits, in_force
from controllers.protocol import Protocol
from thermod.gateway import watch
from thermod.gateway.answers import Answers
from thermod.gateway.auth import People
from thermod.gateway.bus import Bus
from thermod.gateway.forward import ForwardStatus
from thermod.gateway.intents import Intents
from thermod.gateway.records import Records
from thermod.gateway.state import Picture
from thermod.gateway.stop import StopRun, Stops
from thermod.gateway.stream import Hub
from thermod.gateway.views import (
    Alarm,
    CoreLimits,
    Dome,
    Domes,
    GuardReport,
    NodeReport,
    StopReport,
)
from thermod.journal_read import JournalReader, JournalUnreadable

if TYPE_CHECKING:
    from thermod.mqtt import Inbound

BEAT_S = 0.5  # the console calls the link dead after 3 s without an event
NOT_CONFIRMED = "NOT CONFIRMED: use the stop button on the dome"

log = structlog.get_logger(__name__)


class Beat(BaseModel):
    """Sent twice a second, so that silence means something."""

    at_ms: int
    link: bool
    alarms: list[Alarm]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway is made of; `serve` and the tests each put their own in."""

    bus: Bus
    picture: Picture
    people: People
    answers: Answers
    records: Records
    forward: ForwardStatus
    protocols: tuple[Protocol, ...]
    limits: Limits


class Gateway:
    """Looks, asks and copies. It holds no authority and is never in the way of heat or STOP."""

    def __init__(self, parts: Parts) -> None:
        self.bus = parts.bus
        self.picture = parts.picture
        self.people = parts.people
        self.answers = parts.answers
        self.records = parts.records
        self.forward = parts.forward
        self.protocols = parts.protocols
        self.limits = parts.limits
        self.clock = parts.picture.clock
        self.hub = Hub()
        self.intents = Intents(parts.bus, parts.picture)
        self.stops = Stops(parts.bus, parts.picture.topics)
        self._watch = watch.Watch()

    def on_message(self, message: Inbound) -> None:
        """Called by the link for each message. Learns, and passes on what others wait for."""
        heard = self.picture.take(message)
        if heard is None:
            return
        if heard.echo is not None:
            self.stops.heard(heard.dome, *heard.echo)
        if heard.reply is not None:
            self.intents.on_reply(heard.reply)
        if heard.event is not None:
            data = {"dome": heard.dome, **heard.event.model_dump()}
            self.hub.publish("happening", orjson.dumps(data))
        if heard.echo is not None and heard.echo[0] == "control":
            self.publish_dome(heard.dome)

    def publish_dome(self, dome: str) -> None:
        if self.hub.clients:
            self.hub.publish("dome", _json(self.dome(dome)), slot=f"dome/{dome}")

    async def beat(self) -> None:
        """Twice a second until cancelled: tell everybody that we live, and look at the keys."""
        while True:
            beat = Beat(
                at_ms=self.clock.wall_ms(), link=self.bus.connected, alarms=self.own_alarms()
            )
            self.hub.publish("beat", _json(beat), slot="beat")
            for dome in self.picture.domes:
                if self.picture.domes[dome].live(self.clock.now_s()) != "live":
                    self.publish_dome(dome)  # nothing else would tell that its age grows
            await asyncio.sleep(BEAT_S)

    async def refresh(self) -> None:
        """Once a second until cancelled: keys changed on the command line, and the journal."""
        while True:
            try:
                await asyncio.to_thread(self.people.refresh)
                await self.records.ask(JournalReader.journal_id)
            except (sqlite3.Error, JournalUnreadable) as error:
                log.warning("not readable now", why=str(error))
            await asyncio.sleep(1.0)

    def domes(self) -> Domes:
        return Domes(
            site=self.picture.topics.site,
            link=self.bus.connected,
            domes=[self.dome(dome) for dome in self.picture.domes],
        )

    def dome(self, dome: str) -> Dome:
        now_s = self.clock.now_s()
        seen = self.picture.domes[dome]
        node, guard, stop = seen.node, seen.guard, self.stops.newest(dome)
        return Dome(
            site=self.picture.topics.site,
            dome=dome,
            live=seen.live(now_s),
            age_s=seen.age_s(now_s),
            snapshot=seen.snapshot,
            node=None
            if node is None
            else NodeReport(
                age_s=now_s - node.received_s,
                applied_pct=node.applied_pct,
                measured_w=node.measured_w,
                contactors_closed=node.contactors_closed,
                lid=node.lid,
                stop_id=node.stop_id,
                because=node.because,
            ),
            guard=None
            if guard is None
            else GuardReport(
                age_s=None if seen.guard_s is None else now_s - seen.guard_s,
                permitting=guard.permitting,
                broken=guard.broken,
                tripped_by=guard.tripped_by,
                stop_id=guard.stop_id,
            ),
            alarms=[*self.own_alarms(dome), *watch.control_alarms(dome, seen, now_s)],
            limits=None if seen.snapshot is None else self._core_limits(seen.snapshot.target_c),
            stop=None if stop is None else report(stop),
        )

    def _core_limits(self, target_c: float) -> CoreLimits | None:
        try:
            limits = in_force(self.limits, target_c)
        except ValueError:
            return None  # a target that no protocol may have
        return CoreLimits(core_warn_c=limits.core_warn_c, core_cut_c=limits.core_cut_c)

    def alarms(self) -> list[Alarm]:
        now_s = self.clock.now_s()
        return [
            *self.own_alarms(),
            *(
                alarm
                for dome, seen in self.picture.domes.items()
                for alarm in watch.control_alarms(dome, seen, now_s)
            ),
        ]

    def own_alarms(self, dome: str | None = None) -> list[Alarm]:
        """Of the gateway itself, all or those about one dome."""
        alarms = self._watch.alarms(self._conditions(), self.clock.wall_ms())
        return [alarm for alarm in alarms if dome is None or alarm.dome == dome]

    def _conditions(self) -> Iterator[watch.Condition]:
        return watch.conditions(
            self.picture,
            connected=self.bus.connected,
            journal_error=self.records.error,
            forward=self.forward,
        )


def report(run: StopRun) -> StopReport:
    return StopReport(
        stop_id=run.stop_id,
        confirmed=run.is_confirmed,
        by=dict(run.by),
        say="Stopped: dome, guard and control confirm it" if run.is_confirmed else NOT_CONFIRMED,
        tries=run.tries,
        sent=run.sent,
    )


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()
