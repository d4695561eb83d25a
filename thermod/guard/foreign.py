"""Readings of hardware that does not speak our contract: a number, or a number inside JSON."""

import re
from typing import Final

from thermod.guard.fields import Breach, parse
from thermod.guard.heard import Refusal

FOREIGN_BYTES_MAX: Final = 4096
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d{1,20})?([eE][+-]?\d{1,2})?")  # no nan, no inf, no 1_0


def decode_foreign(payload: bytes, codec: str, pointer: str) -> float | Refusal:
    """°C as the hardware said it. `codec` is `number` or `json`, where `pointer` is RFC 6901."""
    if len(payload) > FOREIGN_BYTES_MAX:
        said = f"{len(payload)} bytes; at most {FOREIGN_BYTES_MAX} are read"
        return Refusal("reading_too_large", said)
    try:
        if codec == "number":
            return _plain(payload)
        return _pointed(payload, pointer)
    except Breach as breach:
        return Refusal(f"reading_{breach.kind}", str(breach))


def is_pointer(text: str) -> bool:
    """Is it an RFC 6901 pointer to something inside the document?"""
    return text.startswith("/") and re.search(r"~(?![01])", text) is None


def _plain(payload: bytes) -> float:
    said = payload.strip()[:40].decode("ascii", "replace")
    if len(payload.strip()) > 40 or not _NUMBER.fullmatch(said):
        raise Breach("malformed", f"{said!r} is not a number")
    return float(said)


def _pointed(payload: bytes, pointer: str) -> float:
    value = parse(payload)
    for step in pointer.split("/")[1:]:
        value = _step(value, step.replace("~1", "/").replace("~0", "~"))
    if type(value) not in (int, float) or not isinstance(value, int | float):
        raise Breach("malformed", f"there is no number at {pointer}")
    if not -1e9 < value < 1e9:  # before `float`, which cannot hold every integer
        raise Breach("not_finite", f"the number at {pointer} is out of all bounds")
    return float(value)


def _step(value: object, key: str) -> object:
    if isinstance(value, dict) and key in value:
        return value[key]
    if isinstance(value, list) and re.fullmatch(r"0|[1-9]\d{0,3}", key) and int(key) < len(value):
        return value[int(key)]
    raise Breach("malformed", f"there is no {key[:40]} in the message")
