"""How far the forwarder has come, and the lines that the database refused: tables of gateway.db."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from thermod.gateway.store import Store


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The last row of one table that the database has.

    `journal_id` is the journal's own name: in one begun anew the row numbers mean nothing.
    `before` is each dome's last (phase, alarms), which decides what may be thinned out.
    """

    row_id: int = 0
    journal_id: str = ""
    before: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A line that the database will never take."""

    line: str
    status: int
    why: str


class Bookmarks:
    """All calls block on the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, table: str) -> Bookmark:
        rows = self._store.rows("SELECT row_id, seen FROM bookmarks WHERE name = ?", (table,))
        if not rows:
            return Bookmark()
        row_id, text = rows[0]
        seen = orjson.loads(text)
        before = {dome: (phase, alarms) for dome, (phase, alarms) in seen["before"].items()}
        return Bookmark(row_id, seen["journal_id"], before)

    def save(self, table: str, bookmark: Bookmark, dead: Sequence[DeadLetter], now_ms: int) -> None:
        """Both or neither: a refused line is set aside exactly when we move past it."""
        seen = orjson.dumps({"journal_id": bookmark.journal_id, "before": bookmark.before}).decode()
        with self._store.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO bookmarks VALUES (?, ?, ?)", (table, bookmark.row_id, seen)
            )
            db.executemany(
                "INSERT INTO dead_letter (at_ms, line, status, why) VALUES (?, ?, ?, ?)",
                [(now_ms, one.line, one.status, one.why) for one in dead],
            )

    def dead_letters(self) -> int:
        ((count,),) = self._store.rows("SELECT COUNT(*) FROM dead_letter")
        return int(count)
