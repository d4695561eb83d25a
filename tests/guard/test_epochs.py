"""When an epoch opens, whom it belongs to, and what ends it."""

from __future__ import annotations

import pytest

from tests.guard.pretend import Room
from thermod.guard.kept import Kept
from thermod.guard.said import Permit


def test_the_number_is_safe_before_it_is_used(room):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5})
    kept = []
    save = room.drawer.save
    room.drawer.save = lambda changed: (
        kept.append((changed["dome-1"].epoch, room.permit.epoch)) or save(changed)
    )
    room.arm(intent_id)
    assert kept[0] == (1, 0)  # on disk it is 1 while the newest permit still says 0
    assert room.permit.epoch == 1


def test_the_number_goes_on_from_the_file_or_from_the_node_whichever_is_higher(room):
    room.drawer.domes["dome-1"] = Kept(epoch=7)
    room.restart_guard()
    room.node.epoch = 5
    room.start()
    assert room.permit.epoch == 8
    room.node.epoch = 0
    room.drawer.domes["dome-1"] = Kept(epoch=2)
    room.restart_guard()
    room.node.epoch = 30
    room.start()
    assert room.permit.epoch == 31


def test_the_last_number_of_all_opens_an_epoch(room):
    room.node.epoch = 2**31 - 2
    room.start()
    assert room.granted
    assert room.permit.epoch == 2_147_483_647


def test_after_the_last_number_of_all_nothing_opens(room):
    room.node.epoch = 2**31 - 1
    room.start()
    assert not room.granted
    assert room.latches == ()
    assert "used up" in room.permit.why


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("create", "session"),  # preflight opens nothing but a test
        ("start", "test"),
        ("resume", "test"),
    ],
)
def test_control_cannot_arm_another_scope_than_the_person_asked_for(room, kind, scope):
    room.run(seconds=3)
    details = {} if kind == "create" else {"target_c": 38.5}
    room.arm(room.intent(kind, details), scope)
    room.run(seconds=2)
    assert not room.granted
    assert room.refused("arm_of_other_scope") == 1


@pytest.mark.parametrize("kind", ["pause", "stop", "reset", "note", "confirm-presence", "close"])
def test_control_cannot_arm_an_intent_that_asks_for_no_heat(room, kind):
    room.run(seconds=3)
    details = {"latches": ["stopped"]} if kind == "reset" else {}
    room.arm(room.intent(kind, details, reason="because"))
    room.run(seconds=2)
    assert not room.granted
    assert room.refused("arm_without_intent") == 1


def test_control_cannot_arm_what_the_guard_did_not_hear(room):
    room.run(seconds=3)
    room.arm("i-made-up")
    room.run(seconds=5)
    assert not room.granted
    assert room.refused("arm_without_intent") == 1


def test_an_intent_is_used_up_by_one_arm(session):
    intent_id = "i-once"
    session.intent("start", {"target_c": 38.5}, intent_id=intent_id)
    session.arm(intent_id)
    session.run(seconds=1)
    session.hear("stop", b"")
    session.reset("stopped")
    session.arm(intent_id)
    session.run(seconds=2)
    assert not session.granted
    assert session.refused("arm_without_intent") == 1


@pytest.mark.parametrize(("wait_s", "granted"), [(9.0, True), (9.5, True), (10.5, False)])
def test_an_intent_older_than_10_s_arms_nothing(room, wait_s, granted):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5})
    room.run(seconds=wait_s)
    room.arm(intent_id)
    room.run(seconds=1)
    assert room.granted is granted
    assert room.refused("arm_late") == (not granted)


@pytest.mark.parametrize(("cycles", "granted"), [(0, True), (10, True), (11, False), (-11, False)])
def test_an_intent_from_an_old_snapshot_is_refused(room, cycles, granted):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5}, cycle=room.control.cycle - cycles)
    room.arm(intent_id)
    room.run(seconds=1)
    assert room.granted is granted
    assert room.refused("intent_old") == (not granted)


