"""What a session has had so far: minutes from first to last heat, and the skin dose of each site,
to which what the same person had within a day is added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from typing import Final

from thermod.guard.kept import KeptSession

DAY_S: Final = 24.0 * 3600.0  # SAFETY.md §4: dose is limited per site and day
SESSIONS_REMEMBERED: Final = 16
SAVED_EVERY_S: Final = 60.0


def cem43_per_min(temp_c: float) -> float:
    """Equivalent minutes at 43 °C of one minute at this temperature. (SAFETY.md §4)"""
    if temp_c < 39.0:
        return 0.0
    return float((0.25 if temp_c < 43.0 else 0.5) ** (43.0 - temp_c))


def digest(subject: str | None) -> str:
    """Who it is, for comparing only: the guard's file holds nobody's name. Empty: not known."""
    return "" if subject is None else sha256(subject.encode()).hexdigest()[:16]


@dataclass(slots=True)
class SessionTally:
    """One session. Time while the guard itself was down is not in the span: it heard no heat."""

    session_id: str
    subject: str
    began_s: float
    heat_span_s: float = 0.0
    dose_cem43_min: dict[str, float] = field(default_factory=dict)  # by skin probe
    last_heat_s: float = -inf

    def heat(self, now_s: float) -> bool:
        """Heat is measured now. True: the span has grown."""
        grown_s = now_s - self.last_heat_s
        self.last_heat_s = now_s
        if not 0.0 < grown_s < inf:
            return False
        self.heat_span_s += grown_s
        return True

    @property
    def weight(self) -> tuple[float, float]:
        """How much would be forgotten with it."""
        return sum(self.dose_cem43_min.values()), self.heat_span_s


class Tallies:
    """The last few sessions by id, so that going back to one does not forget what it has had."""

    def __init__(self, kept: tuple[KeptSession, ...], now_s: float) -> None:
        self._sessions = {
            each.session_id: SessionTally(
                each.session_id,
                each.subject,
                now_s - each.age_s,
                each.heat_span_s,
                dict(each.dose_cem43_min),
            )
            for each in kept
        }
        self.current: SessionTally | None = None
        self._before_cem43_min: dict[str, float] = {}  # by site: the same person, the same day
        self.changed = False  # since the last `kept`
        if kept:
            self._go_on_with(self._sessions[kept[-1].session_id], now_s)

    def open(self, session_id: str, subject: str | None, now_s: float) -> None:
        """This session is the one under way. Nobody named: whoever was here last."""
        tally = self._sessions.pop(session_id, None)
        if tally is None:
            last = "" if self.current is None else self.current.subject
            tally = SessionTally(session_id, digest(subject) or last, now_s)
        self._sessions[session_id] = tally  # last: the newest
        self._go_on_with(tally, now_s)
        while len(self._sessions) > SESSIONS_REMEMBERED:
            others = [each for each in self._sessions.values() if each is not tally]
            del self._sessions[min(others, key=lambda each: each.weight).session_id]

    def heat(self, now_s: float) -> None:
        """Heat is measured now."""
        if self.current is not None and self.current.heat(now_s):
            self.changed = True

    def skin(self, probe_id: str, temp_c: float, dt_s: float) -> None:
        """A skin site has been this warm for this long."""
        if self.current is not None and temp_c >= 39.0:
            dose_cem43_min = self.current.dose_cem43_min
            added_cem43_min = cem43_per_min(temp_c) * dt_s / 60.0
            dose_cem43_min[probe_id] = dose_cem43_min.get(probe_id, 0.0) + added_cem43_min
            self.changed = True

    @property
    def heat_span_min(self) -> float:
        """Of the session under way."""
        return 0.0 if self.current is None else self.current.heat_span_s / 60.0

    @property
    def skin_dose_cem43_min(self) -> float:
        """Of the site that had most: in the session under way, and before it on the same day."""
        if self.current is None:
            return 0.0
        before, now = self._before_cem43_min, self.current.dose_cem43_min
        if not before:
            return max(now.values(), default=0.0)
        return max(before.get(site, 0.0) + now.get(site, 0.0) for site in before.keys() | now)

    def kept(self, now_s: float) -> tuple[KeptSession, ...]:
        """For the state file, the session under way last."""
        self.changed = False
        return tuple(
            KeptSession(
                each.session_id,
                each.heat_span_s,
                tuple(each.dose_cem43_min.items()),
                each.subject,
                max(0.0, now_s - each.began_s),
            )
            for each in self._sessions.values()
        )

    def _go_on_with(self, tally: SessionTally, now_s: float) -> None:
        self.current = tally
        self._before_cem43_min = _summed(
            each.dose_cem43_min
            for each in self._sessions.values()
            if each is not tally and each.subject == tally.subject and now_s - each.began_s < DAY_S
        )


def _summed(doses: Iterable[dict[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for dose_cem43_min in doses:
        for site, had_cem43_min in dose_cem43_min.items():
            sums[site] = sums.get(site, 0.0) + had_cem43_min
    return sums
