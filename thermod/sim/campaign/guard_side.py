"""The guard process on pretend time: the shipped judgement behind a pretend socket and disk.

Time is skipped where it cannot matter. The real loop looks every 20 ms; here it looks at every
message that may change its mind, at every beat, and every 40 ms while anything is older than it
should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from thermod.guard import said
from thermod.guard.dome import GuardDome
from thermod.guard.hear import hear
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits
from thermod.guard.specs import DomeSpec
from thermod.guard.times import PERIOD_S
from thermod.sim import handed
from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.network import Message, Network, Topic
from thermod.sim.campaign.process import Process, Reader

LOOK_S: Final = 0.04
YOUNG_S: Final = 0.9  # nothing is judged before it is older than this
WATCHED_S: Final = 1.2  # a revoke is repeated for a second
TOPICS: Final = (
    *(Topic.NODE, Topic.READING, Topic.COMMAND, Topic.HEARTBEAT, Topic.ARM),
    *(Topic.PERMIT, Topic.INTENT, Topic.STOP),
)


class Drawer:
    """The guard's disk. It outlives the process."""

    def __init__(self) -> None:
        self.kept: Kept | None = Kept()
        self.refuses = False  # full, or read-only
        self.writes = 0

    def save(self, changed: Mapping[str, Kept]) -> bool:
        """Safe at once, or not at all. One guard of one dome writes here."""
        if self.refuses:
            return False
        for kept in changed.values():
            self.kept = kept
        self.writes += 1
        return True


class GuardSide(Process):
    """One guard process."""

    def __init__(
        self,
        name: str,
        agenda: Agenda,
        network: Network,
        random: Random,
        judge: Reader,
        spec: DomeSpec,
        drawer: Drawer,
    ) -> None:
        super().__init__(name, agenda, network, random, judge)
        self.drawer = drawer
        self.disk_s = 0.0  # how long a write holds up the loop
        self._spec = spec
        self._count = 0
        self._node_s = self._beat_s = self._watch_until_s = 0.0
        self._is_whole = True  # every probe of the newest node/state gave a new number
        self._scope = "none"
        self._granted = False
        self._writes = 0
        self.idle_s = PERIOD_S  # between two looks while no epoch is open
        network.join(self, TOPICS)
        self.begin()

    def begin(self) -> None:
        """It boots revoking, with what is on disk."""
        self._count += 1
        self.dome = GuardDome(
            self._spec,
            Limits(),
            guard_id=f"{self.name}-{self._count}",
            kept=self.drawer.kept,
            store=self.drawer,
            new_challenge=self._new_challenge,
            now_s=self.agenda.now_s,
        )
        self._scope, self._granted = "none", False
        self._tick(self.life)

    def _new_challenge(self) -> str:
        return f"{self.random.getrandbits(32):08x}"

    # --- time -------------------------------------------------------------------------------------

    def work(self) -> None:
        """Look now: whatever time has brought about."""
        if self.is_alive and not self.stops:
            self._look()

    def _tick(self, life: int) -> None:
        if life != self.life:
            return
        self.work()
        self.agenda.after(self._rest_s(), self._tick, life)

    def _rest_s(self) -> float:
        """Until the next look that may matter."""
        now_s = self.agenda.now_s
        if self._scope == "none":
            return self.idle_s
        is_young = now_s - self._node_s < YOUNG_S and now_s - self._beat_s < YOUNG_S
        return PERIOD_S if is_young and self._is_whole and self._granted else LOOK_S

    def _look(self) -> None:
        dome, now_s = self.dome, self.agenda.now_s
        for word in dome.look(now_s):
            if isinstance(word, said.Permit):
                if self._granted and not word.granted:
                    self._watch_until_s = now_s + WATCHED_S
                    self.agenda.after(LOOK_S, self._tick_fast, self.life)
                self._granted = word.granted
                self.network.send(self.name, Topic.PERMIT, word)
                dome.keep(now_s)
            elif isinstance(word, said.Challenge):
                self.network.send(self.name, Topic.CHALLENGE, word.challenge)
            else:
                self._scope = word.scope
                self.network.send(self.name, Topic.GUARD_STATE, word)
        if self.disk_s and self.drawer.writes != self._writes:
            self.stop()
            self.agenda.after(self.disk_s, self.go_on)
        self._writes = self.drawer.writes

    def _tick_fast(self, life: int) -> None:
        """Between the beats, while a revoke is fresh."""
        if life == self.life and self.agenda.now_s < self._watch_until_s:
            self.work()
            self.agenda.after(LOOK_S, self._tick_fast, life)

    def reconnected(self) -> None:
        """All is said again."""
        if self.is_alive and not self.stops:
            self.dome.reconnected()
            self._look()

    # --- messages ---------------------------------------------------------------------------------

    def take(self, message: Message) -> None:
        """Hear it, then look, as the loop does."""
        topic, value, now_s = message.topic, message.value, self.agenda.now_s
        if isinstance(value, bytes):  # what no decoder of ours has made
            hear(self.dome, topic.value, value, False, now_s)
        else:
            self._take_value(topic, value, now_s)
        if not (self._granted and message.sender == "control" and self._is_calm(topic, value)):
            self._look()

    def _is_calm(self, topic: Topic, value: Any) -> bool:
        """Heat is permitted, and this gives no reason to take it away before the next beat."""
        if topic is Topic.COMMAND:
            return True  # the heartbeat of the same cycle is right behind it
        answered = self.dome.senses.control.answer_s == self.agenda.now_s
        return topic is Topic.HEARTBEAT and answered and value.scope == self._scope

    def _take_value(self, topic: Topic, value: Any, now_s: float) -> None:
        dome = self.dome
        if topic is Topic.NODE:
            seen = handed.node_to_guard(value.state, value.seqs)
            self._node_s = now_s
            whole = dict.fromkeys(value.seqs, seen.tick)
            self._is_whole = len(seen.probes) == len(value.seqs) and value.seqs == whole
            dome.on_node(seen, now_s)
        elif topic is Topic.HEARTBEAT:
            self._beat_s = now_s
            dome.on_heartbeat(value, now_s)
        elif topic is Topic.COMMAND:
            controller_id, command = value
            dome.on_command(handed.command_to_guard(controller_id, command), now_s)
        elif topic is Topic.READING:
            dome.senses.unreadable_reading(value, now_s)
        elif topic is Topic.ARM:
            dome.on_arm(value, now_s)
        elif topic is Topic.PERMIT:
            dome.on_permit_echo(value.guard_id, now_s)
        elif topic is Topic.INTENT:
            if value.kind in handed.GUARD_KINDS:
                dome.on_intent(handed.intent_to_guard(value), now_s)
        elif topic is Topic.STOP:
            dome.on_stop(value.stop_id)
