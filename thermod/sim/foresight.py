"""Was the time to target told well? Judged afterwards, when it is known where half-way was."""

from __future__ import annotations

from controllers.eta import Eta

LOOK_EVERY_S = 60.0


class Foresight:
    """What was told each minute of heat-up, until the session itself counts the core as in band.

    That moment is the one staff wait for. It is the probes' and not the true core's: a bias of
    0.05 °C, which nobody can know, moves the true core's by many minutes.
    """

    def __init__(self) -> None:
        self._told: list[tuple[float, float | None]] = []  # when; and how long still, s
        self._in_band_s: float | None = None

    def is_due(self, now_s: float) -> bool:
        """Once a minute is often enough."""
        return not self._told or now_s - self._told[-1][0] >= LOOK_EVERY_S

    def see(self, now_s: float, eta: Eta | None) -> None:
        """Note what is told now."""
        self._told.append((now_s, None if eta is None else eta.in_s))

    def arrived(self, now_s: float) -> None:
        """In band; only the first time counts."""
        self._in_band_s = now_s if self._in_band_s is None else self._in_band_s

    def error_half_way_min(self) -> float | None:
        """Told less true, half-way from the start to in band; None: it never was, or not told."""
        if self._in_band_s is None or not self._told:
            return None
        half_s = (self._told[0][0] + self._in_band_s) / 2.0
        at_s, told_s = min(self._told, key=lambda told: abs(told[0] - half_s))
        if told_s is None:
            return None
        return round((told_s - (self._in_band_s - at_s)) / 60.0, 2)
