"""What is heard from a probe and what of it is kept: each message is taken in exactly once."""

from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

from sensors import standing
from sensors.freshness import Absent, Fresh, Why
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from sensors.standing import Standing
from sensors.stillness import Evidence, Stillness, watched
from sensors.trend import EMPTY, Trend, extended, is_due

RECENT_S: Final = 10.0  # the window of the spike rule, and of "three in 10 s"
RECENT_SAMPLES_MIN: Final = 3  # fewer make no median to judge a sample by
SPIKE_DELTA_C: Final = 0.5  # core, safety.md section 4
SPIKE_PLAIN_DELTA_C: Final = 3.0  # skin, air, room
STRIKES: Final = 3

_REFUSALS: Final = frozenset({Why.REJECTED, Why.FAULT_VALUE, Why.OUT_OF_RANGE})
_NOTHING_HEARD: Final = -1
_CORE: Final = Role.CORE  # looked up once: an Enum class is slow to ask in a hot path


class CorePast(NamedTuple):
    """The passed samples of a core probe, as far as a rule still looks back at them."""

    recent_s: tuple[float, ...]  # of the last 10 s
    recent_c: tuple[float, ...]
    median_c: float | None  # the middle of them
    still: Stillness | None
    trend: Trend


NO_PAST: Final = CorePast((), (), None, None, EMPTY)


class ProbeMemory(NamedTuple):
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


def is_new(newest: ProbeSample | Rejection, memory: ProbeMemory) -> bool:
    """A mailbox hands out the same message every cycle until the next one comes."""
    if newest.received_s != memory.heard_s:
        return True
    return isinstance(newest, ProbeSample) and newest.seq != memory.heard_seq


def heard(
    spec: ProbeSpec,
    memory: ProbeMemory,
    newest: ProbeSample | Rejection,
    verdict: Fresh | Absent,
    evidence: Evidence,
) -> ProbeMemory:
    """The memory with one more message in it, be it kept, dropped, refused or late."""
    received_s = newest.received_s
    if isinstance(newest, Rejection) or isinstance(verdict, Absent):
        refused_s = memory.refused_s
        if isinstance(verdict, Absent) and verdict.why in _REFUSALS:
            refused_s = _with_strike(refused_s, received_s)
        seq = newest.seq if isinstance(newest, ProbeSample) else memory.heard_seq
        return memory._replace(
            heard_s=received_s, heard_seq=seq, repeats=False, refused_s=refused_s
        )
    if newest.seq == memory.heard_seq:
        return memory._replace(heard_s=received_s, repeats=True)
    if _is_spike(spec, memory, verdict.temp_c, received_s):
        return memory._replace(
            heard_s=received_s,
            heard_seq=newest.seq,
            heard_temp_c=verdict.temp_c,
            repeats=False,
            spikes_s=_with_strike(memory.spikes_s, received_s),
        )
    past = memory.past
    if spec.role is _CORE:
        past = _with_sample(spec, past, verdict.temp_c, received_s, evidence)
    return ProbeMemory(
        received_s, newest.seq, verdict.temp_c, False, received_s, verdict.temp_c,
        memory.spikes_s, memory.refused_s, past, memory.standing,
    )  # fmt: skip


def are_three_in_10_s(strikes_s: tuple[float, ...], now_s: float) -> bool:
    """Three strikes, the first of them at most 10 s ago."""
    return len(strikes_s) == STRIKES and now_s - strikes_s[0] <= RECENT_S


def _with_strike(strikes_s: tuple[float, ...], time_s: float) -> tuple[float, ...]:
    return (*strikes_s[1 - STRIKES :], time_s)


def _is_spike(spec: ProbeSpec, memory: ProbeMemory, temp_c: float, received_s: float) -> bool:
    """Core: off the 10 s median. Others: off the last kept sample, and not borne out by the last
    one heard, since skin and air do step when a lid opens or a pad is moved."""
    if spec.role is _CORE:
        past = memory.past
        if past.median_c is None or abs(temp_c - past.median_c) <= SPIKE_DELTA_C:
            return False
        recent = len(past.recent_s) - bisect_left(past.recent_s, received_s - RECENT_S)
        return recent >= RECENT_SAMPLES_MIN
    kept_c, heard_c = memory.kept_temp_c, memory.heard_temp_c
    if kept_c is None or heard_c is None or abs(temp_c - kept_c) <= SPIKE_PLAIN_DELTA_C:
        return False
    return abs(temp_c - heard_c) > SPIKE_PLAIN_DELTA_C


def _with_sample(
    spec: ProbeSpec, past: CorePast, temp_c: float, received_s: float, evidence: Evidence
) -> CorePast:
    first = bisect_left(past.recent_s, received_s - RECENT_S)
    recent_s = (*past.recent_s[first:], received_s)
    recent_c = (*past.recent_c[first:], temp_c)
    still, trend = past.still, past.trend
    if still is None or temp_c != still.temp_c:
        still = Stillness(received_s, temp_c, None, None, None)
    if is_due(trend, received_s):
        unused = recent_c[bisect_right(recent_s, trend.times_s[-1]) if trend.times_s else 0 :]
        trend = extended(trend, received_s, sum(unused) / len(unused))
        still = watched(still, spec, evidence, received_s)
    median_c = sorted(recent_c)[len(recent_c) // 2]
    return CorePast(recent_s, recent_c, median_c, still, trend)
