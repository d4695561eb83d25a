"""What must be done at the dome itself, and who does it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Hands(StrEnum):
    """Who does what no message can: nobody, a person, or the simulator (`sim/fault`)."""

    NOBODY = "none"
    PERSON = "person"
    SIMULATOR = "sim"


ERRANDS: Mapping[str, tuple[str, dict[str, object]]] = {
    "open-lid": ("Open the lid of the dome now.", {"kind": "lid-open", "on": True}),
    "close-lid": ("Close the lid of the dome now.", {"kind": "lid-open", "on": False}),
    "reboot": (
        "Take the power of the dome's node away now, and give it back.",
        {"kind": "reboot"},
    ),
}
