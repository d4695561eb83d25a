"""Plays the requirements one after another against what the dome says. Pure: time is handed in.

A requirement that was tried while the link or this machine stood still is tried again, whatever
came of it: a lost message may fail a good dome, and may spare a bad one.
"""

from __future__ import annotations

from collections.abc import Sequence

from thermod.conformance.bench import Bench
from thermod.conformance.seen import State
from thermod.conformance.verdict import (
    BrokenError,
    Held,
    NotReachedError,
    Off,
    Outcome,
    Requirement,
    Result,
    Script,
)

REPEATS_MAX = 2
LATE_S_MAX = 0.15  # we woke so much later than we wanted to: this machine stood still


class Run:
    """Hand it every state (`see`) and the time (`wake`), and send what collects in the outbox."""

    def __init__(
        self, bench: Bench, requirements: Sequence[Requirement], now_s: float, limit_s: float
    ) -> None:
        self.bench = bench
        self.results: list[Result] = []
        self._left = list(requirements)
        self._began_s = now_s
        self._until_s = now_s + limit_s
        self._repeats = 0
        self._script: Script | None = None
        self.wake_s = now_s
        bench.now_s = now_s
        self._begin()

    @property
    def is_over(self) -> bool:
        """Every requirement has its result, and the dome is left without heat."""
        return not self._left

    @property
    def lasted_s(self) -> float:
        """So far."""
        return self.bench.now_s - self._began_s

    @property
    def conforms(self) -> bool:
        """Nothing failed, and nothing was left out that the bus can show."""
        return self.is_over and all(
            result.outcome in (Outcome.PASS, Outcome.UNSEEN) for result in self.results
        )

    @property
    def current(self) -> Requirement | None:
        """The one under test."""
        return self._left[0] if self._left else None

    def see(self, state: State) -> None:
        """The dome has spoken."""
        self.bench.now_s = state.at_s
        self.bench.see(state)
        self._resume(state)

    def wake(self, now_s: float) -> None:
        """Time has passed."""
        self.bench.now_s = now_s
        if now_s >= self._until_s:
            self.give_up("the time was up")
        elif now_s >= self.wake_s:
            if not now_s - self.wake_s <= LATE_S_MAX:
                self.bench.disturbed = True
            self._resume(None)

    def give_up(self, why: str) -> None:
        """Whatever is left is not reached. Take the heat away."""
        for requirement in self._left:
            self.results.append(Result(requirement, Outcome.NOT_REACHED, why, None, 0))
        self._left.clear()
        self._script = None
        self.bench.leave()

    # --- one after another ------------------------------------------------------------------------

    def _begin(self) -> None:
        self.bench.disturbed = False
        self._script = self._left[0].script(self.bench) if self._left else None
        if self._script is None:
            self.bench.leave()
        else:
            self._step(None, is_first=True)

    def _resume(self, state: State | None) -> None:
        if self._script is not None:
            self._step(state)

    def _step(self, state: State | None, *, is_first: bool = False) -> None:
        """Let the script go on until it wants to wait, and note what came of it when it is over."""
        script = self._script
        if script is None:
            return
        try:
            self.wake_s = next(script) if is_first else script.send(state)
        except StopIteration as done:
            held: Held = done.value
            outcome = Outcome.UNSEEN if held.unseen else Outcome.PASS
            self._note(outcome, held.text, held.off)
        except BrokenError as broken:
            self._note(Outcome.FAIL, str(broken), broken.off)
        except NotReachedError as missing:
            self._note(Outcome.NOT_REACHED, str(missing), None)

    def _note(self, outcome: Outcome, text: str, off: Off | None) -> None:
        if outcome in (Outcome.FAIL, Outcome.NOT_REACHED):
            self.bench.leave_epoch()
        if self.bench.disturbed and outcome is not Outcome.UNSEEN and self._repeats < REPEATS_MAX:
            self._repeats += 1
        else:
            self.results.append(Result(self._left.pop(0), outcome, text, off, self._repeats))
            self._repeats = 0
        self._begin()
