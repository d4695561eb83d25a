"""Faults on demand: `thermod/v1/<site>/<dome>/sim/fault`, a topic that only the simulator has.

    {"kind": "drop-out", "probe": "core-1", "on": true}
    {"kind": "heater-weak", "value": 0.7}

`kind` is one of `DOME_FAULTS`, or for a probe one of `probes.FAULTS`, or `offset` by `value` °C, or
`stuck-at` the `value` in °C.
`probe` is a probe's id, or a role for all of it. A probe has one fault at a time, and `on: false`
heals it.
"""

import json
from dataclasses import dataclass
from math import isfinite

from thermod.sim.probes import FAULTS, ProbeFaults

DOME_FAULTS = frozenset(
    {
        "lid-open",
        "fan-dead",
        "stop-button",  # the button at the dome: the node stops, and says so until it is let go
        "reboot",  # happens once; there is nothing to take off
        "silent",  # the node hears and acts, but says nothing
        "nan-in-state",  # a probe's NaN spoils the whole of node/state instead of its own message
        "ssr-welded",
        "contactors-welded",
        "heater-weak",  # `value` is the share of its power that is left
    }
)

OFFSET, STUCK_AT = "offset", "stuck-at"
KINDS = DOME_FAULTS | FAULTS.keys() | {OFFSET, STUCK_AT}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to put on or to take off."""

    kind: str
    probe: str = ""
    on: bool = True
    size: float = 0.0  # `value`: °C of an offset or to stick at, share of a weak heater

    @property
    def of_probe(self) -> ProbeFaults:
        """What this fault does to a probe."""
        if self.kind == OFFSET:
            return ProbeFaults(offset_delta_c=self.size)
        return ProbeFaults(stuck_at_c=self.size) if self.kind == STUCK_AT else FAULTS[self.kind]


def decode_fault(payload: bytes) -> Fault:
    """Raises ValueError that says what is wrong with the message."""
    try:
        fields = json.loads(payload.decode("utf-8"))
    except RecursionError as exc:
        raise ValueError("nested too deep") from exc
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    kind, probe = fields.get("kind"), fields.get("probe", "")
    on, size = fields.get("on", True), fields.get("value", 0.0)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(KINDS))}")
    if not isinstance(probe, str) or not isinstance(on, bool):
        raise ValueError("probe is a text and on is true or false")
    if type(size) not in (int, float) or not isfinite(size):
        raise ValueError("value is a finite number")
    if kind == "heater-weak" and not (0.0 <= size <= 1.0):
        raise ValueError("value is the share of the heater's power that is left, 0 to 1")
    return Fault(kind, probe, on, float(size))
