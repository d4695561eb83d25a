"""Each probe is judged alone first: good, suspect or out, and why.

Core probes face every rule of safety.md section 4; skin, air and room probes only range, freshness
and spikes, since nothing in a body or a dome bounds them as tightly.
"""

from typing import Final, NamedTuple

from sensors import hearing, standing, stillness
from sensors.freshness import Absent, Fresh, Why, classify
from sensors.hearing import CorePast, ProbeMemory, are_three_in_10_s
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from sensors.standing import Finding, Standing, Status
from sensors.stillness import Evidence
from sensors.trend import since

SLOPE_C_PER_S_MIN: Final = -0.3 / 60.0  # safety.md section 4, over 60 s
SLOPE_C_PER_S_MAX: Final = 0.2 / 60.0
AGREE_DELTA_C: Final = 0.3

_GOOD: Final = Status.GOOD  # looked up once: an Enum class is slow to ask in a hot path


class ProbeReading(NamedTuple):
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
    evidence: Evidence,
) -> tuple[ProbeMemory, ProbeReading]:
    """One cycle of one probe. `evidence` is what the core probes said up to the last cycle."""
    verdict = classify(newest, spec, now_s)
    after = memory
    raw_id = None
    # A message from the future is not taken in yet: it may be on time in the next cycle.
    early = isinstance(verdict, Absent) and verdict.why is Why.FROM_FUTURE
    if newest is not None and not early and hearing.is_new(newest, memory):
        after = hearing.heard(spec, memory, newest, verdict, evidence)
        if isinstance(newest, ProbeSample) and not after.repeats:
            raw_id = (newest.seq, newest.received_s)

    age_s = None if after.kept_s is None else now_s - after.kept_s
    usable = isinstance(verdict, Fresh) and age_s is not None and 0.0 <= age_s <= spec.age_s_max
    finding = _finding(spec, memory, after, verdict, now_s)
    was = memory.standing
    if finding is not None or was.status is not _GOOD:
        agrees = _agrees(spec, after, evidence) if usable else None
        passed = after.kept_s != memory.kept_s
        now = standing.advanced(was, finding, agrees=agrees, arrived=passed, now_s=now_s)
        if now is not was:
            after = after._replace(standing=now, past=_past_after(after.past, was, now))
    return after, _reading(spec, after, verdict, raw_id, age_s if usable else None)


def _finding(
    spec: ProbeSpec, before: ProbeMemory, after: ProbeMemory, verdict: Fresh | Absent, now_s: float
) -> Finding | None:
    """The gravest rule that is broken now, or None."""
    if after.refused_s and are_three_in_10_s(after.refused_s, now_s):
        why = verdict.why if isinstance(verdict, Absent) else Why.OUT_OF_RANGE
        return Finding(Status.OUT, why)
    if after.kept_s is None:
        why = verdict.why if isinstance(verdict, Absent) else Why.FROZEN_SEQ
        return Finding(Status.OUT, why, heal_s=0.0)
    # A sample that has just passed ends the silence before it, and must still answer for it.
    until_s = now_s if before.kept_s == after.kept_s else after.kept_s
    silent_s = until_s - (after.kept_s if before.kept_s is None else before.kept_s)
    if not 0.0 <= silent_s <= spec.age_s_max:
        return _silence(before, after, verdict, silent_s)
    still, slope = after.past.still, after.past.trend.short_slope_c_per_s
    if still is not None and still.stuck_since_s is not None:
        lasted = now_s - still.stuck_since_s >= stillness.OUT_AFTER_S
        return Finding(Status.OUT if lasted else Status.SUSPECT, Why.STUCK)
    if after.spikes_s and are_three_in_10_s(after.spikes_s, now_s):
        return Finding(Status.SUSPECT, Why.SPIKES)
    if slope is not None and not SLOPE_C_PER_S_MIN <= slope <= SLOPE_C_PER_S_MAX:
        return Finding(Status.SUSPECT, Why.SLOPE)
    return None


def _silence(
    before: ProbeMemory, after: ProbeMemory, verdict: Fresh | Absent, silent_s: float
) -> Finding:
    """Nothing has passed for too long. A mere loss heals quickly, anything else does not."""
    if after.repeats:
        return Finding(Status.OUT, Why.FROZEN_SEQ)
    brief = 0.0 <= silent_s <= standing.SILENCE_S_MAX
    heal_s = standing.SILENCE_HEAL_S if brief else standing.HEAL_S
    if isinstance(verdict, Absent):
        return Finding(Status.OUT, verdict.why, heal_s)
    if after.kept_s == before.kept_s:
        return Finding(Status.OUT, Why.SPIKES)
    return Finding(
        Status.OUT, Why.STALE, heal_s if _is_where_it_left(before, after) else standing.HEAL_S
    )


def _is_where_it_left(before: ProbeMemory, after: ProbeMemory) -> bool:
    """A core probe that slipped during the silence did not merely lose its link."""
    if before.past.median_c is None or after.kept_temp_c is None:
        return True
    return abs(after.kept_temp_c - before.past.median_c) <= AGREE_DELTA_C


def _agrees(spec: ProbeSpec, after: ProbeMemory, evidence: Evidence) -> bool:
    if spec.role is not Role.CORE:
        return True
    return stillness.agrees(spec, after.past.median_c, evidence, AGREE_DELTA_C)


def _past_after(past: CorePast, was: Standing, now: Standing) -> CorePast:
    """A probe that earned its trust back is not answerable for what it read before."""
    earned = now.status is Status.GOOD and was.heal_s >= standing.HEAL_S
    if not earned or was.agreed_since_s is None:
        return past
    return past._replace(trend=since(past.trend, was.agreed_since_s))


def _reading(
    spec: ProbeSpec,
    after: ProbeMemory,
    verdict: Fresh | Absent,
    raw_id: tuple[int, float] | None,
    age_s: float | None,
) -> ProbeReading:
    """`age_s` is None when the probe has no usable value in this cycle, whatever its standing."""
    status, why = after.standing.status, after.standing.why
    newest_temp_c = verdict.temp_c if isinstance(verdict, Fresh) else None
    if age_s is None and status is not Status.OUT:
        status = Status.OUT
        why = verdict.why if isinstance(verdict, Absent) else Why.SPIKES
    out = status is Status.OUT
    return ProbeReading(
        spec,
        status,
        why,
        None if out else after.kept_temp_c,
        None if out else age_s,
        isinstance(verdict, Fresh) and verdict.proven,
        newest_temp_c,
        None if raw_id is None else newest_temp_c,
        None if newest_temp_c is None else raw_id,
        after.past.trend.slope_c_per_s,
        after.past.trend.level_c,
    )
