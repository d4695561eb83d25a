"""Pretend time: what is due, in order. Between two entries nothing happens and no time is spent."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from math import inf
from typing import Any

Act = Callable[..., None]


class Agenda:
    """One clock for all. Entries of one moment happen in the order in which they were made."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        self._due: list[tuple[float, int, Act, tuple[Any, ...]]] = []
        self._made = 0

    def at(self, when_s: float, act: Act, *arguments: Any) -> None:
        """`act(*arguments)` then; what is late already happens next. A time that is none raises
        ValueError.
        """
        if not -inf < when_s < inf:
            raise ValueError(f"{when_s} is no time")
        self._made += 1
        heappush(self._due, (max(when_s, self.now_s), self._made, act, arguments))

    def after(self, seconds: float, act: Act, *arguments: Any) -> None:
        """The same, counted from now."""
        self.at(self.now_s + seconds, act, *arguments)

    def run_until(self, end_s: float) -> None:
        """Let time pass, up to and with `end_s`."""
        due = self._due
        while due and due[0][0] <= end_s:
            self.now_s, _, act, arguments = heappop(due)
            act(*arguments)
        self.now_s = end_s
