"""What a dome node hears and says, as bytes and as values: the strict edge of `node.py`.

Standard library only, so that it reads as a specification for firmware. A payload becomes a frozen
value or a `MalformedError`; nothing in between. Keys that the node does not use are not read.
"""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

INTEGER_MAX = 2**31 - 1  # CONTRACT.md: integers lie in 0…2³¹−1
PAYLOAD_BYTES_MAX = 512  # CONTRACT.md, "Times and sizes": payload at the node
UNREADABLE = "unreadable"  # the `stop_id` that a STOP without a readable one is echoed as

_ID = re.compile(r"[a-z0-9-]{1,36}")


class MalformedError(ValueError):
    """A payload that breaks a rule of the contract: it says which."""


class Permit(NamedTuple):
    """`guard/permit`. A revoke acts whatever it carries: controller, boot and tick are not read."""

    granted: bool
    ended: bool
    annunciate: bool
    guard_id: str
    controller_id: str | None
    epoch: int
    seq: int
    boot_id: str
    tick: int


class Command(NamedTuple):
    """`heater/command`."""

    controller_id: str
    epoch: int
    seq: int
    boot_id: str
    tick: int
    power_pct: float


class NodeState(NamedTuple):
    """`node/state`, but that `probes` holds plain readings in °C; a silent probe is None."""

    boot_id: str
    tick: int
    applied_pct: float
    measured_w: float | None
    rated_w: float
    window_s: float
    contactors_closed: tuple[bool, ...]
    epoch: int
    guard_id: str | None
    controller_id: str | None
    command_seq: int
    stop_id: str | None
    lid: str
    fan_running: bool | None
    probes: Mapping[str, float | None]
    faults: tuple[str, ...]
    because: str


def decode_permit(payload: bytes) -> Permit:
    """Raises MalformedError. A grant must be whole; a revoke is read for no more than it needs."""
    fields = _object(payload)
    granted = _boolean(fields, "granted")
    ended = _boolean(fields, "ended")
    if granted and ended:
        raise MalformedError("granted and ended contradict each other")
    return Permit(
        granted=granted,
        ended=ended,
        annunciate=_boolean(fields, "annunciate"),
        guard_id=_id(fields, "guard_id"),
        controller_id=_id(fields, "controller_id") if granted else None,
        epoch=_integer(fields, "epoch"),
        seq=_integer(fields, "seq"),
        boot_id=_id(fields, "boot_id") if granted else "",
        tick=_integer(fields, "tick") if granted else 0,
    )


def decode_command(payload: bytes) -> Command:
    """Raises MalformedError. Whether the power lies in 0…100 is for the node to say."""
    fields = _object(payload)
    _integer(fields, "cycle")  # not used here, but a command without it breaks the contract
    return Command(
        controller_id=_id(fields, "controller_id"),
        epoch=_integer(fields, "epoch"),
        seq=_integer(fields, "seq"),
        boot_id=_id(fields, "boot_id"),
        tick=_integer(fields, "tick"),
        power_pct=_number(fields, "power_pct"),
    )


def decode_stop(payload: bytes) -> str:
    """The `stop_id` to echo. Raises nothing: whatever arrives on `stop` stops."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        return UNREADABLE
    try:
        return _id(_object(payload), "stop_id")
    except MalformedError:
        return UNREADABLE


def encode_state(state: NodeState, seqs: Mapping[str, int]) -> bytes:
    """`node/state` as bytes; `seqs` by probe. A NaN reading goes out as NaN: hardware does that."""
    fields: dict[str, object] = {
        name: getattr(state, name) for name in NodeState._fields if name != "probes"
    }
    fields["probes"] = {
        probe: {"seq": seqs[probe], "temp_c": temp_c}
        for probe, temp_c in state.probes.items()
        if temp_c is not None
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def _object(payload: bytes) -> dict[str, object]:
    try:
        fields = json.loads(payload.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:  # a UnicodeDecodeError is a ValueError too
        raise MalformedError(f"not JSON: {exc}") from exc
    if not isinstance(fields, dict):
        raise MalformedError("not a JSON object")
    return fields


def _refuse_constant(name: str) -> object:
    raise MalformedError(f"{name} is not a number")


def _boolean(fields: dict[str, object], key: str) -> bool:
    value = fields.get(key)
    if not isinstance(value, bool):
        raise MalformedError(f"{key} is not true or false")
    return value


def _integer(fields: dict[str, object], key: str) -> int:
    value = fields.get(key)
    if type(value) is not int or not (0 <= value <= INTEGER_MAX):  # True is an int in Python
        raise MalformedError(f"{key} is not an integer from 0 to {INTEGER_MAX}")
    return value


def _number(fields: dict[str, object], key: str) -> float:
    value = fields.get(key)
    if type(value) is int and abs(value) <= INTEGER_MAX:
        return float(value)
    if type(value) is float and isfinite(value):  # 1e400 reads as infinity
        return value
    raise MalformedError(f"{key} is not a finite number")


def _id(fields: dict[str, object], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise MalformedError(f"{key} is not an id")
    return value
