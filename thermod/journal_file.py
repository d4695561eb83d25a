"""Opening the journal for its one writer: locked, healthy and of this schema, or set aside."""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple
from uuid import uuid4

from thermod.journal_schema import MIGRATIONS

CHECKED_MB: Final = 256  # checked whole at open, in 0.2 s; in a larger file damage shows when met
MAGIC: Final = b"SQLite format 3\0"  # sqlite.org/fileformat.html, section 1.3.1
WAL_BYTES_KEPT: Final = 64 * 1024 * 1024
DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SetAside(NamedTuple):
    """A file that could not be gone on with: where it lies now, and why."""

    path: Path
    why: str


class ForeignFile(sqlite3.DatabaseError):
    """A database, but not a journal that we can write to."""


def lock(path: Path) -> IO[str]:
    """Hold the journal for this process until the returned file is closed, also by our death.

    Two writers would fork the chain of events. Raises OSError when another process holds it.
    """
    held = path.with_name(f"{path.name}.lock").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        held.close()
        raise OSError(problem.errno, "another process writes this journal") from problem
    return held


def open_or_begin_anew(
    path: Path, max_mb: int, checked_mb: int = CHECKED_MB
) -> tuple[sqlite3.Connection, SetAside | None]:
    """The journal, ready to write; a file that is damaged or not ours is moved out of the way."""
    if not _may_be_a_database(path):  # SQLite would find out too, and delete its log
        moved = set_aside(path, "it is no SQLite database")
        return _open(path, max_mb, checked_mb), moved
    try:
        return _open(path, max_mb, checked_mb), None
    except sqlite3.DatabaseError as problem:
        if not is_damage(problem):
            raise
        moved = set_aside(path, str(problem))
        return _open(path, max_mb, checked_mb), moved


def is_damage(problem: sqlite3.Error) -> bool:
    """True where trying again cannot help, and only a new file can."""
    code = getattr(problem, "sqlite_errorcode", None)
    return isinstance(problem, ForeignFile) or (code is not None and code & 0xFF in DAMAGED)


def set_aside(path: Path, why: str) -> SetAside:
    """Rename the file. Its write-ahead log goes with it: the newest rows are in there.

    The database goes first: left behind alone, a log is deleted by SQLite, not replayed into the
    next journal.
    """
    kept = path.with_name(f"{path.name}.corrupt-{time.time_ns() // 1_000_000}")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    return SetAside(kept, why)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it is stored, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()


def migrate(connection: sqlite3.Connection, migrations: tuple[tuple[str, ...], ...]) -> None:
    """Bring the schema up to date, one version a transaction. Raises ForeignFile if not ours."""
    version = schema_version(connection)
    if version > len(migrations):
        raise ForeignFile(f"its schema {version} is newer than our {len(migrations)}")
    for number, statements in enumerate(migrations[version:], start=version + 1):
        with transaction(connection):
            if number == 1:
                connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
                connection.execute("INSERT INTO meta VALUES ('journal_id', ?)", (str(uuid4()),))
            for statement in statements:
                connection.execute(statement)
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", (str(number),)
            )


def schema_version(connection: sqlite3.Connection) -> int:
    """0 for an empty file. Raises ForeignFile for tables that are not ours."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return 0
    if "meta" not in tables or "cycles" not in tables:
        raise ForeignFile(f"it is another program's database, with {', '.join(sorted(tables)[:3])}")
    found = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    if found is None or not str(found[0]).isdecimal():
        raise ForeignFile("it names no schema version")
    return int(found[0])


def _open(path: Path, max_mb: int, checked_mb: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=2.0, isolation_level=None)
    try:
        schema_version(connection)  # looks before anything is written into a foreign file
        if path.stat().st_size <= checked_mb * 1024**2:
            _check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(f"PRAGMA max_page_count = {max_mb * 1024 * 1024 // page_bytes}")
        migrate(connection, MIGRATIONS)
    except BaseException:  # whatever happened, the file must not stay open
        connection.close()
        raise
    return connection


def _may_be_a_database(path: Path) -> bool:
    """True also where there is no file yet, or an empty one."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) in (b"", MAGIC)
    except FileNotFoundError:
        return True


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise ForeignFile(f"it is damaged: {verdict}")
