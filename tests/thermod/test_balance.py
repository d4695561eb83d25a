"""Does the heater do what it is told? Judged by new measurements only."""

import pytest

from alarms.limits import Limits
from thermod.balance import Balance, watch
from thermod.mailbox import NodeSeen


def node(at_s, measured_w, *, closed=True):
    return NodeSeen(
        "b" * 16, 1, 0.0, measured_w, 2000.0, 1.0, (closed,), 1, None, 0, None, "closed", True,
        (), "", at_s,
    )  # fmt: skip


def after(seconds, *, measured_w, command_pct, balance=None, gain=1.0, begin_s=100.0, closed=True):
    balance = balance or Balance(seen_s=begin_s)
    for step in range(1, round(seconds * 2.0) + 1):
        seen = node(begin_s + step / 2.0, measured_w, closed=closed)
        balance = watch(balance, seen, command_pct=command_pct, gain=gain, dt_s=0.5)
    return balance


def test_power_under_a_command_of_nothing_is_stuck_after_the_window_has_passed():
    """H14."""
    assert after(2.0, measured_w=500.0, command_pct=0.0).stuck_on_s == 0.0
    assert after(5.5, measured_w=500.0, command_pct=0.0).stuck_on_s == pytest.approx(3.5)


@pytest.mark.parametrize("measured_w", [0.0, 99.0, -3.0])
def test_little_power_is_not_stuck(measured_w):
    assert after(10.0, measured_w=measured_w, command_pct=0.0).stuck_on_s == 0.0


def test_the_last_word_before_a_silence_is_not_judged_again_and_again():
    """H25: the dome said "on" and fell silent; since then it is commanded off."""
    balance, silent = after(2.0, measured_w=800.0, command_pct=40.0), node(102.0, 800.0)
    for _ in range(100):
        balance = watch(balance, silent, command_pct=0.0, gain=1.0, dt_s=0.5)
    assert balance.stuck_on_s == 0.0
    assert balance.off_s == pytest.approx(49.5)


def test_a_dome_that_reports_more_slowly_than_control_looks_is_judged_all_the_same():
    balance = Balance(seen_s=100.0)
    for second in range(1, 8):
        seen = node(100.0 + second, 500.0)
        for _ in range(2):
            balance = watch(balance, seen, command_pct=0.0, gain=1.0, dt_s=0.5)
    assert balance.stuck_on_s == pytest.approx(5.0)


def test_a_first_word_after_a_silence_begins_anew():
    balance = after(5.0, measured_w=500.0, command_pct=0.0)
    assert balance.stuck_on_s > 2.0
    balance = watch(balance, node(130.0, 500.0), command_pct=0.0, gain=1.0, dt_s=0.5)
    assert balance.stuck_on_s == 0.0


def test_h25_what_comes_after_a_silence_may_be_the_last_lease_running_out():
    """A way to the dome that is suddenly 3.5 s long: 3 s of lease and one window arrive late."""
    balance = after(5.0, measured_w=0.0, command_pct=0.0)
    balance = watch(balance, node(113.5, 800.0), command_pct=0.0, gain=1.0, dt_s=0.5)
    late = after(4.0, measured_w=800.0, command_pct=0.0, balance=balance, begin_s=113.5)
    assert late.stuck_on_s == 0.0
    welded = after(7.0, measured_w=800.0, command_pct=0.0, balance=balance, begin_s=113.5)
    assert welded.stuck_on_s == pytest.approx(3.0)


def test_a_cycle_that_came_late_does_not_count_as_a_long_time_off():
    balance = after(2.0, measured_w=800.0, command_pct=40.0)
    balance = watch(balance, node(102.5, 800.0), command_pct=0.0, gain=1.0, dt_s=30.0)
    assert balance.off_s == 0.0
    balance = watch(balance, node(103.0, 0.0), command_pct=0.0, gain=1.0, dt_s=0.5)
    assert balance.stuck_on_s == 0.0


def test_a_weak_heater_is_weak_against_the_gain_that_was_learnt():
    """H15."""
    weak = after(10.0, measured_w=400.0, command_pct=40.0)
    assert weak.weak_s == pytest.approx(10.0)
    learnt = after(10.0, measured_w=560.0, command_pct=40.0, gain=0.7)
    assert (learnt.weak_s, learnt.mismatch_s) == (0.0, 0.0)


def test_a_heater_that_gives_too_much_differs():
    assert after(10.0, measured_w=1400.0, command_pct=40.0).mismatch_s == pytest.approx(10.0)
    assert after(10.0, measured_w=1000.0, command_pct=40.0).mismatch_s == 0.0


def test_contactors_that_have_yet_to_close_make_no_weak_heater():
    assert after(14.0, measured_w=0.0, command_pct=40.0, closed=False).weak_s == 0.0
    assert after(26.0, measured_w=0.0, command_pct=40.0, closed=False).weak_s > 10.0


def test_where_nothing_measures_power_nothing_is_concluded():
    balance = after(60.0, measured_w=None, command_pct=0.0)
    assert (balance.stuck_on_s, balance.weak_s, balance.mismatch_s) == (0.0, 0.0, 0.0)


def test_h14_a_site_that_tightens_the_power_limits_is_obeyed():
    tight = Limits(stuck_on_cut_pct=2.0, power_error_warn_pct=5.0)
    off = Balance(off_s=60.0, seen_s=100.0)
    quiet = watch(off, node(100.5, 60.0), command_pct=0.0, gain=1.0, dt_s=0.5)
    told = watch(off, node(100.5, 60.0), command_pct=0.0, gain=1.0, dt_s=0.5, limits=tight)
    assert (quiet.stuck_on_s, told.stuck_on_s) == (0.0, 0.5)  # 3 % of rated power
    on = Balance(off_s=None, seen_s=100.0)
    quiet = watch(on, node(100.5, 800.0), command_pct=50.0, gain=1.0, dt_s=0.5)
    told = watch(on, node(100.5, 800.0), command_pct=50.0, gain=1.0, dt_s=0.5, limits=tight)
    assert (quiet.mismatch_s, told.mismatch_s) == (0.0, 0.5)  # 10 % of rated power off
