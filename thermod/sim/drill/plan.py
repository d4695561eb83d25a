"""Which faults are played when, on which stack of processes: pure, so that a drill can be told
beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from thermod.sim.drill.deeds import Deed, is_at_stack
from thermod.sim.drill.fault import Fault
from thermod.sim.drill.several import several

# About how long a round takes, in seconds: for sharing them out, so a guess does no harm.
ROUND_S = 28.0
DRAWN_MAX = 3  # domes that share what hits the stack, where several faults are drawn
COLD_S = 75.0  # before the next one, where control must start anew


@dataclass(frozen=True, slots=True)
class Round:
    """Faults that are played at the same time, each at domes of its own."""

    hands: tuple[tuple[Fault, tuple[str, ...]], ...]

    @property
    def domes(self) -> tuple[str, ...]:
        """All that are hit."""
        return tuple(dome for _, domes in self.hands for dome in domes)

    @property
    def deeds(self) -> tuple[tuple[Deed, tuple[str, ...]], ...]:
        """What is done, in order. What several faults have in common hits the whole stack: it is
        done once, and last.
        """
        each = [(deed, domes) for fault, domes in self.hands for deed in fault.deeds]
        if len(self.hands) == 1:
            return tuple(each)
        at_stack = dict.fromkeys(deed for deed, _ in each if is_at_stack(deed))
        at_domes = [(deed, domes) for deed, domes in each if not is_at_stack(deed)]
        return (*at_domes, *((deed, self.domes) for deed in at_stack))

    @property
    def leaves_cold(self) -> bool:
        """After it control starts anew and needs a minute of samples before it heats."""
        return any(fault.leaves_cold for fault, _ in self.hands)

    @property
    def is_drawn(self) -> bool:
        """Several faults at each dome, one of which hits the stack."""
        return any(fault.is_drawn for fault, _ in self.hands)

    @property
    def inside(self) -> bool:
        """Needs a control in which something can go wrong."""
        return any(fault.inside for fault, _ in self.hands)

    @property
    def stands_s(self) -> float:
        """How long the faults stand, after heat-off where they take heat away."""
        return max(fault.stands_s for fault, _ in self.hands)

    @property
    def lasts_s(self) -> float:
        """About, without what comes before the next one."""
        return ROUND_S + max(fault.limit_s for fault, _ in self.hands)

    def __str__(self) -> str:
        return ", ".join(f"{fault} × {len(domes)}" for fault, domes in self.hands)


def plan(
    faults: Sequence[Fault], *, runs: int, domes_max: int, stacks_max: int, seed: int = 0
) -> list[list[Round]]:
    """The rounds of each stack, in order. Those that leave it cold are shared out and come last;
    those inside of control have their stacks to themselves.
    """
    rounds = list(_rounds(faults, runs, domes_max, seed))
    inside = [each for each in rounds if each.inside]
    outside = [each for each in rounds if not each.inside]
    if not inside or not outside:
        return _shared(rounds, stacks_max)
    share = lasts_s(inside) / (lasts_s(inside) + lasts_s(outside))
    for_inside = min(max(1, round(share * stacks_max)), max(1, stacks_max - 1))
    if stacks_max == 1:  # then every control is one in which something can go wrong
        return _shared(rounds, 1)
    return [*_shared(inside, for_inside), *_shared(outside, stacks_max - for_inside)]


def _shared(rounds: Sequence[Round], stacks_max: int) -> list[list[Round]]:
    """The longest first, each to the stack that has least to do."""
    lanes: list[list[Round]] = [[] for _ in range(min(stacks_max, len(rounds)))]
    for each in sorted(rounds, key=lambda each: (not each.leaves_cold, -each.lasts_s)):
        min(lanes, key=lambda lane: lasts_s([*lane, each])).insert(0, each)
    return lanes


def lasts_s(lane: Sequence[Round]) -> float:
    """About, from first heat on. What leaves it cold comes last; after the last nobody waits."""
    colds = sum(each.leaves_cold for each in lane)
    return sum(each.lasts_s for each in lane) + COLD_S * max(0, colds - 1)


def domes_of(lane: Sequence[Round]) -> tuple[str, ...]:
    """The domes that a stack must have for its rounds."""
    return _names(max(len(each.domes) for each in lane))


def _rounds(faults: Sequence[Fault], runs: int, domes_max: int, seed: int) -> Iterator[Round]:
    """A hit process is a run at every dome at once; faults of a dome are dealt out to domes."""
    for fault in faults:
        most = min(domes_max, DRAWN_MAX) if fault.is_drawn else domes_max
        for begin in range(0, runs, most) if fault.at_stack else ():
            names = _names(min(runs - begin, most))
            if fault.is_drawn:
                drawn = several(fault, faults_of=names, seed=seed + begin)
                yield Round(tuple((each, (name,)) for each, name in zip(drawn, names, strict=True)))
            else:
                yield Round(((fault, names),))
    at_domes = [each for each in faults if not each.at_stack for _ in range(runs)]
    for _, alike in groupby(sorted(at_domes, key=_kind), key=_kind):
        dealt = list(alike)
        for begin in range(0, len(dealt), domes_max):
            yield _dealt(dealt[begin : begin + domes_max])


def _kind(fault: Fault) -> tuple[bool, bool, float]:
    """Only what is alike in these is played side by side: it is taken away at one instant."""
    return fault.is_slow, fault.leaves_cold, fault.stands_s


def _dealt(faults: Sequence[Fault]) -> Round:
    """A dome for each."""
    pairs = zip(faults, _names(len(faults)), strict=True)
    grouped = groupby(pairs, key=lambda pair: pair[0])
    return Round(tuple((fault, tuple(dome for _, dome in group)) for fault, group in grouped))


def _names(number: int) -> tuple[str, ...]:
    return tuple(f"dome-{n}" for n in range(1, number + 1))
