"""What a fault of a drill is: what is done, and all by which a run of it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from thermod.sim.drill.deeds import Deed, Order, is_at_stack

STANDS_S = 6.0  # after heat-off, with the fault still there


class Since(Enum):
    """The moment from which the time to heat-off counts."""

    INJECTION = "the injection"  # the drill's own act: a signal, a STOP
    BAD_SAMPLE = "the first bad sample"  # as the node is about to publish it
    LAST_SAMPLE = "the last good sample"  # before the injection, so this is the harder count
    OTHERS_WORD = "the other's first word"  # as the drill's own client heard it


class Expected(Enum):
    """What has to become of heat."""

    CUT = "off"
    DIPS = "withheld at most"  # and then back in its epoch
    KEPT = "kept"
    TOLD = "told"  # heat is not judged: it is beyond us, or may be capped as well as off


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `told` names what must be seen on the bus, `|` between what serves as well: see
    `witness.py` for the names.
    """

    name: str
    deeds: tuple[Deed, ...]
    limit_s: float
    told: tuple[str, ...]
    since: Since = Since.INJECTION
    expected: Expected = Expected.CUT
    heals: bool = False  # by the event table heat may come back in the same epoch, with no person
    # Control starts anew, or must be made to: a probe that talked nonsense is good again only after
    # a minute, by which time the epoch is over.
    leaves_cold: bool = False
    stands_s: float = STANDS_S
    is_slow: bool = False  # takes minutes: it is played beside its like only
    is_drawn: bool = False  # `several.py` says what is done
    drawn: tuple[str, ...] = ()  # and has drawn these

    @property
    def at_stack(self) -> bool:
        """Hits every dome of its stack."""
        return self.is_drawn or any(map(is_at_stack, self.deeds))

    def __str__(self) -> str:
        return f"{self.name} ({' + '.join(self.drawn)})" if self.drawn else self.name

    @property
    def inside(self) -> bool:
        """Needs control with something wrong inside it."""
        return any(isinstance(deed, Order) for deed in self.deeds)
