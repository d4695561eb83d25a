"""Forked processes, a few at a time: each does one thing and tells what it found, or is stopped."""

from __future__ import annotations

import os
import resource
import signal
from typing import NoReturn

MEMORY_BYTES_MAX = 4 * 2**30
CPU_S = 5.0  # for one test, beside ten times what it took without a mutant
WALL_S = 60.0
HUNG = "(hung)"


class Jobs:
    """`start` forks; `wait` gives what the next one that ends has told."""

    def __init__(self, count_max: int) -> None:
        self._count_max = count_max
        self._running: dict[int, tuple[str, int]] = {}

    @property
    def is_full(self) -> bool:
        return len(self._running) >= self._count_max

    @property
    def is_empty(self) -> bool:
        return not self._running

    def start(self, name: str) -> Child | None:
        """The child gets what it tells with; the parent gets None."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _confine()
            return Child(writing)
        os.close(writing)
        self._running[pid] = (name, reading)
        return None

    def wait(self) -> tuple[str, str]:
        """Name, and what it told. `HUNG` if it was stopped."""
        pid, status = os.wait()
        name, reading = self._running.pop(pid)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read().decode()
        return name, told if os.WIFEXITED(status) else HUNG


class Child:
    """The forked process, seen from inside."""

    def __init__(self, writing: int) -> None:
        self._writing = writing

    def end(self, told: str) -> NoReturn:
        """At once: no clean-up of what the parent has still open."""
        os.write(self._writing, told.encode()[:4000])
        os._exit(0)


def give_time_for_a_test(usual_s: float) -> None:
    """Another such time, and the process is stopped by a signal: a mutant may loop for ever."""
    signal.setitimer(signal.ITIMER_PROF, CPU_S + 10.0 * usual_s)
    signal.setitimer(signal.ITIMER_REAL, WALL_S + 20.0 * usual_s)


def _confine() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
