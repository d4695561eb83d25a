"""The reading side of the record: questions while control writes, and what proves it untouched."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from tests.thermod.journal_rows import ALARM, CYCLE, EVENT, SESSION
from thermod.journal import Journal
from thermod.journal_read import JournalReader, JournalUnreadable
from thermod.journal_schema import CHAIN_START, event_hash


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def reader(path):
    return JournalReader(path)


def record(path, *rows):
    journal = Journal(path)
    for row in rows:
        journal.append(row)
    journal.close()
    assert (journal.lost, journal.refused) == (0, None)


def tamper(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def answers(reader):
    return (
        *(reader.cycles_after(0, 10), reader.events_after(0, 10), reader.alarms_after(0, 10)),
        *(reader.sessions(None, 10), reader.session("s-1"), reader.series("s-1", 100)),
        *(reader.last_cycle_id(), reader.journal_id(), reader.verify_chain().events),
    )


NOTHING = ([], [], [], [], None, [], 0, None, 0)


def test_before_there_is_a_journal_there_is_nothing_to_read(reader, path):
    assert answers(reader) == NOTHING
    assert not path.exists()


def test_a_journal_that_control_has_only_just_created_is_empty_too(reader, path):
    path.touch()
    assert answers(reader) == NOTHING


def test_a_file_that_does_not_answer_is_an_error_that_says_where(reader, path):
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(JournalUnreadable, match=r"journal\.db\]\. Check the disk"):
        reader.last_cycle_id()


def test_a_path_with_signs_that_mean_something_in_a_uri_is_read(tmp_path):
    path = tmp_path / "50 % ?mode=rw#x" / "journal.db"
    record(path, CYCLE)
    assert JournalReader(path).last_cycle_id() == 1


def test_reading_goes_on_while_control_writes_and_sees_each_commit(reader, path):
    journal = Journal(path)
    for n in range(1, 4):
        journal.append(CYCLE._replace(cycle=n))
        assert journal.flush(5.0)
        assert reader.last_cycle_id() == n
    journal.close()


def test_a_cursor_walks_through_all_rows_once(reader, path):
    record(path, *(ALARM._replace(value=float(n)) for n in range(25)))
    seen, cursor = [], 0
    while batch := reader.alarms_after(cursor, 10):
        seen += [alarm.value for _, alarm in batch]
        cursor = batch[-1].id
    assert seen == [float(n) for n in range(25)]


def test_the_newest_row_of_a_session_is_how_it_stands(reader, path):
    record(path, SESSION, SESSION._replace(ended_ms=9_000, ended_by="nurse-7"))
    assert reader.session("s-1") == SESSION._replace(ended_ms=9_000, ended_by="nurse-7")
    assert reader.session("s-2") is None


def test_sessions_come_newest_first_of_one_dome_or_of_all(reader, path):
    sessions = [
        SESSION._replace(session_id=f"s-{n}", dome=f"dome-{n % 2}", created_ms=n) for n in range(6)
    ]
    record(path, *sessions)
    assert [session.session_id for session in reader.sessions(None, 2)] == ["s-5", "s-4"]
    assert [session.session_id for session in reader.sessions("dome-0", 9)] == ["s-4", "s-2", "s-0"]


def session_of(cycles, **changes):
    return [
        CYCLE._replace(cycle=n, at_ms=1_000_000 + 500 * n, core_temp_c=37.0, **changes)
        for n in range(cycles)
    ]


@pytest.mark.parametrize("points", [2, 3, 10, 101])
def test_a_series_is_short_and_begins_and_ends_with_the_session(reader, path, points):
    rows = session_of(1000)
    record(path, *rows, *session_of(50, session_id="s-2"))
    series = reader.series("s-1", points)
    assert len(series) <= points
    assert [point.at_ms for point in series] == sorted(point.at_ms for point in series)
    assert (series[0].at_ms, series[-1].at_ms) == (rows[0].at_ms, rows[-1].at_ms)


@pytest.mark.parametrize("at", [0, 1, 499, 500, 998, 999])
@pytest.mark.parametrize("core_temp_c", [36.0, 39.1])
def test_a_series_keeps_a_peak_of_core_that_lasted_one_cycle(reader, path, at, core_temp_c):
    rows = session_of(1000)
    rows[at] = rows[at]._replace(core_temp_c=core_temp_c, power_pct=12.0)
    record(path, *rows)
    series = reader.series("s-1", 20)
    assert len(series) <= 20
    assert [point.at_ms for point in series if point.core_temp_c == core_temp_c] == [rows[at].at_ms]
    assert [point.power_pct for point in series if point.at_ms == rows[at].at_ms] == [12.0]


def test_a_short_session_is_given_whole_and_with_its_gaps(reader, path):
    rows = session_of(4)
    rows[2] = rows[2]._replace(core_temp_c=None)
    record(path, *rows)
    assert [point.core_temp_c for point in reader.series("s-1", 100)] == [37.0, 37.0, None, 37.0]


def test_the_hash_of_an_event_can_be_made_by_anybody_from_its_columns():
    text = json.dumps(EVENT._asdict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert event_hash(CHAIN_START, EVENT) == sha256((CHAIN_START + text).encode()).hexdigest()


@pytest.mark.parametrize(
    ("statement", "broken_at", "why"),
    [
        ("UPDATE events SET text = 'nothing happened' WHERE id = 3", 3, "changed"),
        ("UPDATE events SET by = NULL WHERE id = 1", 1, "changed"),
        ("UPDATE events SET hash = 'f00' WHERE id = 5", 5, "changed"),
        ("DELETE FROM events WHERE id = 2", 3, "does not follow"),
        ("DELETE FROM events WHERE id = 1", 2, "does not follow"),
        ("DELETE FROM events WHERE id = 5", 5, "removed from the end"),
        ("DELETE FROM events", 5, "removed from the end"),
        ("UPDATE events SET id = 9 WHERE id = 2", 3, "does not follow"),
    ],
)
def test_an_event_that_was_changed_or_removed_is_found(reader, path, statement, broken_at, why):
    record(path, *(EVENT._replace(cycle=n) for n in range(5)))
    assert reader.verify_chain().holds
    tamper(path, statement)
    found = reader.verify_chain()
    assert not found.holds
    assert found.broken_at == broken_at
    assert why in found.why
