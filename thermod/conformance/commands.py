"""Commands that a dome must refuse. Each is sent aside of the good ones, which go on.

A command that was obeyed shows in the next state: in its number, or in its power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, nan

from thermod.conformance.bench import Bench
from thermod.conformance.verdict import BrokenError, Held, Script
from thermod.conformance.voices import Fields, Raw, encode

OTHER_PCT_SHARE = 0.5  # of the power in force: how a command that was obeyed by mistake is seen
PAYLOAD_BYTES_MAX = 512  # CONTRACT.md, "Times and sizes"

OTHER_BOOT_ID = "0123456789abcdef"

# By how much a tick is off: just older than the lease (3.1 s) and far older, forgotten by the node,
# not yet sent.
STALE_TICKS = (-6, -12)
UNKNOWN_TICKS = (-20, -1000, +1, +1000)

# What no number is, and numbers out of range.
NO_POWERS = (nan, inf, -inf, Raw("1e400"), None, True, "20", [20.0], -1.0, -0.1, 100.1, 1e308)

Variants = Sequence[tuple[str, Callable[[], Fields | bytes]]]

NO_OBJECTS = (b"", b"{", b"20", b"[]", b'"heat"', b"null", b"\xff\xfe\x00", b"[" * 300)
JUNK: Variants = [(f"payload {each[:8]!r}", partial(bytes, each)) for each in NO_OBJECTS]


def judge(wrong: Sequence[str], count: int) -> Held:
    """Raises BrokenError that names those that the dome acted on."""
    if wrong:
        raise BrokenError(f"acted on {len(wrong)} of {count}: {'; '.join(wrong)}")
    return Held(f"{count} of {count} refused")


def _refuses(bench: Bench, variants: Variants) -> Script:
    """Send each while the dome heats. Nothing may change."""
    wrong = []
    for name, make in variants:
        yield from bench.heat()
        yield from bench.pause()
        good_seqs = (bench.state.node.command_seq, bench.voices.command_seq)
        bench.voices.send("heater/command", make())
        state = yield from bench.next_state()
        if state.node.command_seq not in good_seqs or not bench.heats(state):
            wrong.append(name)
            bench.leave_epoch()
    return judge(wrong, len(variants))


def command_tick(bench: Bench) -> Script:
    return _refuses(bench, _ticks(bench, STALE_TICKS))


def command_unknown_tick(bench: Bench) -> Script:
    return _refuses(bench, [*_ticks(bench, UNKNOWN_TICKS), ("tick 0", _with(bench, tick=0))])


def command_boot(bench: Bench) -> Script:
    return _refuses(bench, [("another boot", _with(bench, boot_id=OTHER_BOOT_ID))])


def command_controller(bench: Bench) -> Script:
    return _refuses(bench, [("another controller", _with(bench, controller_id="c-other"))])


def command_epoch(bench: Bench) -> Script:
    def of(offset: int) -> Callable[[], Fields]:
        return lambda: _other(bench, epoch=bench.voices.epoch + offset)

    bench.voices.next_epoch()  # so that the one below the next was never open
    bench.leave_epoch()
    variants = [("the epoch before", of(-1)), ("the epoch to come", of(+1))]
    return _refuses(bench, variants)


def command_seq(bench: Bench) -> Script:
    def said(back: int) -> Callable[[], Fields]:
        return lambda: _other(bench, seq=bench.voices.command_seq - back)

    yield from bench.heat()
    for _ in range(3):
        yield from bench.next_state()
    variants = [("the same seq", said(0)), ("seq 1 lower", said(1)), ("seq 2 lower", said(2))]
    return (yield from _refuses(bench, variants))


def command_power(bench: Bench) -> Script:
    variants = [(f"power {_told(each)}", _with(bench, power_pct=each)) for each in NO_POWERS]
    return _refuses(bench, variants)


def command_malformed(bench: Bench) -> Script:
    def without(key: str) -> Callable[[], Fields]:
        return lambda: {name: value for name, value in _other(bench).items() if name != key}

    keys = ("controller_id", "epoch", "seq", "boot_id", "tick", "power_pct")
    missing = [(f"without {key}", without(key)) for key in keys]
    odd = [
        (f"{key} {_told(value)}", _with(bench, **{key: value}))
        for key, value in (("seq", Raw("1.5")), ("seq", "9"), ("tick", None), ("epoch", True))
    ]
    return _refuses(bench, [*missing, *odd, *JUNK])


def command_size(bench: Bench) -> Script:
    def long(size: int) -> Callable[[], bytes]:
        return lambda: encode(_other(bench)).ljust(size)

    return _refuses(
        bench, [(f"{size} bytes", long(size)) for size in (PAYLOAD_BYTES_MAX + 1, 4000)]
    )


def _ticks(bench: Bench, offsets: Sequence[int]) -> Variants:
    def off(offset: int) -> Callable[[], Fields]:
        return lambda: _other(bench, tick=max(0, bench.state.tick + offset))

    return [(f"tick {offset:+d}", off(offset)) for offset in offsets]


def _with(bench: Bench, **changes: object) -> Callable[[], Fields]:
    return lambda: _other(bench, **changes)


def _other(bench: Bench, **changes: object) -> Fields:
    """What would be the next command, of another power, so that obeying it would be seen."""
    power_pct = OTHER_PCT_SHARE * bench.power_pct
    return bench.voices.command(bench.state, **{"power_pct": power_pct, **changes})


def _told(value: object) -> str:
    return value.text if isinstance(value, Raw) else repr(value)
