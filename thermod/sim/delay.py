"""What gentleness costs: minutes to 38.4 °C beyond full power on the same body. Simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from thermod.sim.score import PatientScore, ranked

FULL_POWER = "manual"  # the plain method that gives all the power allowed until the target


class Delay(NamedTuple):
    """Over those who reach it both ways, minutes; the others are counted."""

    median: float | None
    p95: float | None
    worst: float | None
    reached: int
    ours_missing: int  # whom we did not bring there, but full power did
    full_power_missing: int  # whom full power did not bring there


def delays(ours: Sequence[PatientScore], full_power: Sequence[PatientScore]) -> Delay:
    """Compare body by body; each is known by seed and disturbance. Bodies that were not run both
    ways do not count.
    """
    at_full = {(each.seed, each.disturbance): each.time_to_38_4_min for each in full_power}
    pairs = [
        (each.time_to_38_4_min, at_full[each.seed, each.disturbance])
        for each in ours
        if (each.seed, each.disturbance) in at_full
    ]
    known = sorted(
        round(took - full, 2) for took, full in pairs if took is not None and full is not None
    )
    return Delay(
        ranked(known, 0.5),
        ranked(known, 0.95),
        known[-1] if known else None,
        reached=len(known),
        ours_missing=sum(took is None and full is not None for took, full in pairs),
        full_power_missing=sum(full is None for _, full in pairs),
    )
