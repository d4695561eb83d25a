"""alarms/HAZARDS.md against the code, both ways."""

import re
from functools import cache
from pathlib import Path

import pytest

from alarms.advice.gateway import OWN
from alarms.rules import RULES
from thermod.guard.judge import MUST_HOLD
from thermod.guard.trips import TRIPS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "alarms/HAZARDS.md").read_text("utf-8")
LABELS = ("stopped by", "alarm rows", "guard", "tests")
ROWS = {rule.alarm_id for rule in RULES} | {own.alarm_id for own in OWN}
GUARD = {row.name for row in MUST_HOLD} | {trip.name for trip in TRIPS}


def sections():
    """Each hazard's number and text."""
    parts = re.split(r"^### (H\d\d) ", PAGE.partition("\n## ")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def named(text, label):
    """What a hazard's table names under this label."""
    (line,) = re.findall(rf"^\| {label} \| (.*) \|$", text, flags=re.MULTILINE)
    return re.findall(r"`([^`]+)`", line)


HAZARDS = sections()
OPERATIONAL = re.findall(r"^\| `(\w+)` \| \S", PAGE.partition("\n## Rows of no")[2], re.MULTILINE)
each_hazard = pytest.mark.parametrize("number", HAZARDS)


@cache
def names_in(path):
    """Functions, methods and classes of a file."""
    text = (ROOT / path).read_text("utf-8")
    return {*re.findall(r"^ *(?:async )?(?:def|class) (\w+)", text, re.MULTILINE)}


def bearing(number):
    """Tests that are named after a hazard, or stand in a file that is."""
    mark = f"test_{number.lower()}_"
    return [
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in names_in(path)
        if name.startswith(mark) or (path.name.startswith(mark) and name.startswith("test_"))
    ]


def test_every_hazard_is_there_once_and_in_order():
    assert [*HAZARDS] == [f"H{number:02}" for number in range(1, 28)]
    assert re.findall(r"^### (H\d\d)", PAGE, re.MULTILINE) == [*HAZARDS]


@each_hazard
def test_a_hazard_says_its_cause_and_what_must_happen_and_has_all_four_lines(number):
    text = HAZARDS[number]
    assert "*Cause:* " in text
    assert "*What must happen:* " in text
    assert re.findall(r"^\| (\w[\w ]*) \| ", text, re.MULTILINE) == [*LABELS]
    assert named(text, "stopped by")
    assert named(text, "tests")


@each_hazard
def test_every_mechanism_that_is_named_exists(number):
    for place in named(HAZARDS[number], "stopped by"):
        if re.fullmatch(r"[a-z_]+", place):
            continue  # a word of the contract, in an explanation
        path, _, name = place.partition("::")
        assert name in names_in(path), place
        assert not path.startswith("tests/")


@each_hazard
def test_every_row_and_guard_check_that_is_named_exists(number):
    assert [name for name in named(HAZARDS[number], "alarm rows") if name not in ROWS] == []
    checks = [name for name in named(HAZARDS[number], "guard") if name != "seq"]
    assert [name for name in checks if name not in GUARD] == []


@each_hazard
def test_every_test_that_is_named_exists(number):
    for place in named(HAZARDS[number], "tests"):
        path, _, name = place.partition("::")
        assert path.startswith("tests/")
        found = [one for one in names_in(path) if one.startswith("test_")]
        assert found, path
        assert not name or name in found, place


@each_hazard
def test_every_hazard_has_a_test_that_bears_its_number(number):
    assert bearing(number)


def test_every_scenario_that_bears_a_number_stands_under_its_hazard():
    for path in (ROOT / "tests/scenarios").glob("test_h[0-9][0-9]_*.py"):
        number = path.name[5:8].upper()
        assert f"tests/scenarios/{path.name}" in named(HAZARDS[number], "tests"), path.name


def test_every_row_and_every_latch_of_the_guard_stands_under_a_hazard_or_has_a_reason_not_to():
    under = {name for text in HAZARDS.values() for name in named(text, "alarm rows")}
    assert ROWS - under - {*OPERATIONAL} == set()
    assert under & {*OPERATIONAL} == set()
    assert {*OPERATIONAL} <= ROWS
    checked = {name for text in HAZARDS.values() for name in named(text, "guard")}
    assert GUARD - checked == set()
