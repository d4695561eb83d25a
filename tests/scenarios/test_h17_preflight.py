"""H17: what must be so before a person may start heat."""

import math
from dataclasses import replace

import pytest

from controllers.session import Phase
from tests.scenarios.people import (
    CREATE,
    answer,
    create,
    for_session,
    is_accepted,
    open_lines,
    passes_preflight,
    start,
    stays_cold,
)
from thermod.checklist import ready
from thermod.selftest import RUNNING, Step
from thermod.state import DomeBuilt


def test_a_complete_checklist_takes_seconds_and_heats_for_less_than_ten(idle):
    create(idle)
    heated_s, powers_pct = 0.0, []
    for _ in range(40):
        idle.step()
        heated_s += 0.5 if idle.heater_w > 0.0 else 0.0
        powers_pct.append(idle.state.power_pct)
    assert open_lines(idle) == {}
    assert 0.0 < heated_s <= 10.0
    assert max(powers_pct) == 20.0
    assert idle.heater_w == 0.0


def test_a_start_is_refused_while_a_line_is_open_and_says_which(idle):
    idle.plant.lid_open = True
    create(idle)
    idle.run(5.0)
    refused = answer(idle, start(idle))
    assert "lid is open" in refused.because
    assert stays_cold(idle, 30.0)


def test_a_create_and_a_start_in_one_half_second_do_not_skip_the_checklist(idle):
    """H17."""
    idle.run(2.0)
    created = create(idle)
    start(idle)
    for_session(idle, f"s-{created.intent_id}")  # who knows how sessions are named could name it
    idle.step()
    assert [reply.accepted for reply in idle.replies] == [True, False]
    assert idle.phase is Phase.PREFLIGHT
    idle.run(1.0)
    assert idle.heater_w == 0.0


def test_a_new_create_makes_the_old_checklist_worthless_at_once(idle):
    passes_preflight(idle)
    again = create(idle)
    start(idle)
    for_session(idle, f"s-{again.intent_id}")
    idle.step()
    assert idle.replies[-1].accepted is False
    assert "begun anew" in idle.replies[-1].because


def test_a_start_for_another_session_is_refused(idle):
    passes_preflight(idle)
    start(idle)
    for_session(idle, "s-of-yesterday")
    idle.step()
    assert "s-of-yesterday is not the one on this dome" in idle.replies[-1].because


def test_a_start_that_names_no_session_is_refused(idle):
    """The guard would open no epoch for it, and ten seconds later nobody would know why."""
    passes_preflight(idle)
    start(idle)
    assert "names no session" in answer(idle, for_session(idle, None)).because
    assert idle.phase is Phase.PREFLIGHT


def test_a_checklist_without_lines_is_not_complete():
    assert not ready(())


def test_the_target_must_be_repeated(idle):
    passes_preflight(idle)
    assert "38.5" in answer(idle, start(idle, target_c=38.4)).because


@pytest.mark.parametrize("target_c", [38.61, 36.9, 39.0, math.nan, 1e300])
def test_no_target_outside_what_the_code_allows(idle, target_c):
    assert not is_accepted(idle, create(idle, target_c=target_c))
    assert idle.phase is Phase.IDLE


def test_a_lower_target_brings_the_limits_down_with_it(idle):
    create(idle, target_c=37.5)
    idle.step()
    assert idle.state.limits.core_cut_c == 38.0


def test_one_core_probe_needs_a_clinicians_waiver_and_has_tighter_limits(idle):
    idle.sent = lambda readings: {name: c for name, c in readings.items() if name != "core-2"}
    create(idle)
    idle.run(5.0)
    assert "1 of 2 core probes good" in open_lines(idle)["core"]

    by_operator = idle.ask("create", {**CREATE, "one_core_probe": True}, role="operator")
    assert "only a clinician" in answer(idle, by_operator).because

    assert is_accepted(idle, create(idle, one_core_probe=True))
    idle.run(25.0)  # the contactors have just opened, and stay open for ten seconds
    assert open_lines(idle) == {}
    assert idle.state.limits.core_cut_c == 38.9
    assert idle.state.session.hold_min <= 30.0


def test_a_heater_test_begun_too_late_is_not_begun(idle):
    idle.plant.lid_open = True
    create(idle)
    idle.run(20.0)
    idle.plant.lid_open = False
    idle.run(10.0)
    assert "within seconds of the request" in open_lines(idle)["self_test"]
    assert idle.state.selftest is None

    create(idle)
    idle.run(15.0)
    assert open_lines(idle) == {}


