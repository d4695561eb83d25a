"""The latch file of a running process: written off the loop, crashes counted."""

import time

import pytest

from thermod.keeper import CRASH_LOOP, CRASH_WINDOW_MS, Keeper
from thermod.latches import STATE_LOST, Kept, KeptDome, Latch, LatchFile

NOW_MS = 1_764_000_000_000


@pytest.fixture
def file(tmp_path):
    file = LatchFile(tmp_path / "latches.json")
    assert file.save(Kept({"dome-1": KeptDome()})) is None
    return file


def crashed(file, wall_ms):
    """A run that begins at this time and ends without being asked."""
    keeper = Keeper(file, ["dome-1"], wall_ms=wall_ms)
    keeper.close(on_purpose=False)
    return keeper


def wait_until(holds):
    deadline_s = time.monotonic() + 5.0
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.001)


def test_what_is_handed_over_is_written_soon_and_found_again(file, tmp_path):
    keeper = Keeper(file, ["dome-1"], wall_ms=NOW_MS)
    kept = KeptDome({"stopped": Latch(NOW_MS, "STOP was pressed")}, {"phase": "tripped"})
    keeper.save("dome-1", kept)
    wait_until(lambda: b"STOP was pressed" in (tmp_path / "latches.json").read_bytes())
    keeper.close(on_purpose=True)

    again = Keeper(file, ["dome-1"], wall_ms=NOW_MS)
    assert again.found("dome-1") == kept
    again.close(on_purpose=True)


def test_the_newest_of_what_is_handed_over_wins_also_at_the_end(file):
    keeper = Keeper(file, ["dome-1"], wall_ms=NOW_MS)
    for number in range(50):
        keeper.save("dome-1", KeptDome({"stopped": Latch(number, "")}))
    keeper.close(on_purpose=True)
    loaded = file.load(["dome-1"], wall_ms=NOW_MS).kept
    assert loaded.domes["dome-1"].latches["stopped"].since_ms == 49
    assert loaded.running is False


def test_three_crashes_within_ten_minutes_latch(file):
    """H11."""
    crashed(file, NOW_MS)
    for number in (1, 2):
        assert CRASH_LOOP not in crashed(file, NOW_MS + number * 1000).found("dome-1").latches
    assert CRASH_LOOP in crashed(file, NOW_MS + 3000).found("dome-1").latches


def test_crashes_far_apart_and_runs_that_ended_on_purpose_do_not_latch(file):
    for number in range(5):
        keeper = crashed(file, NOW_MS + number * (CRASH_WINDOW_MS + 1))
        assert keeper.found("dome-1").latches == {}
    for number in range(5):
        keeper = Keeper(file, ["dome-1"], wall_ms=NOW_MS + 10**8 + number)
        keeper.close(on_purpose=True)
        assert keeper.found("dome-1").latches == {}


def test_a_wall_clock_that_was_set_back_neither_hides_nor_makes_up_crashes(file):
    for wall_ms in (NOW_MS, NOW_MS - 10**9, NOW_MS - 10**9 + 1000):
        assert CRASH_LOOP not in crashed(file, wall_ms).found("dome-1").latches
    assert CRASH_LOOP in crashed(file, NOW_MS - 10**9 + 2000).found("dome-1").latches


def test_a_crash_loop_keeps_the_session_and_its_latches(file):
    kept = KeptDome({"stopped": Latch(1, "")}, {"phase": "tripped"})
    file.save(Kept({"dome-1": kept}, (NOW_MS - 2, NOW_MS - 1), running=True))
    keeper = crashed(file, NOW_MS)
    found = keeper.found("dome-1")
    assert set(found.latches) == {"stopped", CRASH_LOOP}
    assert found.session == {"phase": "tripped"}


def test_a_file_that_cannot_be_written_is_an_error_and_tried_again(tmp_path):
    """H20."""
    folder = tmp_path / "state"
    file = LatchFile(folder / "latches.json")
    folder.write_text("not a folder")
    keeper = Keeper(file, ["dome-1"], wall_ms=NOW_MS)
    assert "cannot be written" in keeper.error
    assert STATE_LOST in keeper.found("dome-1").latches
    folder.unlink()
    wait_until(lambda: keeper.error == "")
    keeper.close(on_purpose=True)
    assert STATE_LOST in file.load(["dome-1"], wall_ms=NOW_MS).kept.domes["dome-1"].latches
