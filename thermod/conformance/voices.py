"""Control and guard, as far as a dome hears them: one epoch, its two ids, its two counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from thermod.conformance.seen import State

Fields = dict[str, Any]


class Outgoing(NamedTuple):
    """A message to the dome; `suffix` is what follows the dome's own topic."""

    suffix: str
    payload: bytes
    qos: int = 0


class Raw(NamedTuple):
    """JSON text that no JSON library would write, such as 1e400."""

    text: str


def encode(fields: Fields) -> bytes:
    """As JSON, with `Raw` values as they are."""
    pairs = (
        f"{json.dumps(key)}: {value.text if isinstance(value, Raw) else json.dumps(value)}"
        for key, value in fields.items()
    )
    return ("{" + ", ".join(pairs) + "}").encode()


class Voices:
    """Makes permits and commands. A message that is made only (`permit`, `command`) uses up no
    number; one that is said (`say_…`) does.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        """`new_id` makes 16 random hex digits."""
        self.guard_id = f"g-{new_id()}"
        self.controller_id = f"c-{new_id()}"
        self.epoch = 0
        self.epoch_top = 0  # the highest that we or the dome ever named
        self.permit_seq = 0
        self.command_seq = 0
        self.outbox: list[Outgoing] = []
        self._cycle = 0

    def open_epoch(self) -> None:
        """The next one. No dome knows of it before the first granted permit."""
        self.epoch = self.next_epoch()
        self.permit_seq = self.command_seq = 0

    def next_epoch(self) -> int:
        """An epoch that nobody has named so far."""
        self.epoch_top += 1
        return self.epoch_top

    def permit(self, state: State, *, granted: bool = True, **changes: object) -> Fields:
        """The next permit, echoing this state, with these keys changed."""
        return {
            "granted": granted,
            "ended": False,
            "why": "conformance check",
            "annunciate": False,
            "guard_id": self.guard_id,
            "controller_id": self.controller_id,
            "epoch": self.epoch,
            "seq": self.permit_seq + 1,
            "boot_id": state.node.boot_id,
            "tick": state.tick,
            **changes,
        }

    def command(self, state: State, **changes: object) -> Fields:
        """The next command, of 0 %, echoing this state, with these keys changed."""
        return {
            "controller_id": self.controller_id,
            "epoch": self.epoch,
            "seq": self.command_seq + 1,
            "boot_id": state.node.boot_id,
            "tick": state.tick,
            "cycle": self._cycle,
            "power_pct": 0.0,
            **changes,
        }

    def say_permit(self, state: State, *, granted: bool = True, **changes: object) -> None:
        """Say it, and count on."""
        self.send("guard/permit", self.permit(state, granted=granted, **changes))
        self.permit_seq += 1

    def say_command(self, state: State, power_pct: float) -> None:
        """Say it, and count on."""
        self._cycle += 1
        self.send("heater/command", self.command(state, power_pct=power_pct))
        self.command_seq += 1

    def send(self, suffix: str, payload: Fields | bytes, qos: int = 0) -> None:
        """Anything at all."""
        if not isinstance(payload, bytes):
            payload = encode(payload)
        self.outbox.append(Outgoing(suffix, payload, qos))
