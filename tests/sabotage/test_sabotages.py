"""The list of sabotages fits the source as it is. Whether each is caught: `make sabotage`."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.sabotage.sabotages import SABOTAGES

ROOT = Path(__file__).resolve().parents[2]


@cache
def text_of(path):
    return (ROOT / path).read_text("utf-8")


@cache
def functions_of(path):
    return {node.name for node in ast.walk(ast.parse(text_of(path))) if hasattr(node, "name")}


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda each: each.measure)
def test_its_text_stands_once_and_its_test_exists(sabotage):
    assert text_of(sabotage.path).count(sabotage.old) == 1
    ast.parse(text_of(sabotage.path).replace(sabotage.old, sabotage.new))
    path, _, name = sabotage.caught_by.partition("::")
    assert name in functions_of(path)


def test_every_measure_is_taken_away_once():
    edits = [(each.path, each.old) for each in SABOTAGES]
    assert len(set(edits)) == len(edits) >= 25
    assert len({each.measure for each in SABOTAGES}) == len(edits)
