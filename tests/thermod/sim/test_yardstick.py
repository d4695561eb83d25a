"""Neighbours make work and yardstick slow alike, so what is told in passes does not change."""

import pytest

from thermod.sim.yardstick import PASS_US, WINDOW, pass_ns, quiet_median_us, quiet_us


def test_a_pass_takes_time():
    assert pass_ns(3) > 0.0


def test_work_of_two_passes_takes_two_on_the_quiet_machine():
    assert quiet_us(80_000.0, 40_000.0) == pytest.approx(2.0 * PASS_US)


def test_hours_of_a_slow_machine_do_not_count():
    slowness = [1.0] * WINDOW + [1.9] * WINDOW + [2.5] * WINDOW
    spent_ns = [100_000.0 * slow for slow in slowness]
    passed_ns = [25_000.0 * slow for slow in slowness]
    assert quiet_median_us(spent_ns, passed_ns) == pytest.approx(4.0 * PASS_US)


def test_a_few_pieces_that_were_interrupted_do_not_count():
    spent_ns = [100_000.0] * WINDOW
    spent_ns[3] = spent_ns[17] = 9e9
    assert quiet_median_us(spent_ns, [25_000.0] * WINDOW) == pytest.approx(4.0 * PASS_US)


def test_nothing_measured_is_no_figure():
    with pytest.raises(ValueError, match="no median"):
        quiet_median_us([], [])
