"""One-slot mailboxes: messages never drive control, they lie here until the next cycle looks.

Newest wins for measurements; acts of people are kept in order, bounded.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from controllers.actuation import Permit
from sensors.samples import ProbeSample, Rejection

DOME_SILENT_S = 10.0  # then a node that was taken for replaced is heard again
STRAYS_MIN = 3  # of another node within 5 s: after a reboot one or two may still be under way
STRAYS_WITHIN_S = 5.0
BOOTS_KEPT = 64
ACTS_MAX = 32  # intents between two cycles; nobody presses faster, so more is an attack or a fault
NOTHING_REFUSED: Mapping[str, int] = MappingProxyType({})


class NodeSeen(NamedTuple):
    """The newest `node/state`, as received."""

    boot_id: str
    tick: int
    applied_pct: float
    measured_w: float | None
    rated_w: float
    window_s: float
    contactors_closed: tuple[bool, ...]
    epoch: int
    controller_id: str | None
    command_seq: int
    stop_id: str | None
    lid: str
    fan_running: bool | None
    faults: tuple[str, ...]
    because: str
    received_s: float


@dataclass(frozen=True, slots=True)
class GuardSeen:
    """The newest `guard/state`, as received. `limits` by the names of CONTRACT.md."""

    guard_id: str
    permitting: bool
    broken: tuple[str, ...]
    tripped_by: tuple[str, ...]
    probes: Mapping[str, str]
    limits: Mapping[str, float]
    stop_id: str | None
    received_s: float
    refused: Mapping[str, int] = field(default_factory=dict)  # messages it refused so far, by kind


@dataclass(frozen=True, slots=True)
class Intent:
    """A person's act. `details` were checked against the kind when the message was decoded."""

    intent_id: str
    kind: str
    by: str
    role: str
    reason: str
    controller_id: str
    cycle: int
    session_id: str | None
    details: Mapping[str, object]
    received_s: float
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """STOP, from anybody."""

    stop_id: str
    by: str
    received_s: float


class Inbox(NamedTuple):
    """All that one cycle may know of the world beside the time."""

    readings: Mapping[str, ProbeSample | Rejection]
    node: NodeSeen | None = None
    permit: Permit | None = None
    challenge: str = ""
    challenge_s: float | None = None  # when the newest challenge arrived; None before the first
    guard: GuardSeen | None = None
    intents: tuple[Intent, ...] = ()
    stops: tuple[Stop, ...] = ()
    foreign_controller: str = ""  # another controller's id, heard since the last cycle
    foreign_guard: str = ""  # a guard's id heard again after another took its place
    refused: Mapping[str, int] = NOTHING_REFUSED  # messages refused so far, by kind
    journal_error: str = ""
    journal_waiting: int = 0
    journal_lost: int = 0
    disk_free_mb: float | None = None
    latches_error: str = ""  # why the latch file cannot be written
    foreign_dome: str = ""  # the boot_id of another node that speaks as our dome
    refused_anew: Mapping[str, int] = NOTHING_REFUSED  # of `refused`, since the last cycle


class Mailbox:
    """What has arrived for one dome. Filled by the link, emptied by the cycle."""

    def __init__(self) -> None:
        self.readings: dict[str, ProbeSample | Rejection] = {}
        self.node: NodeSeen | None = None
        self.permit: Permit | None = None
        self.challenge = ""
        self.challenge_s: float | None = None
        self.guard: GuardSeen | None = None
        self.refused: Counter[str] = Counter()
        self._refused_before: Mapping[str, int] = {}
        self._intents: list[Intent] = []
        self._stops: list[Stop] = []
        self._foreign_controller = ""
        self._foreign_guard = ""
        self._guards_before: set[str] = set()
        self._foreign_dome = ""
        self._boots_before: deque[str] = deque(maxlen=BOOTS_KEPT)
        self._strays_s: deque[float] = deque(maxlen=STRAYS_MIN)
        self._permit_seq = 0

    def add_intent(self, intent: Intent) -> bool:
        """False when too many lie here already: the sender gets no answer and may ask again."""
        if len(self._intents) >= ACTS_MAX:
            self.refused["intent_flood"] += 1
            return False
        self._intents.append(intent)
        return True

    def add_stop(self, stop: Stop) -> None:
        """Keep the newest few; one is enough to stop."""
        self._stops = [*self._stops[-3:], stop]

    def heard_controller(self, controller_id: str) -> None:
        """Another controller's command or heartbeat was heard on our dome."""
        self._foreign_controller = controller_id

    def set_node(self, node: NodeSeen) -> bool:
        """Keep the dome's newest word; False for an older or repeated one. A restarted dome has a
        new id; an id or a tick that comes back is another node that speaks as our dome. It is not
        heard beside the one that is believed, but is once that one has been silent for 10 s: the
        impostor may have been the one we believed.
        """
        last = self.node
        if last is not None:
            is_same_boot = node.boot_id == last.boot_id
            is_old = node.tick <= last.tick if is_same_boot else node.boot_id in self._boots_before
            if is_old and node.received_s - last.received_s <= DOME_SILENT_S:
                if not is_same_boot:
                    self._hear_stray(node)
                return False
            if is_old:
                self._foreign_dome = last.boot_id
            if not is_same_boot:
                self._boots_before.append(last.boot_id)
        self.node = node
        return True

    def _hear_stray(self, node: NodeSeen) -> None:
        """A message or two that a reboot has overtaken are no second node; three in 5 s are."""
        self._strays_s.append(node.received_s)
        is_often = len(self._strays_s) == STRAYS_MIN
        if is_often and node.received_s - self._strays_s[0] <= STRAYS_WITHIN_S:
            self._foreign_dome = node.boot_id

    def set_permit(self, permit: Permit, seq: int) -> bool:
        """Keep the guard's newest word; False for an older or repeated one. A restarted guard has a
        new id; an id that comes back is one of two guards that take turns, which no restart does.
        """
        last = self.permit
        if last is not None and last.guard_id == permit.guard_id:
            if not (permit.epoch, seq) > (last.epoch, self._permit_seq):
                return False
        elif last is not None:
            self._guards_before = {*self._guards_before, last.guard_id}
            if permit.guard_id in self._guards_before:
                self._foreign_guard = permit.guard_id
        self.permit, self._permit_seq = permit, seq
        return True

    def take(
        self,
        *,
        journal_error: str = "",
        journal_waiting: int = 0,
        journal_lost: int = 0,
        disk_free_mb: float | None = None,
        latches_error: str = "",
    ) -> Inbox:
        """What lies here now. Measurements stay till a newer comes; acts go once."""
        inbox = Inbox(
            dict(self.readings),
            self.node,
            self.permit,
            self.challenge,
            self.challenge_s,
            self.guard,
            tuple(self._intents),
            tuple(self._stops),
            self._foreign_controller,
            self._foreign_guard,
            dict(self.refused),
            journal_error,
            journal_waiting,
            journal_lost,
            disk_free_mb,
            latches_error,
            self._foreign_dome,
            self._refused_anew(),
        )
        self._refused_before = inbox.refused
        self._intents.clear()
        self._stops = []
        self._foreign_controller = self._foreign_guard = self._foreign_dome = ""
        return inbox

    def _refused_anew(self) -> Mapping[str, int]:
        """Exactly what was refused since the last cycle, for the record."""
        before = self._refused_before
        if before == self.refused:
            return NOTHING_REFUSED
        return {
            kind: count - before.get(kind, 0)
            for kind, count in self.refused.items()
            if count > before.get(kind, 0)
        }
