"""A person pauses and a person resumes; nothing else does."""

from dataclasses import replace

from alarms.occurrence import Row
from controllers.session import Phase
from tests.scenarios.people import answer, heats_again, is_accepted, reset, resume, stays_cold


def test_a_pause_ends_the_epoch_and_a_resume_opens_the_next(heating):
    assert is_accepted(heating, heating.ask("pause"))
    assert heating.heater_w == 0.0
    assert heating.guard.look(heating.now_s + 0.01) is not None
    assert stays_cold(heating, 60.0)
    assert heating.state.lease.epoch is None

    assert is_accepted(heating, resume(heating, reason=""))  # no reason is needed after a pause
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3


def test_the_set_point_begins_near_the_core_after_a_pause(heating):
    heating.ask("pause")
    heating.run(10.0)
    resume(heating)
    heating.run(5.0)
    core_temp_c = heating.outcome.picture.core.core_temp_c
    assert heating.outcome.setpoint_c <= core_temp_c + 0.3 + 0.02


def test_nobody_heats_for_a_patient_whose_target_the_person_has_not_repeated(heating):
    heating.ask("pause")
    heating.run(5.0)
    refused = answer(heating, heating.ask("resume", {"target_c": 38.0, "same_patient": True}))
    assert "38.5" in refused.because
    assert stays_cold(heating, 20.0)


def test_a_pause_longer_than_twenty_minutes_becomes_a_cool_down(heating):
    heating.ask("pause")
    heating.run(2.0)
    clocks = heating.state.clocks
    heating.state = heating.state._replace(
        clocks=type(clocks)(phase_s=19.9 * 60.0, heat_s=clocks.heat_s, span_s=clocks.span_s)
    )
    heating.run(10.0)
    assert heating.phase is Phase.COOL_DOWN
    refused = answer(heating, resume(heating))
    assert not refused.accepted


def test_a_resume_is_refused_while_the_guard_would_not_permit(heating):
    heating.ask("pause")
    heating.plant.lid_open = True
    heating.run(2.0)
    refused = answer(heating, resume(heating))
    assert "lid" in refused.because
    assert stays_cold(heating, 20.0)


def test_a_resume_is_refused_while_anything_latched_keeps_heat_off(heating):
    heating.ask("pause")
    heating.run(1.0)
    row = Row(None, latched=True, raised_s=heating.now_s, text="no good core reading for 61 s")
    heating.state = heating.state._replace(
        rows={"core_gone_long": row}, latches=("core_gone_long",)
    )
    refused = answer(heating, resume(heating))
    assert refused.because == "latched: core_gone_long"
    assert is_accepted(heating, reset(heating, "core_gone_long"))
    assert is_accepted(heating, resume(heating))


def test_a_resume_is_refused_while_the_guard_is_silent(heating):
    heating.ask("pause")
    heating.run(2.0)
    heating.guard_runs = False
    heating.run(5.0)
    refused = answer(heating, resume(heating))
    assert "guard is silent" in refused.because


def test_a_pause_and_a_resume_in_one_half_second_do_not_heat_on_the_old_permit(heating):
    heating.ask("pause")
    resume(heating)
    heating.step()
    assert heating.heater_w == 0.0
    assert heating.outcome.command.power_pct == 0.0
    assert heats_again(heating)
    assert heating.state.lease.epoch == 3


def test_a_resume_overtaken_by_a_pause_arms_nothing(heating):
    heating.ask("pause")
    heating.step()
    resume(heating)
    heating.ask("pause")
    heating.step()
    assert heating.outcome.arms == ()
    assert heating.phase is Phase.PAUSED
    assert stays_cold(heating, 30.0)


def test_a_site_may_allow_shorter_pauses(heating):
    limits = replace(heating.state.limits, pause_min_max=1.0)
    heating.state = heating.state._replace(limits=limits)
    heating.ask("pause")
    heating.run(50.0)
    assert heating.phase is Phase.PAUSED
    heating.run(20.0)
    assert heating.phase is Phase.COOL_DOWN
