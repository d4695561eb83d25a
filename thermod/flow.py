"""Program flow: proof that a cycle went through all its stages, in order, with these results.

The guard sends a challenge; each stage of the cycle extends a chain of checksums seeded by it, and
the last one is the answer in the heartbeat. A cycle that skips, repeats or reorders a stage cannot
give it. CONTRACT.md has a test vector. (The idea is the windowed question-and-answer watchdog of
automotive controllers; a simple kick would prove only that some timer runs.)
"""

from __future__ import annotations

import struct
from math import nan
from typing import NamedTuple
from zlib import crc32

STAGES = ("ingest", "estimate", "alarms", "control", "limit", "publish")
_31_BITS = 0x7FFFFFFF
_PACKERS = tuple(struct.Struct(f"<{count}d").pack for count in range(8))


class Flow(NamedTuple):
    """The chain so far."""

    challenge: str
    cycle: int
    token: int
    results: tuple[int, ...] = ()


def begin(challenge: str, cycle: int) -> Flow:
    """Start the chain of one cycle."""
    return Flow(challenge, cycle, _crc(f"{challenge}:{cycle}"))


def extend(flow: Flow, stage: str, result: int) -> Flow:
    """One stage has run and had this result; `result` comes from `fingerprint`."""
    challenge, cycle, token, results = flow
    token = crc32(f"{token}:{stage}:{cycle}:{result}".encode("ascii")) & _31_BITS
    return Flow(challenge, cycle, token, (*results, result))


def fingerprint(numbers: tuple[float | None, ...]) -> int:
    """A 31-bit checksum of a stage's numeric results; None counts as NaN does."""
    if None in numbers:
        numbers = tuple([nan if number is None else number for number in numbers])
    return crc32(_PACKERS[len(numbers)](*numbers)) & _31_BITS


def _crc(text: str) -> int:
    return crc32(text.encode("ascii")) & _31_BITS
