"""What takes heat away at once: a revoke, the end of an epoch, STOP; and what contactors do."""

from __future__ import annotations

from collections.abc import Generator

from thermod.conformance.bench import OPEN_AFTER_S, RECLOSE_S, TICK_S, Bench, Steps
from thermod.conformance.seen import State
from thermod.conformance.verdict import BrokenError, Held, NotReachedError, Off, Script

UNREADABLE = "unreadable"  # CONTRACT.md: the `stop_id` that a malformed STOP is echoed as

MALFORMED_STOPS = (
    b"",
    b"STOP",
    b"\xff\xfe\x00",
    b"{}",
    b'{"stop_id": 7}',
    b'{"stop_id": "Not an id!"}',
    b'{"stop_id": "s-1"}'.ljust(600),
)


def revoke(bench: Bench) -> Script:
    """Heat is off on receipt; contactors are not for this."""
    yield from bench.steady_heat()
    off = yield from bench.off_at_once(bench.revoke())
    return Held("", off)


def revoke_whatever_it_echoes(bench: Bench) -> Script:
    """A revoke is never too old, and needs no boot and no controller."""
    slowest = Off(0.0, 0.0, None)
    for changes in (
        {"tick": 0},
        {"tick": bench.state.tick + 1000},
        {"boot_id": "0123456789abcdef"},
        {"controller_id": None},
    ):
        yield from bench.heat()
        yield from bench.pause()
        try:
            off = yield from bench.off_at_once(bench.revoke(**changes))
        except BrokenError as broken:
            raise BrokenError(f"with {changes}: {broken}", broken.off) from broken
        slowest = max(slowest, off, key=lambda each: each.after_s_max)
    return Held("old tick, future tick, other boot, no controller", slowest)


def revoke_stays(bench: Bench) -> Script:
    """Nothing but a newer grant ends it: fresh commands do not."""
    yield from bench.heat()
    yield from bench.pause()
    yield from bench.off_at_once(bench.revoke())
    for _ in range(3):
        state = yield from bench.next_state()
        if not state.is_off:
            raise BrokenError("heats again without a new grant")
    bench.permitting = True
    for _ in range(3):
        state = yield from bench.next_state()
        if bench.heats(state):
            return Held("until a newer grant of the same epoch")
    raise BrokenError(f"a newer grant does not end it: {bench.state.node.because}")


def revoke_of_later_epoch(bench: Bench) -> Script:
    """It closes the epoch in force, and opens none."""
    yield from bench.heat()
    yield from bench.pause()
    epoch = bench.voices.epoch
    off = yield from bench.off_at_once(bench.revoke(epoch=bench.voices.next_epoch(), seq=1))
    if bench.state.node.epoch != epoch:
        raise BrokenError(f"adopted epoch {bench.state.node.epoch} from a revoke", off)
    bench.permitting = True
    for _ in range(4):
        state = yield from bench.next_state()
        if not state.is_off:
            raise BrokenError("the epoch that was closed heats again", off)
    bench.leave_epoch()
    return Held("closed, none opened", off)


def ended(bench: Bench) -> Script:
    """Off, contactors open at once, and the epoch never comes back; a higher one heats."""
    yield from bench.steady_heat()
    off = yield from bench.off_at_once(bench.revoke(ended=True))
    yield from _stays_over(bench, off)
    return Held("", off)


def contactors_open(bench: Bench) -> Script:
    """5 s after heat lost its permission, not at once and not late."""
    yield from bench.heat()
    yield from bench.pause()
    since_s = bench.revoke()
    yield from bench.off_at_once(since_s)
    closed_s, opened_s = yield from _wait_contactors(bench, since_s, OPEN_AFTER_S + 3 * TICK_S)
    text = f"opened {closed_s:.1f}-{opened_s:.1f} s after the revoke"
    if not (closed_s <= OPEN_AFTER_S + TICK_S and opened_s >= OPEN_AFTER_S - TICK_S):
        raise BrokenError(text)
    return Held(text)


