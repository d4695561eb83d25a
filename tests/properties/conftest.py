"""Where the properties start from: a world that heats, and one in which nobody has acted yet."""

from __future__ import annotations

import pytest

from controllers.session import Phase
from tests.scenarios.conftest import new_world
from thermod.sim.nurse import Nurse
from thermod.sim.world import World


@pytest.fixture(scope="session")
def idle_once() -> World:
    world = new_world()
    world.step()
    return world


@pytest.fixture(scope="session")
def heating_once() -> World:
    """Take a `fork` of it: it is shared."""
    world = new_world(Nurse(protocol="hold-5"))
    world.run_until(lambda w: w.phase is Phase.HEAT_UP, within_s=60.0)
    world.run(60.0)
    world.nurse = None
    assert world.heater_w > 0.0
    return world
