"""The pretend world is the same each time, and a fork of it goes its own way."""

import pytest

from controllers.session import Phase
from tests.scenarios.conftest import new_world
from tests.scenarios.people import create, passes_preflight, start
from thermod.sim.nurse import Nurse


def heated(seconds=60.0):
    world = new_world()
    world.step()
    passes_preflight(world)
    start(world)
    world.run(seconds)
    assert world.heater_w > 0.0
    return world


def test_the_same_acts_give_the_same_session_bit_for_bit():
    one, other = heated(), heated()
    assert one.plant.truth() == other.plant.truth()
    assert one.outcome.flow == other.outcome.flow
    assert one.node.refused == other.node.refused


def test_a_fork_goes_on_as_the_original_would_and_leaves_it_alone():
    world = heated()
    fork, before = world.fork(), world.now_s
    fork.run(30.0)
    assert world.now_s == before
    world.run(30.0)
    assert fork.plant.truth() == world.plant.truth()
    assert fork.outcome.flow == world.outcome.flow

    fork.plant.lid_open = True
    fork.run(2.0)
    world.run(2.0)
    assert (fork.heater_w, world.plant.lid_open) == (0.0, False)
    assert world.heater_w > 0.0


def test_power_at_the_heater_is_what_the_node_switches():
    world = heated()
    for _ in range(20):
        world.step()
        applied_pct = world.node.look(world.now_s).heater_pct
        assert world.heater_w == pytest.approx(applied_pct / 100.0 * 2000.0)


def test_waiting_for_what_never_happens_ends():
    world = new_world()
    with pytest.raises(TimeoutError):
        world.run_until(lambda w: w.phase is Phase.HEAT_UP, within_s=5.0)


def test_there_is_nothing_to_look_at_before_control_has_run():
    world = new_world()
    world.control_runs = False
    with pytest.raises(ValueError, match="control has not run"):
        world.step()


def test_control_and_guard_hear_an_intent_in_the_same_half_second():
    world = new_world()
    world.step()
    create(world)
    world.run_until(lambda w: w.guard.senses.control.controller_id is not None, within_s=5.0)
    world.run_until(lambda w: w.state.lease.epoch is not None, within_s=10.0)
    assert world.node.authority.epoch == world.state.lease.epoch == 1


def test_a_nurse_who_may_starts_a_session_by_herself():
    world = new_world(Nurse(protocol="hold-5"))
    took_s = world.run_until(lambda w: w.phase is Phase.HEAT_UP, within_s=60.0)
    assert took_s < 30.0
