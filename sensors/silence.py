"""The rules that every probe must keep, whatever it measures: to be heard, soundly and in time."""

from sensors import standing
from sensors.freshness import Absent, Fresh, Why
from sensors.hearing import ProbeMemory, are_three_in_10_s
from sensors.samples import ProbeSpec
from sensors.standing import AGREE_DELTA_C, Finding, Status


def unheard(
    spec: ProbeSpec, before: ProbeMemory, after: ProbeMemory, verdict: Fresh | Absent, now_s: float
) -> Finding | None:
    """The gravest of them that is broken now, or None."""
    kept_s, left_s = after.kept_s, before.kept_s
    if after.refused_s and are_three_in_10_s(after.refused_s, now_s):
        why = verdict.why if isinstance(verdict, Absent) else Why.OUT_OF_RANGE
        return Finding(Status.OUT, why)
    if kept_s is None:
        why = verdict.why if isinstance(verdict, Absent) else Why.FROZEN_SEQ
        return Finding(Status.OUT, why, heal_s=0.0)
    # A sample that has just passed ends the silence before it, and must still answer for it.
    until_s = now_s if left_s == kept_s else kept_s
    silent_s = until_s - (kept_s if left_s is None else left_s)
    if 0.0 <= silent_s <= spec.age_s_max:
        return None
    return _silence(before, after, verdict, silent_s)


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
