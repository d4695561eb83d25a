"""Which phases have a patient in them, named here once more and not taken from the code."""

import pytest

from controllers.session import HEATING, UNDER_WAY, Clocks, Phase, run_clocks

WITH_A_PATIENT = {
    *("heat_up", "hold", "retention", "cool_down"),
    *("paused", "interrupted", "tripped"),
}


def test_a_patient_is_there_from_the_first_heat_until_the_session_is_closed():
    assert {phase.value for phase in UNDER_WAY} == WITH_A_PATIENT
    assert {phase.value for phase in HEATING} == {"heat_up", "hold"}


@pytest.mark.parametrize("phase", Phase)
def test_while_a_patient_is_there_the_clocks_of_care_run_on(phase):
    """H24: presence and the check by hand fall due in cool-down and retention as well."""
    before = Clocks(span_s=5.0)
    after = run_clocks(
        *(before, phase), heating=False, may_heat=False, in_band=False, at_target=False, dt_s=2.0
    )
    passed_s = 2.0 if phase.value in WITH_A_PATIENT else 0.0
    assert (after.presence_s, after.manual_check_s) == (passed_s, passed_s)
    assert after.span_s == 5.0 + passed_s


def test_every_clock_of_a_session_begins_at_nothing():
    assert not any(Clocks())


def test_the_span_grows_while_it_is_heated_and_while_it_is_not():
    """H24: from first to last heat, so a patient heated without a break is no newcomer."""
    clocks = Clocks()
    for heating in (True, True, True, False, True):
        clocks = run_clocks(
            *(clocks, Phase.HEAT_UP), heating=heating, may_heat=True, in_band=False, dt_s=10.0
        )
    assert clocks.span_s == 40.0
