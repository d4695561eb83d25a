"""The control process: one loop that runs the cycle of each dome on absolute deadlines, and the
link that feeds it.

If a task that matters fails, the process ends: the command is a lease, so heat ends too, and the
service manager restarts it into idle. Nothing here resumes heat.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import structlog

from thermod import cycle, record, view
from thermod.clock import Clock
from thermod.errors import require
from thermod.heartbeat import ServiceManager
from thermod.journal import Journal, SetAside
from thermod.keep import keep, restore
from thermod.keeper import Keeper
from thermod.latches import STATE_LOST, KeptDome, Latch
from thermod.mqtt import Broker, Inbound, Link, ended
from thermod.post import ROOT, Handler, Post
from thermod.state import PERIOD_S, Plan, State

EXPIRY_S = 2  # commands and heartbeats: the broker drops what it could not deliver in time
STATE_EXPIRY_S = 10
FAREWELL_S = 1.0
ALARMS_ANEW = 4  # a cycle: all of them at once, of many domes, would hold up the acknowledged queue

log = structlog.get_logger("control")


def new_controller_id() -> str:
    """Random for each process start: the guard binds an epoch to it."""
    return f"c-{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the control process needs of the configuration."""

    process: str
    broker: Broker
    plans: Sequence[Plan]
    config_sha256: str


class Dome:
    """One dome in this process: its plan, its state, its post, and the cycle that turns one into
    the next.
    """

    def __init__(self, plan: Plan, state: State) -> None:
        self.plan = plan
        self.state = state
        self.post = Post(plan)
        self.base = f"{ROOT}/{plan.site}/{plan.dome}"
        self.cycle_ms = 0.0
        self.unsaid: list[str] = []  # alarms to be said anew, changed or not, a few in each cycle
        self.set_aside: SetAside | None = None  # the damaged journal that was told of last


