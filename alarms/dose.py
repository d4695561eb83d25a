"""Thermal dose of the skin, in cumulative equivalent minutes at 43 °C (CEM43).

CEM43 = Σ dt · R^(43 − T), with R = 0.25 below 43 °C and 0.5 from 43 °C on; below 39 °C nothing is
counted (Sapareto & Dewey 1984, Int J Radiat Oncol Biol Phys 10:787).
"""

from __future__ import annotations

from collections.abc import Mapping

COUNTED_FROM_C = 39.0
BREAK_C = 43.0


def cem43_min(temp_c: float, dt_s: float) -> float:
    """The dose of `dt_s` seconds at `temp_c`, in minutes. NaN counts as nothing here: it is no
    reading.
    """
    if not temp_c >= COUNTED_FROM_C:
        return 0.0
    per_degree = 0.25 if temp_c < BREAK_C else 0.5
    return dt_s / 60.0 * float(per_degree ** (BREAK_C - temp_c))


def accumulate(
    dose_min: Mapping[str, float], skin_temp_c: Mapping[str, float], dt_s: float
) -> Mapping[str, float]:
    """Add to each skin site what its reading of now comes to. A site without one keeps its own."""
    if not any(temp_c >= COUNTED_FROM_C for temp_c in skin_temp_c.values()):
        return dose_min
    added = dict(dose_min)
    for site, temp_c in skin_temp_c.items():
        added[site] = added.get(site, 0.0) + cem43_min(temp_c, dt_s)
    return added
