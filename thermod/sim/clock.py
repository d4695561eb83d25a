"""Pretend time: a clock that runs faster than the real one, and one that moves only when told.

Both are a `thermod.clock.Clock`; no code asks which clock it has. They exist for the simulator and
the demo alone: the shipped control and guard commands have no way to ask for one.
"""

import asyncio
import heapq
from dataclasses import dataclass
from itertools import count

from thermod.clock import BootClock, Clock


@dataclass(frozen=True, slots=True)
class Origin:
    """One moment on the real clock and on the wall, that several processes agree to scale from."""

    now_s: float
    wall_ms: int

    @classmethod
    def here(cls, clock: Clock) -> "Origin":
        """This moment."""
        return cls(clock.now_s(), clock.wall_ms())


class ScaledClock:
    """`speed` seconds pass for each real one. Processes given one origin agree on the time."""

    def __init__(self, speed: float, origin: Origin, base: Clock | None = None) -> None:
        """Raises ValueError for a speed that is not above 0 and at most 1000."""
        if not (0.0 < speed <= 1000.0):
            raise ValueError(f"speed is {speed}; give a number above 0 and at most 1000")
        self.speed = speed
        self.origin = origin
        self._base = base if base is not None else BootClock()

    def now_s(self) -> float:
        return self.origin.now_s + (self._base.now_s() - self.origin.now_s) * self.speed

    def wall_ms(self) -> int:
        """The wall clock of the pretended world: it counts on from the origin and never steps."""
        return self.origin.wall_ms + round((self.now_s() - self.origin.now_s) * 1000.0)

    async def sleep_until(self, deadline_s: float) -> None:
        real_s = self.origin.now_s + (deadline_s - self.origin.now_s) / self.speed
        await self._base.sleep_until(real_s)

    def real_s(self, duration_s: float) -> float:
        """How long a duration of this clock lasts really: for calls that block, as the guard's."""
        return max(0.0, duration_s / self.speed)


class SteppedClock:
    """Time that stands still until `step`. Sleepers wake in the order of their deadlines."""

    def __init__(self, now_s: float = 0.0, wall_ms: int = 0) -> None:
        self._now_s = now_s
        self._wall_ms_at_zero = wall_ms - round(now_s * 1000.0)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now_s(self) -> float:
        return self._now_s

    def wall_ms(self) -> int:
        return self._wall_ms_at_zero + round(self._now_s * 1000.0)

    def step(self, dt_s: float) -> None:
        """Move on. Whoever has slept long enough runs when the event loop next does."""
        if not (dt_s >= 0.0):
            raise ValueError(f"step of {dt_s} s; time does not go back")
        self._now_s += dt_s
        while self._sleepers and self._sleepers[0][0] <= self._now_s:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():  # a cancelled sleeper has left its future behind
                woken.set_result(None)

    async def sleep_until(self, deadline_s: float) -> None:
        if deadline_s <= self._now_s:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (deadline_s, next(self._order), woken))
        await woken
