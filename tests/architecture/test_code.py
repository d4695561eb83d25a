"""The shipped code keeps the house rules, file by file."""

import pytest

from tests.architecture import rules
from tests.architecture.tree import (
    PURE_PACKAGES,
    files_below_the_cycle,
    parsed,
    pure_files,
    python_files,
    shipped_files,
)


@pytest.mark.parametrize("name", pure_files())
def test_pure_code_has_no_hidden_inputs(name):
    assert rules.hidden_inputs(parsed(name)) == []


@pytest.mark.parametrize("name", pure_files())
def test_floats_of_pure_code_name_their_unit(name):
    assert rules.floats_without_unit(parsed(name)) == []


@pytest.mark.parametrize("name", python_files(*PURE_PACKAGES))
def test_pure_packages_need_numpy_and_simple_pid_at_most(name):
    package = name.split("/")[0]
    assert rules.foreign_imports(parsed(name), ("numpy", "simple_pid", package)) == []


@pytest.mark.parametrize("name", files_below_the_cycle())
def test_the_cycle_composes_the_pure_packages_and_nothing_else(name):
    allowed = ("numpy", "thermod", *PURE_PACKAGES)  # what it takes of thermod is tested as pure
    assert rules.foreign_imports(parsed(name), allowed) == []


@pytest.mark.parametrize("name", python_files("thermod/guard"))
def test_the_guard_needs_the_standard_library_and_paho_alone(name):
    assert rules.foreign_imports(parsed(name), ("paho", "thermod.guard")) == []


@pytest.mark.parametrize("name", [n for n in shipped_files() if n.startswith("thermod/cli")])
def test_the_command_line_imports_the_simulator_inside_its_commands(name):
    assert rules.imports_outside_functions(parsed(name), "thermod.sim") == []


@pytest.mark.parametrize("name", shipped_files())
def test_functions_are_short(name):
    assert rules.long_functions(parsed(name)) == []


@pytest.mark.parametrize("name", shipped_files())
def test_no_check_vanishes_under_python_o(name):
    assert rules.asserts(parsed(name)) == []


@pytest.mark.parametrize("name", [*shipped_files(), *python_files("tests")])
def test_no_cancellation_is_swallowed(name):
    assert rules.cancellation_swallowers(parsed(name)) == []
