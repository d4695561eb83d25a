"""What a dome says, before anybody heats it."""

from __future__ import annotations

import re
from itertools import pairwise

from thermod.conformance.bench import TICK_S, Bench
from thermod.conformance.seen import State
from thermod.conformance.verdict import BrokenError, Held, Script

WATCHED_TICKS = 10
TICK_S_TOLERANCE = 0.02  # of the mean over all; a quartz is a thousand times better
GAP_S_MAX = 1.5 * TICK_S
BOOT_ID = re.compile(r"[0-9a-f]{16}")


def _watch(bench: Bench, ticks: int = WATCHED_TICKS) -> Script:
    """Stay quiet for so many states."""
    bench.permitting = bench.commanding = False
    for _ in range(ticks):
        yield from bench.next_state()
    return Held()


def comes_every_half_second(bench: Bench) -> Script:
    yield from _watch(bench)
    states = bench.states[-WATCHED_TICKS:]
    gaps_s = [after.at_s - before.at_s for before, after in pairwise(states)]
    mean_s, longest_s = sum(gaps_s) / len(gaps_s), max(gaps_s)
    text = f"every {mean_s:.3f} s, at most {longest_s:.2f} s"
    if not abs(mean_s - TICK_S) <= TICK_S_TOLERANCE or not longest_s <= GAP_S_MAX:
        raise BrokenError(text)
    return Held(text)


def is_readable(bench: Bench) -> Script:
    yield from _watch(bench)
    if bench.unreadable:
        raise BrokenError(f"{len(bench.unreadable)} refused, the last: {bench.unreadable[-1]}")
    return Held(f"{WATCHED_TICKS} of {WATCHED_TICKS} read")


def counts_its_ticks(bench: Bench) -> Script:
    yield from _watch(bench)
    states = bench.states[-WATCHED_TICKS:]
    boot_id = states[-1].node.boot_id
    if not BOOT_ID.fullmatch(boot_id):
        raise BrokenError(f"boot_id {boot_id!r} is not 16 hex digits")
    for before, after in pairwise(states):
        if after.tick != before.tick + 1:
            raise BrokenError(f"tick {after.tick} came after tick {before.tick}")
    return Held(f"tick {states[0].tick} to {states[-1].tick} of {boot_id}")


def counts_its_readings(bench: Bench) -> Script:
    bench.readings.clear()
    yield from _watch(bench)
    if bench.bad_readings:
        raise BrokenError(f"{len(bench.bad_readings)} refused, the last: {bench.bad_readings[-1]}")
    if not bench.readings:
        return Held("no reading was heard: foreign probes publish elsewhere", unseen=True)
    for probe, seqs in sorted(bench.readings.items()):
        if not len(seqs) >= WATCHED_TICKS // 2 - 1:
            raise BrokenError(f"{probe}: {len(seqs)} readings in {WATCHED_TICKS * TICK_S:.0f} s")
        if any(after <= before for before, after in pairwise(seqs)):
            raise BrokenError(f"{probe}: seq does not grow")
    return Held(", ".join(sorted(bench.readings)))


def rests_in_safe(bench: Bench) -> Script:
    """Before the first permit: no heat, contactors open, and air moving where there is a fan."""
    yield from _watch(bench, 2)
    state = bench.state
    _require_safe(state)
    return Held(f'heater 0, contactors open: "{state.node.because}"')


def _require_safe(state: State) -> None:
    node = state.node
    if not state.is_off:
        raise BrokenError(f"{node.applied_pct:.0f} % without permit and command")
    if not state.is_open:
        raise BrokenError(f"contactors_closed {list(node.contactors_closed)}")
    if node.fan_running is False:
        raise BrokenError("the fan stands still")
