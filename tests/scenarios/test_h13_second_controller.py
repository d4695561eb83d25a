"""H13: two of them on one dome."""

from controllers.session import Phase
from tests.scenarios.people import is_accepted, is_off_within, reset, resume, stays_cold


def test_a_second_controller_never_heats_and_takes_heat_from_the_first(heating):
    """H13."""
    heating.hear_other_controller("c-intruder", power_pct=100.0)
    assert is_off_within(heating, 0.5)
    assert heating.phase is Phase.TRIPPED
    assert "second_controller" in heating.state.latches
    assert heating.node.authority.controller_id == heating.plan.controller_id
    assert stays_cold(heating, 60.0)


def test_while_the_second_one_speaks_the_latch_cannot_be_reset(heating):
    for _ in range(6):
        heating.hear_other_controller("c-intruder", power_pct=100.0)
        reset(heating)
        heating.run(0.5)
        assert heating.heater_w == 0.0
    assert heating.phase is Phase.TRIPPED

    heating.run(10.0)
    assert is_accepted(heating, reset(heating))
    assert is_accepted(heating, resume(heating))


def test_a_second_controller_keeps_a_session_from_starting(idle):
    idle.run(2.0)
    idle.hear_other_controller("c-intruder", power_pct=0.0)
    idle.run(1.0)
    assert "second_controller" in idle.state.latches
    idle.run(2.0)
    idle.ask("create", {"protocol": "hold-5", "subject": "S-1", "staff": "N-1", "consent": True})
    idle.run(15.0)
    assert idle.state.selftest is None  # not even the heater test begins
