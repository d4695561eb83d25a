"""Keeps the latch file current, off the control loop: a slow disk must not delay a cycle.

The cycle hands over what must survive; a thread writes the newest of it. Crashes are counted here
too: three in ten minutes latch `crash_loop`, so that a service manager's restarts cannot go on for
ever unseen.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from thermod.latches import Kept, KeptDome, Latch, LatchFile

CRASH_LOOP = "crash_loop"
CRASHES_MAX = 3  # SAFETY.md H11: three crashes in 10 min lock
CRASH_WINDOW_MS = 10 * 60 * 1000


class Keeper:
    """The latch file of one control process."""

    def __init__(self, file: LatchFile, domes: Sequence[str], *, wall_ms: int) -> None:
        self._file = file
        loaded = file.load(domes, wall_ms=wall_ms)
        kept = count_crash(loaded.kept, domes, wall_ms)
        self._kept = replace(kept, running=True)
        self.error = (
            file.save(self._kept) or ""
        )  # why the file cannot be written; empty when it can
        self._changed = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def found(self, dome: str) -> KeptDome:
        """What was kept of this dome."""
        return self._kept.domes.get(dome, KeptDome())

    def save(self, dome: str, kept: KeptDome) -> None:
        """Hand over what must survive. Returns at once; the newest wins."""
        self._kept = replace(self._kept, domes={**self._kept.domes, dome: kept})
        self._changed.set()

    def close(self, *, on_purpose: bool) -> None:
        """Write the last of it, and whether the run ended on purpose: if not, it was a crash."""
        self._closing = True
        self._changed.set()
        self._thread.join(5.0)
        self.error = self._file.save(replace(self._kept, running=not on_purpose)) or ""

    def _run(self) -> None:
        while not self._closing:
            self._changed.wait(1.0 if self.error else None)  # a disk that refused is tried again
            self._changed.clear()
            self.error = self._file.save(self._kept) or ""


def count_crash(kept: Kept, domes: Sequence[str], wall_ms: int) -> Kept:
    """A run that did not end on purpose is a crash; the wall clock only spaces them."""
    recent = tuple(at for at in kept.crashes_ms if 0 <= wall_ms - at <= CRASH_WINDOW_MS)
    if not kept.running:
        return replace(kept, crashes_ms=recent)
    recent = (*recent, wall_ms)
    if len(recent) < CRASHES_MAX:
        return replace(kept, crashes_ms=recent)
    latch = Latch(wall_ms, f"control has crashed {len(recent)} times within 10 min")
    locked = {
        dome: KeptDome({CRASH_LOOP: latch, **kept.domes[dome].latches}, kept.domes[dome].session)
        for dome in domes
        if dome in kept.domes
    }
    return replace(kept, crashes_ms=(), domes={**kept.domes, **locked})
