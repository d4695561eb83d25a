"""H20: the disk is full or gone, the journal cannot be written. Heat needs no record."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import open_lines, passes_preflight
from thermod import cycle
from thermod.state import PERIOD_S


def with_disk(world, **disk):
    """The next half second of control, told this of its disk; then the world goes on."""
    world.step()
    inbox = world.outcome.inbox._replace(intents=(), stops=(), **disk)
    return cycle.step(world.plan, world.state, inbox, world.now_s + PERIOD_S)


DISKS = [{"journal_error": "disk I/O error"}, {"disk_free_mb": 120.0}]


@pytest.mark.parametrize("disk", DISKS)
def test_h20_a_session_under_way_heats_on_and_staff_are_told(heating, disk):
    power_pct = heating.state.power_pct
    state, outcome = with_disk(heating, **disk)
    assert outcome.command.power_pct == pytest.approx(power_pct, abs=2.0)
    assert state.phase is Phase.HEAT_UP
    (raised,) = (change for change in outcome.changes if change.change == "raised")
    assert raised.alarm_id in ("record_failing", "disk_low")
    assert state.latches == ()


@pytest.mark.parametrize("disk", DISKS)
def test_h20_no_session_begins_without_room_for_its_record(idle, disk):
    passes_preflight(idle)
    assert open_lines(idle) == {}
    _, outcome = with_disk(idle, **disk)
    assert [line.check_id for line in outcome.checks if line.ok is not True] == ["record"]


def test_h20_latches_that_cannot_be_kept_take_heat(heating):
    """Unlike the record, what a restart must know is part of safety."""
    state, outcome = with_disk(heating, latches_error="latches.json cannot be written")
    assert outcome.limited.power_pct == 0.0
    assert state.phase is Phase.TRIPPED
    assert state.latches == ("state_lost",)
