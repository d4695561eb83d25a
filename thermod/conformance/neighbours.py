"""Who else speaks on the dome's topics. The kit takes the place of control and guard, so it must
be alone: two of a kind on one dome are what the contract calls a fault.
"""

from __future__ import annotations

from collections import deque

import orjson

# What only a live control or guard says, beside permits and commands.
THEIRS = {
    "heartbeat": "control",
    "heater/command": "control",
    "arm": "control",
    "state": "control",
    "guard/challenge": "guard",
    "guard/permit": "guard",
    "guard/state": "guard",
}
OWN_KEPT = 512  # messages of ours that the broker may still hand back to us


class Neighbours:
    """Hand it every message; `found` then says who must be stopped first."""

    def __init__(self, dome: str) -> None:
        self.found: dict[str, str] = {}  # by process: how it was noticed
        self.stopped_by: str | None = None  # somebody pressed STOP
        self._dome = dome
        self._own: deque[tuple[str, bytes]] = deque(maxlen=OWN_KEPT)

    @property
    def told(self) -> str:
        """Who, and how it was noticed."""
        return "; ".join(f"{process}, {how}" for process, how in self.found.items())

    def say(self, suffix: str, payload: bytes) -> None:
        """This one is ours: MQTT 3.1.1 hands it back to us."""
        self._own.append((suffix, payload))

    def hear(self, suffix: str, payload: bytes, *, retained: bool) -> None:
        """A message below the dome's topic. What a broker kept says nothing about now."""
        if retained or (suffix, payload) in self._own:
            return
        if suffix == "stop":
            self.stopped_by = str(_object(payload).get("by", "unknown"))
        elif suffix in THEIRS:
            self.found.setdefault(THEIRS[suffix], f"{suffix} is published")

    def hear_status(self, payload: bytes) -> None:
        """A process that is online for this dome, though it may hang just now."""
        status = _object(payload)
        process, domes = str(status.get("process")), status.get("domes")
        serves = not isinstance(domes, list) or self._dome in domes
        if status.get("online") is True and process != "gateway" and serves:
            self.found.setdefault(process, "its status says online")


def _object(payload: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
