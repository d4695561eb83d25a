"""What each process loads when it is imported, seen from inside a fresh interpreter."""

import json
import subprocess
import sys

import pytest

from tests.architecture.tree import PACKAGES, ROOT

LOADED = """
import importlib, json, sys
before = set(sys.modules)
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def modules_loaded_by(module):
    command = [sys.executable, "-c", LOADED, module]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30.0)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def roots(modules):
    return {module.split(".")[0] for module in modules}


def test_importing_thermod_runs_nothing():
    assert (ROOT / "thermod/__init__.py").read_bytes() == b""


def test_the_control_process_loads_no_web_database_chart_or_command_line_library():
    unwanted = {
        "fastapi", "starlette", "uvicorn", "influxdb_client", "aiohttp", "prometheus_client",
        "plotly", "typer", "argon2", "httpx",
    }  # fmt: skip  # rich is not among them: structlog imports it where it is installed
    loaded = modules_loaded_by("thermod.control")
    assert roots(loaded) & unwanted == set()
    assert not any(name.startswith(("thermod.gateway", "thermod.sim")) for name in loaded)


@pytest.mark.parametrize("module", ["thermod.guard", "thermod.guard.__main__"])
def test_the_guard_process_loads_its_own_code_and_paho_alone(module):
    loaded = modules_loaded_by(module)
    ours = {name for name in loaded if name.split(".")[0] in PACKAGES}
    assert {name for name in ours if not name.startswith("thermod.guard")} == {"thermod"}
    assert roots(loaded - ours) - sys.stdlib_module_names <= {"paho"}
