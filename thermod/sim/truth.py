"""The judge's record: what truly happened at a simulated dome, one JSON object a line.

Written for tests that measure time-to-off: by ground truth, on the real clock, and in the file
before the next thing happens. Nobody who decides reads it.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self


class TruthFile:
    """An append-only file of JSON lines, each with `mono_ns`, the real boot clock."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)  # a line is in the file when `record` returns

    def record(self, facts: Mapping[str, object]) -> None:
        """Raises OSError when the disk is full: a judge without a record must not go on."""
        stamped = {"mono_ns": time.clock_gettime_ns(time.CLOCK_BOOTTIME), **facts}
        self._file.write(json.dumps(stamped, separators=(",", ":")).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
