"""What is heard from a probe and what of it is kept: each message is taken in exactly once."""

from dataclasses import replace
from typing import Final

from sensors import standing
from sensors.freshness import Absent, Fresh, Why
from sensors.past import NO_PAST, RECENT_S, CorePast
from sensors.samples import ProbeSample, Rejection
from sensors.standing import Standing
from sensors.values import light_dataclass

STRIKES: Final = 3

_REFUSALS: Final = frozenset({Why.REJECTED, Why.FAULT_VALUE, Why.OUT_OF_RANGE})
_NOTHING_HEARD: Final = -1


@light_dataclass(frozen=True, slots=True)
class ProbeMemory:
    """All that is remembered of one probe from cycle to cycle. None: not yet."""

    heard_s: float | None  # arrival of the newest message, of whatever kind
    heard_seq: int  # of the newest sample
    heard_temp_c: float | None  # of the newest sample in range, a dropped spike included
    repeats: bool  # the newest message brought the seq of the one before
    kept_s: float | None  # arrival of the newest sample that passed
    kept_temp_c: float | None
    spikes_s: tuple[float, ...]  # arrivals of the last three spikes
    refused_s: tuple[float, ...]  # and of the last three refused messages
    past: CorePast  # stays empty but for core probes
    standing: Standing


AT_BOOT: Final = ProbeMemory(
    None, _NOTHING_HEARD, None, False, None, None, (), (), NO_PAST, standing.AT_BOOT
)


def kept(
    memory: ProbeMemory, newest: ProbeSample, temp_c: float, past: CorePast = NO_PAST
) -> ProbeMemory:
    """The memory after a sample that passed."""
    received_s = newest.received_s
    return ProbeMemory(
        received_s, newest.seq, temp_c, False, received_s, temp_c,
        memory.spikes_s, memory.refused_s, past, memory.standing,
    )  # fmt: skip


def dropped(memory: ProbeMemory, newest: ProbeSample, temp_c: float) -> ProbeMemory:
    """The memory after a spike."""
    return replace(
        memory,
        heard_s=newest.received_s,
        heard_seq=newest.seq,
        heard_temp_c=temp_c,
        repeats=False,
        spikes_s=_with_strike(memory.spikes_s, newest.received_s),
    )


def unkept(
    memory: ProbeMemory, newest: ProbeSample | Rejection | None, verdict: Fresh | Absent
) -> ProbeMemory:
    """The memory after a look that found no new sample: nothing new, or a message that was
    refused, late or a repetition."""
    if newest is None or not _is_new(newest, memory):
        return memory
    if isinstance(verdict, Fresh):
        return replace(memory, heard_s=newest.received_s, repeats=True)
    if verdict.why is Why.FROM_FUTURE:
        return memory  # not taken in yet: it may be on time in the next cycle
    refused_s = memory.refused_s
    if verdict.why in _REFUSALS:
        refused_s = _with_strike(refused_s, newest.received_s)
    return replace(
        memory,
        heard_s=newest.received_s,
        heard_seq=newest.seq if isinstance(newest, ProbeSample) else memory.heard_seq,
        repeats=False,
        refused_s=refused_s,
    )


def are_three_in_10_s(strikes_s: tuple[float, ...], now_s: float) -> bool:
    """Three strikes, the first of them at most 10 s ago."""
    return len(strikes_s) == STRIKES and now_s - strikes_s[0] <= RECENT_S


def _is_new(newest: ProbeSample | Rejection, memory: ProbeMemory) -> bool:
    """A mailbox hands out the same message every cycle until the next one comes."""
    if newest.received_s != memory.heard_s:
        return True
    return isinstance(newest, ProbeSample) and newest.seq != memory.heard_seq


def _with_strike(strikes_s: tuple[float, ...], time_s: float) -> tuple[float, ...]:
    return (*strikes_s[1 - STRIKES :], time_s)
