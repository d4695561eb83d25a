"""The event table of SAFETY.md section 2, row by row, seen at node, guard and control at once.

What each part does by itself in these events is tested with that part; here they act together.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from alarms.model import Priority
from controllers.session import Phase
from tests.scenarios.conftest import new_world
from tests.scenarios.people import (
    heats_again,
    is_accepted,
    is_off_within,
    reset,
    resume,
    stays_cold,
)
from thermod.guard.said import Permit
from thermod.sim import handed
from thermod.sim.world import World

LINK = {"node", "command", "heartbeat", "arm", "permit", "challenge", "guard_state"}
HEALS_S = 16.0  # 3 s of good, and 10 s that a contactor stays open


def contactor_is_closed(world: World) -> bool:
    return world.node.look(world.now_s).contactors_closed


def lose_the_link(world: World, seconds: float) -> list[float]:
    """Nobody hears anybody. Returns the heater's true power in each half second of it."""
    world.lost = set(LINK)
    power_w = []
    for _ in range(round(seconds * 2)):
        world.step()
        power_w.append(world.heater_w)
    world.lost = set()
    return power_w


def raised(world: World) -> dict[str, Priority]:
    """What staff are shown now."""
    return {
        rule.alarm_id: rule.priority
        for rule, _ in world.state.rules
        if (row := world.state.rows.get(rule.alarm_id)) is not None and row.shown and rule.signals
    }


@pytest.mark.parametrize("order", [*permutations(["node", "guard", "control"])], ids="-".join)
def test_h16_whatever_boots_first_everything_revokes_and_nothing_heats(order):
    world = new_world()
    world.step()  # so that there is something to look at; then all begin anew
    world.control_runs = world.guard_runs = False
    world.lost = {"node"}
    for part in order:
        if part == "node":
            world.lost = set()
            world.reboot_dome()
        elif part == "guard":
            world.guard_runs = True
            world.restart_guard()
        else:
            world.control_runs = True
            world.restart_control()
        for _ in range(10):
            world.step()
            assert world.heater_w == 0.0
            assert not contactor_is_closed(world)
    assert world.guard.broken == ()  # it would permit, and does not
    assert world.state.lease.epoch is None
    assert world.phase is Phase.IDLE


def test_h09_a_loss_below_1_5_s_does_nothing(heating):
    power_w = lose_the_link(heating, 1.0)
    power_w += [heating.heater_w for _ in range(10) if heating.step()]
    assert min(power_w) > 0.0
    assert heating.state.lease.epoch == 2


@pytest.mark.parametrize("seconds", [2.0, 3.0])
def test_h09_a_loss_of_1_5_to_3_s_is_withheld_and_back_after_3_s_of_good(heating, seconds):
    lose_the_link(heating, seconds)
    assert stays_cold(heating, 3.0)
    assert heats_again(heating, within_s=HEALS_S)
    assert heating.state.lease.epoch == 2
    assert heating.state.latches == ()


def test_h08_a_loss_of_more_than_5_s_opens_the_contactor_and_tells_staff(heating):
    power_w = lose_the_link(heating, 9.0)
    assert power_w[7:] == [0.0] * 11  # off after 3.05 s at the latest
    assert not contactor_is_closed(heating)
    assert Priority.MEDIUM in raised(heating).values()
    assert heats_again(heating, within_s=HEALS_S)
    assert heating.state.lease.epoch == 2


def test_h08_a_loss_of_more_than_60_s_ends_the_epoch_and_a_person_resumes(heating):
    lose_the_link(heating, 65.0)
    assert stays_cold(heating, 70.0)
    assert heating.phase is Phase.INTERRUPTED
    assert heating.guard.latches == ()  # the link was lost, and nothing else
    assert is_accepted(heating, reset(heating))
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3


@pytest.mark.parametrize("part", ["control", "guard"])
def test_h11_a_restart_of_control_or_guard_ends_the_epoch_and_a_person_resumes(heating, part):
    getattr(heating, f"restart_{part}")()
    assert is_off_within(heating, 1.0)
    assert stays_cold(heating, 30.0)
    assert heating.phase is Phase.INTERRUPTED
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3


def test_h16_a_dome_that_boots_in_a_session_trips_guard_and_control(heating):
    heating.reboot_dome()
    assert is_off_within(heating, 0.5)
    assert heating.guard.latches == ("dome_restarted",)
    assert "dome_restarted" in heating.state.latches
    assert stays_cold(heating, 30.0)


def test_h08_a_broker_that_restarts_is_a_loss_that_heals(heating):
    """Nothing is kept for anybody while it is down."""
    lose_the_link(heating, 40.0)
    assert heats_again(heating, within_s=HEALS_S)
    assert heating.state.lease.epoch == 2
    assert heating.state.latches == heating.guard.latches == ()


def test_h16_after_a_power_cut_latches_are_kept_and_the_session_is_interrupted(heating):
    heating.press_stop()
    heating.step()
    heating.reboot_dome()
    heating.restart_guard()
    heating.restart_control()
    assert stays_cold(heating, 60.0)
    assert "stopped" in heating.state.latches
    assert "stopped" in heating.guard.latches
    assert heating.phase in (Phase.TRIPPED, Phase.INTERRUPTED)


def test_a_trip_needs_a_reset_that_leads_to_a_pause_and_then_a_resume(heating):
    heating.press_stop()
    heating.run(2.0)
    assert heating.phase is Phase.TRIPPED
    assert is_accepted(heating, reset(heating))
    assert heating.phase is Phase.PAUSED
    assert stays_cold(heating, 30.0)  # a reset opens nothing
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3


def test_h13_a_second_controller_is_revoked_told_of_and_heats_nobody(heating):
    heating.hear_other_controller("c-intruder", power_pct=100.0)
    heating.step()
    assert "one_controller" in heating.guard.broken
    assert raised(heating)["second_controller"] is Priority.HIGH
    assert stays_cold(heating, 30.0)


def test_h13_a_second_guard_is_revoked_told_of_and_heats_nobody(heating):
    """It has heard no person, so it revokes; ours hears it and ends the epoch."""
    other = heating._new_guard()
    for _ in range(60):
        for word in other.look(heating.now_s):
            if isinstance(word, Permit):
                heating.guard.on_permit_echo(word.guard_id, heating.now_s)
                heating.node.on_permit(handed.permit_to_node(word), heating.now_s)
        heating.step()
        assert heating.heater_w == 0.0
    assert heating.guard.broken == ("one_guard",)
    assert heating.phase is Phase.INTERRUPTED
    assert raised(heating)["interrupted"] is Priority.HIGH


def test_a_guard_with_a_full_disk_opens_no_epoch(heating):
    heating.ask("pause")
    heating.run(2.0)
    heating._drawer.save = lambda changed: False
    resume(heating)
    assert stays_cold(heating, 30.0)
    assert heating.guard.latches == ("state_lost",)
    assert heating.guard.keeper.epoch == 2
    assert "guard_tripped" in heating.state.latches
