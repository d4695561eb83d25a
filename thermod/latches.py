"""What control must still know after a restart: latched trips, the session under way, crashes.

One small JSON file beside the journal, not inside it, because a full disk or a damaged journal must
not forget a trip. Each save replaces the file whole: written aside, synced, renamed, folder synced.
A file that is missing, unreadable or cannot be written latches `state_lost` on every dome: what was
latched is unknown then, and only a person can say that heat is right.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

STATE_LOST: Final = "state_lost"
VERSION: Final = 1
FILE_BYTES_MAX: Final = 4 * 1024 * 1024  # 100 domes need a tenth of it


@dataclass(frozen=True, slots=True)
class Latch:
    """A trip that only a person ends. `since_ms` is wall clock, for the record only."""

    since_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class KeptDome:
    """What is kept of one dome. `session` is control's own, None when none is under way.

    The session holds JSON values only, and no NaN: JSON has none, it would come back as None.
    """

    latches: Mapping[str, Latch] = field(default_factory=dict)
    session: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything in the file. `running` found true at start means that the last run crashed."""

    domes: Mapping[str, KeptDome] = field(default_factory=dict)
    crashes_ms: tuple[int, ...] = ()
    running: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the file said, `state_lost` latched where it did not say it. `lost` is why, or None."""

    kept: Kept = field(default_factory=Kept)
    lost: str | None = None


class LatchFile:
    """The file of one control process. No method raises on a bad file or a bad disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saving = threading.Lock()

    def load(self, domes: Iterable[str], *, wall_ms: int) -> Loaded:
        """Read the file and prove that it can be written, for these domes and all others in it."""
        kept, lost = Kept(), None
        try:
            kept = _parse(self._read())
        except FileNotFoundError:
            lost = f"{self._path} is missing"
        except (OSError, ValueError) as problem:
            lost = f"{self._path} cannot be read: {problem}"
            with suppress(OSError):  # kept for whoever looks into it; the next save begins anew
                self._path.rename(self._path.with_name(f"{self._path.name}.unreadable"))
        kept = _with_state_lost(kept, domes, lost, wall_ms)
        unwritable = self.save(kept)
        if unwritable is not None and lost is None:
            kept, lost = _with_state_lost(kept, domes, unwritable, wall_ms), unwritable
        return Loaded(kept, lost)

    def save(self, kept: Kept) -> str | None:
        """Replace the file. Returns once it is on the disk, or with why it is not. It may block."""
        with self._saving:
            try:
                self._replace(orjson.dumps(_plain(kept), option=orjson.OPT_INDENT_2))
            except (OSError, TypeError) as problem:
                return f"{self._path} cannot be written: {problem}"
        return None

    def _read(self) -> bytes:
        with self._path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise ValueError(f"it is larger than {FILE_BYTES_MAX} bytes")
        return content

    def _replace(self, content: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.new")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # else the rename itself may be undone by a power cut
        finally:
            os.close(folder)


def _with_state_lost(kept: Kept, domes: Iterable[str], lost: str | None, wall_ms: int) -> Kept:
    """Latch `state_lost` on every dome if the file was lost, else on those it does not know."""
    known = dict(kept.domes)
    for dome in {*domes, *known} if lost is not None else set(domes) - known.keys():
        was = known.get(dome, KeptDome())
        text = lost or f"{dome} is not in the latch file: was it renamed or newly added?"
        latches = {STATE_LOST: Latch(wall_ms, text), **was.latches}
        known[dome] = KeptDome(latches, was.session)
    return Kept(known, kept.crashes_ms, kept.running)


def _plain(kept: Kept) -> dict[str, Any]:
    return {
        "version": VERSION,
        "running": kept.running,
        "crashes_ms": kept.crashes_ms,
        "domes": {
            dome: {
                "latches": {
                    name: {"since_ms": latch.since_ms, "text": latch.text}
                    for name, latch in state.latches.items()
                },
                "session": None if state.session is None else dict(state.session),
            }
            for dome, state in kept.domes.items()
        },
    }


def _parse(content: bytes) -> Kept:
    """Raises ValueError for anything that `_plain` would not have made."""
    plain = _fields(orjson.loads(content), "the file", version=int, running=bool)
    if plain["version"] != VERSION:
        raise ValueError(f"its version is {plain['version']}, ours is {VERSION}")
    _fields(plain, "the file", crashes_ms=list, domes=dict)
    if not all(type(at_ms) is int for at_ms in plain["crashes_ms"]):
        raise ValueError("crashes_ms must be whole numbers")
    domes = {dome: _parse_dome(dome, state) for dome, state in plain["domes"].items()}
    return Kept(domes, tuple(plain["crashes_ms"]), plain["running"])


def _parse_dome(dome: str, state: object) -> KeptDome:
    plain = _fields(state, dome, latches=dict)
    latches = {}
    for name, latch in plain["latches"].items():
        _fields(latch, f"{dome}.latches.{name}", since_ms=int, text=str)
        latches[name] = Latch(latch["since_ms"], latch["text"])
    session = plain.get("session", "missing")
    if not (session is None or isinstance(session, dict)):
        raise ValueError(f"{dome}.session must be an object or null")
    return KeptDome(latches, session)


def _fields(found: object, where: str, **types: type) -> dict[str, Any]:
    """The object, if it has these fields with these types."""
    if not isinstance(found, dict):
        raise ValueError(f"{where} must be an object")
    for name, kind in types.items():
        if type(found.get(name)) is not kind:  # a bool must not pass for an int
            raise ValueError(f"{where}.{name} must be of type {kind.__name__}")
    return found
