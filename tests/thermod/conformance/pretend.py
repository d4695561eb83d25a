"""A dome on pretend time for the kit: a node, its heater and meter, and a bus without delay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count

from thermod.conformance.bench import Bench
from thermod.conformance.hands import Hands
from thermod.conformance.run import Run
from thermod.conformance.seen import State, decode_state
from thermod.conformance.table import REQUIREMENTS
from thermod.conformance.verdict import Outcome, Requirement, Result
from thermod.conformance.voices import Outgoing
from thermod.sim.heater import Heater
from thermod.sim.node import TICK_S, Node, NodeSpec
from thermod.sim.node_messages import encode_state

POWER_PCT = 20.0
LIMIT_S = 600.0
JUST_AFTER_S = 0.01  # a lease that ends with a tick is over just after it
TICKS_LISTENED = 11  # as long as the kit listens before it speaks


class PretendDome:
    """Hears, looks, ticks. `tick_s` is its idea of half a second."""

    tick_s = TICK_S

    def __init__(self, node_class: type[Node] = Node, *, has_meter: bool = True) -> None:
        numbers = count(1)
        spec = NodeSpec()
        self.node = node_class(spec, lambda: f"{next(numbers):016x}", 0.0)
        self.heater = Heater(spec.rated_w, spec.window_s, 0.0)
        self.has_meter = has_meter
        self.lid = "closed"

    def hear(self, message: Outgoing, now_s: float) -> None:
        if message.suffix == "sim/fault":
            self._suffer(json.loads(message.payload), now_s)
        else:
            self.node.hear(message.suffix, message.payload, False, now_s)
        self.look(now_s)

    def _suffer(self, fault: dict[str, object], now_s: float) -> None:
        if fault["kind"] == "reboot":
            self.node.reboot(now_s)
        else:
            self.lid = "open" if fault["on"] else "closed"

    def look(self, now_s: float) -> None:
        self.node.sense(now_s, self.measured_w(), self.lid, None)
        actuation = self.node.look(now_s)
        self.heater.switch(actuation.heater_pct, actuation.contactors_closed, now_s)

    def measured_w(self) -> float | None:
        return self.heater.measured_w() if self.has_meter else None

    def tick(self, now_s: float) -> bytes | None:
        self.look(now_s)
        readings = {"core-1": 37.0, "skin-1": 34.0, "air-1": 25.0}
        state = self.node.tick(now_s, self.measured_w(), readings, self.lid, True)
        return encode_state(state, dict.fromkeys(readings, self.number_of_readings(state.tick)))

    def number_of_readings(self, tick: int) -> int:
        """Each tick has a new one."""
        return tick


class Bus:
    """One dome and one kit, and no delay between them."""

    def __init__(
        self,
        dome: PretendDome,
        requirements: Sequence[Requirement],
        hands: Hands = Hands.SIMULATOR,
        limit_s: float = LIMIT_S,
    ) -> None:
        self.dome = dome
        self.bench = Bench(lambda: "0123456789abcdef", POWER_PCT, hands)
        self.run: Run | None = None
        self._requirements = requirements
        self._limit_s = limit_s
        self._tick_at_s = 0.0

    def play(self) -> Run:
        """From tick to tick, with a look just after each, and whenever the kit wants to wake."""
        now_s = 0.0
        while self.run is None or not self.run.is_over:
            if now_s >= self._tick_at_s:
                self._tick_at_s = now_s + self.dome.tick_s
                self._hear(self.dome.tick(now_s), now_s)
            if self.run is None and len(self.bench.states) >= TICKS_LISTENED:
                self.run = Run(self.bench, self._requirements, now_s, self._limit_s)
            elif self.run is not None:
                self.run.wake(now_s)
            self._deliver(now_s)
            now_s = self._next_s(now_s)
        return self.run

    def _hear(self, payload: bytes | None, now_s: float) -> None:
        if payload is None:  # the bus lost it
            return
        state = decode_state(payload, retained=False, now_s=now_s)
        if not isinstance(state, State):
            self.bench.unreadable.append(state.why)
            return
        self.bench.hear_readings(json.loads(payload)["probes"])
        if self.run is None:
            self.bench.see(state)
        else:
            self.run.see(state)

    def _deliver(self, now_s: float) -> None:
        self.dome.look(now_s)
        outbox = self.bench.voices.outbox
        while outbox:
            self.dome.hear(outbox.pop(0), now_s)

    def _next_s(self, now_s: float) -> float:
        just_after_s = self._tick_at_s - self.dome.tick_s + JUST_AFTER_S
        wanted_s = self._tick_at_s if self.run is None else self.run.wake_s
        moments_s = (self._tick_at_s, just_after_s, wanted_s)
        return min(moment_s for moment_s in moments_s if moment_s > now_s)


def check(
    dome: PretendDome,
    requirements: Sequence[Requirement] = REQUIREMENTS,
    hands: Hands = Hands.SIMULATOR,
    limit_s: float = LIMIT_S,
) -> Run:
    """The whole check, on pretend time."""
    return Bus(dome, requirements, hands, limit_s).play()


def names(results: Sequence[Result], outcome: Outcome) -> set[str]:
    return {each.requirement.name for each in results if each.outcome is outcome}
