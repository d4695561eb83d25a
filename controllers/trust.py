"""Does the observer hold together? Its own innovations tell.

A filter that fits is off by about one of its own standard deviations, to either side alike. One
that does not fit is off by much more, or always to the same side: then its forecast is worth
nothing, and the plain cascade goes on until it has fitted for ten minutes.
"""

from __future__ import annotations

from math import exp
from typing import Final, NamedTuple

MEMORY_S: Final = 300.0
SQUARE_MAX: Final = 25.0  # mean square of the innovations; 1 is a perfect fit
SIDE_SD_MAX: Final = 4.5  # mean of the innovations; 0 is a perfect fit
PROBATION_S: Final = 600.0


class Trust(NamedTuple):
    """`doubt` is empty while the observer may be used; `sound_s`: how long it has fitted since."""

    square: float = 1.0
    side_sd: float = 0.0
    doubt: str = ""
    sound_s: float = 0.0


def judged(trust: Trust, off_sd: float, dt_s: float) -> Trust:
    """Take in one innovation, in standard deviations of it."""
    keeps = exp(-dt_s / MEMORY_S)
    square = keeps * trust.square + (1.0 - keeps) * off_sd * off_sd
    side_sd = keeps * trust.side_sd + (1.0 - keeps) * off_sd
    fits = square <= SQUARE_MAX and abs(side_sd) <= SIDE_SD_MAX  # NaN does not
    if not fits:
        much = f"{min(square, 1e6):.0f} times the square expected, {side_sd:+.1f} sd to one side"
        return Trust(1.0, 0.0, f"the observer is off by {much}", 0.0)
    if trust.doubt and trust.sound_s + dt_s < PROBATION_S:
        return Trust(square, side_sd, trust.doubt, trust.sound_s + dt_s)
    return Trust(square, side_sd)


def doubted(why: str) -> Trust:
    """It is not to be used for another ten minutes."""
    return Trust(doubt=why)
