"""What the guard says, as frozen values that know their topic and their JSON. Named tuples, since a
permit is made with every tick: a frozen dataclass of this size takes five times as long to make.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

WHY_LENGTH_MAX = 120  # so that a permit stays within the 512 bytes that a node reads


class Envelope(NamedTuple):
    """How a message goes out: CONTRACT.md, section 2."""

    suffix: str  # of the topic
    qos: int
    retain: bool
    expiry_s: int | None


class Challenge(NamedTuple):
    """`guard/challenge`."""

    challenge: str

    def to_json(self) -> bytes:
        return _json(self._asdict())


class Permit(NamedTuple):
    """`guard/permit`."""

    granted: bool
    ended: bool
    why: str
    annunciate: bool
    guard_id: str
    controller_id: str | None
    epoch: int
    seq: int
    boot_id: str
    tick: int

    def to_json(self) -> bytes:
        return _json(self._asdict())


class GuardState(NamedTuple):
    """`guard/state`."""

    guard_id: str
    permitting: bool
    scope: str
    broken: tuple[str, ...]
    tripped_by: tuple[str, ...]
    epoch: int
    stop_id: str | None
    controller_id: str | None
    probes: Mapping[str, str]
    limits: Mapping[str, float]
    limits_sha256: str
    refused: Mapping[str, int]

    def to_json(self) -> bytes:
        return _json(self._asdict())


Said = Challenge | Permit | GuardState

ENVELOPES: Final[Mapping[type[Said], Envelope]] = MappingProxyType(
    {
        Challenge: Envelope("guard/challenge", 0, False, 2),
        Permit: Envelope("guard/permit", 0, False, 2),
        GuardState: Envelope("guard/state", 1, True, None),
    }
)


def _json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode()
