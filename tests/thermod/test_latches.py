"""What outlives a restart: all of it comes back, or every dome is latched until a person resets."""

import json
import os
import subprocess
import sys
from math import nan
from pathlib import Path

import orjson
import pytest

from thermod.latches import STATE_LOST, Kept, KeptDome, Latch, LatchFile, Loaded

ROOT = Path(__file__).resolve().parents[2]
SESSION = {"session_id": "s-1", "phase": "hold", "target_c": 38.5, "dose_min": {"skin-1": 0.7}}
KEPT = Kept(
    domes={
        "dome-1": KeptDome({"core_cut": Latch(1_795_000_000_000, "39.1 °C")}, SESSION),
        "dome-2": KeptDome(),
    },
    crashes_ms=(1_795_000_000_000, 1_795_000_060_000),
    running=True,
)
DOMES = ("dome-1", "dome-2")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "latches.json"


def load(path, domes=DOMES):
    return LatchFile(path).load(domes, wall_ms=77)


def saved(path):
    assert LatchFile(path).save(KEPT) is None
    return json.loads(path.read_text())


def test_everything_that_was_saved_comes_back(path):
    saved(path)
    loaded = load(path)
    assert loaded.kept == KEPT
    assert loaded.lost is None


def test_the_newest_save_counts_and_leaves_nothing_beside_the_file(path):
    saved(path)
    LatchFile(path).save(Kept({"dome-1": KeptDome()}))
    assert load(path, ["dome-1"]).kept == Kept({"dome-1": KeptDome()})
    assert [each.name for each in path.parent.iterdir()] == ["latches.json"]


def all_lost(loaded, domes=DOMES):
    return loaded.lost is not None and all(
        loaded.kept.domes[dome].latches[STATE_LOST] == Latch(77, loaded.lost) for dome in domes
    )


def test_a_missing_file_latches_state_lost_on_every_dome_and_says_where(path):
    loaded = load(path)
    assert all_lost(loaded)
    assert loaded.lost == f"{path} is missing"


def without(*names):
    def spoil(plain):
        *parents, last = names
        for name in parents:
            plain = plain[name]
        del plain[last]

    return spoil


def with_value(value, *names):
    def spoil(plain):
        *parents, last = names
        for name in parents:
            plain = plain[name]
        plain[last] = value

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        without("version"),
        without("running"),
        without("crashes_ms"),
        without("domes"),
        without("domes", "dome-1", "latches"),
        without("domes", "dome-2", "session"),
        without("domes", "dome-1", "latches", "core_cut", "text"),
        with_value(2, "version"),
        with_value(True, "version"),
        with_value(1, "running"),
        with_value([1.5], "crashes_ms"),
        with_value([True], "crashes_ms"),
        with_value([], "domes"),
        with_value(None, "domes", "dome-1"),
        with_value([], "domes", "dome-1", "session"),
        with_value(["core_cut"], "domes", "dome-1", "latches"),
        with_value("now", "domes", "dome-1", "latches", "core_cut", "since_ms"),
    ],
)
def test_a_file_of_the_wrong_shape_latches_state_lost_on_every_dome(path, spoil):
    plain = saved(path)
    spoil(plain)
    path.write_bytes(orjson.dumps(plain))
    assert all_lost(load(path))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"\x00" * 4096, b" " * 5_000_000]
)
def test_a_file_that_is_no_json_object_latches_state_lost_on_every_dome(path, content):
    saved(path)
    path.write_bytes(content)
    loaded = load(path)
    assert all_lost(loaded)
    assert "cannot be read" in loaded.lost
    assert path.with_name("latches.json.unreadable").read_bytes() == content


@pytest.mark.parametrize("kept", [256, 10, 1])
def test_a_file_cut_short_latches_state_lost_on_every_dome(path, kept):
    saved(path)
    path.write_bytes(path.read_bytes()[:-kept])
    assert all_lost(load(path))


def test_a_lost_state_stays_lost_over_the_next_restart(path):
    load(path)
    again = LatchFile(path).load(DOMES, wall_ms=99)
    assert again.lost is None
    assert again.kept.domes["dome-1"].latches[STATE_LOST] == Latch(77, f"{path} is missing")


def test_a_file_that_can_be_read_but_not_written_latches_state_lost_beside_what_it_says(path):
    saved(path)
    path.with_name("latches.json.new").mkdir()
    loaded = load(path)
    assert all_lost(loaded)
    assert "cannot be written" in loaded.lost
    assert "core_cut" in loaded.kept.domes["dome-1"].latches
    assert loaded.kept.domes["dome-1"].session == SESSION


