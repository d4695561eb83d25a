"""The control process on pretend time: the shipped cycle, mailbox and latches behind a pretend
socket and disk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, Final, NamedTuple

from controllers.session import Phase
from sensors.samples import ProbeSample
from thermod import cycle
from thermod.checklist import ready
from thermod.cycle import Command, Outcome
from thermod.guard import heard
from thermod.keep import keep, restore
from thermod.keeper import count_crash
from thermod.latches import STATE_LOST, Kept, KeptDome, Latch
from thermod.mqtt import Inbound
from thermod.post import Post
from thermod.sim import handed
from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.network import Message, Network, Topic
from thermod.sim.campaign.process import Process, Reader
from thermod.state import PERIOD_S, Plan, State

DISK_S: Final = 0.004  # the keeper's thread: written, synced, renamed, synced
TOPICS: Final = (
    *(Topic.NODE, Topic.READING, Topic.PERMIT, Topic.CHALLENGE, Topic.GUARD_STATE),
    *(Topic.INTENT, Topic.STOP, Topic.COMMAND, Topic.HEARTBEAT),
)


class Snapshot(NamedTuple):
    """`state`, as far as a person at the console acts on it."""

    controller_id: str
    cycle: int
    phase: Phase
    session_id: str | None
    target_c: float
    core_temp_c: float | None
    presence_age_s: float
    checklist_done: bool
    latches: tuple[str, ...]  # of control and of the guard, as `reset` may name them
    guard_would_permit: bool
    stop_id: str | None
    alarms: tuple[str, ...]  # those that are shown


class Disk:
    """Control's latch file and its journal's disk. They outlive the process."""

    def __init__(self, dome: str) -> None:
        self.kept = Kept({dome: KeptDome()})
        self.error = ""  # why the latch file cannot be written
        self.is_lost = False  # unreadable at the next start
        self.write_s = DISK_S
        self.journal_error = ""
        self.free_mb = 50_000.0
        self.wall_offset_ms = 0  # what somebody has set the wall clock forward by


class ControlSide(Process):
    """One control process."""

    def __init__(
        self,
        name: str,
        agenda: Agenda,
        network: Network,
        random: Random,
        judge: Reader,
        plan: Plan,
        disk: Disk,
    ) -> None:
        super().__init__(name, agenda, network, random, judge)
        self.disk = disk
        self.plan = plan
        self.late_s = 0.0  # a starved process: each cycle comes up to this much late
        self.outcome: Outcome | None = None
        self.changed: Callable[[Command], Command] | None = None  # a fault of control itself
        self.misses_flow = False
        self._started = 0
        self._due_s = 0.0
        network.join(self, TOPICS)
        self.begin()

    def begin(self) -> None:
        """It boots idle, with latches and session from disk."""
        self._started += 1
        now_s, wall_ms, dome = self.agenda.now_s, self.wall_ms(), self.plan.dome
        self.plan = replace(self.plan, controller_id=f"c-{self.name}-{self._started}")
        self.post = Post(self.plan)
        kept = count_crash(self._found(wall_ms), (dome,), wall_ms)
        self.disk.kept = replace(kept, running=True)
        self.state: State = restore(
            self.plan, kept.domes.get(dome, KeptDome()), now_s=now_s, at_ms=wall_ms
        )
        self._due_s = now_s + PERIOD_S * self.random.random()
        self.agenda.at(self._due_s, self._beat, self.life)

    def _found(self, wall_ms: int) -> Kept:
        if not self.disk.is_lost:
            return self.disk.kept
        self.disk.is_lost = False
        latch = Latch(wall_ms, "the latch file is missing")
        return Kept({self.plan.dome: KeptDome({STATE_LOST: latch})})

    def wall_ms(self) -> int:
        """What the wall clock of this machine shows. Nothing is decided by it."""
        return round(self.agenda.now_s * 1000.0) + self.disk.wall_offset_ms

    def end_on_purpose(self) -> bool:
        """SIGTERM: one last 0, everything written. False: it is dead or stopped, and hears none."""
        if not self.is_alive or self.stops:
            return False
        state, node = self.state, self.post.box.node
        if node is not None and state.lease.epoch is not None:
            command = Command(
                state.lease.epoch, state.seq + 1, node.boot_id, node.tick, state.cycle, 0.0
            )
            self.network.send(self.name, Topic.COMMAND, (self.plan.controller_id, command))
        self._write(keep(state, self.wall_ms()), self.life)
        self.kill()
        self.disk.kept = replace(self.disk.kept, running=False)
        return True

    # --- time -------------------------------------------------------------------------------------

    def _beat(self, life: int) -> None:
        if life != self.life:
            return
        if self.stops:
            return  # `work` begins anew when it goes on
        self._cycle()
        self._next_beat()

    def work(self) -> None:
        """The overdue cycle, and from there on deadlines again."""
        if not self.is_alive or self.stops or self.agenda.now_s < self._due_s:
            return
        self._cycle()
        behind_s = self.agenda.now_s - self._due_s
        self._due_s += behind_s - behind_s % PERIOD_S
        self._next_beat()

    def _next_beat(self) -> None:
        self._due_s += self.plan.period_s
        late_s = self.late_s * self.random.random() if self.late_s else 0.0
        self.agenda.at(self._due_s + late_s, self._beat, self.life)

    def _cycle(self) -> None:
        disk = self.disk
        inbox = self.post.box.take(
            journal_error=disk.journal_error,
            disk_free_mb=disk.free_mb,
            latches_error=disk.error,
        )
        self.state, outcome = cycle.step(self.plan, self.state, inbox, self.agenda.now_s)
        self.outcome = outcome
        self._say(outcome)
        if outcome.keep:
            kept = keep(self.state, self.wall_ms())
            self.agenda.after(disk.write_s, self._write, kept, self.life)

    def _write(self, kept: KeptDome, life: int) -> None:
        """The keeper's thread has come to it, if it still lives."""
        if life == self.life and not self.disk.error:
            self.disk.kept = replace(self.disk.kept, domes={self.plan.dome: kept})

    # --- what it says -----------------------------------------------------------------------------

    def _say(self, outcome: Outcome) -> None:
        """In the order in which it speaks: what heat depends on first, the heartbeat last."""
        name, send, controller_id = self.name, self.network.send, self.plan.controller_id
        command = outcome.command
        if command is not None:
            if self.changed is not None:
                command = self.changed(command)
            send(name, Topic.COMMAND, (controller_id, command))
        for arm in outcome.arms:
            seen = heard.ArmSeen(controller_id, arm.intent_id, arm.scope.value)
            send(name, Topic.ARM, seen)
        beat = handed.beat_to_guard(controller_id, outcome)
        if self.misses_flow:
            beat = beat._replace(flow=beat.flow ^ 1)
        send(name, Topic.HEARTBEAT, beat)
        if self.state.cycle % 2 == 0 or outcome.events:
            send(name, Topic.STATE, self._snapshot(outcome))

    def _snapshot(self, outcome: Outcome) -> Snapshot:
        state, guard, session = self.state, outcome.inbox.guard, self.state.session
        theirs = () if guard is None else guard.tripped_by
        return Snapshot(
            self.plan.controller_id,
            state.cycle,
            state.phase,
            None if session is None else session.session_id,
            38.5 if session is None else session.target_c,
            outcome.picture.core.core_temp_c,
            state.clocks.presence_s,
            state.phase is Phase.PREFLIGHT and ready(outcome.checks),
            tuple(dict.fromkeys((*state.latches, *theirs))),
            guard is not None and not guard.broken,
            state.stop_id,
            tuple([name for name, row in state.rows.items() if row.shown]),
        )

    # --- what it hears ----------------------------------------------------------------------------

    def take(self, message: Message) -> None:
        """Into the mailbox, as the link does it."""
        topic, value, now_s = message.topic, message.value, self.agenda.now_s
        if isinstance(value, bytes):
            self._take_bytes(topic, value, now_s)
        elif topic is Topic.NODE:
            self._take_node(value, now_s)
        elif topic is Topic.PERMIT:
            self.post.box.set_permit(handed.permit_to_control(value, now_s), value.seq)
        elif topic is Topic.CHALLENGE:
            self.post.box.challenge, self.post.box.challenge_s = value, now_s
        elif topic is Topic.GUARD_STATE:
            self.post.box.guard = handed.guard_to_control(value, now_s)
        elif topic is Topic.READING:
            rejected = handed.reading_to_control(value, float("nan"), 0, now_s)
            self.post.box.readings[value] = rejected
        else:
            self._take_of_others(topic, value, now_s)

    def _take_node(self, word: Any, now_s: float) -> None:
        readings = {
            probe_id: ProbeSample(probe_id, word.seqs[probe_id], 0, temp_c, now_s)
            for probe_id, temp_c in word.state.probes.items()
            if temp_c is not None
        }
        self.post.take_node(handed.node_to_control(word.state, now_s), readings)

    def _take_of_others(self, topic: Topic, value: Any, now_s: float) -> None:
        box = self.post.box
        if topic is Topic.INTENT:
            box.add_intent(replace(value, received_s=now_s))
        elif topic is Topic.STOP:
            box.add_stop(replace(value, received_s=now_s))
        elif topic in (Topic.COMMAND, Topic.HEARTBEAT):
            box.heard_controller(value[0])  # the id comes first in both

    def _take_bytes(self, topic: Topic, payload: bytes, now_s: float) -> None:
        """What no encoder of ours has made: by the shipped decoders."""
        for known, _, handler in self.post.routes():
            if known.endswith(f"/{topic.value}"):
                handler(Inbound(known, payload, False, None, None), now_s)
