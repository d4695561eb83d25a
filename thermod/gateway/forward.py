"""The forwarder copies the journal to InfluxDB: nothing lost, nothing doubled, nothing in the way.

For each table of the journal a bookmark says which row the database has. It moves only after the
database has said yes, and what is written again after a crash overwrites itself. A line that the
database will never take is found by halving the batch and set aside; everything else that goes
wrong makes the forwarder wait, while the journal keeps the rows.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from thermod.clock import Clock
from thermod.errors import ThermodError
from thermod.gateway.bookmarks import Bookmark, Bookmarks, DeadLetter
from thermod.gateway.influx import Held, Rejected, Target, Written
from thermod.gateway.lines import alarm_line, cycle_lines, event_line, is_wanted
from thermod.gateway.records import Records
from thermod.journal_read import JournalReader, Stored
from thermod.journal_schema import AlarmRow, CycleRow, EventRow

LINES_MAX = 5_000  # a batch; what InfluxDB's makers advise
ROWS_MAX = 400  # cycles read at once; with 10 probes a row is 12 lines
IDLE_S = 1.0
BACKOFF_S_MAX = 30.0
FOR_A_PERSON_S = 30.0  # until somebody mends the token there is no hurry
DEAD_LETTERS_MAX = 100_000  # beyond it the forwarder waits for a person: nothing is thrown away

Numbered = Stored[CycleRow] | Stored[EventRow] | Stored[AlarmRow]
Read = Callable[[JournalReader, int, int], Sequence[Numbered]]  # (…, after this id, at most)
TABLES: Mapping[str, Read] = {
    "cycles": JournalReader.cycles_after,
    "events": JournalReader.events_after,
    "alarms": JournalReader.alarms_after,
}

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ForwardStatus:
    """How forwarding goes, for `/readyz`, `/metrics` and the alarms."""

    configured: bool = False
    written: bool = False  # has the database taken anything since we began?
    error: str = ""  # why it does not go on; empty while it does
    error_since_s: float | None = None  # on the gateway's clock
    refused_why: str = ""  # the part of `error` that a person must put right
    lines_written: int = 0
    errors: int = 0
    dead_letters: int = 0
    backlog_rows: int = 0
    cursor: int = 0


class Halted(Exception):
    """Not now: wait this long, then go on from the bookmark."""

    def __init__(self, why: str, *, wait_s: float | None = None, for_a_person: bool = False):
        super().__init__(why)
        self.wait_s = wait_s
        self.for_a_person = for_a_person


class Forwarder:
    """Reads the tables of the journal in turn, one batch each.

    `hello` is a line for the first write, by which readiness is judged: a server may answer a ping
    and take no writes.
    """

    def __init__(
        self,
        records: Records,
        target: Target,
        bookmarks: Bookmarks,
        clock: Clock,
        status: ForwardStatus,
        hello: Callable[[int], str],
    ) -> None:
        self._records = records
        self._target = target
        self._bookmarks = bookmarks
        self._clock = clock
        self._status = status
        self._hello = hello

    async def run(self) -> None:
        """Until cancelled."""
        self._status.dead_letters = await asyncio.to_thread(self._bookmarks.dead_letters)
        failures = 0
        while True:
            try:
                if not self._status.written:
                    await self._write([self._hello(self._clock.wall_ms())])
                has_more = await self.forward_once()
            except (Halted, ThermodError, sqlite3.Error, OSError) as error:
                failures += 1
                await asyncio.sleep(self._note_failure(error, failures))
                continue
            failures = 0
            self._status.error = self._status.refused_why = ""
            self._status.error_since_s = None
            if not has_more:
                await asyncio.sleep(IDLE_S)

    async def forward_once(self) -> bool:
        """One batch of each table. True if at least one has more waiting."""
        has_more = False
        for name, read in TABLES.items():
            has_more |= await self._forward_table(name, read)
        newest = await self._records.ask(JournalReader.last_cycle_id)
        self._status.backlog_rows = max(0, newest - self._status.cursor)
        return has_more

    async def _forward_table(self, name: str, read: Read) -> bool:
        bookmark, rows = await self._next_rows(name, read)
        before = dict(bookmark.before)
        lines = list(lines_of(rows, before))
        dead = await self._write(lines)
        if rows:
            bookmark = Bookmark(rows[-1].id, bookmark.journal_id, before)
            now_ms = self._clock.wall_ms()
            await asyncio.to_thread(self._bookmarks.save, name, bookmark, dead, now_ms)
        if name == "cycles":
            self._status.cursor = bookmark.row_id
        self._status.dead_letters += len(dead)
        self._status.lines_written += len(lines) - len(dead)
        return len(rows) >= ROWS_MAX

    async def _next_rows(self, name: str, read: Read) -> tuple[Bookmark, Sequence[Numbered]]:
        """The bookmark and the rows after it; from the first row if the journal is another.

        Its name is asked for after its rows: if it is still the one we know, so were they.
        """
        bookmark = await asyncio.to_thread(self._bookmarks.load, name)
        rows = await self._records.ask(lambda reader: read(reader, bookmark.row_id, ROWS_MAX))
        journal_id = await self._records.ask(JournalReader.journal_id)
        if journal_id == bookmark.journal_id:
            return bookmark, rows
        if journal_id is None:
            return bookmark, []  # there is none yet
        if bookmark.journal_id:
            log.warning("the journal was begun anew", table=name, had=bookmark.row_id)
        return Bookmark(0, journal_id), await self._records.ask(
            lambda reader: read(reader, 0, ROWS_MAX)
        )

    async def _write(self, lines: Sequence[str]) -> list[DeadLetter]:
        """Write them all; the answer is what the database will never take. Raises Halted."""
        dead: list[DeadLetter] = []
        waiting = [lines[i : i + LINES_MAX] for i in range(0, len(lines), LINES_MAX)][::-1]
        while waiting:
            batch = waiting.pop()
            outcome = await self._target.write(batch)
            match outcome:
                case Written():
                    self._status.written = True
                case Held():
                    raise Halted(
                        outcome.why, wait_s=outcome.wait_s, for_a_person=outcome.for_a_person
                    )
                case Rejected() if len(batch) > 1:
                    half = len(batch) // 2
                    waiting += [batch[half:], batch[:half]]
                case Rejected():
                    dead.append(DeadLetter(batch[0], outcome.status, outcome.why))
            if self._status.dead_letters + len(dead) > DEAD_LETTERS_MAX:
                raise Halted(f"{DEAD_LETTERS_MAX} lines were set aside", for_a_person=True)
        return dead

    def _note_failure(self, error: Exception, failures: int) -> float:
        """Count it, say it, and answer how long to wait."""
        wait_s = min(2.0 ** (failures - 1), BACKOFF_S_MAX)
        for_a_person = isinstance(error, Halted) and error.for_a_person
        if isinstance(error, Halted):
            wait_s = FOR_A_PERSON_S if for_a_person else (error.wait_s or wait_s)
        self._status.errors += 1
        self._status.error = str(error)
        if self._status.error_since_s is None:
            self._status.error_since_s = self._clock.now_s()
        self._status.refused_why = str(error) if for_a_person else ""
        log.warning("forwarding waits", why=str(error), wait_s=wait_s, failures=failures)
        return wait_s


def lines_of(rows: Sequence[Numbered], before: dict[str, tuple[str, str]]) -> Iterator[str]:
    """The lines of these rows, thinned to 1 Hz. `before` is each dome's last row, kept up."""
    for row_id, row in rows:
        match row:
            case CycleRow():
                if is_wanted(row, before.get(row.dome)):
                    yield from cycle_lines(row)
                before[row.dome] = (row.phase, row.alarms)
            case AlarmRow():
                yield alarm_line(row)
            case EventRow():
                yield event_line(row_id, row)
