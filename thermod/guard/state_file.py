"""The guard's one file: epoch, latches and session tallies of each dome.

Written whole: temporary file, fsync, rename, fsync of the folder. So after a power cut it is the
old one or the new one, never a torn one. Whoever finds it missing or unreadable must trip.
"""

import json
import os
import re
from collections.abc import Mapping
from math import isfinite
from pathlib import Path

from thermod.guard.fields import (
    Breach,
    Fields,
    integer,
    is_id,
    is_name,
    items,
    number,
    parse_object,
)
from thermod.guard.kept import Kept, KeptSession
from thermod.guard.trips import TRIP

FILE_NAME = "guard-state.json"
FILE_BYTES_MAX = 4_000_000  # some 1000 domes
VERSION = 1
_SUBJECT = re.compile(r"([0-9a-f]{16})?")
LATCHES_MAX = 64


class StateFile:
    """A `kept.Store` on disk, for all domes of one process."""

    def __init__(self, folder: Path) -> None:
        """Reads what there is. Nothing here raises: what cannot be read is lost, see `lost`."""
        self.path = folder / FILE_NAME
        self.lost: str | None = None  # why nothing could be read
        self._domes: dict[str, Kept] = {}
        try:
            self._domes = _read(self.path)
        except (OSError, Breach) as error:
            self.lost = str(error)

    def load(self, dome_id: str) -> Kept | None:
        """What an earlier run kept of this dome. None: it is lost, or there never was any."""
        return self._domes.get(dome_id)

    def save(self, changed: Mapping[str, Kept]) -> bool:
        """True: the next run reads it, whatever happens to this one. False: it reads the old."""
        domes = {**self._domes, **changed}
        try:
            _write(self.path, domes)
        except OSError:
            return False
        self._domes = domes
        return True


def create(folder: Path, dome_ids: list[str]) -> bool:
    """A fresh file for a first start. False: there is one already, and it stays. Raises OSError."""
    path = folder / FILE_NAME
    if path.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, {dome_id: Kept() for dome_id in dome_ids})
    return True


def _write(path: Path, domes: dict[str, Kept]) -> None:
    document = {"version": VERSION, "domes": {key: _fields(kept) for key, kept in domes.items()}}
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(document, file, allow_nan=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fields(kept: Kept) -> Fields:
    sessions = [
        {
            "session_id": each.session_id,
            "heat_span_s": each.heat_span_s,
            "dose_cem43_min": dict(each.dose_cem43_min),
            "subject": each.subject,
            "age_s": each.age_s,
        }
        for each in kept.sessions
    ]
    return {"epoch": kept.epoch, "latches": list(kept.latches), "sessions": sessions}


def _read(path: Path) -> dict[str, Kept]:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise Breach("too_large", f"{path.name} is larger than {FILE_BYTES_MAX} bytes")
    document = parse_object(path.read_bytes())
    if integer(document, "version") != VERSION:
        raise Breach("malformed", f"version is not {VERSION}")
    return {dome_id: _kept(_object(each)) for dome_id, each in _named(document, "domes").items()}


def _kept(fields: Fields) -> Kept:
    latches = items(fields, "latches", LATCHES_MAX)
    sessions = items(fields, "sessions", LATCHES_MAX)
    names = tuple(each for each in latches if isinstance(each, str))
    if len(names) < len(latches) or not TRIP.keys() >= set(names):
        raise Breach("malformed", "a latch is none of the guard's")
    return Kept(integer(fields, "epoch"), names, tuple(_session(_object(s)) for s in sessions))


def _session(fields: Fields) -> KeptSession:
    session_id = fields.get("session_id")
    if not isinstance(session_id, str) or not is_id(session_id):
        raise Breach("malformed", "session_id is not an id")
    subject = fields.get("subject", "")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise Breach("malformed", "subject is no digest")
    doses = _named(fields, "dose_cem43_min")
    dose_of_site = tuple((probe_id, _amount(doses, probe_id)) for probe_id in doses)
    age_s = _amount(fields, "age_s") if "age_s" in fields else 0.0
    return KeptSession(session_id, _amount(fields, "heat_span_s"), dose_of_site, subject, age_s)


def _amount(fields: Fields, key: str) -> float:
    """What has been counted so far can be neither negative nor infinite."""
    value = number(fields, key)
    if not (isfinite(value) and value >= 0.0):
        raise Breach("malformed", f"{key} is {value}")
    return value


def _named(fields: Fields, key: str) -> Fields:
    value = _object(fields.get(key))
    if not all(is_name(name) for name in value):
        raise Breach("malformed", f"{key} has a key that is no name")
    return value


def _object(value: object) -> Fields:
    if isinstance(value, dict):
        return value
    raise Breach("malformed", "not an object")
