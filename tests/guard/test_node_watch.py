"""What the guard believes of the node itself: which message is news, whose it is, lid and fan."""

from __future__ import annotations

import pytest

from tests.guard.pretend import BOOT_ID, Room
from thermod.guard.decode import decode_node
from thermod.guard.node_watch import NodeWatch
from thermod.guard.specs import DomeSpec

OTHER = "00000000000000aa"
UNKNOWN = "0000000000000000"


def node(**changes):
    return decode_node(Room().node.state(**changes))


def watch_of(*, has_lid_switch=True, **changes):
    """One message was heard, at 1000 s."""
    watch = NodeWatch(has_lid_switch)
    watch.take(node(**changes), 1000.0)
    return watch


def test_before_the_dome_is_heard_nothing_is_known_of_it(room):
    room.look()
    assert {"node_fresh", "lid_closed", "fan_running"} <= set(room.broken)
    assert (room.permit.boot_id, room.permit.tick) == (UNKNOWN, 0)
    assert NodeWatch(has_lid_switch=False).age_s(1000.0) is None


@pytest.mark.parametrize(
    ("lid", "with_switch", "without_switch"),
    [("closed", True, True), ("open", False, False), ("unknown", False, True)],
)
def test_a_dome_without_a_lid_switch_may_say_unknown(lid, with_switch, without_switch):
    """H26."""
    assert watch_of(lid=lid, has_lid_switch=True).lid_is_closed is with_switch
    assert watch_of(lid=lid, has_lid_switch=False).lid_is_closed is without_switch


def test_h26_a_dome_without_a_lid_switch_gets_heat_and_none_once_it_says_open(room):
    room = Room(spec=DomeSpec("dome-1", room.spec.probes, has_lid_switch=False))
    room.node.lid = "unknown"
    room.start()
    assert room.granted
    room.node.lid = "open"
    room.run(seconds=0.5)
    assert not room.granted


def test_h26_a_fan_that_runs_again_in_time_is_forgiven(session):
    session.node.fan_running = False
    session.run(seconds=2)
    session.node.fan_running = True
    session.run(seconds=20)
    assert session.granted
    assert session.guard.senses.node.fan_stopped_s == 0.0


@pytest.mark.parametrize(("tick", "refusal"), [(41, "node_late"), (42, "node_late"), (43, None)])
def test_h05_only_a_newer_tick_is_news(tick, refusal):
    assert watch_of(tick=42).refuses(node(tick=tick), 1000.5) == refusal


@pytest.mark.parametrize(("silent_s", "is_heard"), [(10.0, False), (10.01, True)])
@pytest.mark.parametrize(("boot_id", "refusal"), [(BOOT_ID, "node_late"), (OTHER, "node_old_boot")])
def test_h19_what_was_replaced_is_heard_after_10_s_of_silence(silent_s, is_heard, boot_id, refusal):
    watch = watch_of(boot_id=OTHER)
    watch.take(node(tick=42), 1001.0)
    again = node(boot_id=boot_id, tick=42)
    assert watch.refuses(again, 1001.0 + silent_s) == (None if is_heard else refusal)


def test_h19_the_same_tick_again_after_10_s_is_a_dome_that_booted():
    watch = watch_of(tick=42)
    assert watch.take(node(tick=42), 1010.5)
    assert not watch.take(node(tick=43), 1011.0)


def test_h16_a_dome_that_boots_and_counts_on_has_booted_all_the_same(session):
    session.node.boot_id = OTHER
    session.run(seconds=0.5)
    assert session.latches == ("dome_restarted",)


def strays_at(*heard_s):
    """A dome that booted is believed, and messages of its former boot come at these times."""
    watch = watch_of(boot_id=OTHER)
    watch.take(node(), 1000.0)
    for at_s in heard_s:
        assert watch.refuses(node(boot_id=OTHER), at_s) == "node_old_boot"
    return watch


def test_h13_three_messages_of_another_boot_are_a_second_dome_and_two_are_not():
    assert not strays_at(1000.5, 1001.0).other_was_heard(1001.0)
    assert strays_at(1000.5, 1001.0, 1001.5).other_was_heard(1001.5)


@pytest.mark.parametrize(("last_s", "is_there"), [(1005.0, True), (1005.01, False)])
def test_h13_a_second_dome_speaks_three_times_within_5_s(last_s, is_there):
    watch = strays_at(1000.0, 1002.0, 1004.0)
    assert watch.other_was_heard(last_s) is is_there


def test_h13_of_many_messages_of_a_second_dome_the_last_three_count():
    watch = strays_at(1001.0, 1002.0, 1004.0, 1006.0)
    assert watch.other_was_heard(1007.0)
    assert not watch.other_was_heard(1007.01)
