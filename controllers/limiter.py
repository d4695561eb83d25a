"""The last word before the wire: the lowest cap wins and says why. It can only lower."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cap(NamedTuple):
    """An upper bound on heater power, in percent of what the dome can do, and its reason."""

    power_pct_max: float
    because: str


class Limited(NamedTuple):
    """What is left of the wanted power. `because` names every cap that lies below it, the lowest
    first.
    """

    power_pct: float
    because: tuple[str, ...]


def limit(wanted_pct: float, caps: Sequence[Cap]) -> Limited:
    """Apply the caps. A wanted power or a cap that is no number from 0 to 100 means no heat."""
    if not 0.0 <= wanted_pct <= 100.0:  # NaN lands here too
        return Limited(0.0, ("the regulator's output is not a power",))
    binding = [cap for cap in caps if not cap.power_pct_max >= wanted_pct]
    if not binding:
        return Limited(wanted_pct, ())
    binding.sort(key=_height)
    return Limited(_height(binding[0]), tuple(cap.because for cap in binding))


def _height(cap: Cap) -> float:
    """What the cap leaves: nothing where it is negative or no number."""
    return cap.power_pct_max if cap.power_pct_max > 0.0 else 0.0
