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
    """The answer to a challenge, with what it was made from."""

    challenge: str
    cycle: int
    token: int
    results: tuple[int, ...]


class Chain:
    """The chain of one cycle while it runs."""

    __slots__ = ("_challenge", "_cycle", "_results", "_token")

    def __init__(self, challenge: str, cycle: int) -> None:
        self._challenge = challenge
        self._cycle = cycle
        self._results: list[int] = []
        self._token = crc32(f"{challenge}:{cycle}".encode("ascii")) & _31_BITS

    def extend(self, stage: str, result: int) -> None:
        """One stage has run and had this result; `result` comes from `fingerprint`."""
        link = f"{self._token}:{stage}:{self._cycle}:{result}".encode("ascii")
        self._token = crc32(link) & _31_BITS
        self._results.append(result)

    def answer(self) -> Flow:
        """What the heartbeat says."""
        return Flow(self._challenge, self._cycle, self._token, tuple(self._results))


def fingerprint(numbers: tuple[float | None, ...]) -> int:
    """A 31-bit checksum of a stage's numeric results; None counts as NaN does."""
    pack = _PACKERS[len(numbers)]
    try:
        packed = pack(*numbers)
    except struct.error:  # None is rare, and dear to look for
        packed = pack(*[nan if number is None else number for number in numbers])
    return crc32(packed) & _31_BITS