def test_an_intent_for_another_controller_is_refused(room):
    room.run(seconds=3)
    room.arm(room.intent("start", {"target_c": 38.5}, controller_id="c-9"))
    room.run(seconds=1)
    assert not room.granted
    assert room.refused("intent_of_other_controller") == 1


def test_an_intent_that_was_heard_before_is_refused(room):
    room.run(seconds=3)
    room.intent("start", {"target_c": 38.5}, intent_id="i-twice")
    room.intent("start", {"target_c": 38.5}, intent_id="i-twice")
    assert room.refused("intent_seen_before") == 1


def test_a_retained_intent_or_arm_is_refused(room):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5})
    arm = {"controller_id": "c-1", "intent_id": intent_id, "scope": "session"}
    room.hear("arm", arm, retained=True)
    room.run(seconds=1)
    assert not room.granted
    assert room.refused("arm_retained") == 1


def test_a_stop_after_the_intent_makes_it_void(room):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5})
    room.hear("stop", b"")
    room.reset("stopped")
    assert room.latches == ()
    room.arm(intent_id)
    room.run(seconds=2)
    assert not room.granted


def test_a_pause_after_the_intent_makes_it_void(room):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5})
    room.intent("pause")
    room.arm(intent_id)
    room.run(seconds=2)
    assert not room.granted


def test_an_armed_act_waits_for_what_must_hold_until_its_intent_is_10_s_old(room):
    room.run(seconds=3)
    room.node.lid = "open"
    room.run(seconds=1)
    room.arm(room.intent("start", {"target_c": 38.5}))
    room.run(seconds=5)
    assert not room.granted
    room.node.lid = "closed"
    room.run(seconds=0.5)
    assert room.granted

    late = Room()
    late.run(seconds=3)
    late.node.lid = "open"
    late.run(seconds=1)
    late.arm(late.intent("start", {"target_c": 38.5}))
    late.run(seconds=10.5)
    late.node.lid = "closed"
    late.run(seconds=10)
    assert not late.granted


def test_permits_count_up_in_an_epoch_over_grants_and_revokes_and_begin_at_1(session):
    session.node.lid = "open"
    session.run(seconds=3)
    session.node.lid = "closed"
    session.run(seconds=5)
    session.start()
    by_epoch: dict[int, list[int]] = {}
    for permit in session.heard(Permit):
        by_epoch.setdefault(permit.epoch, []).append(permit.seq)
    assert len(by_epoch) == 3
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in by_epoch.values())


def test_an_epoch_ends_at_once_when_control_wants_no_more_heat(session):
    session.control.scope = "none"
    session.cycle()
    assert session.ended
    session.control.scope = "session"
    session.run(seconds=30)
    assert not session.granted


def test_an_epoch_ends_when_control_armed_it_and_then_did_not_want_it(room):
    room.run(seconds=3)
    room.arm(room.intent("start", {"target_c": 38.5}))
    room.control.scope = "none"
    room.run(seconds=1.5)
    assert room.granted
    room.run(seconds=1.5)
    assert room.ended


@pytest.mark.parametrize("kind", ["pause", "stop"])
def test_pause_and_stop_end_the_epoch_at_once_and_latch_nothing(session, kind):
    session.intent(kind)
    assert session.ended
    session.run(seconds=30)
    assert not session.granted
    assert session.latches == ()


def test_a_pause_counts_however_old_it_is_and_whomever_it_names(session):
    session.intent("pause", cycle=0, controller_id="c-9")
    assert session.ended


def test_resume_opens_the_next_epoch(session):
    session.intent("pause")
    session.start(kind="resume")
    assert session.granted
    assert session.permit.epoch == 2


# --- scope test -----------------------------------------------------------------------------------


@pytest.fixture
def test_epoch(room):
    room.run(seconds=3)
    room.arm(room.intent("create", {"protocol": "hold-45", "consent": True}), "test")
    room.run(seconds=0.5)
    assert room.granted
    assert room.state.scope == "test"
    return room


def test_a_test_lasts_60_s_at_most(test_epoch):
    test_epoch.run(seconds=59)
    assert test_epoch.granted
    test_epoch.run(seconds=2)
    assert test_epoch.ended


