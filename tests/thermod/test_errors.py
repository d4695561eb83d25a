"""Errors that help, and invariants that `python -O` does not delete."""

import pickle
import subprocess
import sys

import pytest

from thermod.errors import ConfigError, InvariantBroken, ThermodError, require


def test_an_error_says_what_where_and_what_to_do():
    error = ThermodError("the broker refused us", where="127.0.0.1:1883", do="Check the password.")
    assert str(error) == "the broker refused us [127.0.0.1:1883]. Check the password."


def test_an_error_comes_home_whole_from_a_worker_process():
    error = pickle.loads(pickle.dumps(ConfigError("a", where="b", do="c")))
    assert (type(error), error.what, error.where, error.do) == (ConfigError, "a", "b", "c")


def test_a_broken_invariant_is_no_expected_error():
    with pytest.raises(InvariantBroken, match="power is a percentage"):
        require(101.0 <= 100.0, "power is a percentage")
    assert not issubclass(InvariantBroken, ThermodError)


@pytest.mark.slow
def test_an_invariant_is_checked_under_python_o():
    code = "from thermod.errors import require; require(False, 'kept')"
    ended = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "InvariantBroken: kept" in ended.stderr
