"""What a row of the fault table is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Final

from thermod.sim.campaign.ward import Ward

Undo = Callable[[], None]
Begin = Callable[[Ward, Random], Undo]


class Single(Enum):
    """What must come of it if it is the only one, once it has been taken away."""

    RECOVERS = "recovers"  # heat may flow again, by itself or after a nurse's reset and resume
    ENDS = "ends"  # heat is over and people are told


class Group(Enum):
    """Drawn first, so that no group drowns another."""

    NETWORK = "network"
    PROCESS = "process"
    FORGERY = "repeated and foreign messages"
    PEOPLE = "people"
    DOME = "dome and heater"
    PROBE = "probes"
    DISK = "disk and clock"


@dataclass(frozen=True, slots=True)
class Mishap:
    """One row: what is done, for how long, and what the judge must know of it beforehand."""

    name: str
    what: str
    group: Group
    begin: Begin
    single: Single = Single.RECOVERS
    lasts_s_min: float = 1.0
    lasts_s_max: float = 30.0
    hinders: bool = False  # the way of messages is not assured meanwhile
    welds: frozenset[str] = frozenset()  # switches of L0 that no longer open: ssr, contactors
    blinds_meter: bool = False
    misleads: frozenset[str] = frozenset()  # probes that then read plausibly wrong, and too low


def nothing() -> None:
    """For what cannot be taken away, or needs not be."""


ONCE_S: Final = 0.5  # how long something stands that happens at one moment
