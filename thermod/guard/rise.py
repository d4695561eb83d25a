"""How fast the core rises, judged on minute means over ten minutes. (SAFETY.md §4)

Each probe by itself: where one probe takes over from another, a step between the two is no rise,
and neither can hide one.
"""

from collections import deque
from math import inf
from typing import Final

_MINUTE_S: Final = 60.0
_MINUTES: Final = 10
_THIN_MAX: Final = 2  # of the eleven minute means: a cable that flickers must not hide a rise
_SAMPLES_MIN: Final = 20  # in a minute; a 1 Hz probe gives 60
# A body's core moves no faster. A probe that slips out or back in does, and says nothing of a body.
_FALL_C_PER_MIN_MAX: Final = -0.3
_RISE_C_PER_MIN_MAX: Final = 0.2


class RiseWatch:
    """One core probe. A gap, or a step that no body makes, starts the ten minutes anew."""

    __slots__ = ("_count", "_means_c", "_minute_ends_s", "_sum_c", "fast_min", "rise_c_per_min")

    def __init__(self) -> None:
        # None: a thin minute, with too few samples for a mean. The oldest is never one.
        self._means_c: deque[float | None] = deque(maxlen=_MINUTES + 1)
        self.restart()

    def restart(self) -> None:
        """Begin again with the next sample."""
        self._forget()
        self._minute_ends_s = -inf
        self._sum_c = 0.0
        self._count = 0
        self.fast_min = 0.0  # minutes for which the rise has been too fast

    def take(self, temp_c: float, rise_c_per_min_max: float, now_s: float) -> None:
        """One good sample."""
        if not now_s < self._minute_ends_s:
            self._close_minutes(rise_c_per_min_max, now_s)
        self._sum_c += temp_c
        self._count += 1

    def _forget(self) -> None:
        """Ten minutes must be seen again. "Cannot tell" stops no timer: `fast_min` stays."""
        self._means_c.clear()
        self.rise_c_per_min: float | None = None  # None: not ten minutes yet

    def _close_minutes(self, rise_c_per_min_max: float, now_s: float) -> None:
        """The one under way is over, and so may be some in which there was no sample at all."""
        late_s = now_s - self._minute_ends_s
        if not late_s < _THIN_MAX * _MINUTE_S:
            self._forget()
            self._minute_ends_s = now_s + _MINUTE_S
        else:
            mean_c = self._sum_c / self._count if self._count >= _SAMPLES_MIN else None
            for each_c in (mean_c, *[None] * int(late_s // _MINUTE_S)):
                self._minute_ends_s += _MINUTE_S
                self._add(each_c, rise_c_per_min_max)
        self._sum_c = 0.0
        self._count = 0

    def _add(self, mean_c: float | None, rise_c_per_min_max: float) -> None:
        if mean_c is not None and not self._is_bodily(mean_c):
            self._forget()
            self.fast_min = 0.0  # what seemed to rise was the probe
            return
        self._means_c.append(mean_c)
        if self._means_c.count(None) > _THIN_MAX:
            self._forget()
        first_c = self._means_c[0] if self._means_c else None
        if first_c is None:
            while self._means_c and self._means_c[0] is None:
                self._means_c.popleft()
        elif mean_c is not None and len(self._means_c) > _MINUTES:
            self._judge((mean_c - first_c) / _MINUTES, rise_c_per_min_max)

    def _is_bodily(self, mean_c: float) -> bool:
        """Against the newest minute that had a mean, which may lie some minutes back."""
        for minutes, before_c in enumerate(reversed(self._means_c), start=1):
            if before_c is not None:
                rise_c_per_min = (mean_c - before_c) / minutes
                return _FALL_C_PER_MIN_MAX <= rise_c_per_min <= _RISE_C_PER_MIN_MAX
        return True

    def _judge(self, rise_c_per_min: float, rise_c_per_min_max: float) -> None:
        was_fast = self.rise_c_per_min is not None and not self.rise_c_per_min < rise_c_per_min_max
        is_fast = not rise_c_per_min < rise_c_per_min_max
        self.rise_c_per_min = rise_c_per_min
        if not is_fast:
            self.fast_min = 0.0
        elif was_fast:
            self.fast_min += 1.0
