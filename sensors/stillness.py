"""Is a core probe stuck? It is when it does not move while something else says the body does."""

from collections.abc import Iterable
from typing import Final

from sensors.samples import ProbeSpec
from sensors.values import light_dataclass

MOVE_DELTA_C: Final = 0.1  # SAFETY.md section 4: max(3 x resolution_c, 0.1 °C)
MOVE_STEPS: Final = 3.0
FINE_RESOLUTION_C: Final = 0.01  # a probe this fine cannot read alike for 2 min in a moving body:
FINE_S: Final = 120.0
FINE_MOVE_DELTA_C: Final = 0.03  # three of its steps; at rest, with no movement, it well may
OUT_AFTER_S: Final = 300.0
# A probe that slips out moves too, and must not make the healthy one beside it look stuck. So what
# moves faster than a body can (the hard ceiling of core rise) is no witness, and a movement must
# have been seen for as long as the slope rule needs to find such a witness out.
WITNESS_C_PER_S_MAX: Final = 0.08 / 60.0
MOVED_S_MIN: Final = 60.0
# The oesophagus leads the rectum by about 5 min (decisions/0008, 2); at the steepest rise that
# is let pass, 0.06 °C/min, it is 0.3 °C ahead before a healthy rectal probe has moved at all.
OTHER_SITE_DELTA_C: Final = 0.3

Readings = tuple[float | None, ...]


@light_dataclass(frozen=True, slots=True)
class Witness:
    """What a core probe said up to the last cycle. `median_c` is None unless the probe is good."""

    spec: ProbeSpec
    median_c: float | None
    slope_c_per_s: float | None  # over 60 s
    has_record: bool  # it has moved as no body can: record.py


@light_dataclass(frozen=True, slots=True)
class Evidence:
    """What tells of the body's movement: every core probe, and the caller's model of the core.

    Only movement counts, so a bias does no harm.
    """

    witnesses: tuple[Witness, ...]
    expected_core_temp_c: float | None


@light_dataclass(frozen=True, slots=True)
class Stillness:
    """How long the probe has read exactly the same, and what the evidence did in that time."""

    since_s: float
    temp_c: float
    began: Readings | None  # where each witness was, and the model last; None: not looked yet
    moved_since_s: float | None
    stuck_since_s: float | None


def watched(still: Stillness, spec: ProbeSpec, evidence: Evidence, time_s: float) -> Stillness:
    """Judge the run of equal readings against the evidence: once a point, about every 2 s."""
    if still.stuck_since_s is not None:
        return still  # until the probe moves, which starts another run
    now = (*map(_testimony_c, evidence.witnesses), evidence.expected_core_temp_c)
    if still.began is None:
        return Stillness(still.since_s, still.temp_c, now, None, None)
    began = tuple(
        seen if then is None else then for then, seen in zip(still.began, now, strict=True)
    )
    # Without any movement elsewhere a probe is never stuck, however long it reads alike.
    fine = spec.resolution_c <= FINE_RESOLUTION_C
    enough_c = FINE_MOVE_DELTA_C if fine else max(MOVE_STEPS * spec.resolution_c, MOVE_DELTA_C)
    if not moved_delta_c(spec, evidence.witnesses, began, now) > enough_c:
        return Stillness(still.since_s, still.temp_c, began, None, None)
    moved_since_s = time_s if still.moved_since_s is None else still.moved_since_s
    stuck = time_s - moved_since_s >= MOVED_S_MIN and (not fine or time_s - still.since_s >= FINE_S)
    return Stillness(still.since_s, still.temp_c, began, moved_since_s, time_s if stuck else None)


def moved_delta_c(
    spec: ProbeSpec, witnesses: Iterable[Witness], began: Readings, now: Readings
) -> float:
    """How far the body surely moved: the best single witness, less what it cannot know."""
    moves = [0.0]
    blurs = [*(_blur_delta_c(witness.spec, spec) for witness in witnesses), 0.0]
    for then_c, now_c, blur_c in zip(began, now, blurs, strict=True):
        if then_c is not None and now_c is not None and blur_c is not None:
            moves.append(abs(now_c - then_c) - blur_c)
    return max(moves)


def agrees(spec: ProbeSpec, median_c: float | None, evidence: Evidence, delta_c: float) -> bool:
    """Within `delta_c` of every other good probe of the same site? Alone, yes."""
    if median_c is None:
        return False
    return all(
        abs(median_c - other.median_c) <= delta_c
        for other in evidence.witnesses
        if other.median_c is not None and other.spec is not spec and other.spec.site == spec.site
    )


def _testimony_c(witness: Witness) -> float | None:
    slope = witness.slope_c_per_s
    if slope is None or not -WITNESS_C_PER_S_MAX <= slope <= WITNESS_C_PER_S_MAX:
        return None
    return witness.median_c


def _blur_delta_c(witness: ProbeSpec, spec: ProbeSpec) -> float | None:
    """The last step of a coarse witness proves nothing; nor does a lead of another site. None: a
    probe is no witness of itself."""
    if witness is spec:
        return None
    return witness.resolution_c + (0.0 if witness.site == spec.site else OTHER_SITE_DELTA_C)
