"""Skin, air and room probes: freshness, range and spikes, since nothing in a body or a dome bounds
them as tightly as a core.
"""

from dataclasses import replace
from typing import Final

from sensors import hearing, standing
from sensors.freshness import Fresh, Why, classify
from sensors.hearing import ProbeMemory, are_three_in_10_s
from sensors.plausibility import ProbeReading, read_out, usable_age_s
from sensors.samples import ProbeSample, ProbeSpec, Rejection
from sensors.silence import unheard
from sensors.standing import Finding, Status

SPIKE_PLAIN_DELTA_C: Final = 3.0

_GOOD: Final = Status.GOOD  # looked up once: an Enum class is slow to ask in a hot path


def judge_plain(
    spec: ProbeSpec,
    memory: ProbeMemory,
    newest: ProbeSample | Rejection | None,
    now_s: float,
    doubt: Finding | None = None,
) -> tuple[ProbeMemory, ProbeReading]:
    """One cycle of one skin, air or room probe. `doubt` is what else speaks against it."""
    verdict = classify(newest, spec, now_s)
    raw_id = None
    if (
        isinstance(verdict, Fresh)
        and isinstance(newest, ProbeSample)
        and newest.seq != memory.heard_seq
    ):
        raw_id = (newest.seq, newest.received_s)
        if _is_spike(memory, verdict.temp_c):
            after = hearing.dropped(memory, newest, verdict.temp_c)
        else:
            after = hearing.kept(memory, newest, verdict.temp_c)
    else:
        after = hearing.unkept(memory, newest, verdict)

    age_s = usable_age_s(spec, after, verdict, now_s)
    finding = unheard(spec, memory, after, verdict, now_s) or doubt
    if finding is None and after.spikes_s and are_three_in_10_s(after.spikes_s, now_s):
        finding = Finding(Status.SUSPECT, Why.SPIKES)
    was = memory.standing
    if finding is not None or was.status is not _GOOD:
        passed = after.kept_s != memory.kept_s
        agrees = None if age_s is None else True
        now = standing.advanced(was, finding, agrees=agrees, arrived=passed, now_s=now_s)
        if now is not was:
            after = replace(after, standing=now)
    return after, read_out(spec, after, verdict, raw_id, age_s)


def _is_spike(memory: ProbeMemory, temp_c: float) -> bool:
    """Off the last kept sample, and not borne out by the last one heard, since skin and air do
    step when a lid opens or a pad is moved."""
    kept_c, heard_c = memory.kept_temp_c, memory.heard_temp_c
    if kept_c is None or heard_c is None or abs(temp_c - kept_c) <= SPIKE_PLAIN_DELTA_C:
        return False
    return abs(temp_c - heard_c) > SPIKE_PLAIN_DELTA_C
