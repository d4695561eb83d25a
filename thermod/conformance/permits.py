"""Permits that a dome must refuse, granted and revoked.

A grant is put to the test where it would make a difference: after a revoke, when accepting it
would bring heat back, or with an epoch of its own, which would be echoed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from thermod.conformance.bench import Bench
from thermod.conformance.commands import (
    JUNK,
    OTHER_BOOT_ID,
    PAYLOAD_BYTES_MAX,
    STALE_TICKS,
    UNKNOWN_TICKS,
    Variants,
    judge,
)
from thermod.conformance.seen import State
from thermod.conformance.verdict import NotReachedError, Script
from thermod.conformance.voices import Fields, Raw, encode

Tried = Generator[float, State | None, list[str]]  # returns the names of those acted on


def _renewals(bench: Bench, variants: Variants) -> Tried:
    """Send each after a revoke. Heat must stay off, until a good grant."""
    wrong = []
    for name, make in variants:
        bound = _bound((yield from bench.heat()))
        yield from bench.pause()
        bench.revoke()
        state = yield from bench.next_state()
        if not state.is_off:
            raise NotReachedError("a revoke does not take heat away")
        yield from bench.pause()
        bench.voices.send("guard/permit", make())
        state = yield from bench.next_state()
        if not state.is_off or _bound(state) != bound:
            wrong.append(name)
            bench.leave_epoch()
    return wrong


def _while_heating(bench: Bench, variants: Variants) -> Tried:
    """Send each while the dome heats under good permits. Nothing may change."""
    wrong = []
    for name, make in variants:
        bound = _bound((yield from bench.heat()))
        yield from bench.pause()
        bench.voices.send("guard/permit", make())
        state = yield from bench.next_state()
        if not bench.heats(state) or _bound(state) != bound:
            wrong.append(name)
            bench.leave_epoch()
    return wrong


def _refuses(bench: Bench, renewals: Variants, while_heating: Variants = ()) -> Script:
    wrong = yield from _renewals(bench, renewals)
    wrong += yield from _while_heating(bench, while_heating)
    return judge(wrong, len(renewals) + len(while_heating))


def _bound(state: State) -> tuple[int, str | None, str | None]:
    return state.node.epoch, state.guard_id, state.node.controller_id


def permit_tick(bench: Bench) -> Script:
    return _tick(bench, STALE_TICKS)


def permit_unknown_tick(bench: Bench) -> Script:
    return _tick(bench, UNKNOWN_TICKS)


def _tick(bench: Bench, offsets: Sequence[int]) -> Script:
    return _refuses(bench, _ticks(bench, offsets), _ticks(bench, offsets, adopting=True))


def permit_boot(bench: Bench) -> Script:
    same = _with(bench, boot_id=OTHER_BOOT_ID)
    to_come = _with(bench, adopting=True, boot_id=OTHER_BOOT_ID)
    return _refuses(bench, [("another boot", same)], [("another boot, epoch to come", to_come)])


def permit_seq(bench: Bench) -> Script:
    def said(back: int) -> Callable[[], Fields]:
        return lambda: _grant(bench, seq=bench.voices.permit_seq - back)

    variants = [("the seq of the revoke", said(0)), ("a seq before the revoke", said(1))]
    return _refuses(bench, variants)


def permit_epoch(bench: Bench) -> Script:
    def lower() -> Fields:
        return _grant(bench, epoch=bench.voices.epoch - 1, seq=1000)

    bench.voices.next_epoch()  # so that the one below the next was never open
    bench.leave_epoch()
    return _refuses(bench, [("the epoch before", lower)])


def permit_guard(bench: Bench) -> Script:
    variants = [("another guard", _with(bench, guard_id="g-other"))]
    return _refuses(bench, variants)


def permit_controller(bench: Bench) -> Script:
    variants = [("another controller", _with(bench, controller_id="c-other"))]
    return _refuses(bench, variants)


def permit_malformed(bench: Bench) -> Script:
    def without(key: str) -> Callable[[], Fields]:
        return lambda: {name: value for name, value in _grant(bench).items() if name != key}

    missing = [(f"without {key}", without(key)) for key in ("granted", "guard_id", "epoch", "tick")]
    odd = [
        ("granted 1", _with(bench, granted=1)),
        ('granted "true"', _with(bench, granted="true")),
        ("granted and ended", _with(bench, ended=True)),
        ("no controller", _with(bench, controller_id=None)),
        ("seq 1.5", _with(bench, seq=Raw("1.5"))),
    ]
    return _refuses(bench, [*missing, *odd], JUNK)


def permit_size(bench: Bench) -> Script:
    def long() -> bytes:
        return encode(_grant(bench)).ljust(PAYLOAD_BYTES_MAX + 1)

    return _refuses(bench, [(f"{PAYLOAD_BYTES_MAX + 1} bytes", long)])


def revoke_refused(bench: Bench) -> Script:
    """A revoke that is none of this epoch's, or not news, changes nothing."""

    def revoke(**changes: object) -> Callable[[], Fields]:
        return lambda: bench.voices.permit(bench.state, granted=False, **changes)

    def lower() -> Fields:
        voices = bench.voices
        return voices.permit(bench.state, granted=False, epoch=voices.epoch - 1, ended=True)

    def old() -> Fields:
        return bench.voices.permit(bench.state, granted=False, seq=bench.voices.permit_seq)

    variants = [
        ("of another guard", revoke(guard_id="g-other")),
        ("of the epoch before", lower),
        ("with the seq of the newest permit", old),
    ]
    return _refuses(bench, (), variants)


def _ticks(bench: Bench, offsets: Sequence[int], *, adopting: bool = False) -> Variants:
    def off(offset: int) -> Callable[[], Fields]:
        def make() -> Fields:
            return _grant(bench, adopting=adopting, tick=max(0, bench.state.tick + offset))

        return make

    suffix = ", epoch to come" if adopting else ""
    return [(f"tick {offset:+d}{suffix}", off(offset)) for offset in offsets]


def _with(bench: Bench, *, adopting: bool = False, **changes: object) -> Callable[[], Fields]:
    return lambda: _grant(bench, adopting=adopting, **changes)


def _grant(bench: Bench, *, adopting: bool = False, **changes: object) -> Fields:
    """What would be the next grant of this epoch, or (`adopting`) the first of one to come."""
    if adopting:
        changes = {"epoch": bench.voices.next_epoch(), "seq": 1, **changes}
    return {**bench.voices.permit(bench.state), **changes}
