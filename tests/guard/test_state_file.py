"""The file of epoch and latches: whole or lost, never half. (H11, H16)"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from thermod.guard.kept import Kept, KeptSession
from thermod.guard.state_file import FILE_NAME, StateFile, create
from thermod.guard.trips import TRIP

KEPT = Kept(
    epoch=7,
    latches=("stopped", "core_cutoff"),
    sessions=(
        KeptSession("s-1", 61.5, (("skin-1", 0.25), ("skin-2", 1.0))),
        KeptSession("s-2", 0.0, (), "0123456789abcdef", 86_000.5),
    ),
)


def test_what_was_kept_is_there_for_the_next_process(tmp_path):
    assert create(tmp_path, ["dome-1", "dome-2"])
    assert StateFile(tmp_path).save({"dome-1": KEPT})
    again = StateFile(tmp_path)
    assert again.lost is None
    assert again.load("dome-1") == KEPT
    assert again.load("dome-2") == Kept()


def test_a_missing_file_is_lost_and_so_is_a_dome_that_is_not_in_it(tmp_path):
    assert StateFile(tmp_path).lost is not None
    assert StateFile(tmp_path).load("dome-1") is None
    create(tmp_path, ["dome-1"])
    assert StateFile(tmp_path).load("dome-9") is None


def test_a_file_that_is_there_is_never_replaced_by_a_fresh_one(tmp_path):
    create(tmp_path, ["dome-1"])
    StateFile(tmp_path).save({"dome-1": KEPT})
    assert not create(tmp_path, ["dome-1"])
    assert StateFile(tmp_path).load("dome-1") == KEPT


def test_a_torn_file_is_lost_wherever_it_is_torn(tmp_path):
    create(tmp_path, ["dome-1"])
    StateFile(tmp_path).save({"dome-1": KEPT})
    whole = (tmp_path / FILE_NAME).read_bytes()
    for length in range(len(whole)):
        (tmp_path / FILE_NAME).write_bytes(whole[:length])
        torn = StateFile(tmp_path)
        assert torn.lost is not None, whole[:length]
        assert torn.load("dome-1") is None


GOOD = {"epoch": 7, "latches": ["stopped"], "sessions": []}
SESSION = {"session_id": "s-1", "heat_span_s": 1.0, "dose_cem43_min": {"skin-1": 0.5}}
UNREADABLE = {
    "no json": b"\x00" * 64,
    "no object": b"[]",
    "other version": {"version": 2, "domes": {"dome-1": GOOD}},
    "no domes": {"version": 1},
    "bad dome id": {"version": 1, "domes": {"Dome 1": GOOD}},
    "dome is a list": {"version": 1, "domes": {"dome-1": []}},
    **{
        name: {"version": 1, "domes": {"dome-1": {**GOOD, **change}}}
        for name, change in {
            "epoch is negative": {"epoch": -1},
            "epoch is a float": {"epoch": 7.0},
            "epoch is true": {"epoch": True},
            "latches is a text": {"latches": "stopped"},
            "latch is a number": {"latches": [1]},
            "latch is unknown": {"latches": ["no-such-latch"]},
            "sessions missing": {"sessions": None},
            "session id bad": {"sessions": [{**SESSION, "session_id": "S 1"}]},
            "session id is a number": {"sessions": [{**SESSION, "session_id": 7}]},
            "too many latches": {"latches": ["stopped"] * 65},
            "too many sessions": {"sessions": [SESSION] * 65},
            "span is negative": {"sessions": [{**SESSION, "heat_span_s": -1.0}]},
            "span is a text": {"sessions": [{**SESSION, "heat_span_s": "1"}]},
            "dose is negative": {"sessions": [{**SESSION, "dose_cem43_min": {"skin-1": -1}}]},
            "subject is a name": {"sessions": [{**SESSION, "subject": "Jane Doe"}]},
            "subject is a number": {"sessions": [{**SESSION, "subject": 7}]},
            "age is negative": {"sessions": [{**SESSION, "age_s": -1.0}]},
            "age is a text": {"sessions": [{**SESSION, "age_s": "1"}]},
            "dose of no name": {"sessions": [{**SESSION, "dose_cem43_min": {"": 1}}]},
        }.items()
    },
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_breaks_a_rule_is_lost_as_a_whole(tmp_path, what):
    content = UNREADABLE[what]
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / FILE_NAME).write_bytes(body)
    assert StateFile(tmp_path).lost is not None
    assert StateFile(tmp_path).load("dome-1") is None


def test_not_a_number_is_no_dose(tmp_path):
    text = json.dumps({"version": 1, "domes": {"dome-1": {**GOOD, "sessions": [SESSION]}}})
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    assert StateFile(tmp_path).lost is None
    (tmp_path / FILE_NAME).write_text(text.replace("0.5", "NaN"), "utf-8")
    assert StateFile(tmp_path).lost is not None


def test_a_folder_in_which_nothing_can_be_written_says_so_and_keeps_the_old_file(tmp_path):
    """Root may write anywhere, so the way is blocked by a folder in place of the temporary file."""
    create(tmp_path, ["dome-1"])
    state_file = StateFile(tmp_path)
    assert state_file.save({"dome-1": KEPT})
    (tmp_path / FILE_NAME).with_suffix(".new").mkdir()
    assert not state_file.save({"dome-1": Kept(epoch=8)})
    assert state_file.load("dome-1") == KEPT
    assert StateFile(tmp_path).load("dome-1") == KEPT


def test_a_folder_that_is_gone_says_so(tmp_path):
    folder = tmp_path / "state"
    create(folder, ["dome-1"])
    state_file = StateFile(folder)
    (folder / FILE_NAME).unlink()
    folder.rmdir()
    assert not state_file.save({"dome-1": KEPT})


def test_one_dome_saves_without_touching_what_another_one_kept(tmp_path):
    create(tmp_path, ["dome-1", "dome-2"])
    state_file = StateFile(tmp_path)
    state_file.save({"dome-1": KEPT})
    state_file.save({"dome-2": Kept(epoch=3)})
    assert StateFile(tmp_path).load("dome-1") == KEPT


def test_a_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one(tmp_path, monkeypatch):
    """H16: whole in the temporary file and synced, then renamed, then the folder synced."""
    create(tmp_path, ["dome-1"])
    state_file = StateFile(tmp_path)
    before = (tmp_path / FILE_NAME).read_bytes()
    synced = []

    def fsync(descriptor):
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        content = path.read_bytes() if path.is_file() else b""
        synced.append((path.name, content, (tmp_path / FILE_NAME).read_bytes()))
        os_fsync(descriptor)

    os_fsync = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    opened = len(os.listdir("/proc/self/fd"))
    assert state_file.save({"dome-1": KEPT})
    after = (tmp_path / FILE_NAME).read_bytes()
    assert synced == [
        ("guard-state.new", after, before),
        (tmp_path.name, b"", after),
    ]
    assert len(os.listdir("/proc/self/fd")) == opened


def test_all_latches_at_once_and_many_sessions_come_back(tmp_path):
    create(tmp_path, ["dome-1"])
    session = KeptSession("s-1", 1.0, ())
    kept = Kept(7, tuple(TRIP), tuple(replace(session, session_id=f"s-{n}") for n in range(64)))
    assert StateFile(tmp_path).save({"dome-1": kept})
    assert StateFile(tmp_path).load("dome-1") == kept


def test_a_session_of_an_older_file_begins_now(tmp_path):
    document = {"version": 1, "domes": {"dome-1": {**GOOD, "sessions": [SESSION]}}}
    (tmp_path / FILE_NAME).write_text(json.dumps(document), "utf-8")
    kept = StateFile(tmp_path).load("dome-1")
    assert kept.sessions == (KeptSession("s-1", 1.0, (("skin-1", 0.5),), "", 0.0),)


@pytest.mark.parametrize(("beyond", "is_lost"), [(0, False), (1, True)])
def test_four_million_bytes_are_read_and_not_one_more(tmp_path, beyond, is_lost):
    text = json.dumps({"version": 1, "domes": {"dome-1": GOOD}})
    (tmp_path / FILE_NAME).write_text(text + " " * (4_000_000 + beyond - len(text)), "utf-8")
    found = StateFile(tmp_path)
    assert (found.lost is not None) is is_lost
    assert not is_lost or "larger than 4000000 bytes" in found.lost


def test_a_dose_that_is_no_number_is_never_written(tmp_path):
    create(tmp_path, ["dome-1"])
    state_file = StateFile(tmp_path)
    broken = Kept(8, (), (KeptSession("s-1", nan, ()),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        state_file.save({"dome-1": broken})
    assert StateFile(tmp_path).load("dome-1") == Kept()


def test_the_folder_is_made_with_all_above_it_and_may_be_there_already(tmp_path):
    assert create(tmp_path / "var" / "lib" / "guard", ["dome-1"])
    assert StateFile(tmp_path / "var" / "lib" / "guard").lost is None
