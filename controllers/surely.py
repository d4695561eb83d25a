"""What the core must at least have done, given the climate: evidence that a probe is stuck.

Fed with heat and never with a core probe. It moves only where every body would: by the weakest
gain, behind the longest lag, and only in a climate above the hottest that holds anybody, or below
the coldest. A probe that stands still while this moves is stuck; in the hold it claims nothing.
Only its movement counts; where it begins is arbitrary.
"""

from __future__ import annotations

from typing import Final, NamedTuple

GAIN_PER_S: Final = 0.05 / 3600.0
HOLD_C_MIN: Final = 34.0
HOLD_C_MAX: Final = 47.0
LAG_S: Final = 900.0


class Surely(NamedTuple):
    """Blood and core of the most sluggish body."""

    blood_temp_c: float = 37.0
    core_temp_c: float = 37.0


def moved(surely: Surely, felt_temp_c: float, dt_s: float) -> Surely:
    """Let `dt_s` pass in this climate, felt after the skin's lag."""
    blood_c, core_c = surely
    if felt_temp_c > HOLD_C_MAX:
        blood_c += dt_s * GAIN_PER_S * (felt_temp_c - HOLD_C_MAX)
    elif felt_temp_c < HOLD_C_MIN and blood_c > 37.0:
        blood_c += dt_s * GAIN_PER_S * (felt_temp_c - HOLD_C_MIN)
    return Surely(blood_c, core_c + dt_s / LAG_S * (blood_c - core_c))
