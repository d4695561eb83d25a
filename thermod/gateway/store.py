"""`gateway.db`: what the gateway must remember itself. The record of treatment is the journal.

People's keys and logins, answers kept for their Idempotency-Key, how far the forwarder has come,
and the lines that a database refused. It uses a rollback journal, not WAL: the command line writes
keys while the gateway runs, and SQLite before 3.51.3 can lose pages when two connections write
one WAL file. It is written a few times a minute, so the price is nothing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thermod.errors import ThermodError

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE api_keys (
    key_id TEXT PRIMARY KEY, secret_sha256 TEXT NOT NULL, role TEXT NOT NULL,
    label TEXT NOT NULL, created_ms INTEGER NOT NULL, revoked_ms INTEGER
) STRICT;
CREATE TABLE logins (
    token_sha256 TEXT PRIMARY KEY, key_id TEXT NOT NULL, csrf TEXT NOT NULL,
    created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
    key_id TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE answers (
    key_id TEXT NOT NULL, path TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, status INTEGER NOT NULL, answer BLOB NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (key_id, path, idempotency_key)
) STRICT;
CREATE TABLE bookmarks (name TEXT PRIMARY KEY, row_id INTEGER NOT NULL, seen TEXT NOT NULL) STRICT;
CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, line TEXT NOT NULL,
    status INTEGER NOT NULL, why TEXT NOT NULL
) STRICT;
"""


class WrongSchema(ThermodError):
    """`gateway.db` was written by another version."""


class Store:
    """One connection, shared by threads under a lock. Slow calls belong in `asyncio.to_thread`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=5.0, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=DELETE")
        self._connection.execute("PRAGMA synchronous=FULL")
        path.chmod(0o600)
        self._create()

    def _create(self) -> None:
        with self.transaction() as connection:
            named = "SELECT 1 FROM sqlite_master WHERE name = 'meta'"
            if connection.execute(named).fetchone() is None:
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
            (found,) = connection.execute("SELECT value FROM meta WHERE key='schema'").fetchone()
        if found != str(SCHEMA_VERSION):
            raise WrongSchema(
                f"the schema is {found}; this version reads {SCHEMA_VERSION}",
                where=str(self.path),
                do="Run the version that wrote it, or move the file away and create keys anew.",
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; on disk when the block ends."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._connection.close()
