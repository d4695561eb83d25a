"""What a dome says, as the kit sees it: `node/state` as control would read it, and when it came."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from thermod import wire
from thermod.mailbox import NodeSeen
from thermod.wire import Refused

HEAT_PCT_MIN = 0.5  # two powers nearer than this are the same, and less than this is no heat


class State(NamedTuple):
    """One `node/state`. `at_s` is when it arrived, on our clock."""

    at_s: float
    node: NodeSeen
    guard_id: str | None

    @property
    def tick(self) -> int:
        return self.node.tick

    @property
    def applied_pct(self) -> float:
        return self.node.applied_pct

    @property
    def is_off(self) -> bool:
        """The node says that its heater is off."""
        return self.node.applied_pct < HEAT_PCT_MIN

    @property
    def is_open(self) -> bool:
        """It has contactors, and every one is open."""
        return self.node.contactors_closed != () and not any(self.node.contactors_closed)

    @property
    def is_closed(self) -> bool:
        """It has contactors, and every one is closed."""
        return self.node.contactors_closed != () and all(self.node.contactors_closed)

    def has_power(self, power_pct: float) -> bool:
        """The node says that this duty is in force."""
        return abs(self.node.applied_pct - power_pct) < HEAT_PCT_MIN


def decode_state(payload: bytes, *, retained: bool, now_s: float) -> State | Refused:
    """As strict as control, and `guard_id`, which control does not read, must be there too."""
    decoded = wire.decode_node_state(payload, retained=retained, received_s=now_s)
    if isinstance(decoded, Refused):
        return decoded
    guard_id = orjson.loads(payload).get("guard_id", ...)
    if guard_id is not None and not isinstance(guard_id, str):
        return Refused("node_state_malformed", "guard_id: neither an id nor null")
    return State(now_s, decoded[0], guard_id)
