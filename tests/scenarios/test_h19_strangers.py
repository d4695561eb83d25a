"""H19: somebody who may not, or something that does not know what it asks."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import CREATE, TARGET_C, answer, is_off_within, stays_cold

KINDS = {
    "create": CREATE,
    "start": {"target_c": TARGET_C},
    "pause": {},
    "resume": {"target_c": TARGET_C, "same_patient": True},
    "close": {},
    "confirm-presence": {},
    "acknowledge": {"alarm": "lid_open"},
    "audio-pause": {"alarm": "lid_open"},
    "reset": {"latches": ["stopped"]},
    "note": {"text": "…"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", ["viewer", "integration", "root", ""])
def test_h19_a_role_that_may_only_look_changes_nothing(heating, kind, role):
    asked = heating.ask(kind, KINDS[kind], "because", role=role)
    reply = answer(heating, asked)
    assert not reply.accepted
    assert reply.do == "Ask an operator."
    assert heating.phase is Phase.HEAT_UP
    assert heating.state.lease.epoch == 2


def test_h19_a_flood_of_acts_costs_no_cycle_and_changes_nothing(heating):
    """More than 32 between two cycles do not even get in: tests/thermod/test_post.py."""
    for _ in range(40):
        for kind in ("start", "close", "create"):
            heating.ask(kind, KINDS[kind], "again", role="viewer")
        heating.step()
        assert heating.heater_w > 0.0
    assert heating.phase is Phase.HEAT_UP


@pytest.mark.parametrize("by", ["", "nurse-7", "'; DROP TABLE events; --", "x" * 36])
def test_h19_stop_is_obeyed_whoever_says_it(heating, by):
    heating.press_stop(by)
    assert is_off_within(heating, 1.0)
    assert heating.state.latches == ("stopped",)


def test_h19_no_permit_that_nobody_asked_for_brings_heat(cooling):
    """A forged grant of a higher epoch: control holds no lease, so it commands nothing."""
    permit = cooling._permit
    for epoch in range(3, 60):
        cooling._permit = permit._replace(granted=True, epoch=epoch, received_s=cooling.now_s)
        cooling.step()
        assert cooling.heater_w == 0.0
        assert cooling.outcome.command is None
    assert stays_cold(cooling, 10.0)