def test_a_folder_that_cannot_be_made_is_told_and_not_raised(tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    assert all_lost(load(tmp_path / "state" / "latches.json"))
    assert "cannot be written" in LatchFile(tmp_path / "state" / "latches.json").save(KEPT)


@pytest.mark.parametrize("value", [{1, 2}, 2**70, {1: "one"}, object()])
def test_a_session_that_is_no_json_is_told_and_the_old_file_kept(path, value):
    before = saved(path)
    told = LatchFile(path).save(Kept({"dome-1": KeptDome({}, {"heat_s": value})}))
    assert "cannot be written" in told
    assert json.loads(path.read_text()) == before


def test_nan_comes_back_as_no_value_and_never_as_a_number(path):
    LatchFile(path).save(Kept({"dome-1": KeptDome({}, {"dose_min": nan})}))
    assert load(path, ["dome-1"]).kept.domes["dome-1"].session == {"dose_min": None}


def test_a_dome_the_file_does_not_know_is_latched_and_the_others_are_not(path):
    saved(path)
    loaded = load(path, ["dome-1", "dome-9"])
    assert loaded.lost is None
    assert "dome-9 is not in the latch file" in loaded.kept.domes["dome-9"].latches[STATE_LOST].text
    assert loaded.kept.domes["dome-1"] == KEPT.domes["dome-1"]


def test_a_dome_that_is_not_configured_now_keeps_its_latches(path):
    saved(path)
    assert load(path, ["dome-2"]).kept.domes["dome-1"] == KEPT.domes["dome-1"]
    assert load(path).kept == KEPT


def test_a_write_that_was_cut_off_leaves_the_file_as_it_was(path):
    saved(path)
    path.with_name("latches.json.new").write_bytes(b'{"version": 1, "runn')
    assert load(path).kept == KEPT


SAVER = """
import sys
from pathlib import Path
from thermod.latches import Kept, KeptDome, LatchFile

file = LatchFile(Path(sys.argv[1]))
for n in range(1, 100_000):
    file.save(Kept({"dome-1": KeptDome({}, {"n": n, "ballast": "x" * 20_000})}))
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("saves", [1, 7, 30])
def test_kill_9_leaves_the_last_acknowledged_save_or_the_one_after_it(path, saves):
    command = [sys.executable, "-c", SAVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as saver:
        said = [int(next(saver.stdout)) for _ in range(saves)]
        saver.kill()
        said += [int(line) for line in saver.stdout]
    loaded = load(path, ["dome-1"])
    assert loaded.lost is None
    assert loaded.kept.domes["dome-1"].session["n"] in (said[-1], said[-1] + 1)


def test_a_save_is_on_the_disk_before_it_takes_the_place_of_the_last_one(path, monkeypatch):
    """H16: whole beside the file and synced, then renamed, then the folder synced."""
    LatchFile(path).save(Kept())
    before = path.read_bytes()
    synced = []

    def fsync(descriptor):
        found = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        content = found.read_bytes() if found.is_file() else b""
        synced.append((found.name, content, path.read_bytes()))
        os_fsync(descriptor)

    os_fsync = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    opened = len(os.listdir("/proc/self/fd"))
    assert LatchFile(path).save(KEPT) is None
    after = path.read_bytes()
    assert synced == [("latches.json.new", after, before), (path.parent.name, b"", after)]
    assert len(os.listdir("/proc/self/fd")) == opened


@pytest.mark.parametrize(("beyond", "is_lost"), [(0, False), (1, True)])
def test_four_mebibytes_are_read_and_not_one_byte_more(path, beyond, is_lost):
    saved(path)
    content = path.read_bytes()
    path.write_bytes(content + b" " * (4 * 1024 * 1024 + beyond - len(content)))
    assert (load(path).lost is not None) is is_lost


def test_nothing_kept_is_no_crash():
    assert Kept() == Kept({}, (), running=False)
    assert Loaded() == Loaded(Kept(), None)


def test_the_folder_is_made_with_all_above_it(tmp_path):
    path = tmp_path / "var" / "lib" / "thermod" / "latches.json"
    assert LatchFile(path).save(KEPT) is None
    assert load(path).kept == KEPT


def test_a_disk_that_refuses_latches_also_domes_that_are_not_configured_now(path):
    saved(path)
    path.with_name("latches.json.new").mkdir()  # in the way of every save
    loaded = load(path, ["dome-1"])
    assert all_lost(loaded, ("dome-1", "dome-2"))
