"""Evidence that takes more than one sample: "reached twice", the 10-minute rise, a core that does
not respond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# Two samples count together when they arrived within this: a probe that flaps between 39.6 °C and
# nothing shall not hide behind its silences.
TWICE_WITHIN_S: Final = 10.0
RISE_WINDOW_S: Final = 600.0  # SAFETY.md section 4: core rise is judged over a full 10 min
RISE_STEP_S: Final = 10.0  # one point each so often: 61 points span the window
RISE_GAP_S_MAX: Final = 30.0  # a longer gap is not "a full 10 min of good samples": begin again
RESPONSE_DELTA_C: Final = 0.1  # "not responding" counts since the last +0.1 °C
RESPONSE_SHARE_MIN: Final = 0.5  # of full power, in the mean, before an answer can be expected


class RawSample(NamedTuple):
    """A core sample in range, as received: before any median, from a good or a suspect probe."""

    probe_id: str
    temp_c: float
    received_s: float


def remember(
    recent: tuple[RawSample, ...], new: Iterable[RawSample], now_s: float
) -> tuple[RawSample, ...]:
    """The newest two samples of each probe that are young enough to count together."""
    kept: list[RawSample] = []
    count: dict[str, int] = {}
    for sample in (*new, *recent):  # newest first
        seen = count.get(sample.probe_id, 0)
        if seen < 2 and now_s - sample.received_s <= TWICE_WITHIN_S:
            kept.append(sample)
            count[sample.probe_id] = seen + 1
    return tuple(kept)


def reached_twice_c(recent: Iterable[RawSample]) -> float | None:
    """The temperature that two of these samples reached: the second highest. None with fewer than
    two.
    """
    temps_c = sorted([sample.temp_c for sample in recent])
    return temps_c[-2] if len(temps_c) >= 2 else None


@dataclass(frozen=True, slots=True)
class Rise:
    """How far the core has moved, one point each 10 s, back to one that is 10 min old or older.

    Moved, and not its temperature: each probe is compared with itself alone, so that one that is
    lost, or comes back, is no rise and hides none.
    """

    points: tuple[tuple[float, float], ...] = ()  # (at_s, moved since the first, °C), oldest first
    temps_c: Mapping[str, float] = field(default_factory=dict)  # by probe, at the newest point
    c_per_min: float | None = None


def is_rise_due(rise: Rise, now_s: float) -> bool:
    """Is it time for the next point? What comes between two points is not looked at."""
    return not rise.points or not now_s - rise.points[-1][0] < RISE_STEP_S


def watch_rise(rise: Rise, core_temps_c: Mapping[str, float], now_s: float) -> Rise:
    """Add what each good probe says now; `c_per_min` stays None until ten full minutes have been
    seen without a gap.
    """
    points = rise.points
    since_s = now_s - points[-1][0] if points else 0.0
    if since_s > RISE_GAP_S_MAX:
        rise, points = Rise(), ()
    if not core_temps_c or not is_rise_due(rise, now_s):
        return rise
    moved_c = [temp_c - rise.temps_c[p] for p, temp_c in core_temps_c.items() if p in rise.temps_c]
    if not moved_c:  # the first, or other probes than before: nothing can be compared
        return Rise(((now_s, 0.0),), core_temps_c)
    points = (*points, (now_s, points[-1][1] + sum(moved_c) / len(moved_c)))
    while len(points) > 1 and now_s - points[1][0] >= RISE_WINDOW_S:
        points = points[1:]
    is_full = now_s - points[0][0] >= RISE_WINDOW_S
    return Rise(points, core_temps_c, _slope_c_per_min(points) if is_full else None)


def _slope_c_per_min(points: tuple[tuple[float, float], ...]) -> float:
    """Least squares over the points: a first-to-last difference would take the noise of two
    samples.
    """
    mean_s = sum(at_s for at_s, _ in points) / len(points)
    spread = sum((at_s - mean_s) ** 2 for at_s, _ in points)
    together = sum((at_s - mean_s) * temp_c for at_s, temp_c in points)
    return together / spread * 60.0


class Response(NamedTuple):
    """How long the core has been heated without answering."""

    mark_c: float | None = None  # the core's last step of +0.1 °C
    heated_s: float = 0.0  # time permitted to heat since then
    power_s: float = 0.0  # ∫ power share dt since then

    @property
    def unresponsive_min(self) -> float:
        """Minutes without +0.1 °C while the mean power was at least half; 0 when it was less."""
        is_heated = self.power_s >= RESPONSE_SHARE_MIN * self.heated_s
        return self.heated_s / 60.0 if is_heated else 0.0


def watch_response(
    response: Response, core_temp_c: float | None, *, power_pct: float, counts: bool, dt_s: float
) -> Response:
    """Let `dt_s` pass at `power_pct`. `counts` is False where the clock stops: withheld, paused,
    lid open, near target.
    """
    if core_temp_c is not None and (
        response.mark_c is None or core_temp_c >= response.mark_c + RESPONSE_DELTA_C
    ):
        return Response(core_temp_c)
    if not counts:
        return response
    return Response(
        response.mark_c, response.heated_s + dt_s, response.power_s + power_pct / 100.0 * dt_s
    )
