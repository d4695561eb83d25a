"""Reads `node_vectors.json`: what a dome node must do with each message. Any node is held to it.

The file is data, so that it can be played against firmware as well as against `node.py`. Messages
carry placeholders, since no two boots are alike: `<boot>` is the node's present boot id,
`<old-boot>` the one before, and `<tick>`, `<tick-7>`, `<tick+1>` count from its newest tick.
"""

import json
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

_TICK = re.compile(r"<tick(?P<offset>[+-]\d+)?>")


@dataclass(frozen=True, slots=True)
class Step:
    """One moment: a message to send (or None), how the dome changes, and what must then be so."""

    at_s: float  # after boot; tick n is sent at n x 0.5 s
    topic: str | None
    payload: str | bytes  # text with placeholders, or bytes as they are
    retained: bool
    pad_to_bytes: int
    dome: dict[str, Any]  # any of: lid, air_temp_c, measured_w, reboot
    reaction: str | None  # "accepted", or the kind of the refusal
    heat_pct: float | None
    contactors_closed: bool | None

    def message(self, boot_id: str, old_boot_id: str, tick: int) -> bytes:
        """The bytes to send to a node that now has this boot and this newest tick."""
        if isinstance(self.payload, bytes):
            return self.payload
        text = self.payload.replace("<boot>", boot_id).replace("<old-boot>", old_boot_id)
        text = re.sub(f'"{_TICK.pattern}"', lambda m: str(tick + int(m["offset"] or 0)), text)
        return text.encode().ljust(self.pad_to_bytes)


@dataclass(frozen=True, slots=True)
class Vector:
    """A short story with one point. `first_tick` is the number of the first tick after boot."""

    name: str
    first_tick: int
    steps: tuple[Step, ...]


def load() -> tuple[Vector, ...]:
    """Every vector, in the order of the file."""
    table = json.loads(resources.files("thermod.sim").joinpath("node_vectors.json").read_text())
    return tuple(
        Vector(
            name=row["name"],
            first_tick=row.get("first_tick", 1),
            steps=tuple(_step(step, table["messages"]) for step in row["steps"]),
        )
        for row in table["vectors"]
    )


def _step(row: dict[str, Any], messages: dict[str, Any]) -> Step:
    """`send` names a message of the table; `with`, `raw` and `without` change its payload."""
    topic, payload = row.get("topic"), row.get("text", "")
    if "hex" in row:
        payload = bytes.fromhex(row["hex"])
    if "send" in row:
        topic = messages[row["send"]]["topic"]
        payload = _payload(messages[row["send"]]["payload"], row)
    return Step(
        at_s=row["at_s"],
        topic=topic,
        payload=payload,
        retained=row.get("retained", False),
        pad_to_bytes=row.get("pad_to_bytes", 0),
        dome=row.get("dome", {}),
        reaction=row.get("reaction"),
        heat_pct=row.get("heat_pct"),
        contactors_closed=row.get("contactors_closed"),
    )


def _payload(fields: dict[str, Any], row: dict[str, Any]) -> str:
    texts = {key: json.dumps(value) for key, value in (fields | row.get("with", {})).items()}
    texts |= row.get("raw", {})  # JSON text as it is, for what no JSON library would write
    for key in row.get("without", ()):
        del texts[key]
    return "{" + ", ".join(f'"{key}": {text}' for key, text in texts.items()) + "}"
