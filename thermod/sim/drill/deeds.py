"""What a drill can do to a stack of processes or to a dome, as values. `hands.py` does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from thermod.sim.drill.control import Inside

LINKS = ("sim", "guard", "control")  # each process but the broker has one


class Blow(Enum):
    """What is done to a process from outside, and so what takes it away again."""

    KILL = "SIGKILL"
    FREEZE = "SIGSTOP"
    STARVE = "SIGSTOP, but for 0.05 s in each 1.5 s"
    RESTART = "SIGKILL, and started anew at once"


@dataclass(frozen=True, slots=True)
class Hit:
    """Processes are dealt a blow, all at one instant."""

    processes: tuple[str, ...]
    blow: Blow


@dataclass(frozen=True, slots=True)
class Order:
    """Something goes wrong inside control; afterwards it is ended and started anew, but for what
    can be undone.
    """

    inside: Inside


@dataclass(frozen=True, slots=True)
class Network:
    """The links of some processes, each direction by itself; `up` is towards the broker.

    `after_s`: not at once. `for_s`: it is over by itself after so long. The rest is weather, see
    `proxy.py`.
    """

    links: tuple[str, ...]
    up: bool = False  # held
    down: bool = False  # held
    refused: bool = False
    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    after_s: float = 0.0
    for_s: float | None = None

    def weather(self) -> Mapping[str, Any]:
        """As the proxy is told it."""
        each = {"delay_s": self.delay_s, "jitter_s": self.jitter_s, "loss": self.loss}
        return {
            "up": {"held": self.up, **each},
            "down": {"held": self.down, **each},
            "refused": self.refused,
        }


@dataclass(frozen=True, slots=True)
class Second:
    """Another one of a process is started. `takes_over`: under the very name of the first."""

    process: str
    takes_over: bool = False


@dataclass(frozen=True, slots=True)
class AtDome:
    """A message to the simulated dome's `sim/fault`, see faults.py."""

    kind: str
    probe: str = ""
    value: float = 0.0

    def message(self, *, on: bool) -> dict[str, object]:
        """As it is put on or taken off."""
        return {"kind": self.kind, "probe": self.probe, "value": self.value, "on": on}


@dataclass(frozen=True, slots=True)
class Stop:
    """STOP by the drill's staff: once, or as the contract wants it, until all three echo it."""

    until_echoed: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A person pauses the session: an epoch is over, so that old words might open it again."""


class Words(Enum):
    """Which old or wrong messages a stranger puts on the bus, and keeps putting there."""

    REPEATED = "each node/state a second time, at once"
    REPLAYED = "node/state of some seconds ago"
    FUTURE = "readings of one core probe, far ahead of the dome's tick"
    RETAINED = "a node/state, a reading, a permit, a command and an intent, all retained"
    AUTHORITY = "permits, commands, heartbeats and arms of the epoch that is over"
    INTENT_AGAIN = "the intent that began this epoch, word by word"
    INTENT_LATE = "a new `resume` that names a cycle of 10 s ago"


@dataclass(frozen=True, slots=True)
class Replay:
    """A stranger with a recorder on the bus. He hears and says what any client may."""

    words: Words


Deed = Hit | Order | Network | Second | AtDome | Stop | Pause | Replay
AT_STACK = (Hit, Order, Network, Second)  # these hit every dome of a stack


def is_at_stack(deed: Deed) -> bool:
    """Does it hit every dome of the stack at once?"""
    return isinstance(deed, AT_STACK)
