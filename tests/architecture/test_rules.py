"""Each rule sees a breach and leaves good code alone; without this a rule could check nothing."""

import ast

import pytest

from tests.architecture import rules


def parse(text):
    return ast.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "import os.path",
        "from datetime import datetime",
        "from random import random",
        "from numpy import random",
        "import numpy.random",
        "def f():\n    import asyncio",
        "open('latches.json')",
        "def f():\n    global count\n    count = 1",
        "async def f(): ...",
    ],
)
def test_hidden_inputs_are_seen(text):
    assert rules.hidden_inputs(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "import math\nfrom dataclasses import dataclass",
        "import numpy as np",
        "def f(now_s: float) -> float:\n    return now_s + 1",
        "self.open('lid')",
    ],
)
def test_pure_code_may_use_its_arguments(text):
    assert rules.hidden_inputs(parse(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pydantic",
        "from thermod import cycle",
        "from thermod.wire import decode",
        "from . import judge",
        "from .judge import judge",
        "def f():\n    import thermod.cycle",
        "import paho2",
    ],
)
def test_foreign_imports_are_seen(text):
    assert rules.foreign_imports(parse(text), allowed=["paho", "thermod.guard"])


@pytest.mark.parametrize(
    "text",
    [
        "from __future__ import annotations",
        "import tomllib",
        "import paho.mqtt.client as mqtt",
        "from thermod.guard import judge",
        "from thermod.guard.judge import judge",
    ],
)
def test_allowed_imports_are_not_foreign(text):
    assert rules.foreign_imports(parse(text), allowed=["paho", "thermod.guard"]) == []


@pytest.mark.parametrize(
    ("text", "breaches"),
    [
        ("from thermod.sim import world", 2),
        ("import thermod.sim.node", 1),
        ("if True:\n    import thermod.sim", 1),
        ("class C:\n    import thermod.sim", 1),
        ("def simulate():\n    from thermod.sim import world", 0),
        ("async def demo():\n    import thermod.sim", 0),
        ("if TYPE_CHECKING:\n    import thermod.sim", 0),
        ("if TYPE_CHECKING:\n    x = 1\nelse:\n    import thermod.sim", 1),
        ("import thermod.simple", 0),
    ],
)
def test_imports_that_run_with_the_module_are_told_from_those_in_functions(text, breaches):
    assert len(rules.imports_outside_functions(parse(text), "thermod.sim")) == breaches


@pytest.mark.parametrize(
    ("field", "breaches"),
    [
        ("core_temp_c: float", 0),
        ("age_s_max: float = 2.5", 0),
        ("slope_c_per_min: float | None", 0),
        ("temps_c: tuple[float, ...]", 0),
        ("dose_cem43_min: float", 0),
        ("temp_c_min: float; temp_c_max: float", 0),
        ("hold_min: float", 0),
        ("when: Callable[[float], bool]", 0),
        ("name: str", 0),
        ("core_temp: float", 1),
        ("age: float | None", 1),
        ("readings: dict[str, float]", 1),
        ("skins: tuple[float | None, ...]", 1),
        ("points: tuple[tuple[float, float], ...]", 0),
        ("held: None | Sequence[float]", 1),
        ("limit_max: float", 1),
        ("wetness_min: float; wetness_max: float", 2),
        ("c: float", 0),
        ("max: float", 1),
    ],
)
def test_a_float_field_must_name_its_unit(field, breaches):
    text = "@dataclass(frozen=True)\nclass Limits:\n    " + field
    assert len(rules.floats_without_unit(parse(text))) == breaches


def test_float_fields_of_named_tuples_are_seen_and_of_plain_classes_are_not():
    assert rules.floats_without_unit(parse("class Limits(NamedTuple):\n    core: float"))
    assert not rules.floats_without_unit(parse("class Limits:\n    core: float"))


@pytest.mark.parametrize(("lines", "breaches"), [(50, 0), (51, 1)])
def test_a_function_has_at_most_fifty_lines(lines, breaches):
    text = "def f():\n" + "    pass\n" * (lines - 1)
    assert len(rules.long_functions(parse(text))) == breaches


def test_asserts_are_seen():
    assert rules.asserts(parse("def f(x):\n    assert x  # noqa: S101"))


@pytest.mark.parametrize(
    ("text", "breaches"),
    [
        ("import asyncio\nasyncio.wait_for(task, 1.0)", 1),
        ("from asyncio import wait_for", 1),
        ("import asyncio as aio\naio.wait_for(task, 1.0)", 1),
        ("asyncio.timeout(1.0)", 0),
        ("self.wait_for_tick()", 0),
    ],
)
def test_wait_for_is_seen(text, breaches):
    assert len(rules.cancellation_swallowers(parse(text))) == breaches
