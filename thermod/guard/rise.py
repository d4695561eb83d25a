"""How fast the core rises, judged on minute means over ten full minutes. (SAFETY.md §4)"""

from collections import deque
from math import inf
from typing import Final

_MINUTE_S: Final = 60.0
_MINUTES: Final = 10
_SAMPLES_MIN: Final = 20  # in a minute; a 1 Hz probe gives 60
# A body's core moves no faster. A probe that slips out or back in does, and says nothing of a body.
_FALL_C_PER_MIN_MAX: Final = -0.3
_RISE_C_PER_MIN_MAX: Final = 0.2


class RiseWatch:
    """One core probe. A gap, a thin minute or a step that no body makes starts the ten anew."""

    __slots__ = ("_count", "_means_c", "_minute_ends_s", "_sum_c", "fast_min", "rise_c_per_min")

    def __init__(self) -> None:
        self._means_c: deque[float] = deque(maxlen=_MINUTES + 1)
        self.restart()

    def restart(self) -> None:
        """Begin again with the next sample."""
        self._means_c.clear()
        self._minute_ends_s = -inf
        self._sum_c = 0.0
        self._count = 0
        self.rise_c_per_min: float | None = None  # None: not ten full minutes yet
        self.fast_min = 0.0  # minutes for which the rise has been too fast

    def take(self, temp_c: float, rise_c_per_min_max: float, now_s: float) -> None:
        """One good sample."""
        if not now_s < self._minute_ends_s:
            self._close_minute(rise_c_per_min_max, now_s)
        self._sum_c += temp_c
        self._count += 1

    def _close_minute(self, rise_c_per_min_max: float, now_s: float) -> None:
        is_full = self._count >= _SAMPLES_MIN and now_s < self._minute_ends_s + _MINUTE_S
        mean_c = self._sum_c / self._count if is_full else 0.0
        if not is_full or not self._is_bodily(mean_c):
            self.restart()
            self._minute_ends_s = now_s + _MINUTE_S
            return
        self._minute_ends_s += _MINUTE_S
        self._means_c.append(mean_c)
        self._sum_c = 0.0
        self._count = 0
        if len(self._means_c) > _MINUTES:
            self._judge((mean_c - self._means_c[0]) / _MINUTES, rise_c_per_min_max)

    def _is_bodily(self, mean_c: float) -> bool:
        if not self._means_c:
            return True
        return _FALL_C_PER_MIN_MAX <= mean_c - self._means_c[-1] <= _RISE_C_PER_MIN_MAX

    def _judge(self, rise_c_per_min: float, rise_c_per_min_max: float) -> None:
        was_fast = self.rise_c_per_min is not None and not self.rise_c_per_min < rise_c_per_min_max
        is_fast = not rise_c_per_min < rise_c_per_min_max
        self.rise_c_per_min = rise_c_per_min
        if not is_fast:
            self.fast_min = 0.0
        elif was_fast:
            self.fast_min += 1.0
