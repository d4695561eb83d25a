"""Was the time to target told well? Judged afterwards, when it is known where half-way was."""

from __future__ import annotations

from controllers.eta import Eta

LOOK_EVERY_S = 60.0


class Foresight:
    """What was told each minute of heat-up."""

    def __init__(self) -> None:
        self._told: list[tuple[float, float | None]] = []  # when; and how long still, s
        self._looked_s = float("-inf")

    def is_due(self, now_s: float) -> bool:
        """Once a minute is often enough."""
        return now_s - self._looked_s >= LOOK_EVERY_S

    def see(self, now_s: float, eta: Eta | None) -> None:
        """Note what is told now."""
        self._looked_s = now_s
        self._told.append((now_s, None if eta is None else eta.in_s))

    def error_half_way_min(self, time_to_38_4_min: float | None) -> float | None:
        """Told less true, half-way from the first heat to 38.4 °C; None: not reached or told."""
        if time_to_38_4_min is None or not self._told:
            return None
        began_s = self._told[0][0]
        half_s = 30.0 * time_to_38_4_min
        at_s, told_s = min(self._told, key=lambda told: abs(told[0] - began_s - half_s))
        if told_s is None:
            return None
        return round((told_s - (60.0 * time_to_38_4_min - (at_s - began_s))) / 60.0, 2)
