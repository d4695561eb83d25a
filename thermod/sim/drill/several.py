"""Several faults at once, drawn by a seed: one that hits the stack, and one or two more at each
dome. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from thermod.sim.drill.deeds import AtDome, Hit, Network, Pause
from thermod.sim.drill.fault import Expected, Fault
from thermod.sim.drill.faults import CONTACTORS_S, FAULTS, WELD

MORE_MAX = 2


def several(drawn: Fault, *, faults_of: Sequence[str], seed: int) -> list[Fault]:
    """A fault of its own for each of these domes, under the name of `drawn`.

    What hits the stack is the same for all of them, and its limit holds for all: nothing that goes
    wrong at a dome keeps a revoke from it or makes a lease longer. Only a welded SSR waits for the
    contactors.
    """
    random = Random(seed)
    first = random.choice([each for each in FAULTS if _hits_the_stack(each)])
    at_dome = [each for each in FAULTS if _is_at_a_dome(each)]
    return [_together(drawn, first, _draw(at_dome, random)) for _ in faults_of]


def _hits_the_stack(fault: Fault) -> bool:
    """From outside, by itself, and at one instant."""
    is_alone = len(fault.deeds) == 1 and isinstance(fault.deeds[0], Hit | Network)
    return is_alone and fault.expected is Expected.CUT


def _is_at_a_dome(fault: Fault) -> bool:
    """And heat flows until it is done: what begins with a pause shows nothing beside another."""
    pauses = any(isinstance(deed, Pause) for deed in fault.deeds)
    at_dome = not fault.at_stack and not fault.is_slow and not pauses
    return at_dome and fault.expected is Expected.CUT


def _draw(faults: Sequence[Fault], random: Random) -> list[Fault]:
    """One or two that can stand together: a probe has one fault at a time."""
    drawn = random.sample(faults, random.randint(1, MORE_MAX))
    on_probes = [each for each in drawn if _is_on_probes(each)]
    return [each for each in drawn if each not in on_probes[1:]]


def _is_on_probes(fault: Fault) -> bool:
    return any(isinstance(deed, AtDome) and deed.probe for deed in fault.deeds)


def _together(drawn: Fault, first: Fault, more: Sequence[Fault]) -> Fault:
    all_of = (first, *more)
    signs = dict.fromkeys(sign for each in all_of for sign in each.told)
    return replace(
        drawn,
        deeds=tuple(deed for each in (*more, first) for deed in each.deeds),
        limit_s=max(first.limit_s, *(CONTACTORS_S for each in more if WELD in each.deeds), 0.0),
        told=("|".join(signs),),  # the first cause may leave the others nothing to take away
        heals=all(each.heals for each in all_of),
        leaves_cold=True,
        drawn=tuple(each.name for each in all_of),
    )
