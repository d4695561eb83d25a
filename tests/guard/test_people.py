"""STOP, what people ask for, and what the guard says of itself."""

from __future__ import annotations

import json

import pytest

from thermod.guard.heard import IntentSeen
from thermod.guard.intents import IntentBook
from thermod.guard.judge import MUST_HOLD
from thermod.guard.said import WHY_LENGTH_MAX, Challenge, GuardState, Permit
from thermod.guard.trips import TRIPS


@pytest.mark.parametrize("payload", [b"", b"\x00\xff", b"{}", b"[" * 3000, b"x" * 100_000])
def test_a_malformed_stop_stops(session, payload):
    session.hear("stop", payload)
    assert session.ended
    assert session.latches == ("stopped",)
    assert session.state.stop_id == "unreadable"


def test_a_retained_stop_stops(session):
    session.hear("stop", b'{"stop_id": "e1f0"}', retained=True)
    assert session.ended
    assert session.state.stop_id == "e1f0"


def test_a_stop_is_echoed_at_once_and_the_revoke_goes_first(session):
    before = len(session.said)
    session.hear("stop", b'{"stop_id": "e1f0", "by": "nurse-7"}')
    said = [each for _, each in session.said[before:]]
    assert isinstance(said[0], Permit)
    assert not said[0].granted
    assert said[0].ended
    assert isinstance(said[1], GuardState)
    assert said[1].stop_id == "e1f0"


def test_a_second_stop_is_echoed_too(session):
    session.hear("stop", b'{"stop_id": "e1f0"}')
    session.hear("stop", b'{"stop_id": "e1f1"}')
    assert session.state.stop_id == "e1f1"


def test_a_stop_that_reached_the_dome_alone_stops_as_soon_as_the_dome_says_so(session):
    """H19."""
    session.node.stop_id = "e1f0"
    session.hear("node/state", session.node.state())
    assert session.ended
    assert session.latches == ("stopped",)
    assert session.state.stop_id == "e1f0"
    session.reset("stopped")
    session.run(seconds=1)
    assert session.latches == ()  # what the dome goes on saying is past


def test_a_stop_that_the_dome_echoes_later_than_we_heard_it_is_one_stop(session):
    session.hear("stop", b'{"stop_id": "e1f0"}')
    session.reset("stopped")
    session.node.stop_id = "e1f0"
    session.run(seconds=1)
    assert session.latches == ()


def test_a_stop_of_before_our_start_is_past(room):
    room.node.stop_id = "e1f0"
    room.run(seconds=2)
    room.start()
    assert room.granted
    assert room.latches == ()


def test_a_stop_in_idle_latches_as_well(room):
    room.run(seconds=2)
    room.hear("stop", b"")
    room.start()
    assert not room.granted


def test_the_state_is_said_at_least_every_5_s_and_carries_what_control_compares(session):
    before = len(session.heard(GuardState))
    session.run(seconds=21)
    assert 4 <= len(session.heard(GuardState)) - before <= 5
    state = json.loads(session.state.to_json())
    assert state["probes"] == {
        **{"core-1": "core", "core-2": "core", "skin-1": "skin", "skin-2": "skin"},
        "air-1": "air",
    }
    assert set(state["limits"]) >= {
        *("core_temp_c_max", "core_rise_c_per_min_max", "skin_temp_c_max", "air_temp_c_max"),
        *("skin_dose_cem43_min_max", "heat_span_min_max", "core_age_s_max"),
    }


def test_refused_messages_are_counted_by_kind_in_the_state(session):
    for _ in range(3):
        session.hear("heater/command", b"nonsense")
    session.run(seconds=6)
    assert session.state.refused == {"command_not_json": 3}


def test_a_flood_of_refused_messages_is_not_answered_by_a_flood_of_states(session):
    before = len(session.heard(GuardState))
    for _ in range(500):
        session.hear("heater/command", b"nonsense")
    assert len(session.heard(GuardState)) == before


