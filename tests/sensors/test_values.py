"""Values that only the type checker freezes: they compare as frozen ones, and nobody sets them."""

import ast
from pathlib import Path

import pytest

import sensors
from sensors.samples import ProbeSample, Rejection

FILES = sorted(Path(sensors.__file__).parent.glob("*.py"))


def fields_set(tree: ast.Module) -> list[int]:
    """The lines that set or delete a field of anything."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("setattr", "delattr")))
        or (isinstance(node, ast.Attribute) and node.attr in ("__setattr__", "__delattr__"))
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_of_the_package_sets_a_field_of_any_value(path):
    assert fields_set(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    ["memory.repeats = True", "memory.heard_seq += 1", "del memory.past", "setattr(a, 'b', 1)",
     "object.__setattr__(a, 'b', 1)", "a.b, c = 1, 2", "for a.b in c: pass"],
)  # fmt: skip
def test_every_way_to_set_a_field_is_seen(line):
    assert fields_set(ast.parse(line)) != []


def test_values_compare_and_hash_by_what_they_hold():
    one, same = (ProbeSample("rectal-1", 7, 0, 37.0, 5.0) for _ in range(2))
    assert one == same
    assert len({one, same, Rejection("rectal-1", "malformed", 5.0)}) == 2
    assert one != ("rectal-1", 7, 0, 37.0, 5.0)
    assert not hasattr(one, "__dict__")
