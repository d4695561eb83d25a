"""Pretend time goes from one entry to the next, and never back."""

import pytest

from thermod.sim.campaign.agenda import Agenda


def test_entries_happen_in_order_of_time_and_then_of_making():
    agenda, seen = Agenda(10.0), []
    agenda.at(12.0, seen.append, "c")
    agenda.at(11.0, seen.append, "a")
    agenda.at(11.0, seen.append, "b")
    agenda.run_until(12.0)
    assert seen == ["a", "b", "c"]
    assert agenda.now_s == 12.0


def test_what_is_not_due_waits_and_what_is_late_happens_now():
    agenda, seen = Agenda(10.0), []
    agenda.at(20.0, seen.append, "later")
    agenda.at(3.0, seen.append, "late")
    agenda.run_until(19.9)
    assert seen == ["late"]


def test_an_entry_may_make_the_next_one():
    agenda, seen = Agenda(0.0), []

    def beat():
        seen.append(agenda.now_s)
        agenda.after(0.5, beat)

    agenda.after(0.5, beat)
    agenda.run_until(2.0)
    assert seen == [0.5, 1.0, 1.5, 2.0]


@pytest.mark.parametrize("when_s", [float("nan"), float("inf"), -float("inf")])
def test_a_time_that_is_none_is_refused(when_s):
    with pytest.raises(ValueError, match="no time"):
        Agenda(0.0).at(when_s, print)
