"""The canary: a thread that wants to wake every 10 ms, and writes down when it could not.

Times to heat-off are measured on a machine that does other work too. A stall of the whole machine
delays whoever is measured as well as whoever measures, so a run in which the canary stalled is no
evidence: it is repeated, and counted.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

WAKES_EVERY_S = 0.010
STALL_S = 0.100


def now_ns() -> int:
    """The boot clock: that of the truth file, and one that counts suspend."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Canary:
    """Ask `stalled` about any span while it lived."""

    def __init__(self) -> None:
        self._stalls_ns: list[tuple[int, int]] = []  # from when it should have woken to when it did
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._live, name="canary", daemon=True)

    def stalled(self, begin_ns: int, end_ns: int) -> bool:
        """Did it sleep through more than 100 ms, any part of which lies in the span?"""
        return any(since < end_ns and until > begin_ns for since, until in self._stalls_ns)

    def _live(self) -> None:
        woke_ns = now_ns()
        while not self._gone.wait(WAKES_EVERY_S):
            before_ns, woke_ns = woke_ns, now_ns()
            if not woke_ns - before_ns <= (WAKES_EVERY_S + STALL_S) * 1e9:
                self._stalls_ns.append((before_ns, woke_ns))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gone.set()
        self._thread.join()
