"""The guard shares no code with what it guards, and its domes share nothing with each other."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import pytest

from tests.guard.pretend import Drawer, Room
from thermod.guard import state_file
from thermod.guard.hear import hear

GUARD_TOML = """
site = "clinic-1"
state_dir = "{state_dir}"
[broker]
host = "127.0.0.1"
port = {port}
[[dome]]
id = "dome-1"
probe = [
  {{ id = "core-1", role = "core" }}, {{ id = "core-2", role = "core" }},
  {{ id = "skin-1", role = "skin" }}, {{ id = "skin-2", role = "skin" }},
  {{ id = "air-1", role = "air" }},
]
"""


def test_the_guard_imports_nothing_of_ours_but_itself():
    code = "import sys, json, thermod.guard.__main__; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    ours = [
        name
        for name in json.loads(run.stdout)
        if name.split(".")[0] in ("thermod", "sensors", "controllers", "alarms")
    ]
    assert [name for name in ours if not name.startswith("thermod.guard")] == ["thermod"]


@pytest.fixture
def two_domes():
    """Two sessions under way in one process, over one drawer."""
    drawer, numbers = Drawer(), itertools.count(1)
    rooms = []
    for _ in range(2):
        room = Room()
        room.drawer, room._numbers = drawer, numbers
        rooms.append(room)
    for n, room in enumerate(rooms):
        room.spec = type(room.spec)(f"dome-{n + 1}", room.spec.probes)
        room.guard = room.new_guard()
        room.run(seconds=3)
        room.reset("state_lost")
        room.start()
        assert room.granted
    return rooms


@pytest.mark.parametrize("suffix", ["node/state", "heartbeat", "intent", "arm", "stop", "x"])
def test_whatever_one_dome_hears_does_not_touch_another(two_domes, suffix):
    sick, well = two_domes
    for payload in (b"", b"{" * 999, b'{"tick": NaN}', b"[]", b"\xff" * 9):
        for retained in (False, True):
            hear(sick.guard, suffix, payload, retained, sick.now_s)
            sick.look()
    well.run(seconds=20)
    assert well.granted
    assert well.latches == ()
    assert well.guard.senses.refused == {}


def test_a_trip_in_one_dome_leaves_the_other_one_its_latches_and_epoch(two_domes):
    sick, well = two_domes
    sick.hear("stop", b"")
    well.run(seconds=5)
    assert sick.latches == ("stopped",)
    assert well.granted
    assert well.drawer.domes["dome-1"].latches == ("stopped",)
    assert well.drawer.domes["dome-2"].latches == ()


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path):
    config = tmp_path / "guard.toml"
    config.write_text(GUARD_TOML.format(state_dir=tmp_path / "state", port=1883), "utf-8")

    def command(*arguments, text=None):
        if text is not None:
            config.write_text(text, "utf-8")
        return subprocess.run(
            [sys.executable, "-m", "thermod.guard", "--config", str(config), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    return command


@pytest.mark.slow
def test_check_prints_the_config_and_ends(command):
    run = command("--check")
    assert run.returncode == 0
    assert json.loads(run.stdout)["limits"]["core_temp_c_max"] == 39.2


@pytest.mark.slow
def test_a_bad_config_ends_the_process_with_one_line_that_says_what_to_do(command):
    run = command(text="site = 5")
    assert run.returncode == 78
    assert run.stderr.count("\n") == 1
    assert "site is 5, not a str [guard.toml]" in run.stderr


@pytest.mark.slow
def test_init_state_writes_a_fresh_file_once(command, tmp_path):
    assert command("--init-state").stdout == "written\n"
    assert state_file.StateFile(tmp_path / "state").load("dome-1") is not None
    assert "left alone" in command("--init-state").stdout


@pytest.mark.slow
def test_there_is_no_option_to_make_the_guard_faster_or_laxer(command):
    assert command("--speed", "10").returncode == 2
    options = command("--help").stdout
    assert "speed" not in options
