"""`make test` is red whenever something was not really checked."""

import pytest

from tests.run import NO_TESTS_COLLECTED, Outcome, Stage, judge

PYTEST = ("pytest", "-m", "broker")


def outcome_of(exit_code, text, marker="broker"):
    outcome = Outcome()
    judge(outcome, Stage((PYTEST,), 1.0, marker), PYTEST, exit_code, text)
    return outcome


@pytest.mark.parametrize(
    ("exit_code", "text"),
    [
        (1, "==== 1 failed, 8 passed in 1.00s ===="),
        (0, "==== 8 passed, 1 skipped in 1.00s ===="),
        (2, ""),
        (-9, ""),
        (NO_TESTS_COLLECTED, "==== no tests ran in 0.01s ===="),
    ],
)
def test_a_failed_skipped_killed_or_emptied_stage_is_red(exit_code, text):
    assert outcome_of(exit_code, text).faults


def test_a_stage_whose_tests_all_passed_is_green_and_counted():
    outcome = outcome_of(0, "==== 8 passed, 1 xfailed, 30 deselected in 61.00s (0:01:01) ====")
    assert outcome.faults == []
    assert outcome.counts == {"passed": 8, "xfailed": 1}


def test_a_stage_that_no_test_belongs_to_yet_says_so():
    outcome = outcome_of(NO_TESTS_COLLECTED, "", marker="no_such_mark")
    assert outcome.faults == []
    assert "proves nothing" in outcome.note
