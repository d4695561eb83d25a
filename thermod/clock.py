"""The one clock of a process. Pretend time is another `Clock`, and no code asks which it has."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds to decide by, milliseconds to write down."""

    def now_s(self) -> float:
        """Seconds since some fixed moment. Never goes back, and counts suspend."""
        ...

    def wall_ms(self) -> int:
        """Milliseconds of UTC since 1970, for records: it may step, so nothing is decided on it."""
        ...

    async def sleep_until(self, deadline_s: float) -> None:
        """Wait until `now_s()` has reached the deadline. A deadline in the past only yields."""
        ...


class BootClock:
    """Seconds since boot, counting suspend: a host that slept must see old samples as old."""

    def now_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep_until(self, deadline_s: float) -> None:
        await asyncio.sleep(max(0.0, deadline_s - self.now_s()))
