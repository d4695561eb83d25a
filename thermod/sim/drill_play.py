"""The order of events on one stack of processes: bring the domes to heat, inject, let it stand,
take it away, watch, judge; then the next round.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from thermod.clock import BootClock
from thermod.errors import ThermodError
from thermod.sim.demo_files import DEMO_SITE, LOOPBACK
from thermod.sim.drill_canary import Canary, now_ns
from thermod.sim.drill_faults import Fault
from thermod.sim.drill_plan import Round
from thermod.sim.drill_stack import Stack
from thermod.sim.drill_staff import Staff
from thermod.sim.drill_truth import HEAT_W_MIN, Span, TruthReader, Verdict, judge
from thermod.sim.node import CONTACTORS_OPEN_AFTER_S, CONTACTORS_RECLOSE_AFTER_S, TICK_S
from thermod.sim.service import SimBroker

LOOK_S = 0.02
HEAT_WITHIN_S = 150.0  # control wants a minute of samples first
OVERDUE_S = 2.0  # beyond the limit: then the run has failed, and nobody waits any longer
STANDS_S = 6.0  # after heat-off, with the fault still there
# After heat-off, before a person acts: a shorter watch would miss heat that comes back behind
# contactors which are not allowed to close yet.
WATCH_S = CONTACTORS_OPEN_AFTER_S + CONTACTORS_RECLOSE_AFTER_S + 2.0
HEALS_S = 32.0  # what may come back by itself is waited for this long; 60 s would end the epoch
REPEATS_MAX = 3

Tell = Callable[[str], None]


class Play:
    """Its `verdicts` are those that count; `stalled_runs` were repeated."""

    def __init__(
        self, name: str, stack: Stack, rounds: Sequence[Round], canary: Canary, tell: Tell
    ) -> None:
        self.name = name
        self.broker = stack.broker
        self.verdicts: list[Verdict] = []
        self.stalled_runs = 0
        self._stack = stack
        self._rounds = rounds
        self._canary = canary
        self._tell = tell
        self._clock = BootClock()
        self._truth = TruthReader(stack.truth_file)
        broker = SimBroker(LOOPBACK, stack.port)
        self._staff = Staff(broker, DEMO_SITE, stack.domes, self._clock)
        self._cold = False  # control must start anew before it trusts the probes again

    async def run(self) -> None:
        """All rounds. Raises ThermodError, in a group, when the processes do not come to heat."""
        async with asyncio.TaskGroup() as tasks:
            link = tasks.create_task(self._staff.link.run(), name=f"{self.name} link")
            for number, each in enumerate(self._rounds, 1):
                self._tell(f"{self.name}, {number} of {len(self._rounds)}: {each}")
                self.verdicts += await self._round(each)
            link.cancel()

    # --- one round --------------------------------------------------------------------------------

    async def _round(self, this: Round) -> list[Verdict]:
        """Repeated when the machine stalled, or when a dome did not heat at the moment from which
        time counts: such a run shows nothing.
        """
        repeats = 0
        while True:
            await self._bring_to_heat(this.domes)
            began_ns = now_ns()
            verdicts, off_ns = await self._play(this)
            stalled = self._canary.stalled(began_ns, off_ns)
            shows_nothing = stalled or not all(each.heated for each in verdicts)
            if not shows_nothing or repeats == REPEATS_MAX:
                return verdicts
            repeats += 1
            self.stalled_runs += len(verdicts) if stalled else 0
            why = "the machine stalled" if stalled else "heat was off before"
            self._tell(f"{self.name}, again: {why}")

    async def _bring_to_heat(self, domes: Sequence[str]) -> None:
        """Returns when these heat. The staff looks after the others meanwhile, too."""
        if self._cold:
            await asyncio.to_thread(self._stack.end, "control")
            self._stack.start("control")
            self._cold = False
        deadline_s = self._clock.now_s() + HEAT_WITHIN_S
        while not self._staff.link.connected or not all(map(self._heats, domes)):
            self._stack.check()
            for dome in self._stack.domes:
                self._staff.bring_to_heat(dome)
            if not self._clock.now_s() < deadline_s:
                cold = [self._staff.look(dome) for dome in domes if not self._heats(dome)]
                raise ThermodError(
                    f"no heat after {HEAT_WITHIN_S:.0f} s: {'; '.join(cold[:3])}",
                    where=f"thermod drill, {self.name}",
                    do="Take fewer --domes, or a machine with less to do.",
                )
            await asyncio.sleep(LOOK_S)
            self._truth.follow()
        await asyncio.sleep(random.uniform(0.0, TICK_S))  # any phase of any beat

    async def _play(self, this: Round) -> tuple[list[Verdict], int]:
        """The verdict on each dome, and when the last of them was off."""
        injected_ns: dict[str, int] = {}
        for fault, domes in this.hands:
            injected_ns |= self._inject(fault, domes)
        off_s = await self._wait_until_off(this)
        off_ns = now_ns()
        await self._clock.sleep_until(off_s + STANDS_S)
        lifted_ns = now_ns()
        for fault, domes in this.hands:
            self._lift(fault, domes)
        watch_until_s = off_s + WATCH_S
        while True:
            await self._clock.sleep_until(watch_until_s)
            verdicts = self._judge(this, injected_ns, lifted_ns)
            watch_until_s += TICK_S
            if not any(each.may_heal for each in verdicts) or watch_until_s > off_s + HEALS_S:
                return verdicts, off_ns

    def _judge(self, this: Round, injected_ns: dict[str, int], lifted_ns: int) -> list[Verdict]:
        end_ns = now_ns()
        self._truth.follow()
        return [
            judge(fault, dome, Span(injected_ns[dome], lifted_ns, end_ns), self._truth.facts[dome])
            for fault, domes in this.hands
            for dome in domes
        ]

    async def _wait_until_off(self, this: Round) -> float:
        """When the last dome was off, or when it was overdue."""
        limit_s = max(fault.limit_s for fault, _ in this.hands)
        overdue_s = self._clock.now_s() + limit_s + OVERDUE_S
        self._truth.follow()
        while any(self._truth.heater_w(dome) > 0.0 for dome in this.domes):
            if not self._clock.now_s() < overdue_s:
                break
            await asyncio.sleep(LOOK_S)
            self._truth.follow()
        return self._clock.now_s()

    def _heats(self, dome: str) -> bool:
        return self._truth.heater_w(dome) >= HEAT_W_MIN and self._staff.is_in_treatment(dome)

    # --- what is done -----------------------------------------------------------------------------

    def _inject(self, fault: Fault, domes: Sequence[str]) -> dict[str, int]:
        """When it was done to each dome: stamped before the deed, so that no time is given away."""
        injected_ns = dict.fromkeys(domes, now_ns())
        if fault.process:
            self._stack.hit(fault.process, fault.blow)
            return injected_ns
        for dome in domes:
            injected_ns[dome] = now_ns()
            if fault.stops:
                self._staff.press_stop(dome)
            for message in fault.at_dome:
                self._staff.put_fault(dome, message, on=True)
        return injected_ns

    def _lift(self, fault: Fault, domes: Sequence[str]) -> None:
        if fault.process:
            self._stack.lift(fault.process, fault.blow)
        for dome in domes:
            for message in fault.at_dome:
                self._staff.put_fault(dome, message, on=False)
        self._cold = self._cold or (fault.leaves_cold and not fault.process)
