"""Moments of one session on pretend time: the real cycle, the real guard, the node and a patient.

The session runs once; each test gets its moment as a copy of its own and lets something happen.
Patient and dome are warm when it begins, so that core reaches its target within an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from controllers.protocol import Protocol
from controllers.session import HEATING, Phase
from thermod.sim.body import Body, BodySpec
from thermod.sim.dome import Dome, DomeSpec
from thermod.sim.nurse import Nurse
from thermod.sim.plant import PROBES, DomePlant
from thermod.sim.world import World, plan_for
from thermod.state import PERIOD_S

HOLD_5 = Protocol("hold-5", 1, "Bring the core to 38.5 °C and hold it for 5 min", 38.5, 5.0)


def warm_patient() -> DomePlant:
    dome = Dome(DomeSpec())
    dome.air_temp_c = dome.lining_temp_c = dome.element_temp_c = 44.0
    body = Body(BodySpec(), core_temp_c=38.1, skin_temp_c=36.5)
    return DomePlant("warm", body, dome, PROBES, seed=0)


def new_world(nurse: Nurse | None = None) -> World:
    plant = warm_patient()
    return World(plant, nurse, replace(plan_for(plant), protocols={"hold-5": HOLD_5}))


@dataclass
class Course:
    """One whole session: copies of some of its moments, and what was seen from outside."""

    moments: dict[str, World] = field(default_factory=dict)
    phases: list[Phase] = field(default_factory=list)
    epochs: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    core_temp_c_max: float = 0.0
    heat_outside_j: float = 0.0  # in phases in which there may be none
    core_temp_c_closed: float | None = None

    def see(self, world: World) -> None:
        outcome, phase = world.step(), world.phase
        if phase not in self.phases:
            self.phases.append(phase)
        self.epochs += [text for kind, text in outcome.events if kind == "epoch"]
        self.alarms += [change.alarm_id for change in outcome.changes]
        self.core_temp_c_max = max(self.core_temp_c_max, world.plant.truth()["core_temp_c"])
        if phase not in HEATING and phase is not Phase.PREFLIGHT:
            self.heat_outside_j += world.heater_w * PERIOD_S
        self.core_temp_c_closed = outcome.picture.core.core_temp_c

    def keep(self, name: str, world: World) -> None:
        self.moments[name] = world.fork()
        self.moments[name].nurse = None  # from here the test says what people do


@pytest.fixture(scope="session")
def course() -> Course:
    world, seen = new_world(), Course()

    def into(phase: Phase, seconds: float) -> None:
        while world.phase is not phase or world.state.clocks.phase_s < seconds:
            seen.see(world)
            assert world.now_s < 2 * 3600.0, f"{world.phase}: the session hangs"

    seen.see(world)
    seen.keep("idle", world)
    world.nurse = Nurse(protocol="hold-5")
    into(Phase.HEAT_UP, 120.0)
    seen.keep("heating", world)
    into(Phase.HOLD, 60.0)
    while (
        world.heater_w < 100.0
    ):  # the lining cools faster than it would, or heat is not needed yet
        world.plant.dome.lining_temp_c -= 0.03
        seen.see(world)
        assert world.phase is Phase.HOLD
    seen.keep("holding", world)
    into(Phase.COOL_DOWN, 30.0)
    seen.keep("cooling", world)
    world.plant.lid_open = True  # it cools the sooner
    into(Phase.ENDED, 0.0)
    return seen


@pytest.fixture
def idle(course: Course) -> World:
    """Nobody has asked for anything yet."""
    return course.moments["idle"].fork()


@pytest.fixture
def heating(course: Course) -> World:
    """Two minutes into the heat-up, at full power or near it."""
    world = course.moments["heating"].fork()
    assert world.heater_w > 500.0
    return world


@pytest.fixture
def holding(course: Course) -> World:
    """Some minutes into the hold of five, while heat is on."""
    world = course.moments["holding"].fork()
    assert world.heater_w > 0.0
    return world


@pytest.fixture
def cooling(course: Course) -> World:
    """Half a minute into the cool-down."""
    return course.moments["cooling"].fork()
