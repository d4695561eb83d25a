"""Each probe is judged alone first: good, suspect or out, and why. Here the core probes, which face
every rule of SAFETY.md section 4; `plain.py` judges the others.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sensors import hearing, record, standing, stillness
from sensors.freshness import Absent, Fresh, Why, classify
from sensors.hearing import ProbeMemory, are_three_in_10_s
from sensors.past import CorePast, is_spike, with_sample
from sensors.samples import ProbeSample, ProbeSpec, Rejection
from sensors.silence import unheard
from sensors.standing import AGREE_DELTA_C, Finding, Standing, Status
from sensors.stillness import Evidence
from sensors.trend import since
from sensors.values import light_dataclass

SLOPE_C_PER_S_MIN: Final = -0.3 / 60.0  # SAFETY.md section 4, over 60 s
SLOPE_C_PER_S_MAX: Final = 0.2 / 60.0

_GOOD: Final = Status.GOOD  # looked up once: an Enum class is slow to ask in a hot path
_OUT: Final = Status.OUT


@light_dataclass(frozen=True, slots=True)
class ProbeReading:
    """What one probe is worth in this cycle."""

    spec: ProbeSpec
    status: Status
    why: Why | None  # None exactly when GOOD
    temp_c: float | None  # None exactly when OUT
    age_s: float | None  # of the sample behind `temp_c`
    proven: bool  # a dome tick vouches for that age
    newest_temp_c: float | None  # the newest message, when fresh and in range, spike or not
    raw_temp_c: float | None  # the same, only in the cycle in which it arrived…
    raw_id: tuple[int, float] | None  # …with its (seq, received_s), so that a limit counts it once
    slope_c_per_s: float | None  # core only
    level_c: float | None  # core only: the 2-min median


def judge(
    spec: ProbeSpec,
    memory: ProbeMemory,
    newest: ProbeSample | Rejection | None,
    now_s: float,
    evidence: Callable[[], Evidence],
) -> tuple[ProbeMemory, ProbeReading]:
    """One cycle of one core probe. `evidence` gives what all of them said up to the last cycle."""
    verdict = classify(newest, spec, now_s)
    raw_id = None
    if (
        isinstance(verdict, Fresh)
        and isinstance(newest, ProbeSample)
        and newest.seq != memory.heard_seq
    ):
        temp_c, received_s = verdict.temp_c, newest.received_s
        raw_id = (newest.seq, received_s)
        if is_spike(memory.past, temp_c, received_s):
            after = hearing.dropped(memory, newest, temp_c)
        else:
            past = with_sample(spec, memory.past, temp_c, received_s, evidence)
            after = hearing.kept(memory, newest, temp_c, past)
    else:
        after = hearing.unkept(memory, newest, verdict)

    age_s = usable_age_s(spec, after, verdict, now_s)
    finding = unheard(spec, memory, after, verdict, now_s) or _finding(after, now_s)
    after, finding = _by_record(spec, after, finding, evidence, now_s)
    was = memory.standing
    if finding is not None or was.status is not _GOOD:
        agrees = None
        if age_s is not None:
            agrees = stillness.agrees(spec, after.past.median_c, evidence(), AGREE_DELTA_C)
        passed = after.kept_s != memory.kept_s
        now = standing.advanced(was, finding, agrees=agrees, arrived=passed, now_s=now_s)
        if now is not was:
            after = replace(after, standing=now, past=_past_after(after.past, was, now))
    trend = after.past.trend
    return after, read_out(spec, after, verdict, raw_id, age_s, trend.slope_c_per_s, trend.level_c)


def _finding(after: ProbeMemory, now_s: float) -> Finding | None:
    """The gravest rule for core probes alone that is broken now, or None."""
    still, slope = after.past.still, after.past.trend.short_slope_c_per_s
    if still is not None and still.stuck_since_s is not None:
        lasted = now_s - still.stuck_since_s >= stillness.OUT_AFTER_S
        return Finding(Status.OUT if lasted else Status.SUSPECT, Why.STUCK)
    if after.spikes_s and are_three_in_10_s(after.spikes_s, now_s):
        return Finding(Status.SUSPECT, Why.SPIKES)
    if slope is not None and not SLOPE_C_PER_S_MIN <= slope <= SLOPE_C_PER_S_MAX:
        return Finding(Status.SUSPECT, Why.SLOPE)
    return None


def _by_record(
    spec: ProbeSpec,
    after: ProbeMemory,
    finding: Finding | None,
    evidence: Callable[[], Evidence],
    now_s: float,
) -> tuple[ProbeMemory, Finding | None]:
    """A movement that no body makes is remembered, and what is remembered is judged."""
    before = kept = after.past.record
    slope = after.past.trend.short_slope_c_per_s
    if finding is not None and finding.why is Why.SLOPE:
        kept = record.opened(now_s)
    elif before is None:
        if slope is not None and not record.is_body_like(slope):
            kept = record.odd(spec, slope, evidence(), now_s)
    else:
        kept, doubt = record.judged(before, spec, after.past.median_c, evidence(), now_s)
        finding = finding or doubt
    if kept is not before:
        after = replace(after, past=replace(after.past, record=kept))
    return after, finding


def _past_after(past: CorePast, was: Standing, now: Standing) -> CorePast:
    """A probe that earned its trust back is not answerable for what it read before."""
    earned = now.status is Status.GOOD and was.heal_s >= standing.HEAL_S
    if not earned or was.agreed_since_s is None:
        return past
    return replace(past, trend=since(past.trend, was.agreed_since_s))


def usable_age_s(
    spec: ProbeSpec, after: ProbeMemory, verdict: Fresh | Absent, now_s: float
) -> float | None:
    """The age of the kept sample. None: no usable value in this cycle, whatever the standing."""
    if after.kept_s is None or not isinstance(verdict, Fresh):
        return None
    age_s = now_s - after.kept_s
    return age_s if 0.0 <= age_s <= spec.age_s_max else None


def read_out(
    spec: ProbeSpec,
    after: ProbeMemory,
    verdict: Fresh | Absent,
    raw_id: tuple[int, float] | None,
    age_s: float | None,
    slope_c_per_s: float | None = None,
    level_c: float | None = None,
) -> ProbeReading:
    """`age_s` is None when the probe has no usable value in this cycle, whatever its standing."""
    status, why = after.standing.status, after.standing.why
    if age_s is None and status is not _OUT:
        status = _OUT
        why = verdict.why if isinstance(verdict, Absent) else Why.SPIKES
    temp_c = after.kept_temp_c
    if status is _OUT:
        temp_c = age_s = None
    if isinstance(verdict, Absent):
        return ProbeReading(
            spec, status, why, temp_c, age_s, False, None, None, None, slope_c_per_s, level_c
        )
    return ProbeReading(
        spec,
        status,
        why,
        temp_c,
        age_s,
        verdict.proven,
        verdict.temp_c,
        None if raw_id is None else verdict.temp_c,
        raw_id,
        slope_c_per_s,
        level_c,
    )
