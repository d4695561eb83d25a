"""The guard's own check of control's program flow. CONTRACT.md, `heartbeat`, has the definition."""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

_STAGES: Final = (b"ingest", b"estimate", b"alarms", b"control", b"limit", b"publish")


def flow_token(challenge: str, cycle: int, results: Sequence[int]) -> int:
    """What a cycle answers if each stage ran, once, in order, and had this result."""
    token = crc32(f"{challenge}:{cycle}".encode()) & 0x7FFFFFFF
    for stage, result in zip(_STAGES, results, strict=True):
        token = crc32(b"%d:%s:%d:%d" % (token, stage, cycle, result)) & 0x7FFFFFFF
    return token
