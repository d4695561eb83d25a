"""Pretend time: scaled clocks that agree with each other, and one that moves only when told."""

import asyncio

import pytest

from thermod.clock import BootClock
from thermod.sim.clock import Origin, ScaledClock, SteppedClock


def test_a_scaled_clock_starts_at_its_origin_and_runs_at_its_speed():
    base = SteppedClock(now_s=100.0, wall_ms=5_000)
    clock = ScaledClock(10.0, Origin.here(base), base)
    base.step(3.0)
    assert clock.now_s() == pytest.approx(130.0)
    assert clock.wall_ms() == 35_000


def test_two_processes_with_one_origin_agree_however_late_the_second_starts():
    base = SteppedClock(now_s=100.0, wall_ms=5_000)
    origin = Origin.here(base)
    early = ScaledClock(10.0, origin, base)
    base.step(7.0)
    late = ScaledClock(10.0, origin, base)
    assert (early.now_s(), early.wall_ms()) == (late.now_s(), late.wall_ms())


async def test_a_scaled_sleep_is_shorter_by_the_speed():
    real = BootClock()
    clock = ScaledClock(50.0, Origin.here(real))
    began_s = real.now_s()
    deadline_s = clock.now_s() + 1.0
    await clock.sleep_until(deadline_s)
    assert clock.now_s() >= deadline_s - 0.05  # the event loop rounds to a millisecond
    assert 0.019 <= real.now_s() - began_s < 0.5


def test_a_scaled_clock_tells_how_long_a_blocking_call_really_has_to_wait():
    clock = ScaledClock(50.0, Origin(0.0, 0))
    assert clock.real_s(1.0) == pytest.approx(0.02)
    assert clock.real_s(-1.0) == 0.0


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf"), 1001.0])
def test_a_speed_that_is_none_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        ScaledClock(speed, Origin(0.0, 0))


def test_stepped_time_stands_until_it_is_moved_and_never_goes_back():
    clock = SteppedClock(now_s=2.0, wall_ms=1_000)
    assert (clock.now_s(), clock.wall_ms()) == (2.0, 1_000)
    clock.step(1.0)
    assert (clock.now_s(), clock.wall_ms()) == (3.0, 2_000)
    for backwards_s in (-0.1, float("nan")):
        with pytest.raises(ValueError, match="back"):
            clock.step(backwards_s)


async def test_sleepers_wake_in_the_order_of_their_deadlines_and_not_before():
    clock, woken = SteppedClock(), []

    async def sleeper(deadline_s):
        await clock.sleep_until(deadline_s)
        woken.append(deadline_s)

    async with asyncio.TaskGroup() as tasks:
        for deadline_s in (3.0, 1.0, 2.0, 0.0):
            tasks.create_task(sleeper(deadline_s))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert woken == [0.0]
        clock.step(2.5)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert woken == [0.0, 1.0, 2.0]
        clock.step(2.5)
    assert woken == [0.0, 1.0, 2.0, 3.0]


async def test_a_cancelled_sleeper_disturbs_nobody():
    clock = SteppedClock()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await clock.sleep_until(1.0)
    clock.step(2.0)
    assert clock.now_s() == 2.0
