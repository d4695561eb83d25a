"""The fault table of SAFETY.md section 6, measured on real processes: `thermod drill`, once.

Judged at the simulated domes, by true heater power. Limits, and what must not change, stand here a
second time, so that the command cannot grade itself.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import find_program

pytestmark = pytest.mark.slow

THERMOD = Path(sys.executable).with_name("thermod")
RUNS_MIN = 3  # `make soak` plays 30

CONTROL_S, GUARD_S, SAMPLE_S, SILENCE_S = 1.7, 3.05, 0.6, 3.2
LIMIT_S = {
    **dict.fromkeys(
        [
            *("control-killed", "control-frozen", "control-blocked", "control-starved"),
            *("control-cycle-dead", "control-cycle-hung", "control-link-dead"),
            *("control-listener-dead", "control-sender-dead", "control-restarted"),
            "control-taken-over",
        ],
        CONTROL_S,
    ),
    **dict.fromkeys(
        [
            *("guard-killed", "guard-frozen", "guard-restarted", "guard-taken-over"),
            *("broker-killed", "broker-frozen", "host-frozen"),
            *("control-cut-off", "control-unheard", "control-deaf", "control-late"),
            *("guard-cut-off", "guard-unheard", "guard-deaf"),
            *("dome-cut-off", "dome-unheard", "dome-deaf"),
            *("all-cut-off", "readings-late", "stop-lost"),
        ],
        GUARD_S,
    ),
    **dict.fromkeys(
        [
            *("core-nan", "state-malformed", "core-low", "core-fahrenheit", "core-over-limit"),
            *("stop", "stop-at-the-dome", "lid-open", "dome-rebooted"),
            *("authority-replayed", "intent-replayed", "intent-late"),
            *("second-controller", "second-guard"),
        ],
        SAMPLE_S,
    ),
    **dict.fromkeys(["core-silent", "node-silent"], SILENCE_S),
    "fan-dead": 5.0,
    "heater-welded": 5.1,
    "several-at-once": 5.1,  # with a welded SSR among them; each run is held to its own limit
}
UNCHANGED = (
    *("readings-repeated", "readings-replayed", "reading-of-the-future"),
    *("one-core-stuck", "one-core-silent", "network-poor"),
)
WITHHELD_AT_MOST = ("broker-restarted", "words-retained")
BEYOND_US = ("all-welded",)  # nothing can take this heat away: it must be told
NOTHING_TO_TELL = ("network-poor", "broker-restarted", "one-core-stuck")
HEALS = (
    *("control-frozen", "control-blocked", "control-starved", "guard-frozen"),
    *("broker-killed", "broker-frozen", "host-frozen"),
    *("control-cut-off", "control-unheard", "control-deaf", "control-late"),
    *("guard-cut-off", "guard-unheard", "guard-deaf"),
    *("dome-cut-off", "dome-unheard", "dome-deaf", "all-cut-off", "readings-late"),
    *("core-silent", "node-silent", "lid-open", "fan-dead"),
)
ALL = (*LIMIT_S, *UNCHANGED, *WITHHELD_AT_MOST, *BEYOND_US)


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
    assert rows.keys() == set(ALL)
    assert told["broker"].startswith("mosquitto")
    assert all(row["injected"] >= RUNS_MIN for row in rows.values())


@pytest.mark.parametrize("fault", LIMIT_S)
def test_true_heat_is_off_within_the_limit_in_every_run(rows, fault):
    row = rows[fault]
    assert row["cut"] == row["injected"]
    assert row["heat_off_s"]["max"] <= LIMIT_S[fault]


@pytest.mark.parametrize("fault", [each for each in ALL if each not in BEYOND_US])
def test_nothing_heats_again_before_a_person_acts(rows, fault):
    assert rows[fault]["reheats"] == 0


@pytest.mark.parametrize("fault", [each for each in ALL if each not in NOTHING_TO_TELL])
def test_it_is_told_in_every_run(rows, fault):
    assert rows[fault]["detected"] == rows[fault]["injected"]


@pytest.mark.parametrize("fault", UNCHANGED)
def test_what_is_refused_or_can_be_borne_changes_no_heat(rows, fault):
    """A false trip would be safe, and would teach people to reset without looking. (H25)"""
    assert rows[fault]["cut"] == 0


@pytest.mark.parametrize("fault", [*HEALS, *WITHHELD_AT_MOST])
def test_what_only_withholds_heals_by_itself_in_the_same_epoch(rows, fault):
    assert rows[fault]["healed"] == rows[fault]["cut"]


def test_the_command_agrees_that_everything_held(told):
    assert told["all_cut"] is True
    assert told["held"] is True
