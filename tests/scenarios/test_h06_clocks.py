"""H06: clocks that step, and a computer that stood still."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controllers.session import Phase
from tests.scenarios.people import heats_again, is_accepted, reset, resume, stays_cold, why
from thermod.keep import keep, restore
from thermod.sim.world import World
from thermod.state import PERIOD_S

HOUR_MS = 3_600_000
# The permit is back 3 s after all is well; a contactor that opened stays so for 10 s.
HEALS_S = 16.0
EVERYTHING = {"node", "command", "heartbeat", "arm", "permit", "challenge", "guard_state"}


def host_sleeps(world: World, seconds: float) -> float:
    """Guard and control stand still and hear nothing, while dome and patient go on. Returns the
    seconds of true heat meanwhile.
    """
    runs_s = 0.0
    world.control_runs = world.guard_runs = False
    world.lost = set(EVERYTHING)
    for _ in range(round(seconds / PERIOD_S)):
        world.step()
        runs_s += PERIOD_S if world.heater_w > 0.0 else 0.0
    world.control_runs = world.guard_runs = True
    world.lost = set()
    return runs_s


@pytest.mark.parametrize("seconds", [2.5, 5.0, 20.0, 50.0])
def test_a_host_that_slept_less_than_a_minute_heats_again_after_3_s_that_were_good(
    heating, seconds
):
    epoch = heating.state.lease.epoch
    assert host_sleeps(heating, seconds) <= 3.0  # the lease of the last command and permit
    assert stays_cold(heating, 2.5)
    assert heats_again(heating, HEALS_S)
    assert heating.state.lease.epoch == epoch
    assert "clock_jump" in heating.state.rows  # and staff are told


def test_a_host_that_slept_for_more_than_a_minute_heats_only_after_a_persons_act(heating):
    host_sleeps(heating, 61.0)
    assert stays_cold(heating, 70.0)  # silent for so long, a probe is trusted after 60 s again
    assert heating.phase is Phase.INTERRUPTED
    assert is_accepted(heating, reset(heating))
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)


@pytest.mark.parametrize("sleeps", ["control", "guard"])
def test_either_of_the_two_that_stood_still_takes_heat_away(heating, sleeps):
    setattr(heating, f"{sleeps}_runs", False)
    heating.run(4.0)
    assert heating.heater_w == 0.0
    setattr(heating, f"{sleeps}_runs", True)
    assert stays_cold(heating, 2.0)
    assert heats_again(heating, HEALS_S)


def test_after_a_gap_the_regulator_starts_afresh(heating):
    before = heating.state.regulator
    assert before.inner_integral != 0.0
    heating.control_runs = False
    heating.run(2.5)
    heating.control_runs = True
    heating.step()
    after = heating.state.regulator
    assert after.inner_integral == 0.0
    assert after.air_setpoint_c is None
    assert heating.state.power_pct == 0.0
    heating.run_until(lambda w: "the regulator starts" in why(w), within_s=5.0)


# --- the wall clock -------------------------------------------------------------------------------


@pytest.mark.parametrize("step_ms", [-26 * HOUR_MS, -HOUR_MS, HOUR_MS, 26 * HOUR_MS])
def test_a_wall_clock_that_stepped_while_control_restarted_heats_nobody(heating, step_ms):
    at_ms = 1_800_000_000_000
    kept = keep(heating.state, at_ms)
    heating.plan = replace(heating.plan, controller_id="c-again")
    heating.state = restore(heating.plan, kept, now_s=heating.now_s, at_ms=at_ms + step_ms)
    assert heating.phase is Phase.INTERRUPTED
    assert stays_cold(heating, 30.0)
    assert heating.state.dose_min == dict(kept.session["dose_min"])
    assert heating.state.clocks.presence_s >= kept.session["clocks"]["presence_s"]