class Control:
    """All domes of one process."""

    def __init__(
        self, settings: Settings, *, clock: Clock, journal: Journal, keeper: Keeper
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._keeper = keeper
        self._manager = ServiceManager()
        self._domes = [self._restored(plan) for plan in settings.plans]
        self._handlers: dict[str, list[Handler]] = {}
        qos_of: dict[str, int] = {}
        for dome in self._domes:
            for topic, qos, handler in dome.post.routes():
                qos_of[topic] = qos
                self._handlers.setdefault(topic, []).append(handler)
        first = settings.plans[0]
        self._link = Link(
            broker=settings.broker,
            client_id=f"thermod-{first.site}-{settings.process}",
            subscriptions=list(qos_of.items()),
            on_message=self._on_message,
            status_topic=f"{ROOT}/{first.site}/-/status/{settings.process}",
            status={
                "process": "control",
                "instance_id": first.controller_id,
                "version": version("thermod"),
                "domes": [plan.dome for plan in settings.plans],
            },
            on_change=self._on_link,
            no_local=True,
        )

    async def run(self) -> None:
        """Until cancelled, or until a task fails."""
        log.info("idle", controller_id=self._settings.plans[0].controller_id)
        try:
            async with asyncio.TaskGroup() as tasks:
                link = tasks.create_task(self._link.run(), name="link")
                try:
                    await self._cycles(link)
                finally:
                    await self._farewell()
                    await ended((link,))
        finally:
            self._manager.close()

    def _restored(self, plan: Plan) -> Dome:
        """Boot idle, with the latches and the session that were left."""
        kept, now_s = self._keeper.found(plan.dome), self._clock.now_s()
        try:
            state = restore(plan, kept, now_s=now_s, at_ms=self._clock.wall_ms())
        except (KeyError, TypeError, ValueError) as problem:
            why = f"the session kept of {plan.dome} makes no sense: {problem}"
            log.error("state lost", dome=plan.dome, why=why)
            latch = Latch(self._clock.wall_ms(), why)
            kept = KeptDome({STATE_LOST: latch, **kept.latches})
            state = restore(plan, kept, now_s=now_s, at_ms=latch.since_ms)
        return Dome(plan, state)

    def _on_link(self, connected: bool) -> None:
        """A broker may have forgotten: say anew every alarm that is shown."""
        if connected:
            for dome in self._domes:
                dome.unsaid = [name for name, row in dome.state.rows.items() if row.shown]

    def _on_message(self, message: Inbound) -> None:
        now_s, topic = self._clock.now_s(), message.topic
        handlers = self._handlers.get(topic)
        if handlers is None:
            handlers = self._handlers.get(f"{topic.rpartition('/')[0]}/+", [])
        for handler in handlers:
            handler(message, now_s)

    async def _cycles(self, link: asyncio.Task[None]) -> None:
        """Each dome once a period, spread evenly over it, on deadlines that do not drift. Without
        the link's task nobody would ever hear of them: then the process ends, as with any task that
        matters, also where that task was cancelled, which a group takes for intended.
        """
        start_s = self._clock.now_s()
        slot_s = PERIOD_S / len(self._domes)
        beat = 0
        while True:
            require(not link.done(), "the task of the link runs as long as the cycles")
            for place, dome in enumerate(self._domes):
                await self._clock.sleep_until(start_s + place * slot_s)
                self._one_cycle(dome)
            if beat == 0:
                self._manager.tell("READY=1")
            beat += 1
            self._manager.tell("WATCHDOG=1")
            start_s += PERIOD_S
            late_s = self._clock.now_s() - start_s
            if late_s > PERIOD_S:  # no burst of cycles to catch up with a time that is gone
                start_s += late_s - late_s % PERIOD_S

    def _one_cycle(self, dome: Dome) -> None:
        began = time.perf_counter()
        before, now_s = dome.state, self._clock.now_s()
        inbox = dome.post.box.take(
            journal_error=self._journal.error or "",
            journal_waiting=self._journal.waiting,
            journal_lost=self._journal.lost,
            disk_free_mb=self._journal.free_mb,
            latches_error=self._keeper.error,
        )
        dome.state, outcome = cycle.step(dome.plan, before, inbox, now_s)
        self._send(dome, outcome)
        at_ms = self._clock.wall_ms()
        self._tell(dome, outcome, at_ms)
        if outcome.keep:
            self._keeper.save(dome.plan.dome, keep(dome.state, at_ms))
        self._record(dome, before, outcome, at_ms)
        dome.cycle_ms = (time.perf_counter() - began) * 1000.0

    def _record(self, dome: Dome, before: State, outcome: cycle.Outcome, at_ms: int) -> None:
        for row in record.rows(
            dome.plan,
            before,
            dome.state,
            outcome,
            at_ms=at_ms,
            cycle_ms=dome.cycle_ms,
            config_sha256=self._settings.config_sha256,
        ):
            self._journal.append(row)
        damaged = self._journal.set_aside
        if damaged is not None and damaged is not dome.set_aside:
            dome.set_aside = damaged
            text = f"the journal was set aside as {damaged.path}: {damaged.why}"
            log.error("journal", dome=dome.plan.dome, text=text)
            self._journal.append(record.event(dome.plan, dome.state, "journal", text, at_ms))

    def _send(self, dome: Dome, outcome: cycle.Outcome) -> None:
        """What heat depends on: command, arm, and last the heartbeat, for a beat means a whole
        cycle happened.
        """
        publish, base = self._link.publish, dome.base
        if outcome.command is not None:
            payload = view.command_message(dome.plan, outcome.command)
            publish(f"{base}/heater/command", payload, expiry_s=EXPIRY_S)
        for arm in outcome.arms:
            publish(f"{base}/arm", view.arm_message(dome.plan, arm), qos=1)
        payload = view.heartbeat_message(dome.plan, outcome)
        publish(f"{base}/heartbeat", payload, expiry_s=EXPIRY_S)

    def _tell(self, dome: Dome, outcome: cycle.Outcome, at_ms: int) -> None:
        """What people and the gateway want to know."""
        publish, base, state = self._link.publish, dome.base, dome.state
        for reply in outcome.replies:
            topic = reply.intent.reply_to
            if topic is not None:
                correlation = reply.intent.intent_id.encode()
                publish(topic, view.reply_message(reply), qos=1, correlation=correlation)
        unsaid = list(dict.fromkeys((*dome.unsaid, *dome.post.alarms_left())))
        anew, dome.unsaid = unsaid[:ALARMS_ANEW], unsaid[ALARMS_ANEW:]
        changed = (*anew, *(change.alarm_id for change in outcome.changes))
        for alarm_id, payload in view.alarm_messages(state, changed, outcome.now_s, at_ms).items():
            publish(f"{base}/alarm/{alarm_id}", payload, qos=1, retain=True)
        for payload in view.event_messages(state, outcome, at_ms):
            publish(f"{base}/event", payload, qos=1)
        for kind, text in outcome.events:
            log.info(kind, dome=dome.plan.dome, text=text)
        if state.cycle % 2 == 0 or outcome.events or outcome.changes:
            payload = view.state_message(dome.plan, state, outcome, at_ms, dome.cycle_ms)
            publish(f"{base}/state", payload, retain=True, expiry_s=STATE_EXPIRY_S)

    async def _farewell(self) -> None:
        """A courtesy: say that heat is over. The lease is the guarantee."""
        self._manager.tell("STOPPING=1")
        for dome in self._domes:
            last = view.last_words(dome.plan, dome.state, dome.post.box.node)
            if last is not None:
                self._link.publish(f"{dome.base}/heater/command", last, expiry_s=EXPIRY_S)
            self._keeper.save(dome.plan.dome, keep(dome.state, self._clock.wall_ms()))
        await self._link.goodbye(FAREWELL_S)
