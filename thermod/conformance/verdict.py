"""What a requirement is, how it is shown, and what can come of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from thermod.conformance.seen import State

if TYPE_CHECKING:
    from thermod.conformance.bench import Bench


class Outcome(StrEnum):
    """`UNSEEN`: the bus cannot show it. `NOT_REACHED`: what it needs did not come about."""

    PASS = "pass"
    FAIL = "fail"
    UNSEEN = "unseen"
    NOT_REACHED = "not reached"


class Off(NamedTuple):
    """How long it took until heat was off. The bus shows it in steps of one tick, so this is the
    last moment at which heat was seen and the first at which it was not; `meter_s` is where the
    heater's meter puts it, if there is one.
    """

    after_s_min: float
    after_s_max: float
    meter_s: float | None


class Held(NamedTuple):
    """The requirement holds, or (`unseen`) nothing can be said about it from here."""

    text: str = ""
    off: Off | None = None
    unseen: bool = False


class BrokenError(Exception):
    """The dome did what the contract forbids, or did not do what it demands."""

    def __init__(self, text: str, off: Off | None = None) -> None:
        super().__init__(text)
        self.off = off


class NotReachedError(Exception):
    """The requirement could not be put to the test: it says why."""


# A script runs in steps. It yields until when it wants to wait, and is resumed with the next state
# of the dome, or with None when that moment has come.
Script = Generator[float, State | None, Held]


class Requirement(NamedTuple):
    """One row of the table. `section` is the heading in CONTRACT.md that demands it."""

    name: str
    section: str
    text: str
    script: Callable[[Bench], Script]


class Result(NamedTuple):
    """What came of one requirement. `repeats`: how often the link was disturbed and it was tried
    again.
    """

    requirement: Requirement
    outcome: Outcome
    text: str
    off: Off | None
    repeats: int
