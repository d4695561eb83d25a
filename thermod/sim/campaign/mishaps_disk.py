"""What happens to disks, files and the wall clock."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from thermod.sim.campaign.control_side import DISK_S
from thermod.sim.campaign.mishap import Begin, Group, Mishap, Single, Undo
from thermod.sim.campaign.ward import Ward


def _latches_unwritable(ward: Ward, random: Random) -> Undo:
    ward.disk.error = "the latch file cannot be written: no space left on device"
    return partial(setattr, ward.disk, "error", "")


def _latches_slow(ward: Ward, random: Random) -> Undo:
    ward.disk.write_s = random.uniform(0.5, 8.0)
    return partial(setattr, ward.disk, "write_s", DISK_S)


def _latches_lost(ward: Ward, random: Random) -> Undo:
    """Control dies, and the next one finds no file."""
    ward.kill(ward.control)
    ward.disk.is_lost = True
    return ward.control.start


def _slow_and_killed(ward: Ward, random: Random) -> Undo:
    """What was to be kept was not yet on disk when control died."""
    ward.disk.write_s = random.uniform(0.5, 8.0)

    def undo() -> None:
        ward.kill(ward.control)
        ward.disk.write_s = DISK_S
        ward.control.start()

    return undo


def _journal_fails(ward: Ward, random: Random) -> Undo:
    ward.disk.journal_error = "disk I/O error"
    return partial(setattr, ward.disk, "journal_error", "")


def _disk_low(ward: Ward, random: Random) -> Undo:
    before = ward.disk.free_mb
    ward.disk.free_mb = random.uniform(0.0, 400.0)
    return partial(setattr, ward.disk, "free_mb", before)


def _guard_disk_full(ward: Ward, random: Random) -> Undo:
    ward.drawer.refuses = True
    return partial(setattr, ward.drawer, "refuses", False)


def _guard_disk_slow(ward: Ward, random: Random) -> Undo:
    ward.guard.disk_s = random.uniform(0.1, 3.0)
    return partial(setattr, ward.guard, "disk_s", 0.0)


def _guard_file_lost(ward: Ward, random: Random) -> Undo:
    ward.kill(ward.guard)
    ward.drawer.kept = None
    return ward.guard.start


def _wall_clock(ward: Ward, random: Random) -> Undo:
    """Somebody sets the wall clock, then control is restarted."""
    ward.disk.wall_offset_ms += random.choice((-1, 1)) * random.randint(60_000, 10_000_000)
    if random.random() < 0.5:
        ward.kill(ward.control)
    return ward.control.start


def _row(
    name: str,
    what: str,
    begin: Begin,
    *,
    hinders: bool = False,
    single: Single = Single.RECOVERS,
) -> Mishap:
    return Mishap(name, what, Group.DISK, begin, single, hinders=hinders)


DISK: Final = (
    _row("latches-unwritable", "control's latch file cannot be written", _latches_unwritable),
    _row("latches-slow", "control's latch file is written seconds late", _latches_slow),
    _row(
        "latches-lost",
        "control dies, and its latch file is gone, and the session with it",
        _latches_lost,
        hinders=True,
        single=Single.ENDS,
    ),
    _row(
        "latches-late",
        "control dies before its latches are on disk",
        _slow_and_killed,
        hinders=True,
    ),
    _row("journal-fails", "the journal cannot be written", _journal_fails),
    _row("disk-low", "less than 500 MB are free", _disk_low),
    _row("guard-disk-full", "the guard cannot write its file", _guard_disk_full),
    _row("guard-disk-slow", "each write holds up the guard", _guard_disk_slow, hinders=True),
    _row("guard-file-lost", "the guard dies, and its file is gone", _guard_file_lost, hinders=True),
    _row(
        "wall-clock",  # of two clocks the longer gap counts: set forward, it may end the session
        "the wall clock is set, and control may begin anew",
        _wall_clock,
        hinders=True,
        single=Single.ENDS,
    ),
)
