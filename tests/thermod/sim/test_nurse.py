"""What a careful nurse does next, and what she leaves alone."""

import pytest

from thermod.sim.nurse import CHECK_EVERY_S, CONFIRM_EVERY_S, GIVES_UP_S, Nurse, Sight


def sees(phase, **more):
    return Sight(
        **{
            **{"phase": phase, "target_c": 38.5, "core_temp_c": 38.2, "presence_age_s": 0.0},
            **{"checklist_done": False, "latched": False, "guard_would_permit": True},
            **more,
        }
    )


def does(sight, **how):
    deed = Nurse(**how).deed(sight)
    return None if deed is None else deed.kind


def test_she_creates_waits_for_the_checklist_and_starts():
    assert does(sees("idle")) == "create"
    assert does(sees("preflight")) is None
    assert does(sees("preflight", checklist_done=True)) == "start"
    assert Nurse().deed(sees("preflight", checklist_done=True)).details == {"target_c": 38.5}


def test_one_who_may_not_start_only_attends():
    for phase in ("idle", "preflight", "ended"):
        assert does(sees(phase, checklist_done=True), starts=False, resumes=False) is None
    assert does(sees("paused"), resumes=False) is None


@pytest.mark.parametrize("phase", ["heat_up", "hold", "cool_down", "retention"])
def test_she_confirms_her_presence_in_time(phase):
    assert does(sees(phase, presence_age_s=CONFIRM_EVERY_S - 1.0)) is None
    assert does(sees(phase, presence_age_s=CONFIRM_EVERY_S)) == "confirm-presence"


@pytest.mark.parametrize("phase", ["paused", "interrupted"])
def test_she_resumes_with_a_reason_and_only_when_heat_would_be_permitted(phase):
    deed = Nurse().deed(sees(phase))
    assert (deed.kind, deed.details["same_patient"]) == ("resume", True)
    assert deed.reason
    assert does(sees(phase, latched=True)) is None
    assert does(sees(phase, guard_would_permit=False)) is None
    assert does(sees(phase, core_temp_c=None)) is None


def test_she_closes_a_cool_down_when_the_core_is_cold_and_not_when_it_is_unknown():
    assert does(sees("cool_down", core_temp_c=38.0)) is None
    assert does(sees("cool_down", core_temp_c=None)) is None
    assert does(sees("cool_down", core_temp_c=37.99)) == "close"


def test_she_does_nothing_about_a_trip():
    assert does(sees("tripped", latched=True)) is None


def test_beside_a_single_core_probe_she_measures_by_hand_in_time():
    due = sees("hold", unchecked_s=CHECK_EVERY_S, by_hand_c=38.4)
    assert does(due) is None
    blind = sees("hold", unchecked_s=CHECK_EVERY_S)  # she has no thermometer
    assert does(blind, one_core_probe=True) is None
    assert does(due, one_core_probe=True) == "manual-check"
    assert Nurse(one_core_probe=True).deed(due).details == {"core_temp_c": 38.4}
    early = sees("hold", unchecked_s=CHECK_EVERY_S - 1.0, by_hand_c=38.4)
    assert does(early, one_core_probe=True) is None
    assert does(sees("idle", unchecked_s=CHECK_EVERY_S, by_hand_c=38.4)) == "create"


def test_she_shows_presence_also_while_a_session_waits_to_be_resumed():
    assert does(sees("interrupted", presence_age_s=CONFIRM_EVERY_S)) == "confirm-presence"


def test_she_ends_what_cannot_go_on_and_closes_it_with_her_own_thermometer():
    waiting = {"core_temp_c": None, "by_hand_c": 38.1}
    assert does(sees("interrupted", phase_s=GIVES_UP_S - 1.0, **waiting)) is None
    assert does(sees("interrupted", phase_s=GIVES_UP_S, **waiting)) == "stop"
    assert does(sees("cool_down", **waiting)) is None
    cooled = sees("cool_down", core_temp_c=None, by_hand_c=37.9)
    assert Nurse().deed(cooled).reason == "37.9 °C by hand"
    assert does(sees("cool_down", core_temp_c=None)) is None
