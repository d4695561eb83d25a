"""H06: the wall clock is for records. Whatever it does, control decides the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.properties.messages import GOOD
from tests.scenarios.conftest import warm_patient
from thermod.control import Control, Settings
from thermod.journal import Journal
from thermod.keeper import Keeper
from thermod.latches import Kept, KeptDome, LatchFile
from thermod.mqtt import Inbound
from thermod.sim.plant import PROBES
from thermod.sim.world import plan_for
from thermod.state import State

HOUR_MS = 3_600_000
AT_MS = 1_800_000_000_000
CYCLES = 40


class TwoClocks:
    """A boot clock that is set by hand, and a wall clock that does what it likes."""

    def __init__(self, wall_ms: Callable[[float], int]) -> None:
        self.boot_s = 1024.0
        self._wall_ms = wall_ms

    def now_s(self) -> float:
        return self.boot_s

    def wall_ms(self) -> int:
        return self._wall_ms(self.boot_s)

    async def sleep_until(self, deadline_s: float) -> None:
        raise NotImplementedError


class Nobody:
    """A broker that is never connected to."""

    host, port = "127.0.0.1", 1
    username = password_text = tls_ca_file = None


def decided(folder: Path, wall_ms: Callable[[float], int]) -> list[State]:
    """What control comes to in 20 s with patient and dome, while the wall clock does this."""
    folder.mkdir()
    plan, clock = plan_for(warm_patient()), TwoClocks(wall_ms)
    file = LatchFile(folder / "latches.json")
    file.save(Kept({plan.dome: KeptDome()}))
    keeper = Keeper(file, [plan.dome], wall_ms=clock.wall_ms())
    journal = Journal(folder / "journal.db")
    control = Control(
        Settings("control", Nobody(), [plan], ""), clock=clock, journal=journal, keeper=keeper
    )
    states = []
    try:
        for tick in range(1, CYCLES + 1):
            clock.boot_s += 0.5
            probes = {name: {"seq": tick, "temp_c": 37.0} for name in PROBES}
            node = {**GOOD["node_state"], "tick": tick, "epoch": 0, "probes": probes}
            topic = f"thermod/v1/{plan.site}/{plan.dome}/node/state"
            control._on_message(Inbound(topic, orjson.dumps(node), False, None, None))
            control._one_cycle(control._domes[0])
            states.append(control._domes[0].state)
    finally:
        keeper.close(on_purpose=True)
        journal.close()
    return states


@pytest.mark.parametrize(
    "wall_ms",
    [
        lambda boot_s: AT_MS + (5 * HOUR_MS if boot_s > 1034.0 else 0),
        lambda boot_s: AT_MS - (30 * HOUR_MS if boot_s > 1034.0 else 0),
        lambda boot_s: AT_MS - round(boot_s * 1000.0),
        lambda boot_s: 0,
    ],
    ids=["5 h ahead", "30 h back", "runs backwards", "stands at 1970"],
)
def test_control_decides_the_same_whatever_the_wall_clock_does(tmp_path, wall_ms):
    steady = decided(tmp_path / "steady", lambda boot_s: AT_MS + round(boot_s * 1000.0))
    assert steady[-1].cycle == CYCLES
    assert decided(tmp_path / "stepped", wall_ms) == steady
