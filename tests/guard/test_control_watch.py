"""What the guard knows of control, from before it was first heard."""

import pytest

from tests.guard.pretend import chain
from thermod.guard.control_watch import ControlWatch
from thermod.guard.heard import HeartbeatSeen

RESULTS = [1, 2, 3, 4, 5, 6]


def beat(challenge, cycle):
    return HeartbeatSeen(
        "c-1", "none", challenge, cycle, tuple(RESULTS), chain(challenge, cycle, RESULTS)
    )


def test_before_anybody_spoke_there_is_nobody_and_no_answer():
    watch = ControlWatch()
    assert watch.controllers_heard(1000.0) == 0
    assert watch.answer_age_s(1000.0) is None
    assert watch.controller_id is None


@pytest.mark.parametrize("first_cycle", [0, 1, 2**31 - 1])
def test_the_first_answer_of_all_may_be_of_any_cycle(first_cycle):
    watch = ControlWatch()
    assert watch.hear("c-1", 1000.0)
    assert watch.controllers_heard(1000.0) == 1
    assert first_cycle > watch.cycle
    watch.asked("0000000a", 1000.0)
    assert watch.answer(beat("0000000a", first_cycle), 1000.5) == "right"
    assert watch.answer_age_s(1001.0) == 0.5


def test_only_the_last_three_challenges_can_be_answered():
    """CONTRACT.md, "Times and sizes"."""
    watch = ControlWatch()
    watch.hear("c-1", 1000.0)
    for number in range(4):
        watch.asked(f"0000000{number}", 1000.0 + 0.1 * number)
    answers = [watch.answer(beat(f"0000000{n}", 10 + n), 1000.4) for n in range(4)]
    assert answers == [None, "right", "right", "right"]


@pytest.mark.parametrize(("age_s", "answer"), [(0.0, "right"), (1.5, "right"), (1.51, None)])
def test_a_challenge_can_be_answered_for_one_and_a_half_seconds(age_s, answer):
    watch = ControlWatch()
    watch.hear("c-1", 1000.0)
    watch.asked("0000000a", 1000.0)
    assert watch.answer(beat("0000000a", 7), 1000.0 + age_s) == answer


@pytest.mark.parametrize(("silent_s", "heard"), [(5.0, 2), (5.01, 1)])
def test_a_second_controller_counts_for_five_seconds(silent_s, heard):
    """H13."""
    watch = ControlWatch()
    watch.hear("c-2", 1000.0)
    watch.hear("c-1", 1000.0 + silent_s)
    assert watch.controllers_heard(1000.0 + silent_s) == heard


def test_the_second_one_counts_from_when_it_was_heard_last():
    """H13."""
    watch = ControlWatch()
    watch.hear("c-2", 1000.0)
    assert not watch.hear("c-2", 1004.0)
    assert watch.controllers_heard(1009.0) == 1
    watch.hear("c-1", 1008.0)
    assert watch.controllers_heard(1009.0) == 2
    assert watch.controllers_heard(1009.1) == 1
    assert watch.controllers_heard(1013.1) == 0


def test_another_controller_has_answered_nothing_yet():
    watch = ControlWatch()
    watch.hear("c-1", 1000.0)
    watch.asked("0000000a", 1000.0)
    watch.answer(beat("0000000a", 70), 1000.1)
    watch.answer(beat("0000000a", 70), 1000.2)
    assert watch.wrong_in_a_row == 1
    watch.cycle = 70
    assert watch.hear("c-2", 1000.3)
    assert (watch.answer_age_s(1000.3), watch.wrong_in_a_row) == (None, 0)
    assert watch.cycle < 0
    assert watch.answer(beat("0000000a", 0), 1000.4) == "right"