def test_a_challenge_goes_out_every_half_second_and_each_is_new(session):
    before = len(session.heard(Challenge))
    session.run(seconds=10, looks=25)
    challenges = [each.challenge for each in session.heard(Challenge)[before:]]
    assert 19 <= len(challenges) <= 21
    assert len(set(challenges)) == len(challenges)


def test_after_a_lost_link_everything_is_said_again(session):
    session.run(seconds=1)
    session.guard.reconnected()
    kinds = {type(each) for each in session.guard.look(session.now_s)}
    assert kinds == {Permit, GuardState, Challenge}


def test_the_end_of_the_process_ends_the_epoch(session):
    session.guard.close()
    session.look()
    assert session.ended


def test_a_permit_always_fits_what_a_node_reads(session):
    longest = session.permit._replace(
        granted=False,
        why="x" * WHY_LENGTH_MAX,
        guard_id="g-" + "0" * 34,
        controller_id="c-" + "0" * 34,
        epoch=2**31 - 1,
        seq=2**31 - 1,
        tick=2**31 - 1,
    )
    assert len(longest.to_json()) <= 512


def test_what_is_said_to_people_is_ascii_since_a_permit_counts_bytes():
    for text in [*(row.otherwise for row in MUST_HOLD), *(trip.say for trip in TRIPS)]:
        assert text.isascii()


def test_all_latches_at_once_still_make_a_permit_that_fits(room):
    for trip in TRIPS:
        room.guard.keeper.latch(trip.name)
    room.look()
    assert len(room.permit.to_json()) <= 512
    assert len(room.state.to_json()) <= 16384


def test_a_permit_on_the_wire_is_the_one_of_the_contract(session):
    assert list(json.loads(session.permit.to_json())) == [
        *("granted", "ended", "why", "annunciate", "guard_id", "controller_id"),
        *("epoch", "seq", "boot_id", "tick"),
    ]
    assert json.loads(session.state.to_json()).keys() == {
        *("guard_id", "permitting", "scope", "broken", "tripped_by", "epoch", "stop_id"),
        *("controller_id", "probes", "limits", "limits_sha256", "refused"),
    }
    assert session.permit.tick == session.node.tick
    assert session.permit.boot_id == session.node.boot_id


# --- what people ask for --------------------------------------------------------------------------


def test_an_intent_that_is_10_s_old_may_just_be_armed(room):
    room.cycle()
    first = room.intent("start", {"target_c": 38.5})
    second = room.intent("start", {"target_c": 38.5})
    room.now_s += 10.0
    room.arm(first)
    assert room.refused("arm_late") == 0
    room.now_s += 0.001
    room.arm(second)
    assert room.refused("arm_late") == 1


@pytest.mark.parametrize(("ahead", "refused"), [(10, 0), (11, 1)])
def test_an_intent_may_be_up_to_10_cycles_ahead_of_what_the_guard_has_heard(room, ahead, refused):
    room.cycle()
    room.intent("start", {"target_c": 38.5}, cycle=room.control.cycle + ahead)
    assert room.refused("intent_old") == refused


def test_16_intents_wait_for_control_and_one_more_drops_the_oldest(room):
    room.cycle()
    waiting = [room.intent("start", {"target_c": 38.5}) for _ in range(17)]
    room.arm(waiting[1])
    assert room.refused("arm_without_intent") == 0
    room.arm(waiting[0])
    assert room.refused("arm_without_intent") == 1


def test_the_last_1024_intents_are_known_again_and_a_flood_of_them_takes_no_more_memory():
    def intent(n):
        return IntentSeen(f"i-{n}", "pause", "", "c-1", 1, "s-1", None, ())

    book = IntentBook()
    assert all(book.is_new(intent(n)) for n in range(1025))
    assert not book.is_new(intent(1))
    assert book.is_new(intent(0))
