"""What the journal does with the file it finds: gone on with, brought up to date, or set aside."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.thermod.journal_rows import ALARM, CYCLE, EVENT, until
from thermod.journal import Journal
from thermod.journal_file import ForeignFile, migrate, open_or_begin_anew
from thermod.journal_read import JournalReader
from thermod.journal_schema import MIGRATIONS, SCHEMA_VERSION


def garbage(path):
    path.write_bytes(b"this is no database" * 1000)


def cut_short(path):
    whole(path)
    path.write_bytes(path.read_bytes()[:5000])


def damaged_in_the_middle(path):
    whole(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xa5" * 8192
    path.write_bytes(content)


def of_another_program(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def with_a_meta_table_of_another_program(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        connection.execute("CREATE TABLE cycles (bicycle TEXT)")


def of_a_later_thermod(path):
    whole(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")


def whole(path):
    journal = Journal(path)
    for n in range(200):
        journal.append(CYCLE._replace(cycle=n))
    journal.close()


@pytest.mark.parametrize(
    "spoil",
    [
        garbage,
        cut_short,
        damaged_in_the_middle,
        of_another_program,
        with_a_meta_table_of_another_program,
        of_a_later_thermod,
    ],
)
def test_a_file_that_cannot_be_gone_on_with_is_kept_aside_and_a_new_one_begun(tmp_path, spoil):
    path = tmp_path / "journal.db"
    spoil(path)
    found = path.read_bytes()

    journal = Journal(path)
    journal.append(EVENT)
    assert journal.flush(5.0)
    journal.close()

    assert journal.error is None
    assert journal.set_aside.path.read_bytes() == found
    assert journal.set_aside.path.name.startswith("journal.db.corrupt-")
    assert journal.set_aside.why
    assert JournalReader(path).verify_chain() == (
        1,
        None,
        "every event follows on the one before it",
    )


def test_the_write_ahead_log_of_a_damaged_file_is_kept_with_it(tmp_path):
    path = tmp_path / "journal.db"
    garbage(path)
    path.with_name("journal.db-wal").write_bytes(b"the newest rows")
    journal = Journal(path)
    journal.append(EVENT)
    assert journal.flush(5.0)
    journal.close()
    kept = journal.set_aside.path
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"the newest rows"


def test_a_healthy_file_is_not_set_aside(tmp_path):
    whole(tmp_path / "journal.db")
    journal = Journal(tmp_path / "journal.db")
    journal.append(CYCLE)
    journal.close()
    assert journal.set_aside is None
    assert JournalReader(tmp_path / "journal.db").last_cycle_id() == 201


def test_every_commit_goes_to_a_write_ahead_log_and_is_synced(tmp_path):
    connection, _ = open_or_begin_anew(tmp_path / "journal.db", 64)
    with closing(connection):
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA max_page_count").fetchone() == (64 * 256,)


@pytest.mark.parametrize("checked_mb", [0, 256])
def test_damage_met_while_writing_loses_no_row_that_waits(tmp_path, checked_mb):
    path = tmp_path / "journal.db"
    journal = Journal(path, checked_mb=checked_mb)
    journal.append(EVENT)
    assert journal.flush(5.0)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'cycles'"
        (page,) = other.execute(query).fetchone()
        with path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"\xa5" * 4096)
        other.execute("PRAGMA user_version = 7")  # so that the writer trusts no page it remembers
    for n in range(100):
        journal.append(CYCLE._replace(cycle=n))
    until(journal, lambda: journal.waiting == 0)
    journal.close()
    assert journal.set_aside is not None
    assert journal.error is None
    assert journal.lost == 0
    assert JournalReader(path).last_cycle_id() == 100


def test_a_file_taken_away_while_it_is_written_is_noticed_and_begun_anew(tmp_path):
    path = tmp_path / "journal.db"
    journal = Journal(path)
    journal.append(EVENT)
    assert journal.flush(5.0)
    path.rename(tmp_path / "taken.db")
    journal.append(EVENT)
    assert journal.flush(5.0)
    journal.close()
    assert "took the file away" in journal.set_aside.why
    assert JournalReader(path).verify_chain().events == 1


def test_a_new_journal_has_another_name_so_that_a_cursor_into_the_old_one_is_not_used(tmp_path):
    path = tmp_path / "journal.db"
    whole(path)
    first = JournalReader(path).journal_id()
    assert first == JournalReader(path).journal_id()
    garbage(path)
    whole(path)
    assert JournalReader(path).journal_id() not in (None, first)


def test_a_second_writer_gets_nothing_in_until_the_first_is_gone(tmp_path):
    path = tmp_path / "journal.db"
    first = Journal(path)
    assert first.append(EVENT)
    assert first.flush(5.0)
    second = Journal(path)
    second.append(EVENT)
    until(second, lambda: second.error)
    assert "another process writes this journal" in second.error

    first.close()
    until(second, lambda: second.waiting == 0)
    second.close()
    assert JournalReader(path).verify_chain().events == 2


def test_an_older_schema_is_migrated_and_keeps_its_rows(tmp_path):
    path = tmp_path / "journal.db"
    whole(path)
    later = (*MIGRATIONS, ("ALTER TABLE cycles ADD COLUMN humidity_pct REAL",))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, later)
        migrate(connection, later)
        rows = connection.execute("SELECT count(*), count(humidity_pct) FROM cycles").fetchone()
        version = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'")
        assert rows == (200, 0)
        assert version.fetchone() == (str(SCHEMA_VERSION + 1),)
        with pytest.raises(ForeignFile, match="newer"):
            migrate(connection, MIGRATIONS)


def test_a_migration_that_fails_half_way_leaves_the_old_version(tmp_path):
    path = tmp_path / "journal.db"
    whole(path)
    broken = (*MIGRATIONS, ("ALTER TABLE cycles ADD COLUMN humidity_pct REAL", "CREATE nonsense"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, broken)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(cycles)")}
    assert "humidity_pct" not in columns
    whole(path)
    assert JournalReader(path).last_cycle_id() == 400


def test_the_rows_that_a_set_aside_file_holds_can_still_be_read(tmp_path):
    path = tmp_path / "journal.db"
    of_a_later_thermod(path)
    Journal(path).close()
    [kept] = (each for each in tmp_path.glob("*.corrupt-*") if each.suffix[-1].isdigit())
    shutil.copy(kept, tmp_path / "copy.db")
    assert JournalReader(tmp_path / "copy.db").last_cycle_id() == 200


def test_a_journal_of_version_1_keeps_its_alarms_and_takes_new_ones(tmp_path):
    """Version 1 had an empty text where the value is a number now."""
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, MIGRATIONS[:1])
        connection.execute(
            "INSERT INTO alarms (site, dome, at_ms, alarm_id, priority, change, text, value)"
            " VALUES ('clinic-a', 'dome-1', 1, 'core_hot', 'high', 'raised', 'Core …', '')"
        )
    journal = Journal(path)
    journal.append(ALARM)
    journal.close()
    (old, new) = (stored.row for stored in JournalReader(path).alarms_after(0, 10))
    assert (old.text, old.value, old.limit_in_force, old.unit) == ("Core …", None, None, "")
    assert new == ALARM
