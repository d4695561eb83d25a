"""A core probe that has once moved as no body can, and what that costs it afterwards.

It has slipped out, or somebody has moved it. Skin under a warm dome is about as warm as the core,
so it may seem to agree again, and then leave its neighbour slowly: too slowly for a rule about one
probe. So for two hours it is believed only while it keeps close to one that never did so.

A movement that is merely faster than a body's, while the neighbour moves as a body does, makes no
probe suspect. It is remembered all the same: where they differ later, this one is asked first.
"""

from typing import Final

from sensors.freshness import Why
from sensors.samples import ProbeSpec
from sensors.standing import CALIBRATED_DELTA_C, Finding, Status
from sensors.stillness import Evidence
from sensors.values import light_dataclass

KEPT_S: Final = 2.0 * 3600.0  # about as long as the rest of a session
OUT_AFTER_S: Final = 300.0  # SAFETY.md section 4: as for a probe that is stuck
HEAL_S: Final = 1800.0  # in the hold skin is as warm as the core for many minutes
# A body rises by no more than the hard ceiling of SAFETY.md section 4, and cools more slowly.
BODY_C_PER_S_MIN: Final = -0.06 / 60.0
BODY_C_PER_S_MAX: Final = 0.08 / 60.0
ODD_C_PER_S: Final = 0.1 / 60.0  # faster than the neighbour by this


@light_dataclass(frozen=True, slots=True)
class Record:
    """When it last moved so, and since when it has differed from a probe without a record."""

    moved_s: float
    is_sure: bool  # it moved as no body can, and not merely faster than the neighbour
    apart_since_s: float | None


def opened(now_s: float) -> Record:
    """It moves as no body can."""
    return Record(now_s, True, None)


def is_body_like(slope_c_per_s: float) -> bool:
    """May a core move so? NaN may not."""
    return BODY_C_PER_S_MIN <= slope_c_per_s <= BODY_C_PER_S_MAX


def odd(spec: ProbeSpec, slope_c_per_s: float, evidence: Evidence, now_s: float) -> Record | None:
    """What is remembered of a probe that does not move like a body, by its slope over 60 s: None
    unless its neighbour does, and they differ.
    """
    for other in evidence.witnesses:
        if other.median_c is None or other.spec is spec or other.spec.site != spec.site:
            continue
        other_c_per_s = other.slope_c_per_s
        if (
            other_c_per_s is not None
            and is_body_like(other_c_per_s)
            and abs(slope_c_per_s - other_c_per_s) >= ODD_C_PER_S
        ):
            return Record(now_s, False, None)
    return None


def judged(
    record: Record, spec: ProbeSpec, median_c: float | None, evidence: Evidence, now_s: float
) -> tuple[Record | None, Finding | None]:
    """One cycle of a probe with a record. It is suspect while it differs, and out after 5 min if it
    surely lied; with no other probe to judge by, its own rules are all there is.
    """
    moved_s, is_sure, since_s = record.moved_s, record.is_sure, record.apart_since_s
    if not 0.0 <= now_s - moved_s < KEPT_S:
        return None, None
    if median_c is None or not _differs(spec, median_c, evidence):
        return (record if since_s is None else Record(moved_s, is_sure, None)), None
    if since_s is None:
        record, since_s = Record(moved_s, is_sure, now_s), now_s
    lasted = is_sure and now_s - since_s >= OUT_AFTER_S
    return record, Finding(Status.OUT if lasted else Status.SUSPECT, Why.DISAGREES, HEAL_S)


def _differs(spec: ProbeSpec, median_c: float, evidence: Evidence) -> bool:
    """By more than two calibrated probes can, from a good one of its site without a record."""
    return any(
        abs(median_c - other.median_c)
        > 2.0 * CALIBRATED_DELTA_C + max(spec.resolution_c, other.spec.resolution_c)
        for other in evidence.witnesses
        if other.median_c is not None
        and not other.has_record
        and other.spec is not spec
        and other.spec.site == spec.site
    )
