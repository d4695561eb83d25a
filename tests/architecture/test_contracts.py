"""Each import contract of pyproject.toml breaks when its rule is broken, shown on a toy tree."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.slow

WELL_BEHAVED = {
    "sensors/__init__.py": "",
    "controllers/__init__.py": "import numpy",
    "alarms/__init__.py": "",
    "thermod/__init__.py": "",
    "thermod/cycle.py": "import sensors, controllers, alarms",
    "thermod/wire.py": "import pydantic",
    "thermod/config.py": "import pydantic_settings",
    "thermod/control.py": "import aiomqtt\nfrom thermod import cycle, wire",
    "thermod/cli.py": "def demo():\n    import thermod.sim.launcher, thermod.gateway, plotly",
    "thermod/guard/__init__.py": "",
    "thermod/guard/loop.py": "import paho.mqtt.client\nfrom thermod import guard",
    "thermod/gateway/__init__.py": "",
    "thermod/gateway/app.py": "import fastapi, pydantic, thermod.wire",
    "thermod/sim/__init__.py": "",
    "thermod/sim/launcher.py": "import thermod.control, thermod.guard, thermod.gateway.app",
}
BREACHES = [
    ("pure", "sensors/__init__.py", "import alarms"),
    ("pure", "controllers/__init__.py", "import thermod.cycle"),
    ("guard", "thermod/guard/loop.py", "import thermod.wire"),
    ("guard", "thermod/guard/loop.py", "import thermod.new_module"),
    ("guard", "thermod/guard/loop.py", "import sensors"),
    ("guard-alone", "thermod/control.py", "from thermod.guard import loop"),
    ("sim", "thermod/control.py", "def run():\n    import thermod.sim"),
    ("gateway", "thermod/control.py", "from thermod.gateway import app"),
    ("cli", "thermod/control.py", "import thermod.cli"),
    ("web", "thermod/new_module.py", "import fastapi"),
    ("web", "thermod/control.py", "import influxdb_client"),
    ("pydantic", "thermod/cycle.py", "import pydantic"),
    ("pydantic", "alarms/__init__.py", "import pydantic"),
]


def broken_contracts(folder: Path, tree: dict[str, str]) -> set[str]:
    """Lay the tree out, check it, and return the ids of the contracts that broke."""
    for name, text in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    config = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(config)
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30.0)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    contracts = tomllib.loads(config)["tool"]["importlinter"]["contracts"]
    return {each["id"] for each in contracts if f"{each['name']} BROKEN" in done.stdout}


def test_a_tree_that_keeps_the_rules_breaks_no_contract(tmp_path):
    assert broken_contracts(tmp_path, WELL_BEHAVED) == set()


@pytest.mark.parametrize(("contract", "name", "text"), BREACHES)
def test_a_breach_breaks_its_contract(tmp_path, contract, name, text):
    tree = {"thermod/new_module.py": "", **WELL_BEHAVED}
    assert contract in broken_contracts(tmp_path, tree | {name: f"{tree[name]}\n{text}"})
