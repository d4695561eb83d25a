"""The clock of the guard's loop. Whoever wants another pace hands in another clock."""

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds to judge by, and how long to wait for them."""

    def now_s(self) -> float:
        """Seconds since some fixed moment. Never goes back, and counts suspend."""
        ...

    def wait_s(self, span_s: float) -> float:
        """How many real seconds a span of this clock takes."""
        ...


class BootClock:
    """Seconds since boot, counting suspend: a host that slept must see old samples as old."""

    def now_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wait_s(self, span_s: float) -> float:
        return span_s
