"""The order of events on one stack of processes: bring the domes to heat, inject, let it stand,
take it away, watch, judge; then the next round.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from thermod.clock import BootClock
from thermod.errors import ThermodError
from thermod.sim.demo_files import DEMO_SITE, LOOPBACK
from thermod.sim.drill.bus import Bus
from thermod.sim.drill.canary import Canary, now_ns
from thermod.sim.drill.deeds import AtDome, Replay, Second, is_at_stack
from thermod.sim.drill.fault import Expected, Fault, Since
from thermod.sim.drill.faults import BY_NAME
from thermod.sim.drill.hands import Hands
from thermod.sim.drill.plan import Round
from thermod.sim.drill.stack import Stack
from thermod.sim.drill.staff import Staff
from thermod.sim.drill.stranger import RECORDED, Stranger
from thermod.sim.drill.truth import HEAT_W_MIN, Span, TruthReader, Verdict, judge, refusals
from thermod.sim.drill.witness import Witness
from thermod.sim.node import CONTACTORS_OPEN_AFTER_S, CONTACTORS_RECLOSE_AFTER_S, TICK_S
from thermod.sim.service import SimBroker

LOOK_S = 0.02
HEAT_WITHIN_S = 240.0  # control wants a minute of samples first, and a busy machine more
SPEAKS_WITHIN_S = 30.0  # a process that was started, on a machine with much to do
OVERDUE_S = 2.0  # beyond the limit: then the run has failed, and nobody waits any longer
KEPT_WATCH_S = 3.0  # heat that must not go off is watched this long after the fault, too
# After heat-off, before a person acts: a shorter watch would miss heat that comes back behind
# contactors which are not allowed to close yet.
WATCH_S = CONTACTORS_OPEN_AFTER_S + CONTACTORS_RECLOSE_AFTER_S + 2.0
HEALS_S = 32.0  # what may come back by itself is waited for this long; 60 s would end the epoch
REPEATS_MAX = 3
ARRIVES_S = 0.15
BACK_S = 10.0
REBOOT = "reboot"
RELIFT_S = 5.0  # a link that has just come back may lose what a dome is told; twice does no harm

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
        self.problem: ThermodError | None = None  # why it ended before its last round
        self._stack = stack
        self._rounds = rounds
        self._canary = canary
        self._tell = tell
        self._clock = BootClock()
        self._truth = TruthReader(stack.truth_file)
        suffixes = {"state", "guard/state"}
        if any(_needs_a_stranger(each) for each in rounds):
            suffixes.update(RECORDED)
        self._bus = Bus(SimBroker(LOOPBACK, stack.port), DEMO_SITE, stack.domes, suffixes)
        self._staff = Staff(self._bus, self._clock)
        self._witness = Witness(self._bus, self._clock)
        self._stranger = Stranger(self._bus, self._staff)
        self._cold = False  # control must start anew before it trusts the probes again
        self._lifted: tuple[tuple[AtDome, tuple[str, ...]], ...] = ()  # of the last round

    async def run(self) -> None:
        """All rounds, or those before `problem`: what was measured by then counts all the same."""
        async with asyncio.TaskGroup() as tasks:
            link = tasks.create_task(self._bus.link.run(), name=f"{self.name} link")
            hands = Hands(self._stack, self._staff, self._stranger, self._witness, tasks)
            for number, each in enumerate(self._rounds, 1):
                self._tell(f"{self.name}, {number} of {len(self._rounds)}: {each}")
                try:
                    self.verdicts += await self._round(each, hands)
                except ThermodError as problem:
                    self.problem = problem
                    self._tell(str(problem))
                    break
            await hands.rest()
            link.cancel()
        await asyncio.to_thread(self._stack.end)  # the others go on with more of the machine

    # --- one round --------------------------------------------------------------------------------

    async def _round(self, this: Round, hands: Hands) -> list[Verdict]:
        """Repeated when the machine stalled, or when a dome did not heat at the moment from which
        time counts: such a run shows nothing.
        """
        repeats = 0
        while True:
            await self._bring_to_heat(this.domes, hands)
            began_ns = now_ns()
            verdicts, off_ns = await self._play(this, hands)
            stalled = self._canary.stalled(began_ns, off_ns) and (
                _is_timed(this) or not all(map(_is_as_wanted, verdicts))
            )
            shows_nothing = stalled or not all(each.heated for each in verdicts)
            if not shows_nothing or repeats == REPEATS_MAX:
                self._tell_what_is_missing(this, verdicts)
                return verdicts
            repeats += 1
            self.stalled_runs += len(verdicts) if stalled else 0
            why = "the machine stalled" if stalled else "heat was off before"
            self._tell(f"{self.name}, again: {why}")

    async def _bring_to_heat(self, domes: Sequence[str], hands: Hands) -> None:
        """Returns when these heat. The staff looks after the others meanwhile, too. Raises
        ThermodError when they do not.
        """
        if self._cold:
            await asyncio.to_thread(self._stack["control"].end)
            self._stack["control"].start()
            self._cold = False
        deadline_s = self._clock.now_s() + HEAT_WITHIN_S
        relift_s = self._clock.now_s() + RELIFT_S
        while not self._bus.link.connected or not all(map(self._heats, domes)):
            self._stack.check()
            for dome in self._stack.domes:
                self._staff.bring_to_heat(dome)
            if self._clock.now_s() >= relift_s:
                relift_s += RELIFT_S
                for deed, hit in self._lifted:
                    hands.lift(deed, hit)
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

    async def _play(self, this: Round, hands: Hands) -> tuple[list[Verdict], int]:
        """The verdict on each dome, and until when the machine must not have stalled."""
        self._stranger.mark()
        for dome in this.domes:
            self._witness.mark(dome)
        injected_s = self._clock.now_s()
        injected_ns, struck_ns = await self._inject(this, hands)
        off_s = await self._wait_until_off(this)
        judged_ns = now_ns()
        await self._clock.sleep_until(off_s + this.stands_s)
        if not _cuts(this):
            judged_ns = now_ns()
        await hands.rest()
        lifted_ns = now_ns()
        await self._lift(this, hands)
        self._lifted = tuple(
            (each, hit)
            for each, hit in this.deeds
            if isinstance(each, AtDome) and each.kind != REBOOT  # which would happen once more
        )
        self._cold = any(each.leaves_cold and not each.at_stack for each, _ in this.hands)
        watch_until_s = off_s + WATCH_S if _cuts(this) else self._clock.now_s() + KEPT_WATCH_S
        heal_until_s = off_s + HEALS_S
        while True:
            await self._clock.sleep_until(watch_until_s)
            span = Span(0, lifted_ns, now_ns(), struck_ns=struck_ns)
            verdicts = self._judge(this, injected_ns, span, injected_s)
            watch_until_s += TICK_S
            if not any(each.may_heal for each in verdicts) or watch_until_s > heal_until_s:
                return verdicts, judged_ns

    def _judge(
        self, this: Round, injected_ns: dict[str, int], of_all: Span, injected_s: float
    ) -> list[Verdict]:
        self._truth.follow()
        verdicts = []
        for fault, domes in this.hands:
            for dome in domes:
                other_ns = self._stranger.others_word_ns(dome)
                span = replace(of_all, injected_ns=injected_ns[dome], other_ns=other_ns)
                facts = self._truth.facts[dome]
                if refusals(span, facts) > 0:
                    self._witness.saw(dome, "refused:dome")
                told_s = self._witness.told_s(dome, fault.told)
                told_s = None if told_s is None else told_s - injected_s
                verdicts.append(replace(judge(fault, dome, span, facts), told_s=told_s))
        return verdicts

    async def _wait_until_off(self, this: Round) -> float:
        """When the last dome was off that must be, or when it was overdue."""
        must = [each for each in this.hands if each[0].expected is Expected.CUT]
        if not must:
            return self._clock.now_s()
        await self._wait_for_the_other(must)
        domes = [dome for _, each in must for dome in each]
        overdue_s = self._clock.now_s() + max(each.limit_s for each, _ in must) + OVERDUE_S
        self._truth.follow()
        while any(self._truth.heater_w(dome) > 0.0 for dome in domes):
            if not self._clock.now_s() < overdue_s:
                break
            await asyncio.sleep(LOOK_S)
            self._truth.follow()
        return self._clock.now_s()

    async def _wait_for_the_other(self, hands: Sequence[tuple[Fault, tuple[str, ...]]]) -> None:
        """Where time counts from its first word, it cannot be overdue before it has spoken."""
        others = [each for fault, each in hands if fault.since is Since.OTHERS_WORD]
        domes = [dome for each in others for dome in each]
        until_s = self._clock.now_s() + SPEAKS_WITHIN_S
        while any(self._stranger.others_word_ns(dome) is None for dome in domes):
            if not self._clock.now_s() < until_s:
                break
            await asyncio.sleep(LOOK_S)

    def _heats(self, dome: str) -> bool:
        return self._truth.heater_w(dome) >= HEAT_W_MIN and self._staff.is_in_treatment(dome)

    async def _inject(self, this: Round, hands: Hands) -> tuple[dict[str, int], int | None]:
        """When it was done to each dome, and when the whole stack was struck after that: stamped
        before the deed, so that no time is given away.
        """
        injected_ns: dict[str, int] = {}
        struck_ns = None
        for deed, domes in this.deeds:
            if this.is_drawn and is_at_stack(deed):
                await asyncio.sleep(ARRIVES_S)  # what was said first: the bus may be what is hit
                struck_ns = now_ns()
            for dome in domes:
                injected_ns.setdefault(dome, now_ns())
            hands.do(deed, domes)
        return injected_ns, struck_ns

    async def _lift(self, this: Round, hands: Hands) -> None:
        """The last deed first: what is said to a dome needs the bus again."""
        for deed, domes in reversed(this.deeds):
            back_until_s = self._clock.now_s() + BACK_S
            while not self._bus.link.connected and not is_at_stack(deed):
                if not self._clock.now_s() < back_until_s:
                    break
                await asyncio.sleep(LOOK_S)
            hands.lift(deed, domes)

    def _tell_what_is_missing(self, this: Round, verdicts: Sequence[Verdict]) -> None:
        wanted = {dome: fault.told for fault, domes in this.hands for dome in domes}
        for each in verdicts:
            if wanted[each.dome] and each.told_s is None:
                seen = ", ".join(self._witness.signs(each.dome)) or "nothing"
                missing = " and ".join(wanted[each.dome])
                self._tell(f"{self.name}, {each.fault}: not told {missing}; seen {seen}")


def _cuts(this: Round) -> bool:
    """Does anything in it take heat away?"""
    return any(fault.expected is Expected.CUT for fault, _ in this.hands)


def _is_timed(this: Round) -> bool:
    """Is a time of seconds measured, which a stalled machine would spoil even where it held?"""
    return any(each.expected is Expected.CUT and not each.is_slow for each, _ in this.hands)


def _is_as_wanted(verdict: Verdict) -> bool:
    fault = BY_NAME[verdict.fault]
    if fault.expected is Expected.CUT:
        return verdict.heat_off_s is not None and not verdict.late
    return fault.expected is not Expected.KEPT or verdict.heat_off_s is None


def _needs_a_stranger(this: Round) -> bool:
    return any(isinstance(deed, Replay | Second) for deed, _ in this.deeds)