def test_other_acts_during_the_heater_test_do_not_disturb_it(idle):
    create(idle)
    for _ in range(20):
        idle.ask("confirm-presence")
        idle.run(0.5)
    idle.run(10.0)
    assert open_lines(idle) == {}


def test_a_permit_withheld_for_seconds_during_the_heater_test_does_not_fail_it(idle):
    """H25: a lost message is no fault of the heater."""
    create(idle)
    idle.run_until(lambda w: w.heater_w > 0.0, within_s=20.0)
    idle.lost = {"heartbeat"}
    idle.run(2.5)
    assert idle.heater_w == 0.0
    assert idle.state.power_pct == 0.0
    idle.lost = set()
    idle.run(20.0)
    assert open_lines(idle) == {}


@pytest.mark.parametrize("step", sorted(RUNNING))
def test_a_dome_that_is_not_heard_for_2_s_of_the_heater_test_does_not_fail_it(idle, step):
    """H25: as two or three lost messages do. What it would have shown is waited for again."""
    create(idle)
    idle.run_until(lambda w: w.state.selftest is not None, within_s=5.0)
    idle.run_until(lambda w: w.state.selftest.step is step, within_s=20.0)
    idle.lost = {"node"}
    idle.run(2.0)
    assert idle.state.selftest.step in RUNNING
    idle.lost = set()
    idle.run(25.0)
    assert open_lines(idle) == {}


@pytest.mark.parametrize("step", sorted(RUNNING))
def test_a_dome_that_stays_silent_in_the_heater_test_fails_it_and_says_why(idle, step):
    create(idle)
    idle.run_until(lambda w: w.state.selftest is not None, within_s=5.0)
    idle.run_until(lambda w: w.state.selftest.step is step, within_s=20.0)
    idle.lost = {"node"}
    idle.run(13.0)
    assert "dome is silent" in " ".join(open_lines(idle).values())
    assert idle.state.selftest.step is Step.FAILED
    assert stays_cold(idle, 10.0)


def test_a_lid_opened_during_the_heater_test_fails_it_and_says_why(idle):
    create(idle)
    idle.run_until(lambda w: w.heater_w > 0.0, within_s=20.0)
    idle.plant.lid_open = True
    idle.run(15.0)
    assert "the lid is not known to be closed" in " ".join(open_lines(idle).values())
    assert stays_cold(idle, 10.0)


def test_a_silent_guard_keeps_heat_from_being_tested(idle):
    idle.guard_runs = False
    idle.run(3.0)
    create(idle)
    idle.run(15.0)
    assert "guard is silent" in open_lines(idle)["guard"]
    assert idle.state.selftest is None


@pytest.mark.parametrize("role", ["viewer", "integration", "nobody"])
def test_who_may_only_look_does_not_act(idle, role):
    refused = answer(idle, idle.ask("create", CREATE, role=role))
    assert f"role {role} may look but not act" in refused.because


def test_a_protocol_that_is_not_there_is_refused_by_name(idle):
    refused = answer(idle, create(idle, protocol="boil-90"))
    assert "hold-5" in refused.do


def test_a_stop_in_the_preflight_arms_nothing(idle):
    create(idle)
    idle.run_until(lambda w: w.state.selftest is not None, within_s=5.0)
    idle.run(1.5)
    idle.press_stop()
    idle.run(0.5)
    assert idle.outcome.arms == ()
    assert idle.phase is Phase.ENDED
    assert stays_cold(idle, 20.0)


BUILT = DomeBuilt(2000.0, 1.0, has_fan=True, has_lid_switch=True)


@pytest.mark.parametrize(
    ("built", "said"),
    [
        (replace(BUILT, rated_w=1500.0), "rated 2000 W, the file says 1500 W"),
        (replace(BUILT, rated_w=math.nan), "rated 2000 W"),
        (replace(BUILT, window_s=2.0), "its window is 1.0 s, the file says 2.0 s"),
        (replace(BUILT, has_fan=False), "it has a fan"),
    ],
)
def test_a_dome_that_is_not_as_configured_is_not_heated(idle, built, said):
    """H17, H21: half the rated power in the file is twice the heat for each percent."""
    idle.plan = replace(idle.plan, built=built)
    create(idle)
    idle.run(5.0)
    assert said in open_lines(idle)["dome"]
    assert not is_accepted(idle, start(idle))


def test_a_dome_as_configured_gets_its_tick(idle):
    idle.plan = replace(idle.plan, built=BUILT)
    passes_preflight(idle)