def contactors_reclose(bench: Bench) -> Script:
    """Not before 10 s, whatever is permitted meanwhile."""
    yield from bench.heat()
    yield from bench.pause()
    since_s = bench.revoke(ended=True)
    yield from bench.off_at_once(since_s)
    if not bench.state.is_open:
        raise NotReachedError("the contactors did not open")
    bench.open_epoch()
    bench.permitting = True
    until_s = since_s + RECLOSE_S + 3.0
    while bench.now_s < until_s:
        state = yield from bench.next_state()
        if not (state.is_open and state.is_off):
            open_s = state.at_s - since_s
            if not open_s >= RECLOSE_S:
                raise BrokenError(f"closed after {open_s:.1f} s at most")
            return Held(f"closed {open_s:.1f} s after they opened, at most")
    raise BrokenError(f"still open {RECLOSE_S + 3.0:.0f} s after they opened")


def stop(bench: Bench) -> Script:
    """Off, contactors open, `stop_id` echoed, the epoch over."""
    yield from bench.steady_heat()
    since_s, stop_id = bench.now_s, bench.new_stop_id()
    bench.voices.send("stop", {"stop_id": stop_id, "by": "conformance check"}, qos=1)
    off = yield from bench.off_at_once(since_s)
    _require_echo(bench.state, stop_id)
    yield from _stays_over(bench, off)
    return Held("echoed", off)


def stop_unseen(bench: Bench) -> Script:
    """A grant that echoes a tick from before the STOP may be of a guard that has not heard it."""
    yield from bench.heat()
    before = yield from bench.pause()
    bench.permitting = bench.commanding = False
    since_s = bench.now_s
    bench.voices.send("stop", {"stop_id": bench.new_stop_id(), "by": "conformance check"}, qos=1)
    yield from bench.pause()
    bench.open_epoch()
    bench.voices.say_permit(before)
    off = yield from bench.off_at_once(since_s)
    if bench.state.node.epoch == bench.voices.epoch:
        raise BrokenError("a grant from before the STOP opened an epoch", off)
    yield from bench.heat()
    return Held("opened by a later tick", off)


def stop_malformed(bench: Bench) -> Script:
    """Whatever arrives on `stop` stops. A readable one goes between, so that each echo is new."""
    yield from bench.heat()
    yield from bench.pause()
    since_s = bench.now_s
    bench.voices.send("stop", MALFORMED_STOPS[0], qos=1)
    off = yield from bench.off_at_once(since_s)
    _require_open(bench.state)
    _require_echo(bench.state, UNREADABLE)
    bench.permitting = bench.commanding = False
    wrong = []
    for payload in MALFORMED_STOPS[1:]:
        stop_id = bench.new_stop_id()
        for sent, echo in (
            ({"stop_id": stop_id, "by": "conformance"}, stop_id),
            (payload, UNREADABLE),
        ):
            yield from bench.pause()
            bench.voices.send("stop", sent, qos=1)
            state = yield from bench.next_state()
            if state.node.stop_id != echo:
                wrong.append(repr(payload[:24]))
                break
    if wrong:
        raise BrokenError(f"not echoed: {', '.join(wrong)}", off)
    bench.leave_epoch()
    return Held(f"{len(MALFORMED_STOPS)} of {len(MALFORMED_STOPS)} obeyed", off)


def _stays_over(bench: Bench, off: Off) -> Steps:
    """Contactors are open, and fresh grants and commands of the epoch that is over do nothing."""
    _require_open(bench.state)
    bench.permitting = bench.commanding = True
    until_s = bench.now_s + RECLOSE_S + 2 * TICK_S
    while bench.now_s < until_s:
        state = yield from bench.next_state()
        if not state.is_off or not state.is_open:
            raise BrokenError("the epoch that is over came back", off)
    bench.leave_epoch()
    return (yield from bench.heat())


def _wait_contactors(
    bench: Bench, since_s: float, within_s: float
) -> Generator[float, State | None, tuple[float, float]]:
    """Until they open. Returns when they were last seen closed and first seen open."""
    closed_s = bench.state.at_s - since_s
    if bench.state.is_open:
        return 0.0, closed_s
    while closed_s < within_s:
        state = yield from bench.next_state()
        if state.is_open:
            return closed_s, state.at_s - since_s
        closed_s = state.at_s - since_s
    raise BrokenError(f"still closed {closed_s:.1f} s after the revoke")


def _require_open(state: State) -> None:
    if not state.is_open:
        raise BrokenError(f"contactors_closed {list(state.node.contactors_closed)}")


def _require_echo(state: State, stop_id: str) -> None:
    if state.node.stop_id != stop_id:
        raise BrokenError(f"echoes stop_id {state.node.stop_id}, not {stop_id}")
