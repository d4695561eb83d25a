"""Whole sessions in which nothing is wrong but an ordinary bad network: nothing may trip.

1 % of the messages are lost, the others come up to 0.2 s late, and one of the core probes is a
monitor that reads in steps of 0.1 °C.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from typing import Final

from controllers.session import Phase
from thermod.sim.campaign.network import Message, Topic, Weather
from thermod.sim.campaign.oracle import Terms
from thermod.sim.campaign.story import Story, Tell
from thermod.sim.campaign.ward import Ward
from thermod.sim.nurse import Nurse
from thermod.sim.plant import DomePlant, factory

BAD_NETWORK: Final = Weather(delay_s_min=0.0, delay_s_max=0.2, loss=0.01)
MONITOR: Final = "core-2"
MONITOR_RESOLUTION_C: Final = 0.1
WITHIN_S: Final = 5.0 * 3600.0
STEP_S: Final = 60.0
SHORTEST_H: Final = 2.95  # less than any session of a nominal body lasts


@dataclass(frozen=True, slots=True)
class CalmVerdict:
    """What one fault-free session came to."""

    seed: int
    trips: tuple[str, ...]  # each with its time: latches and interruptions
    unsafe: tuple[str, ...]
    closed: bool
    lasted_s: float
    heated_s: float
    withheld: int  # how often heat was withheld, and came back by itself
    alarms: tuple[tuple[str, int], ...]
    trace_sha256: str


class _Ear:
    """Hears what nobody should have to say."""

    def __init__(self, ward: Ward) -> None:
        self.trips: list[str] = []
        self.alarms: Counter[str] = Counter()
        self.withheld = 0
        self._granted = False
        self._shown: frozenset[str] = frozenset()
        self._stood: frozenset[str] = frozenset()
        self._ward = ward
        self._judge = ward.network.watch
        ward.network.watch = self.hear

    def hear(self, message: Message) -> None:
        if self._judge is not None:
            self._judge(message)
        topic, value = message.topic, message.value
        if topic is Topic.STATE:
            shown, stands = frozenset(value.alarms), frozenset(value.latches)
            if value.phase in (Phase.INTERRUPTED, Phase.TRIPPED):
                stands |= {value.phase.value}
            self.alarms.update(shown - self._shown)
            self._note(stands)
            self._shown = shown
        elif topic is Topic.PERMIT:
            self.withheld += self._granted and not value.granted and not value.ended
            self._granted = value.granted

    def _note(self, stands: frozenset[str]) -> None:
        at_s = self._ward.now_s
        self.trips += [f"{name} at {at_s:.0f} s" for name in sorted(stands - self._stood)]
        self._stood = stands


def play_calm(seed: int, tell: Tell | None = None) -> CalmVerdict:
    """One whole session, from create to close."""
    plant = with_monitor(seed)
    ward = Ward(plant, Random(f"calm/{seed}"), weather=BAD_NETWORK, nurse=Nurse())
    ward.declare_resolution(MONITOR, MONITOR_RESOLUTION_C)
    ward.hurry()
    ward.oracle.begins(Terms(is_hindered=True))  # 0.2 s each way is more than loop-back
    ear, began_s = _Ear(ward), ward.now_s
    if tell is not None:
        Story(ward, tell)
    while ward.phase is not Phase.ENDED and ward.now_s - began_s < WITHIN_S:
        ward.run(STEP_S)
    return CalmVerdict(
        seed,
        tuple(ear.trips),
        tuple(f"{each.at_s - began_s:.2f} s: {each.why}" for each in ward.oracle.breaches),
        ward.phase is Phase.ENDED,
        ward.now_s - began_s,
        ward.oracle.heated_s,
        ear.withheld,
        tuple(sorted(ear.alarms.items())),
        sha256(ward.oracle.trace).hexdigest(),
    )


def with_monitor(seed: int) -> DomePlant:
    """The patient of this seed; one of the core probes reads in coarse steps."""
    plant = factory(seed)
    specs = {probe_id: plant.probe(probe_id).spec for probe_id in plant.probes}
    specs[MONITOR] = replace(specs[MONITOR], resolution_c=MONITOR_RESOLUTION_C)
    return DomePlant(plant.name, plant.body, plant.dome, specs, seed)
