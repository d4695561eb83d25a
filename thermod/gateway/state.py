"""The picture: what the gateway last heard about each dome, and how old it is.

It is filled by the MQTT link and read by everybody else. Ages are judged here, on the gateway's own
clock at arrival. A retained snapshot has no age: it is shown, but proves nothing.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from thermod.gateway.messages import (
    AlarmMessage,
    EventMessage,
    ReplyMessage,
    StatusMessage,
    decode,
    decode_snapshot,
)
from thermod.gateway.topics import Topics
from thermod.mailbox import GuardSeen, NodeSeen
from thermod.snapshot import Snapshot
from thermod.wire import Refused, decode_guard_state, decode_node_state

if TYPE_CHECKING:
    from thermod.clock import Clock
    from thermod.mqtt import Inbound

STATE_SILENT_S = 3.0  # a `state` older than this means that control is silent (H27)
ALARMS_PER_DOME_MAX = 128  # control has fewer rows
SESSIONS_REMEMBERED = 256


class Live(StrEnum):
    """How far a dome's snapshot can be trusted."""

    LIVE = "live"
    SILENT = "silent"  # was heard, and then no more
    UNPROVEN = "unproven"  # only a retained snapshot, of unknown age
    UNHEARD = "unheard"


@dataclass(slots=True)
class DomePicture:
    """What was last heard about one dome. Times are the gateway's clock at arrival, seconds."""

    snapshot: Snapshot | None = None
    snapshot_s: float | None = None  # None while only a retained one was heard
    node: NodeSeen | None = None
    guard: GuardSeen | None = None
    guard_s: float | None = None  # None while only a retained one was heard
    alarms: dict[str, AlarmMessage] = field(default_factory=dict)

    def age_s(self, now_s: float) -> float | None:
        return None if self.snapshot_s is None else max(0.0, now_s - self.snapshot_s)

    def live(self, now_s: float) -> Live:
        age_s = self.age_s(now_s)
        if age_s is not None:
            return Live.LIVE if age_s <= STATE_SILENT_S else Live.SILENT
        return Live.UNHEARD if self.snapshot is None else Live.UNPROVEN


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message told us: which dome changed, and what others in the gateway wait for."""

    dome: str
    echo: tuple[str, str | None] | None = None  # (who, stop_id)
    reply: ReplyMessage | None = None
    event: EventMessage | None = None


class Picture:
    """All domes of the configuration. A message about another dome is counted and dropped."""

    def __init__(self, topics: Topics, domes: Sequence[str], clock: Clock) -> None:
        self.topics = topics
        self.clock = clock
        self.domes = {dome: DomePicture() for dome in domes}
        self.processes: dict[str, StatusMessage] = {}
        self.refused: Counter[str] = Counter()
        self.began_s = clock.now_s()
        self._domes_of_sessions: OrderedDict[str, str] = OrderedDict()

    def take(self, message: Inbound) -> Heard | None:
        """Learn from one message. None if it was refused or concerns nobody here."""
        heard = self._learn(message)
        if isinstance(heard, Refused):
            self.refused[heard.kind] += 1
            return None
        return heard

    def _learn(self, message: Inbound) -> Heard | Refused | None:
        split = self.topics.split(message.topic)
        if split is None:
            return Refused("foreign_topic", message.topic)
        dome, name = split
        if dome == "-":
            return self._take_status(name, message.payload)
        if dome not in self.domes:
            return Refused("unknown_dome", dome)
        return self._learn_of(dome, name, message)

    def _learn_of(self, dome: str, name: str, message: Inbound) -> Heard | Refused:
        if name == "state":
            return self._take_state(dome, message)
        if name == "node/state":
            return self._take_node(dome, message)
        if name == "guard/state":
            return self._take_guard(dome, message)
        if name.startswith("alarm/"):
            return self._take_alarm(dome, name.removeprefix("alarm/"), message.payload)
        if name == "event":
            event = decode("event", EventMessage, message.payload)
            return event if isinstance(event, Refused) else Heard(dome, event=event)
        if message.topic == self.topics.reply(dome):
            return self._take_reply(dome, message)
        return Refused("foreign_topic", message.topic)

    def _take_state(self, dome: str, message: Inbound) -> Heard | Refused:
        snapshot = decode_snapshot(message.payload)
        if isinstance(snapshot, Refused):
            return snapshot
        if (snapshot.site, snapshot.dome) != (self.topics.site, dome):
            return Refused("state_of_another_dome", f"{snapshot.site}/{snapshot.dome}")
        picture = self.domes[dome]
        if not message.retain:
            picture.snapshot_s = self.clock.now_s()
        elif picture.snapshot_s is not None:
            return Heard(dome)  # the broker repeats the past after a reconnect; we know better
        picture.snapshot = snapshot
        if snapshot.session is not None:
            self.remember_session(snapshot.session.session_id, dome)
        return Heard(dome, echo=("control", snapshot.stop_id))

    def _take_node(self, dome: str, message: Inbound) -> Heard | Refused:
        now_s = self.clock.now_s()
        seen = decode_node_state(message.payload, retained=message.retain, received_s=now_s)
        if isinstance(seen, Refused):
            return seen
        node, _ = seen
        self.domes[dome].node = node
        return Heard(dome, echo=("node", node.stop_id))

    def _take_guard(self, dome: str, message: Inbound) -> Heard | Refused:
        guard = decode_guard_state(message.payload, received_s=self.clock.now_s())
        if isinstance(guard, Refused):
            return guard
        picture = self.domes[dome]
        picture.guard = guard
        picture.guard_s = picture.guard_s if message.retain else guard.received_s
        return Heard(dome, echo=("guard", guard.stop_id))

    def _take_alarm(self, dome: str, alarm_id: str, payload: bytes) -> Heard | Refused:
        alarms = self.domes[dome].alarms
        if not payload:
            alarms.pop(alarm_id, None)
            return Heard(dome)
        alarm = decode("alarm", AlarmMessage, payload)
        if isinstance(alarm, Refused):
            return alarm
        if alarm.id != alarm_id:
            return Refused("alarm_malformed", f"{alarm.id} on the topic of {alarm_id}")
        if alarm_id not in alarms and len(alarms) >= ALARMS_PER_DOME_MAX:
            return Refused("alarm_flood", alarm_id)
        alarms[alarm_id] = alarm
        return Heard(dome)

    def _take_reply(self, dome: str, message: Inbound) -> Heard | Refused:
        reply = decode("reply", ReplyMessage, message.payload)
        if isinstance(reply, Refused):
            return reply
        if message.correlation != reply.intent_id.encode():
            return Refused("reply_malformed", "correlation data is not the intent_id")
        if reply.session_id is not None:
            self.remember_session(reply.session_id, dome)
        return Heard(dome, reply=reply)

    def _take_status(self, name: str, payload: bytes) -> Refused | None:
        """A will whose `instance_id` is not the one last seen online is ignored."""
        status = decode("status", StatusMessage, payload)
        if isinstance(status, Refused):
            return status
        known = self.processes.get(name)
        if len(self.processes) >= SESSIONS_REMEMBERED and known is None:
            return Refused("status_flood", name)
        if status.online or known is None or known.instance_id == status.instance_id:
            self.processes[name] = status
        return None

    def remember_session(self, session_id: str, dome: str) -> None:
        self._domes_of_sessions[session_id] = dome
        self._domes_of_sessions.move_to_end(session_id)
        while len(self._domes_of_sessions) > SESSIONS_REMEMBERED:
            self._domes_of_sessions.popitem(last=False)

    def dome_of_session(self, session_id: str) -> str | None:
        return self._domes_of_sessions.get(session_id)
