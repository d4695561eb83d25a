"""The fault table of SAFETY.md section 6, measured on real processes: `thermod drill`, once.

Judged at the simulated domes, by true heater power. The limits stand here a second time, so that
the command cannot grade itself.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import find_program

pytestmark = pytest.mark.slow

THERMOD = Path(sys.executable).with_name("thermod")
RUNS_MIN = 5

LIMIT_S = {
    "control-killed": 1.7,
    "control-frozen": 1.7,
    "guard-killed": 3.05,
    "guard-frozen": 3.05,
    "broker-killed": 3.05,
    "broker-frozen": 3.05,
    "core-nan": 0.6,
    "state-malformed": 0.6,
    "core-low": 0.6,
    "core-fahrenheit": 0.6,
    "core-over-limit": 0.6,
    "core-silent": 3.2,
    "node-silent": 3.2,
    "stop": 0.6,
    "lid-open": 0.6,
}
HEALS = (
    *("control-frozen", "guard-frozen", "broker-killed", "broker-frozen"),
    *("core-silent", "node-silent", "lid-open"),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    find_program("mosquitto")  # else the drill would take the embedded broker
    keep = tmp_path_factory.mktemp("drill") / "kept"
    command = [THERMOD, "drill", "--runs", str(RUNS_MIN), "--keep", keep, "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500.0, check=False)
    print(done.stderr)
    assert done.stdout, done.stderr
    print(done.stdout)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def rows(told):
    return {row["fault"]: row for row in told["faults"]}


def test_every_fault_of_the_table_was_played(told, rows):
    assert rows.keys() == LIMIT_S.keys()
    assert told["broker"].startswith("mosquitto")


@pytest.mark.parametrize("fault", LIMIT_S)
def test_true_heat_is_off_within_the_limit_in_every_run(rows, fault):
    row = rows[fault]
    assert row["injected"] >= RUNS_MIN
    assert row["cut"] == row["injected"]
    assert row["heat_off_s"]["max"] <= LIMIT_S[fault]


@pytest.mark.parametrize("fault", LIMIT_S)
def test_nothing_heats_again_before_a_person_acts(rows, fault):
    assert rows[fault]["reheats"] == 0


@pytest.mark.parametrize("fault", HEALS)
def test_what_only_withholds_heals_by_itself_in_the_same_epoch(rows, fault):
    """A false trip would be safe, and would teach people to reset without looking. (H25)"""
    assert rows[fault]["healed"] == rows[fault]["injected"]


def test_the_command_agrees_that_everything_held(told):
    assert told["all_cut"] is True
    assert told["held"] is True
