"""However a drill ends, it leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

THERMOD = Path(sys.executable).with_name("thermod")


def running_in(folder):
    """Command lines of all processes that were given a file in this folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            command = (each / "cmdline").read_bytes()
            state = (each / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:  # it ended while we looked
            continue
        if str(folder).encode() in command and state != "Z" and int(each.name) != os.getpid():
            found.append(command)
    return found


def wait_until(holds, within_s=15.0):
    deadline_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def hear_ctrl_c():
    """A background job of a shell, such as a test run may be, has been told to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_drill_that_is_ended_leaves_nothing_running(tmp_path, how):
    keep = tmp_path / "kept"
    command = [THERMOD, "drill", "--faults", "stop", "--runs", "1", "--keep", keep]
    drill = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=hear_ctrl_c,
    )
    try:
        truth = keep / "stack-1" / "truth.jsonl"
        wait_until(lambda: truth.exists() and len(running_in(keep)) == 6)  # the drill itself, too
        drill.send_signal(how)
        assert drill.wait(15.0) == (-how if how is signal.SIGKILL else 130)
        wait_until(lambda: running_in(keep) == [], within_s=2.0)
    finally:
        drill.kill()
        drill.wait()


def test_a_fault_that_does_not_exist_is_refused_with_those_that_do():
    command = [THERMOD, "drill", "--faults", "stop,meteorite"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30.0, check=False)
    assert done.returncode == 2
    assert "no fault meteorite" in done.stderr
    assert "control-killed" in done.stderr
