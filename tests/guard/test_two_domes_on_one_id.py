"""H19: somebody else speaks as our dome. Heat goes and stays off, and the dome is heard again."""

from __future__ import annotations

import pytest

from tests.guard.pretend import BOOT_ID, Room

OTHER = "00000000000000aa"


def impostor(room: Room, *, tick: int = 5, boot_id: str = OTHER) -> None:
    """One message of another node, as cold and as closed as one could wish."""
    room.node.tick -= 1  # the real one goes on counting as if nothing had been said
    room.hear("node/state", room.node.state(boot_id=boot_id, tick=tick))


def hears_the_dome(room: Room) -> bool:
    return room.guard.senses.node.boot_id == BOOT_ID and "node_fresh" not in room.broken


def test_one_message_of_an_impostor_trips_a_session_and_blinds_for_10_s_at_most(session):
    impostor(session)
    assert session.latches == ("dome_restarted",)
    session.control.scope = "none"
    assert 9.5 <= session.seconds_until(lambda: hears_the_dome(session)) <= 11.0
    session.run(seconds=10)
    assert not session.granted  # nothing but a person brings heat back
    session.reset("dome_restarted")
    session.start(kind="resume")
    assert session.granted
    assert session.permit.boot_id == BOOT_ID


def test_an_impostor_before_a_session_blinds_for_10_s_at_most(room):
    room.run(seconds=3)
    impostor(room)
    assert 9.5 <= room.seconds_until(lambda: hears_the_dome(room)) <= 11.0
    assert room.latches == ()
    room.start()
    assert room.granted


def test_while_two_nodes_speak_no_epoch_opens(room):
    room.run(seconds=3)
    for tick in range(1, 20):
        impostor(room, tick=tick)
        room.run(seconds=0.5)
    assert room.broken == ("one_dome",)
    room.control.scope = "session"
    room.arm(room.intent("start", {"target_c": 38.5}))
    for tick in range(20, 40):
        impostor(room, tick=tick)
        room.run(seconds=0.5)
        assert not room.granted
    assert room.refused("node_old_boot") >= 20

    room.control.scope = "none"
    assert room.seconds_until(lambda: hears_the_dome(room) and room.broken == ()) <= 16.0


def test_an_impostor_that_runs_ahead_of_the_dome_withholds_and_then_trips(session):
    impostor(session, tick=2**31 - 1, boot_id=BOOT_ID)
    session.run(seconds=2)
    assert not session.granted
    assert session.refused("node_late") >= 3
    session.run(seconds=10)
    assert session.latches == ("dome_restarted",)  # its count does not go on from where it was
    assert hears_the_dome(session)
    session.control.scope = "none"
    session.run(seconds=10)
    session.reset("dome_restarted")
    session.start(kind="resume")
    assert session.granted


@pytest.mark.parametrize("late", [1, 2])
def test_a_message_or_two_still_under_way_when_the_dome_booted_are_no_second_dome(room, late):
    room.run(seconds=3)
    stragglers = [room.node.state() for _ in range(late)]
    room.node.boot_id, room.node.tick = OTHER, 0
    room.run(seconds=0.5)
    for message in stragglers:
        room.hear("node/state", message)
    assert "one_dome" not in room.broken
    room.start()
    assert room.granted


def test_a_node_state_from_before_a_pause_of_the_dome_changes_nothing_while_it_is_heard(session):
    old = session.node.state(lid="open")
    session.run(seconds=9)
    session.hear("node/state", old)
    assert session.granted
