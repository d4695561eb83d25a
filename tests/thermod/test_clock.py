"""The clock a process decides by: it counts suspend, and sleeps to a deadline."""

import time

import pytest

from thermod.clock import BootClock


def test_it_is_the_boot_clock_and_not_the_monotonic_one():
    before_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    now_s = BootClock().now_s()
    assert before_s <= now_s <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_the_wall_clock_is_in_milliseconds():
    assert abs(BootClock().wall_ms() - time.time() * 1000) < 10_000


async def test_a_deadline_is_waited_for():
    clock = BootClock()
    deadline_s = clock.now_s() + 0.02
    await clock.sleep_until(deadline_s)
    assert clock.now_s() >= deadline_s - 0.001  # the loop's own clock is rounded to its resolution


@pytest.mark.parametrize("late_s", [0.0, 1.0, 1e9])
async def test_a_deadline_in_the_past_does_not_wait(late_s):
    clock = BootClock()
    began_s = clock.now_s()
    await clock.sleep_until(began_s - late_s)
    assert clock.now_s() - began_s < 0.5
