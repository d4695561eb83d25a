"""The writing side of the record: what it keeps and counts, and that no cycle waits for it."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.thermod.journal_rows import ALARM, CYCLE, EVENT, SESSION, until
from thermod.journal import Journal
from thermod.journal_read import JournalReader

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def test_every_column_of_every_kind_of_row_comes_back(journal, path):
    for row in (CYCLE, EVENT, ALARM, SESSION):
        assert journal.append(row)
    assert journal.flush(5.0)

    reader = JournalReader(path)
    assert reader.cycles_after(0, 10) == [(1, CYCLE)]
    assert reader.events_after(0, 10) == [(1, EVENT)]
    assert reader.alarms_after(0, 10) == [(1, ALARM)]
    assert reader.session("s-1") == SESSION
    assert (journal.waiting, journal.lost, journal.error) == (0, 0, None)


def test_rows_wait_while_the_disk_refuses_and_are_written_when_it_does_not(tmp_path):
    blocked = tmp_path / "state"
    blocked.write_text("a file where the folder should be")
    journal = Journal(blocked / "journal.db", queue_rows_max=3)

    taken = [journal.append(CYCLE._replace(cycle=n)) for n in range(5)]
    until(journal, lambda: journal.error)
    assert taken == [True, True, True, False, False]
    assert (journal.waiting, journal.lost) == (3, 2)
    assert "state/journal.db]. Check" in journal.error

    blocked.unlink()
    until(journal, lambda: journal.waiting == 0)
    journal.close()
    assert journal.error is None
    stored = JournalReader(blocked / "journal.db").cycles_after(0, 10)
    assert [cycle.cycle for _, cycle in stored] == [0, 1, 2]


def test_a_full_journal_says_so_and_keeps_what_was_committed(path):
    journal = Journal(path, max_mb=1)
    for n in range(1000):
        journal.append(CYCLE._replace(cycle=n, inputs="x" * 1500))
    until(journal, lambda: journal.error)
    assert "full" in journal.error
    assert "raise [journal] max_mb" in journal.error
    journal.close()
    assert journal.lost == 1000 - JournalReader(path).last_cycle_id()


def test_room_left_is_known_and_bounded_by_the_size_cap(path):
    journal = Journal(path, max_mb=2)
    journal.append(CYCLE)
    journal.flush(5.0)
    journal.close()
    assert 1.5 < journal.free_mb < 2.0


@pytest.mark.parametrize(
    "bad",
    [
        CYCLE._replace(probes={"core-1": "not text"}),
        CYCLE._replace(site=None),
        CYCLE._replace(cycle=2**63),
        EVENT._replace(text="\ud800"),
        EVENT._replace(details={1, 2}),
    ],
)
def test_a_row_that_cannot_be_stored_is_counted_and_holds_up_no_other(journal, path, bad):
    for row in (CYCLE, EVENT, bad, EVENT, CYCLE):
        journal.append(row)
    assert journal.flush(5.0)

    assert (journal.lost, journal.error) == (1, None)
    assert "could not be stored" in journal.refused
    reader = JournalReader(path)
    assert len(reader.cycles_after(0, 10)) == len(reader.events_after(0, 10)) == 2
    assert reader.verify_chain().holds


def test_append_returns_while_another_program_holds_the_file(journal, path):
    journal.append(EVENT)
    journal.flush(5.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as intruder:
        intruder.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        assert all(journal.append(CYCLE) for _ in range(100))
        assert time.monotonic() - began_s < 1.0  # a cycle must not wait for a disk
        assert not journal.flush(0.1)
        intruder.execute("ROLLBACK")
    until(journal, lambda: journal.waiting == 0)
    assert JournalReader(path).last_cycle_id() == 100


def test_after_close_rows_are_turned_away(journal):
    journal.close()
    assert journal.append(CYCLE) is False
    assert journal.lost == 1


def test_the_chain_goes_on_over_a_restart(path):
    for life in range(3):
        journal = Journal(path)
        for n in range(5):
            journal.append(EVENT._replace(cycle=10 * life + n))
        journal.close()
    found = JournalReader(path).verify_chain()
    assert (found.events, found.broken_at) == (15, None)


WRITER = """
import sys
from pathlib import Path
from tests.thermod.journal_rows import CYCLE, EVENT
from thermod.journal import Journal

journal = Journal(Path(sys.argv[1]))
for n in range(100_000):
    journal.append(EVENT._replace(cycle=n))
    journal.append(CYCLE._replace(cycle=n))
    if n % 5 == 4:
        journal.flush(10.0)
        print(n + 1, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("acknowledged", [5, 15, 40, 95])
def test_kill_9_loses_no_committed_row_and_the_chain_goes_on(path, acknowledged):
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        for line in writer.stdout:
            if int(line) >= acknowledged:
                writer.kill()
                break
        said = [int(line), *(int(line) for line in writer.stdout)][-1]

    reader = JournalReader(path)
    stored = reader.events_after(0, 100_000)
    assert [event.cycle for _, event in stored] == list(range(len(stored)))
    assert len(stored) >= said
    assert reader.last_cycle_id() >= said

    journal = Journal(path)
    journal.append(EVENT)
    journal.close()
    assert journal.set_aside is None
    assert reader.verify_chain() == (
        len(stored) + 1,
        None,
        "every event follows on the one before it",
    )
