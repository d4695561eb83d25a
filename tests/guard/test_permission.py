"""The bounds of healing, to the last sample."""

from __future__ import annotations

import pytest

from thermod.guard.permission import Permission, Proofs


@pytest.fixture
def withheld() -> Permission:
    """Withheld at 100 s; everything holds again from 110 s, at 20 samples and 30 answers."""
    permission = Permission()
    permission.begin()
    permission.look(False, Proofs(20, 30), 100.0)
    permission.look(True, Proofs(20, 30), 110.0)
    assert not permission.granted
    return permission


@pytest.mark.parametrize(
    ("samples", "answers", "now_s", "granted"),
    [
        (25, 35, 113.0, True),
        (24, 35, 113.0, False),
        (25, 34, 113.0, False),
        (25, 35, 112.99, False),
        (99, 99, 150.0, True),
    ],
)
def test_heat_returns_after_3_s_five_samples_and_five_answers(
    withheld, samples, answers, now_s, granted
):
    withheld.look(True, Proofs(samples, answers), now_s)
    assert withheld.granted is granted


def test_the_minute_counts_from_the_cut_and_not_from_the_last_break(withheld):
    withheld.look(False, Proofs(20, 30), 159.0)
    assert not withheld.was_withheld_too_long(160.0)
    assert withheld.was_withheld_too_long(160.1)
    assert withheld.was_withheld_too_long(float("nan"))


def test_over_is_over(withheld):
    withheld.end()
    withheld.look(True, Proofs(99, 99), 130.0)
    assert not withheld.granted
    assert withheld.is_over


def test_a_new_permission_is_over_and_withholding_it_changes_nothing():
    permission = Permission()
    permission.withhold(5.0)
    permission.look(True, Proofs(99, 99), 100.0)
    assert not permission.granted
    assert permission.is_over
    assert not permission.was_withheld_too_long(1000.0)