def test_a_test_may_heat_a_little_for_a_few_seconds(test_epoch):
    test_epoch.control.power_pct = 20.0
    test_epoch.run(seconds=9)
    assert test_epoch.granted


def test_a_test_may_not_heat_for_more_than_10_s_in_all(test_epoch):
    for _ in range(3):
        test_epoch.control.power_pct = 20.0
        test_epoch.run(seconds=4)
        test_epoch.control.power_pct = 0.0
        test_epoch.run(seconds=2)
    assert test_epoch.ended
    assert "test" in test_epoch.permit.why


def test_a_test_may_not_heat_with_more_than_30_pct_for_more_than_1_s(test_epoch):
    test_epoch.control.power_pct = 35.0
    assert test_epoch.seconds_until(lambda: test_epoch.ended) <= 2.5


def test_the_heat_of_a_session_before_it_does_not_count_in_a_test(session):
    session.run(minutes=1)
    session.intent("stop")
    session.control.scope = "none"
    session.run(seconds=1)
    session.control.power_pct = 20.0
    session.arm(session.intent("create", {"protocol": "hold-45"}, session_id=None), "test")
    session.run(seconds=5)
    assert session.granted


def test_a_start_follows_a_test_with_the_next_epoch(test_epoch):
    test_epoch.start()
    assert test_epoch.granted
    assert test_epoch.permit.epoch == 2
    assert test_epoch.state.scope == "session"


# --- two of a kind --------------------------------------------------------------------------------


def test_h13_a_second_controller_ends_the_epoch_and_neither_gets_heat(session):
    other = {"controller_id": "c-2", "scope": "session", "challenge": "00000000", "cycle": 5}
    session.hear("heartbeat", {**other, "results": [1, 2, 3, 4, 5, 6], "flow": 1})
    assert session.ended
    assert "one_controller" in session.broken
    assert session.refused("other_controller") == 1
    for _ in range(10):
        session.hear("heartbeat", {**other, "results": [1, 2, 3, 4, 5, 6], "flow": 1})
        session.run(seconds=0.5)
    session.arm(session.intent("start", {"target_c": 38.5}))
    session.hear("heartbeat", {**other, "results": [1, 2, 3, 4, 5, 6], "flow": 1})
    session.run(seconds=1)
    assert not session.granted


def test_h13_a_second_controller_is_counted_also_while_nobody_heats(room):
    room.run(seconds=3)
    assert room.refused("other_controller") == 0  # the first one is nobody's second
    room.hear("heater/command", room.command(controller_id="c-2"))
    assert room.refused("other_controller") == 1
    assert "one_controller" in room.broken


def test_h13_a_command_or_an_arm_of_a_second_controller_ends_the_epoch(session):
    session.hear("heater/command", session.command(controller_id="c-2", epoch=1, seq=999))
    assert session.ended


def test_h13_another_guard_on_the_dome_ends_the_epoch(session):
    session.hear("guard/permit", {"guard_id": "g-other", "granted": False})
    assert session.ended
    assert session.broken == ("one_guard",)
    session.run(seconds=6)
    assert session.broken == ()
    assert not session.granted


def test_our_own_permit_coming_back_is_no_other_guard(session):
    session.hear("guard/permit", session.permit.to_json())
    assert session.granted


@pytest.mark.parametrize(
    ("epoch", "guard_id"), [(1, "g-other"), (2, "g-other"), (2, "g-1"), (9, None)]
)
def test_h13_a_node_in_the_epoch_of_another_guard_ends_ours(session, epoch, guard_id):
    session.hear("node/state", session.node.state(epoch=epoch, guard_id=guard_id))
    assert session.ended
    assert "one_guard" in session.broken


