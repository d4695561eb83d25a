"""Reading the journal while control writes it: read-only, one short connection for each question.

Before there is a journal there is nothing to read, and that is no error. A journal that cannot be
read raises JournalUnreadable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from thermod.errors import ThermodError
from thermod.journal_schema import (
    CHAIN_START,
    TABLES,
    AlarmRow,
    CycleRow,
    EventRow,
    SessionRow,
    columns,
    event_hash,
)
from thermod.story import Moment

Numbered = TypeVar("Numbered", CycleRow, EventRow, AlarmRow)
Kind = TypeVar("Kind", EventRow, AlarmRow)


class Stored(NamedTuple, Generic[Numbered]):
    """A row with its number, which only grows: the cursor for whoever follows."""

    id: int
    row: Numbered


class SeriesPoint(NamedTuple):
    """What a chart draws of one cycle."""

    at_ms: int
    phase: str
    target_c: float
    setpoint_c: float | None
    core_temp_c: float | None
    skin_temp_c: float | None
    air_temp_c: float | None
    power_pct: float
    applied_pct: float | None
    measured_w: float | None


# SQLite takes the other columns of a group from the row that holds its min() or max().
SERIES: Final = f"""
    WITH cycle AS MATERIALIZED (
        SELECT id, at_ms, core_temp_c FROM cycles WHERE session_id = :session_id),
    ends AS (
        SELECT min(at_ms) AS first_ms, max(at_ms) AS last_ms, min(id) AS first, max(id) AS last
        FROM cycle),
    parted AS (
        SELECT id, core_temp_c,
            (at_ms - first_ms) * :parts / (last_ms - first_ms + 1) AS part
        FROM cycle, ends),
    kept AS (
        SELECT id FROM (SELECT id, min(core_temp_c) FROM parted GROUP BY part)
        UNION SELECT id FROM (SELECT id, max(core_temp_c) FROM parted GROUP BY part)
        UNION SELECT first FROM ends UNION SELECT last FROM ends)
    SELECT {", ".join(SeriesPoint._fields)} FROM cycles
    WHERE id IN (SELECT id FROM kept) ORDER BY id"""


class ChainCheck(NamedTuple):
    """What came of following the chain of events from its start."""

    events: int  # that were found to be right, up to the first that is not
    broken_at: int | None  # id of the first event that does not fit; None: all do
    why: str

    @property
    def holds(self) -> bool:
        """True if no event was changed, removed or put in between."""
        return self.broken_at is None


class JournalUnreadable(ThermodError):
    """There is a file, but it does not answer."""


class JournalReader:
    """The reading side, for any thread and any process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def journal_id(self) -> str | None:
        """The name a journal gets when it begins: row numbers mean nothing in another one."""
        found = self._ask("SELECT value FROM meta WHERE key = 'journal_id'")
        return str(found[0][0]) if found else None

    def cycles_after(self, after_id: int, limit: int) -> list[Stored[CycleRow]]:
        """The next cycles of all domes, oldest first."""
        return self._after(CycleRow, after_id, limit)

    def events_after(self, after_id: int, limit: int) -> list[Stored[EventRow]]:
        """The next events, oldest first."""
        return self._after(EventRow, after_id, limit)

    def alarms_after(self, after_id: int, limit: int) -> list[Stored[AlarmRow]]:
        """The next alarm changes, oldest first."""
        return self._after(AlarmRow, after_id, limit)

    def alarm_log(self, dome: str | None, session_id: str | None, limit: int) -> list[AlarmRow]:
        """The newest alarm changes, of one dome, of one session or of all, newest first."""
        query = (
            f"SELECT {columns(AlarmRow)} FROM alarms"
            " WHERE (:dome IS NULL OR dome = :dome)"
            " AND (:session_id IS NULL OR session_id = :session_id)"
            " ORDER BY id DESC LIMIT :limit"
        )
        asked: dict[str, object] = {"dome": dome, "session_id": session_id, "limit": limit}
        return [AlarmRow._make(row) for row in self._ask(query, asked)]

    def last_cycle_id(self) -> int:
        """The number of the newest cycle, 0 before the first."""
        found = self._ask("SELECT coalesce(max(id), 0) FROM cycles")
        return int(found[0][0]) if found else 0

    def sessions(self, dome: str | None, limit: int) -> list[SessionRow]:
        """The newest sessions, of one dome or of all, newest first."""
        return [
            SessionRow._make(row)
            for row in self._ask(
                f"SELECT {columns(SessionRow)} FROM sessions WHERE dome = coalesce(?, dome)"
                " ORDER BY created_ms DESC, session_id DESC LIMIT ?",
                (dome, limit),
            )
        ]

    def session(self, session_id: str) -> SessionRow | None:
        """One session, None if the journal has none of this name."""
        query = f"SELECT {columns(SessionRow)} FROM sessions WHERE session_id = ?"
        return next(map(SessionRow._make, self._ask(query, (session_id,))), None)

    def series(self, session_id: str, points: int) -> list[SeriesPoint]:
        """At most `points` cycles of a session, oldest first, for a chart.

        The time is cut into equal parts. Of each part the cycle with the lowest and the one with
        the highest core temperature are kept, whole, so no peak of core is smoothed away; a peak of
        another curve can be. The first and the last cycle are always there.
        """
        parts = max(1, (points - 2) // 2)
        found = self._ask(SERIES, {"session_id": session_id, "parts": parts})
        return [SeriesPoint._make(row) for row in found][: max(0, points)]

    def moments(self, session_id: str) -> list[Moment]:
        """Every fourth of its cycles, for the story of the session, oldest first."""
        query = (
            f"SELECT {', '.join(Moment._fields)} FROM cycles"
            " WHERE session_id = ? AND cycle % 4 = 0 ORDER BY id"
        )
        return [Moment._make(row) for row in self._ask(query, (session_id,))]

    def events_of(self, session_id: str) -> list[EventRow]:
        """What happened in a session and who did what, oldest first."""
        return self._of(EventRow, session_id)

    def alarms_of(self, session_id: str) -> list[AlarmRow]:
        """The alarm log of a session, oldest first."""
        return self._of(AlarmRow, session_id)

    def verify_chain(self) -> ChainCheck:
        """Follow the chain through every event; it stops at the first that does not fit."""
        chain, count, last_id = CHAIN_START, 0, 0
        query = f"SELECT id, {columns(EventRow)}, prev_hash, hash FROM events ORDER BY id"
        with self._connection() as connection:
            if connection is None:
                return ChainCheck(0, None, "there is no journal yet")
            for last_id, *values, prev_hash, own_hash in connection.execute(query):
                if prev_hash != chain:
                    return ChainCheck(count, last_id, "does not follow on the event before it")
                if own_hash != event_hash(chain, EventRow._make(values)):
                    return ChainCheck(count, last_id, "was changed after it was written")
                chain, count = own_hash, count + 1
            numbered = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"
            (newest_id,) = connection.execute(numbered).fetchone() or (0,)
        if newest_id != last_id:
            return ChainCheck(count, newest_id, "was removed from the end")
        return ChainCheck(count, None, "every event follows on the one before it")

    def _after(self, kind: type[Numbered], after_id: int, limit: int) -> list[Stored[Numbered]]:
        query = f"SELECT id, {columns(kind)} FROM {TABLES[kind]} WHERE id > ? ORDER BY id LIMIT ?"
        found = self._ask(query, (after_id, limit))
        return [Stored(row_id, kind._make(values)) for row_id, *values in found]

    def _of(self, kind: type[Kind], session_id: str) -> list[Kind]:
        query = f"SELECT {columns(kind)} FROM {TABLES[kind]} WHERE session_id = ? ORDER BY id"
        return [kind._make(values) for values in self._ask(query, (session_id,))]

    def _ask(
        self, query: str, parameters: Sequence[object] | dict[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            return [] if connection is None else connection.execute(query, parameters).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection | None]:
        """A connection for one question; None while control has not begun the journal."""
        if not self._path.exists():
            yield None
            return
        try:
            uri = f"file:{quote(str(self._path))}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=2.0)) as connection:
                begun = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sessions'")
                yield connection if begun.fetchone() else None
        except sqlite3.Error as problem:
            raise JournalUnreadable(
                f"the journal cannot be read: {problem}",
                where=str(self._path),
                do="Check the disk, and that this process may read the file and its folder.",
            ) from problem
