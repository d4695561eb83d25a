"""The event table of SAFETY.md §2, row by row, as sessions on pretend time."""

from __future__ import annotations

import pytest

from tests.guard.pretend import Room
from thermod.guard.said import Permit


def silence_the_link(room: Room, seconds: float) -> None:
    """Nothing is heard, of nobody."""
    room.node.is_alive = room.control.is_alive = False
    room.run(seconds)
    room.node.is_alive = room.control.is_alive = True


def test_the_guard_boots_revoking_and_stays_so_without_a_person(room):
    room.run(minutes=2)
    assert room.broken == ()  # it would permit …
    assert not any(permit.granted for permit in room.heard(Permit))  # … and does not
    assert room.permit.controller_id is None
    assert room.state.scope == "none"


def test_it_boots_revoking_before_anything_was_heard(room):
    room.look()
    assert not room.granted
    assert room.ended
    assert room.permit.boot_id == "0" * 16
    for name in ("core_fresh", "skin_fresh", "air_fresh", "node_fresh", "control_answers"):
        assert name in room.broken


def test_an_act_of_a_person_opens_an_epoch(session):
    assert session.permit.epoch == 1
    assert session.permit.controller_id == "c-1"
    assert session.state.permitting
    assert session.state.scope == "session"
    assert session.permit.why == "all holds"


@pytest.mark.parametrize("seconds", [0.5, 1.0])
def test_a_loss_below_1_5_s_does_nothing(session, seconds):
    before = len(session.heard(Permit))
    silence_the_link(session, seconds)
    session.run(seconds=5)
    assert all(permit.granted for permit in session.heard(Permit)[before:])


@pytest.mark.parametrize("seconds", [2.0, 3.0, 5.5, 20.0, 50.0])
def test_a_loss_withholds_and_heals_after_3_s_of_good_in_the_same_epoch(session, seconds):
    silence_the_link(session, seconds)
    assert not session.granted
    assert not session.ended
    assert 3.0 <= session.seconds_until(lambda: session.granted) <= 4.5
    assert session.permit.epoch == 1
    assert session.latches == ()


def test_a_loss_of_more_than_60_s_ends_the_epoch_and_latches_nothing(session):
    silence_the_link(session, 63.0)
    assert session.ended
    session.run(minutes=2)
    assert not session.granted
    assert session.latches == ()
    assert "60 s" in session.permit.why


def test_control_restarts_and_the_epoch_ends(session):
    session.control.is_alive = False
    session.run(seconds=1)
    session.control.is_alive = True
    session.control.controller_id = "c-2"
    session.control.cycle = 0
    session.run(seconds=0.5)
    assert session.ended
    session.control.scope = "none"
    session.run(minutes=1)
    assert not session.granted
    assert session.broken == ()  # a person may begin the next one


def test_the_guard_restarts_revoking_with_the_epoch_continued_from_its_file(session):
    session.restart_guard()
    session.run(minutes=1)
    assert not session.granted
    assert session.permit.epoch == 1  # stored, and over
    session.start()
    assert session.granted
    assert session.permit.epoch == 2


def test_a_reboot_of_the_dome_inside_a_session_trips(session):
    session.node.boot_id = "00000000000000aa"
    session.node.tick = 0
    session.run(seconds=0.5)
    assert session.latches == ("dome_restarted",)
    assert session.ended


def test_a_reboot_of_the_dome_outside_a_session_is_no_trip(room):
    room.run(seconds=3)
    room.node.boot_id = "00000000000000aa"
    room.node.tick = 0
    room.start()
    assert room.granted


def test_everything_power_cycles_and_nothing_heats_by_itself(session):
    session.hear("stop", b"")
    session.restart_guard()
    session.node.boot_id = "00000000000000aa"
    session.node.tick = 0
    session.control.controller_id = "c-2"
    session.control.scope = "none"
    session.run(minutes=1)
    assert not session.granted
    assert session.latches == ("stopped",)


def test_after_a_trip_reset_and_resume_are_two_acts_and_open_the_next_epoch(session):
    session.hear("stop", b'{"stop_id": "e1f0", "by": "nurse-7"}')
    session.control.scope = "none"
    session.run(seconds=2)
    session.reset("stopped")
    session.run(seconds=20)
    assert session.latches == ()
    assert not session.granted  # a reset opens nothing
    session.start(kind="resume")
    assert session.granted
    assert session.permit.epoch == 2


def test_a_full_disk_opens_no_epoch(room):
    room.drawer.is_stuck = True
    room.start()
    assert not room.granted
    assert room.latches == ("state_lost",)


def test_h06_a_guard_that_was_stopped_for_2_s_withholds_until_3_s_were_good(session):
    session.now_s += 2.5  # SIGSTOP, or the host slept
    session.hear("node/state", session.node.state())
    assert not session.granted
    assert not session.ended
    assert 3.0 <= session.seconds_until(lambda: session.granted) <= 4.5


def test_h06_a_guard_that_was_stopped_for_more_than_60_s_ends_the_epoch(session):
    session.now_s += 61.0
    session.hear("node/state", session.node.state())
    assert session.ended
    assert session.latches == ()


def test_a_burst_of_old_messages_after_a_freeze_is_no_proof_of_a_stuck_heater(session):
    frozen = [session.node.state() for _ in range(5)]  # sent while it still heated
    session.now_s += 20.0
    for message in frozen:
        session.hear("node/state", message)
    session.node.measured_w = 0.0
    session.run(seconds=10)
    assert session.latches == ()
    assert session.granted
