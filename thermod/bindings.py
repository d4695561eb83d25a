"""Readings of foreign hardware: another topic, another form. A table of codecs, configured and
never programmed.

Such a reading carries no dome tick, so nothing proves when it was taken: it is never the only core
or skin probe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

import orjson

from sensors.samples import ProbeSample, Rejection
from thermod.state import Binding

BYTES_MAX = 4096


def decode(
    binding: Binding, payload: bytes, *, retained: bool, seq: int, received_s: float
) -> ProbeSample | Rejection:
    """One message of a foreign probe. `seq` is counted by us: these messages have no number."""
    if retained:
        return Rejection(binding.probe_id, "retained: its age is unknown", received_s)
    if len(payload) > BYTES_MAX:
        return Rejection(binding.probe_id, f"{len(payload)} bytes, at most {BYTES_MAX}", received_s)
    try:
        temp_c = CODECS[binding.codec](payload, binding.pointer)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        return Rejection(binding.probe_id, f"{binding.codec}: {error}", received_s)
    if not isfinite(temp_c):  # four thousand digits are one way to say infinity
        return Rejection(binding.probe_id, f"{binding.codec}: not a finite number", received_s)
    return ProbeSample(binding.probe_id, seq, None, temp_c, received_s)


def _number(payload: bytes, pointer: str) -> float:
    """Plain text such as `37.61`. Words such as `nan` or `inf` are no reading."""
    text = payload.decode("ascii").strip()
    if not text or not set(text) <= set("+-.0123456789"):
        raise ValueError(f"{text[:32]!r} is no number")
    return float(text)


def _json(payload: bytes, pointer: str) -> float:
    """A number somewhere in a JSON document."""
    found = orjson.loads(payload)
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) else found[name]
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"{pointer} is {found!r}, no number")
    return float(found)


CODECS: Mapping[str, Callable[[bytes, str], float]] = {"number": _number, "json": _json}
