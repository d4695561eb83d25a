"""What people are told of where a dome stands, and when the node's own sounder calls. (H27)"""

from __future__ import annotations

import pytest

from tests.guard.pretend import Room
from thermod.guard.kept import Kept


def test_one_line_says_what_to_look_at_first_and_how_much_else_there_is(session):
    session.node.lid = "open"
    session.run(seconds=5)
    assert session.broken == ("lid_closed",)
    assert session.permit.why == "withheld: the lid is not known to be closed"

    session.node.fan_running = False
    session.run(seconds=5)
    assert session.broken == ("lid_closed", "fan_running")
    assert session.permit.why == "withheld: the lid is not known to be closed (and 1 more)"

    del session.node.temps_c["skin-1"], session.node.temps_c["skin-2"]
    session.run(seconds=5)
    assert session.broken == ("skin_fresh", "lid_closed", "fan_running")
    assert session.permit.why == (
        "withheld: no usable skin reading: check the skin probes (and 2 more)"
    )


@pytest.mark.parametrize(
    ("latches", "calls"),
    [
        ((), False),
        (("stopped",), False),
        (("core_cutoff",), True),
        (("core_cutoff", "stopped"), True),
        (("stopped", "core_cutoff"), True),
        (("stopped", "state_lost"), False),
    ],
)
def test_h27_outside_a_session_one_urgent_latch_is_enough_for_the_sounder(latches, calls):
    room = Room()
    room.drawer.domes["dome-1"] = Kept(epoch=4, latches=latches)
    room.restart_guard()
    room.run(seconds=3)
    assert not room.permit.annunciate  # control is there to raise the alarm
    room.control.is_alive = False
    room.run(seconds=5)
    assert room.latches == latches
    assert room.permit.annunciate is calls
