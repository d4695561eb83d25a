"""STOP, from everywhere; and the normal end, which latches nothing."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import (
    CREATE,
    answer,
    create,
    heats_again,
    is_accepted,
    passes_preflight,
    reset,
    resume,
    start,
    stays_cold,
)

# Where no patient is being heated the latch alone keeps the next session from starting.
AFTER_STOP = {
    Phase.IDLE: Phase.IDLE,
    Phase.PREFLIGHT: Phase.ENDED,
    Phase.ENDED: Phase.ENDED,
    Phase.RETENTION: Phase.COOL_DOWN,
    Phase.COOL_DOWN: Phase.COOL_DOWN,
}


def into(phase, idle, heating, holding, cooling):
    """A world in this phase, on the shortest way."""
    world = {
        **{Phase.HEAT_UP: heating, Phase.HOLD: holding, Phase.COOL_DOWN: cooling},
        **{Phase.IDLE: idle, Phase.PREFLIGHT: idle, Phase.ENDED: cooling},
    }.get(phase, heating)
    match phase:
        case Phase.PREFLIGHT:
            passes_preflight(world)
        case Phase.ENDED:
            assert is_accepted(world, world.ask("close", reason="the patient wants to get up"))
        case Phase.PAUSED:
            assert is_accepted(world, world.ask("pause"))
        case Phase.INTERRUPTED:
            world.restart_control()
        case Phase.TRIPPED:
            world.reboot_dome()
            world.run(1.0)
        case Phase.RETENTION:
            clocks = world.state.clocks
            world.state = world.state._replace(clocks=type(clocks)(heat_up_s=130.0 * 60.0))
            world.run(1.0)
    assert world.phase is phase
    return world


@pytest.mark.parametrize("phase", list(Phase), ids=str)
def test_stop_takes_heat_at_once_in_every_phase_and_latches(phase, idle, heating, holding, cooling):
    """H19."""
    world = into(phase, idle, heating, holding, cooling)

    stop_id = world.press_stop()
    world.step()

    assert world.heater_w == 0.0
    assert world.outcome.keep  # written down for the next start
    assert world.state.stop_id == world.node.authority.stop_id == stop_id
    assert "stopped" in world.state.latches
    assert "stopped" in world.guard.latches
    assert world.state.lease.epoch is None
    assert world.phase is AFTER_STOP.get(phase, Phase.TRIPPED)
    assert stays_cold(world, 30.0)


def test_a_stop_that_only_the_dome_hears_ends_the_session_for_everybody(heating):
    """H19, H05."""
    heating.lost = {"stop"}
    heating.press_stop()
    heating.step()
    assert heating.heater_w == 0.0
    heating.run(1.0)
    assert heating.guard.latches == ("stopped",)
    assert heating.phase is Phase.TRIPPED
    assert heating.state.latches == ("guard_tripped",)
    assert stays_cold(heating, 30.0)


def test_nothing_starts_while_a_stop_is_latched(idle):
    idle.press_stop()
    idle.run(1.0)
    create(idle)
    idle.run(20.0)

    refused = answer(idle, start(idle))

    assert not refused.accepted
    assert "stopped" in refused.because
    assert stays_cold(idle, 20.0)


def test_after_a_stop_heat_needs_a_reset_with_a_reason_and_then_a_resume(heating):
    heating.press_stop()
    heating.run(5.0)

    refused = answer(heating, resume(heating))
    assert not refused.accepted
    refused = answer(heating, reset(heating, reason=""))
    assert "needs a reason" in refused.because
    assert heating.phase is Phase.TRIPPED

    assert is_accepted(heating, reset(heating))
    assert heating.phase is Phase.PAUSED
    assert stays_cold(heating, 20.0)
    assert heating.guard.latches == ()

    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3  # the next one: the test's was 1, the first heat-up's 2


def test_a_guard_that_does_not_obey_the_reset_trips_control_again(heating):
    heating.press_stop()
    heating.run(5.0)
    heating.lost = {"guard_state"}  # what control knows of it stays "tripped"
    reset(heating)
    heating.run(1.0)
    assert heating.phase is Phase.PAUSED
    heating.run(2.0)
    assert heating.phase is Phase.TRIPPED
    assert heating.state.latches == ("guard_tripped",)


def test_acts_of_before_a_stop_count_for_nothing(heating):
    heating.ask("pause")
    heating.step()
    late = resume(heating)
    heating.press_stop()
    refused = answer(heating, late)  # both lie in one inbox

    assert not refused.accepted
    assert "STOP was pressed since you looked" in refused.because
    assert stays_cold(heating, 30.0)


def test_repeated_stops_of_one_sender_are_one_stop(heating):
    for _ in range(6):
        heating.press_stop()
        heating.run(0.5)
    assert heating.state.latches == ("stopped",)
    heating.run(5.0)
    assert is_accepted(heating, reset(heating))


def test_an_unreadable_stop_and_one_by_nobody_stop_too(heating):
    heating.press_stop(by="")
    heating.step()
    assert heating.heater_w == 0.0
    assert "unknown" in heating.state.rows["stopped"].text


def test_the_normal_end_goes_to_cool_down_and_latches_nothing(holding):
    assert is_accepted(holding, holding.ask("stop", role="viewer"))
    assert holding.phase is Phase.COOL_DOWN
    assert holding.heater_w == 0.0
    assert stays_cold(holding, 30.0)
    assert holding.state.latches == holding.guard.latches == ()


def test_a_tripped_session_can_be_ended_while_its_cause_stands(heating):
    heating.sent = lambda readings: {**readings, "core-1": 39.3, "core-2": 39.3}
    heating.run(5.0)
    assert heating.phase is Phase.TRIPPED
    refused = answer(heating, reset(heating))
    assert "still stands" in refused.because

    assert is_accepted(heating, heating.ask("stop"))
    assert heating.phase is Phase.COOL_DOWN
    assert heating.state.latches != ()
    assert stays_cold(heating, 30.0)

    heating.ask("close", reason="moved to intensive care")
    heating.run(1.0)
    assert heating.phase is Phase.ENDED
    heating.ask("create", CREATE)
    heating.run(10.0)
    assert "latches" in {check.check_id for check in heating.outcome.checks if not check.ok}
