"""Which faults are played when, on which stack of processes: pure, so that a drill can be told
beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from thermod.sim.drill_faults import Fault


@dataclass(frozen=True, slots=True)
class Round:
    """Faults that are played at the same time, each at domes of its own."""

    hands: tuple[tuple[Fault, tuple[str, ...]], ...]

    @property
    def domes(self) -> tuple[str, ...]:
        """All that are hit."""
        return tuple(dome for _, domes in self.hands for dome in domes)

    @property
    def leaves_cold(self) -> bool:
        """After it control starts anew and needs a minute of samples before it heats."""
        return any(fault.leaves_cold for fault, _ in self.hands)

    def __str__(self) -> str:
        return ", ".join(f"{fault.name} × {len(domes)}" for fault, domes in self.hands)


def plan(
    faults: Sequence[Fault], *, runs: int, domes_max: int, stacks_max: int
) -> list[list[Round]]:
    """The rounds of each stack, in order: those that leave it cold are shared out and come last."""
    rounds = list(_rounds(faults, runs, domes_max))
    lanes: list[list[Round]] = [[] for _ in range(min(stacks_max, len(rounds)))]
    for each in sorted(rounds, key=lambda each: not each.leaves_cold):
        min(lanes, key=len).insert(0, each)
    return lanes


def domes_of(lane: Sequence[Round]) -> tuple[str, ...]:
    """The domes that a stack must have for its rounds."""
    return _names(max(len(each.domes) for each in lane))


def _rounds(faults: Sequence[Fault], runs: int, domes_max: int) -> Iterator[Round]:
    """A hit process is a run at every dome at once; faults of a dome are dealt out to domes."""
    for fault in faults:
        for begin in range(0, runs, domes_max) if fault.process else ():
            yield Round(((fault, _names(min(runs - begin, domes_max))),))
    for cold in (False, True):
        at_domes = [each for each in faults if not each.process and each.leaves_cold is cold]
        dealt = [each for each in at_domes for _ in range(runs)]
        for begin in range(0, len(dealt), domes_max):
            yield _dealt(dealt[begin : begin + domes_max])


def _dealt(faults: Sequence[Fault]) -> Round:
    """A dome for each."""
    pairs = zip(faults, _names(len(faults)), strict=True)
    grouped = groupby(pairs, key=lambda pair: pair[0])
    return Round(tuple((fault, tuple(dome for _, dome in group)) for fault, group in grouped))


def _names(number: int) -> tuple[str, ...]:
    return tuple(f"dome-{n}" for n in range(1, number + 1))
