"""H11, H16: control, guard or dome begin anew in the middle. Nothing resumes by itself."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import (
    answer,
    heats_again,
    is_accepted,
    is_off_within,
    reset,
    resume,
    stays_cold,
)
from thermod.keep import keep, restore
from thermod.latches import KeptDome, Latch


def test_control_boots_idle_and_stays_cold(idle):
    assert idle.phase is Phase.IDLE
    assert stays_cold(idle, 60.0)
    assert idle.outcome.command is None


def test_a_restarted_control_is_interrupted_and_never_heats_by_itself(heating):
    """H11."""
    heating.restart_control()
    heating.step()
    assert heating.phase is Phase.INTERRUPTED
    assert is_off_within(heating, 3.0)  # the lease, or the guard that hears a new controller
    assert stays_cold(heating, 300.0)
    assert heating.state.rows["interrupted"].text.endswith("control restarted")


def test_after_a_restart_a_resume_needs_a_reason_and_the_same_patient(heating):
    heating.restart_control()
    heating.run(10.0)
    assert "reason" in answer(heating, resume(heating, reason="")).because
    assert "same patient" in answer(heating, resume(heating, same_patient=False)).because
    assert stays_cold(heating, 10.0)

    assert is_accepted(heating, resume(heating))
    assert heats_again(heating, within_s=90.0)  # the core's slope must first be known again


def test_acts_for_the_process_before_the_restart_are_refused(heating):
    late = resume(heating)
    heating._queue.clear()
    heating.restart_control()
    heating.run(2.0)
    heating.say_again(late)
    assert "control restarted since you looked" in answer(heating, late).because


def test_dose_and_session_clock_run_on_over_a_restart_and_heat_clocks_do_not(holding):
    before = holding.state
    holding.state = before._replace(dose_min={"skin-1": 2.5})
    kept = keep(holding.state, at_ms=1_000_000)

    after = restore(holding.plan, kept, now_s=holding.now_s + 90.0, at_ms=1_090_000)

    assert after.phase is Phase.INTERRUPTED
    assert after.dose_min == {"skin-1": 2.5}
    assert after.clocks.heat_s == before.clocks.heat_s
    assert after.clocks.heat_up_s == before.clocks.heat_up_s
    assert after.clocks.span_s == pytest.approx(before.clocks.span_s + 90.0)
    assert after.clocks.hold_s == pytest.approx(before.clocks.hold_s + 90.0)
    assert after.clocks.presence_s == pytest.approx(before.clocks.presence_s + 90.0)
    assert holding.now_s + 90.0 - after.session.created_s == pytest.approx(
        before.at_s - before.session.created_s + 90.0
    )


@pytest.mark.parametrize(
    ("boot_gap_s", "wall_gap_s"), [(600.0, 0.0), (-1e6, 600.0), (600.0, -9e5), (10.0, 600.0)]
)
def test_the_longer_of_two_clocks_counts_after_a_restart(holding, boot_gap_s, wall_gap_s):
    """H06: the host rebooted, or somebody set its clock."""
    kept = keep(holding.state, at_ms=10_000_000)
    now_s, at_ms = holding.now_s + boot_gap_s, 10_000_000 + round(wall_gap_s * 1000.0)

    after = restore(holding.plan, kept, now_s=now_s, at_ms=at_ms)

    assert after.clocks.span_s == pytest.approx(holding.state.clocks.span_s + 600.0)


@pytest.mark.parametrize(
    ("phase", "after"),
    [
        *[(Phase.HEAT_UP, Phase.INTERRUPTED), (Phase.HOLD, Phase.INTERRUPTED)],
        *[(Phase.PAUSED, Phase.INTERRUPTED), (Phase.INTERRUPTED, Phase.INTERRUPTED)],
        *[(Phase.RETENTION, Phase.COOL_DOWN), (Phase.COOL_DOWN, Phase.COOL_DOWN)],
        *[(Phase.IDLE, Phase.IDLE), (Phase.PREFLIGHT, Phase.IDLE), (Phase.ENDED, Phase.IDLE)],
        (Phase.TRIPPED, Phase.INTERRUPTED),  # without a latch there is nothing to reset
    ],
)
def test_no_phase_survives_a_restart_as_one_that_heats(holding, phase, after):
    kept = keep(holding.state._replace(phase=phase), at_ms=0)
    assert restore(holding.plan, kept, now_s=0.0, at_ms=0).phase is after


def test_latches_survive_a_restart_and_hold_heat_back(heating):
    heating.press_stop()
    heating.run(2.0)
    heating.restart_control()
    heating.run(5.0)
    assert heating.phase is Phase.TRIPPED
    assert "stopped" in heating.state.latches
    assert "latched" in answer(heating, resume(heating)).because or (
        "not possible in phase tripped" in answer(heating, resume(heating)).because
    )
    assert is_accepted(heating, reset(heating))
    assert heating.phase is Phase.PAUSED
    assert stays_cold(heating, 20.0)


def test_a_latch_that_no_row_knows_any_more_still_holds_heat_back(holding):
    kept = keep(holding.state, at_ms=0)
    kept = KeptDome({"of_an_older_version": Latch(0, "who knows")}, kept.session)
    state = restore(holding.plan, kept, now_s=0.0, at_ms=0)
    assert state.latches == ("state_lost",)


@pytest.mark.parametrize("damage", ["phase", "clocks", "target_c", "protocol", "dose_min"])
def test_a_kept_session_that_makes_no_sense_is_refused_whole(holding, damage):
    kept = keep(holding.state, at_ms=0)
    session = {**kept.session, damage: {"heat_s": "warm"}}
    with pytest.raises((KeyError, TypeError, ValueError)):
        restore(holding.plan, KeptDome({}, session), now_s=0.0, at_ms=0)


def test_a_restarted_guard_ends_the_epoch(heating):
    heating.restart_guard()
    assert is_off_within(heating, 1.0)
    assert heating.phase is Phase.INTERRUPTED
    assert stays_cold(heating, 120.0)
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3


def test_a_dome_that_reboots_inside_a_session_trips(heating):
    """H16."""
    heating.reboot_dome()
    assert is_off_within(heating, 0.5)
    assert heating.phase is Phase.TRIPPED
    assert "dome_restarted" in heating.state.latches
    assert stays_cold(heating, 60.0)

    assert is_accepted(heating, reset(heating))
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)


def test_everything_begins_anew_at_once_and_nothing_heats(heating):
    heating.reboot_dome()
    heating.restart_guard()
    heating.restart_control()
    assert is_off_within(heating, 0.5)
    assert heating.phase is Phase.INTERRUPTED
    assert stays_cold(heating, 300.0)


def test_a_dome_that_reboots_while_nobody_heats_trips_nothing(cooling):
    cooling.reboot_dome()
    cooling.run(5.0)
    assert cooling.state.latches == cooling.guard.latches == ()
    assert cooling.phase is Phase.COOL_DOWN