@pytest.mark.parametrize(
    "changes",
    [{"epoch": 2}, {"epoch": 0}, {"boot_id": "00000000000000aa"}, {"seq": 1}, {"seq": 0}],
)
def test_h05_a_command_of_another_epoch_or_boot_or_an_older_one_is_not_in_force(session, changes):
    good = {"epoch": 1, "seq": 500, "power_pct": 0.0}
    session.hear("heater/command", session.command(**{**good, **changes}))
    assert session.refused("command_not_in_force") == 1
    session.node.heater_follows = False
    session.control.is_alive = False
    session.run(seconds=1)  # the node heats on, as it was last told
    assert session.latches == ()
    session.hear("heater/command", session.command(**good))
    assert session.refused("command_not_in_force") == 1


def test_a_command_that_is_repeated_is_not_in_force(session):
    session.hear("heater/command", session.command(epoch=1, seq=session.control.seq))
    assert session.refused("command_not_in_force") == 1


def test_the_power_of_one_epoch_is_no_permission_to_heat_in_the_next(session):
    session.intent("pause")
    session.control.scope = "none"
    session.run(seconds=4)
    session.arm(session.intent("resume", {"target_c": 38.5}))
    assert session.granted
    session.node.heater_follows = False
    session.node.measured_w = 800.0  # and control has commanded nothing yet
    session.cycle = lambda: session.hear("heartbeat", session.control.heartbeat())
    session.run(seconds=5)
    assert session.latches == ("heater_stuck_on",)


def test_h14_heat_while_it_is_withheld_is_a_stuck_heater_though_control_still_asks_for_it(session):
    session.node.heater_follows = False
    session.node.lid = "open"
    session.run(seconds=5)
    assert session.latches == ("heater_stuck_on",)


def test_a_power_of_1_pct_is_asked_for_so_the_heater_may_be_on(session):
    session.control.power_pct = 1.0
    session.node.heater_follows = False
    session.node.measured_w = 150.0
    session.run(seconds=10)
    assert session.latches == ()


def test_the_last_0_after_an_end_is_no_fault_also_while_the_next_act_waits(session):
    last = session.command(epoch=1, seq=500, power_pct=0.0)
    session.intent("pause")
    session.hear("heater/command", last)
    assert session.refused("command_not_in_force") == 0
    session.node.lid = "open"
    session.run(seconds=1)
    session.arm(session.intent("resume", {"target_c": 38.5}))
    session.hear("heater/command", last)
    assert session.refused("command_not_in_force") == 0
    session.node.lid = "closed"
    session.run(seconds=1)
    assert session.granted


def test_a_new_act_ends_the_epoch_that_was_open_even_if_it_must_wait_itself(session):
    session.node.lid = "open"
    session.run(seconds=1)
    assert not session.ended
    session.arm(session.intent("resume", {"target_c": 38.5}))
    assert session.ended
    session.node.lid = "closed"
    session.run(seconds=1)
    assert session.granted
    assert session.permit.epoch == 2


# --- the flow of a cycle --------------------------------------------------------------------------


def test_one_wrong_flow_is_counted_and_two_in_a_row_trip(session):
    session.control.skips_a_stage = True
    session.run(seconds=0.5)
    assert session.granted
    assert session.refused("answer_wrong") == 1
    session.control.skips_a_stage = False
    session.run(seconds=0.5)
    session.control.skips_a_stage = True
    session.run(seconds=0.5)
    assert session.latches == ()
    session.run(seconds=0.5)
    assert session.latches == ("control_flow",)


def test_the_first_answer_of_all_may_be_wrong_once(room):
    room.control.skips_a_stage = True
    while room.refused("answer_wrong") == 0:
        room.run(seconds=0.5)
    assert room.latches == ()


def test_a_cycle_that_does_not_grow_is_a_wrong_answer(session):
    session.control.cycle -= 1
    session.run(seconds=0.5)
    assert session.refused("answer_wrong") == 1


def test_an_answer_to_an_old_or_unknown_challenge_is_no_answer(session):
    session.control.is_alive = False
    for challenge in ["ffffffff"] * 2 + [session.control.challenge] * 1:
        session.control.challenge = challenge
        session.run(seconds=2)
        session.hear("heartbeat", session.control.heartbeat())
    assert session.refused("answer_wrong") == 0
    assert not session.granted
    assert session.latches == ()
