"""What happens when nobody speaks: command and permit are leases of 3 s, counted from the tick
that they echo.

The node judges its lease at moments that fall together with its ticks, and the bus shows it only
at ticks. So the state 2.5 s after the tick must still heat and the one after 3.5 s must not;
what lies between is the meter's to say.
"""

from __future__ import annotations

from collections.abc import Generator

from thermod.conformance.bench import LEASE_TICKS, TICK_S, Bench
from thermod.conformance.seen import State
from thermod.conformance.verdict import BrokenError, Held, Off, Script

LAG_TICKS = 4  # of a message that was under way for 2 s: fresh, but not for long
BEHIND_TICKS = 1  # the tick it echoes, counted from the last one before the silence


def command_silence(bench: Bench) -> Script:
    return (yield from _silence(bench, permitting=True, commanding=False))


def permit_silence(bench: Bench) -> Script:
    return (yield from _silence(bench, permitting=False, commanding=True))


def all_silence(bench: Bench) -> Script:
    return (yield from _silence(bench, permitting=False, commanding=False))


def _silence(bench: Bench, *, permitting: bool, commanding: bool) -> Script:
    last = yield from bench.steady_heat()
    bench.permitting, bench.commanding = permitting, commanding
    off = yield from _lapse(bench, last.tick)
    return Held("", off)


def command_age(bench: Bench) -> Script:
    """A late command renews for what is left of its lease, and no longer."""
    first = yield from bench.steady_heat()
    bench.commanding = False
    tick = yield from _wait_behind(bench, first)
    bench.voices.say_command(bench.state_of(tick), bench.power_pct)
    off = yield from _lapse(bench, tick)
    return Held(f"a command {LAG_TICKS * TICK_S:.0f} s late", off)


def permit_age(bench: Bench) -> Script:
    """A late permit renews for what is left of its lease, and no longer."""
    first = yield from bench.steady_heat()
    bench.permitting = False
    tick = yield from _wait_behind(bench, first)
    bench.voices.say_permit(bench.state_of(tick))
    off = yield from _lapse(bench, tick)
    return Held(f"a permit {LAG_TICKS * TICK_S:.0f} s late", off)


def _wait_behind(bench: Bench, first: State) -> Generator[float, State | None, int]:
    """Until the tick that is to be echoed lies far enough back. Heat holds on meanwhile."""
    tick = first.tick + BEHIND_TICKS
    while bench.state.tick < tick + LAG_TICKS:
        state = yield from bench.next_state()
        if state.is_off:
            ran_s = (state.tick - first.tick) * TICK_S
            raise BrokenError(f"heat ran out {ran_s:.1f} s after the tick; a lease is 3.0 s")
    yield from bench.pause()
    return tick


def _lapse(bench: Bench, tick: int) -> Generator[float, State | None, Off]:
    """Heat must end with the lease that counts from this tick: not later, and not sooner."""
    since_s, last_on = bench.state_of(tick).at_s, bench.state
    due = tick + LEASE_TICKS + 1 - bench.state.tick
    off = yield from bench.off_by(due, since_s, last_on)
    if bench.state.tick < tick + LEASE_TICKS:
        ran_s = (bench.state.tick - tick) * TICK_S
        raise BrokenError(f"heat ran out {ran_s:.1f} s after the tick; a lease is 3.0 s", off)
    return off
