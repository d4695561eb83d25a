"""What the guard says, as frozen values that know their topic and their JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

WHY_LENGTH_MAX = 120  # so that a permit stays within the 512 bytes that a node reads


@dataclass(frozen=True, slots=True)
class Challenge:
    """`guard/challenge`."""

    suffix: ClassVar[str] = "guard/challenge"
    qos: ClassVar[int] = 0
    retain: ClassVar[bool] = False
    expiry_s: ClassVar[int | None] = 2

    challenge: str

    def to_json(self) -> bytes:
        return _json(asdict(self))


@dataclass(frozen=True, slots=True)
class Permit:
    """`guard/permit`."""

    suffix: ClassVar[str] = "guard/permit"
    qos: ClassVar[int] = 0
    retain: ClassVar[bool] = False
    expiry_s: ClassVar[int | None] = 2

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
        return _json(asdict(self))


@dataclass(frozen=True, slots=True)
class GuardState:
    """`guard/state`."""

    suffix: ClassVar[str] = "guard/state"
    qos: ClassVar[int] = 1
    retain: ClassVar[bool] = True
    expiry_s: ClassVar[int | None] = None

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
        fields = {name: getattr(self, name) for name in self.__slots__}
        return _json(fields)


Said = Challenge | Permit | GuardState


def _json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode()
