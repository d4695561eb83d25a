"""Is the lid open? Seen from the air alone: a lid need not have a switch, and a switch may lie.

With the lid open the air falls within seconds by what no dome loses by itself at the power that is
on. While it is open nothing must be learnt from the dome, and power would warm the room.
"""

from __future__ import annotations

from typing import Final, NamedTuple

FALL_DELTA_C: Final = (
    2.0  # below what dome and power explain, over 10 s: three air changes a minute
)
RISE_DELTA_C: Final = 3.0  # from its lowest: the air comes back once the lid is shut
NEAR_DELTA_C: Final = 2.0  # as warm as a shut dome would be
OPEN_S_MAX: Final = 300.0  # then it was something else, and the dome is learnt anew
SETTLE_S: Final = 60.0  # air and lining find together again after the lid was shut


class Lid(NamedTuple):
    """`open_s` counts while the lid seems open, `settle_s` down after it was shut."""

    open_s: float | None = None
    settle_s: float = 0.0
    lowest_air_temp_c: float = 0.0

    @property
    def holds(self) -> bool:
        """Nothing is to be learnt now."""
        return self.open_s is not None or self.settle_s > 0.0


def watched(
    lid: Lid, air_temp_c: float, expected_air_temp_c: float, *, switch_open: bool, dt_s: float
) -> Lid:
    """One step of about 10 s on. `expected_air_temp_c` is the shut dome's, by its model."""
    if lid.open_s is None:
        fell = not air_temp_c - expected_air_temp_c > -FALL_DELTA_C and lid.settle_s <= 0.0
        if fell or switch_open:
            return Lid(0.0, 0.0, air_temp_c)
        return Lid(None, max(0.0, lid.settle_s - dt_s), 0.0)
    lowest_c = min(lid.lowest_air_temp_c, air_temp_c)
    shut = (
        air_temp_c >= lowest_c + RISE_DELTA_C
        or air_temp_c >= expected_air_temp_c - NEAR_DELTA_C
        or lid.open_s >= OPEN_S_MAX
    )
    if shut and not switch_open:
        return Lid(None, SETTLE_S, 0.0)
    return Lid(lid.open_s + dt_s, 0.0, lowest_c)
