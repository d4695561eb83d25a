"""The record: every cycle, event, alarm and session, on the local disk and never in heat's way.

`append` puts a row into a bounded queue and returns. One thread commits what is queued four times
a second, with a sync to disk. A disk that refuses is tried again while the rows wait; rows that no
longer fit are counted. Nothing here raises into the cycle that appends: control reads `error`,
`lost`, `set_aside` and `free_mb`, and alarms.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from thermod.errors import ThermodError
from thermod.journal_file import (
    CHECKED_MB,
    SetAside,
    is_damage,
    lock,
    open_or_begin_anew,
    set_aside,
    transaction,
)
from thermod.journal_schema import (
    CHAIN_START,
    TABLES,
    AlarmRow,
    CycleRow,
    EventRow,
    Row,
    SessionRow,
    event_hash,
    insert,
)

__all__ = ["AlarmRow", "CycleRow", "EventRow", "Journal", "Row", "SessionRow", "SetAside"]

COMMIT_EVERY_S: Final = 0.25
RETRY_AFTER_S: Final = 1.0
QUEUE_ROWS_MAX: Final = 20_000  # 100 s of 100 domes, about 50 MB
BATCH_ROWS_MAX: Final = 2_000  # 4 ms a commit, so a long queue drains without holding readers off
MAX_MB: Final = 8192
INSERTS: Final = {kind: insert(kind) for kind in TABLES}

# What SQLite and the chain raise for a row that cannot be stored, whatever the disk does.
ROW_FAULTS: Final = (
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    OverflowError,
    TypeError,
    ValueError,
)


class Journal:
    """The writing side. `append` is for one thread; what it returns and counts is for any."""

    def __init__(
        self,
        path: Path,
        *,
        max_mb: int = MAX_MB,
        queue_rows_max: int = QUEUE_ROWS_MAX,
        checked_mb: int = CHECKED_MB,
    ) -> None:
        self.error: str | None = None  # why the disk refuses; None when it does not
        self.refused: str | None = None  # the last row that could not be stored, whatever the disk
        self.set_aside: SetAside | None = None  # the file that was here and could not be used
        self.free_mb: float | None = None  # what the disk and `max_mb` leave; None until known
        self._path = path
        self._max_mb = max_mb
        self._checked_mb = checked_mb
        self._queue_rows_max = queue_rows_max
        self._queue: deque[Row] = deque()
        self._batch: list[Row] = []  # taken from the queue, not yet committed
        self._appended = 0  # counted by the appending thread alone
        self._settled = 0  # committed or refused; counted by the writer alone
        self._turned_away = 0  # by the appending thread
        self._refused = 0  # by the writer
        self._lock: IO[str] | None = None
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)  # device and inode of the open database
        self._chain = CHAIN_START
        self._closing = False
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._writer = threading.Thread(target=self._run, name="journal", daemon=True)
        self._writer.start()

    @property
    def waiting(self) -> int:
        """Rows that are not on the disk yet."""
        return self._appended - self._settled

    @property
    def lost(self) -> int:
        """Rows that never will be: the queue was full, or the row itself could not be stored."""
        return self._turned_away + self._refused

    def append(self, row: Row) -> bool:
        """Queue a row. Never waits, never raises; False says that it is lost, and counted."""
        if self._closing or self.waiting >= self._queue_rows_max:
            self._turned_away += 1
            return False
        self._appended += 1
        self._queue.append(row)
        return True

    def flush(self, timeout_s: float) -> bool:
        """Wait until every row appended so far is settled. Blocks: for shutdown and for tests."""
        goal, deadline_s = self._appended, time.monotonic() + timeout_s
        with self._progress:
            self._wake.set()
            while self._settled < goal:
                if not self._progress.wait(max(0.0, deadline_s - time.monotonic())):
                    break
        return self._settled >= goal

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what is queued and end. What a refusing disk still holds back is lost then."""
        self._closing = True
        self._wake.set()
        self._writer.join(timeout_s)
        self._turned_away += self.waiting

    def _run(self) -> None:
        try:
            while True:
                self._write()
                if self._closing:
                    break
                self._wake.wait(RETRY_AFTER_S if self.error else COMMIT_EVERY_S)
                self._wake.clear()
        finally:
            if not self._closing:
                self.error = "the journal's writer has ended; nothing is recorded any more"
            self._disconnect()
            if self._lock is not None:
                self._lock.close()

    def _write(self) -> None:
        """Commit all that is queued, or keep it and say why not."""
        try:
            connection = self._connected()
            while self._take():
                self._commit(connection)
            self.free_mb = self._room_mb(connection)
            self.error = None
        except sqlite3.Error as problem:
            self._disconnect()
            self.error = self._explain(problem)
            if is_damage(problem):
                self._move_away(str(problem))
        except OSError as problem:
            self._disconnect()
            self.error = self._explain(problem)

    def _take(self) -> bool:
        """Fill the batch. It is empty unless the last commit failed."""
        while self._queue and len(self._batch) < BATCH_ROWS_MAX:
            self._batch.append(self._queue.popleft())
        return bool(self._batch)

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            with transaction(connection):
                chain = _insert(connection, self._batch, self._chain)
        except ROW_FAULTS:
            with transaction(connection):
                chain = self._insert_what_can_be(connection)
        self._chain = chain  # only now that it is committed
        with self._progress:
            self._settled += len(self._batch)
            self._batch = []
            self._progress.notify_all()

    def _insert_what_can_be(self, connection: sqlite3.Connection) -> str:
        """One by one: a row that cannot be stored must not hold up all behind it."""
        chain = self._chain
        for row in self._batch:
            try:
                chain = _insert(connection, [row], chain)
            except ROW_FAULTS as problem:
                self._refused += 1
                self.refused = f"a row of {TABLES[type(row)]} could not be stored: {problem}"
        return chain

    def _connected(self) -> sqlite3.Connection:
        """The open journal; opened anew if somebody took the file from under us."""
        if self._connection is not None:
            if self._file == _identity(self._path):
                return self._connection
            self._disconnect()
            self.set_aside = SetAside(self._path, "somebody took the file away while it was open")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = lock(self._path)
        self._connection, moved = open_or_begin_anew(self._path, self._max_mb, self._checked_mb)
        self.set_aside = moved or self.set_aside
        self._file = _identity(self._path)
        newest = "SELECT hash FROM events ORDER BY id DESC LIMIT 1"
        self._chain = (self._connection.execute(newest).fetchone() or (CHAIN_START,))[0]
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _move_away(self, why: str) -> None:
        """Damage met while writing: the batch goes into a new file at the next try."""
        try:
            self.set_aside = set_aside(self._path, why)
        except OSError as problem:
            self.error = self._explain(problem)

    def _room_mb(self, connection: sqlite3.Connection) -> float:
        disk = os.statvfs(self._path.parent)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        disk_mb: float = disk.f_bavail * disk.f_frsize / 1024**2
        cap_mb: float = self._max_mb - pages * page_bytes / 1024**2
        return min(disk_mb, cap_mb)

    def _explain(self, problem: Exception) -> str:
        full = getattr(problem, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        do = "Free disk space or raise [journal] max_mb." if full else "Check disk and owner."
        return str(ThermodError(f"the journal: {problem}", where=str(self._path), do=do))


def _insert(connection: sqlite3.Connection, rows: Iterable[Row], chain: str) -> str:
    """Insert rows, kind by kind; takes the end of the chain of events and returns the new one."""
    chained: list[tuple[object, ...]] = []
    others: dict[type[Row], list[Row]] = {}
    for row in rows:
        if isinstance(row, EventRow):
            before, chain = chain, event_hash(chain, row)
            chained.append((*row, before, chain))
        else:
            others.setdefault(type(row), []).append(row)
    if chained:
        connection.executemany(INSERTS[EventRow], chained)
    for kind, of_kind in others.items():
        connection.executemany(INSERTS[kind], of_kind)
    return chain


def _identity(path: Path) -> tuple[int, int]:
    """Which file lies there. (0, 0) where none does."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino
