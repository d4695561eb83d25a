"""What a session has had so far: skin dose of each site, and minutes from first to last heat."""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from thermod.guard.kept import KeptSession

SESSIONS_REMEMBERED: Final = 8
SAVED_EVERY_S: Final = 60.0


def cem43_per_min(temp_c: float) -> float:
    """Equivalent minutes at 43 °C of one minute at this temperature. (SAFETY.md §4)"""
    if temp_c < 39.0:
        return 0.0
    return float((0.25 if temp_c < 43.0 else 0.5) ** (43.0 - temp_c))


@dataclass(slots=True)
class SessionTally:
    """One session. Time while the guard itself was down is not in the span: it heard no heat."""

    session_id: str
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

    def skin(self, probe_id: str, temp_c: float, dt_s: float) -> None:
        """A skin site has been this warm for this long."""
        dose = self.dose_cem43_min.get(probe_id, 0.0)
        self.dose_cem43_min[probe_id] = dose + cem43_per_min(temp_c) * dt_s / 60.0


class Tallies:
    """The last few sessions by id, so that going back to one does not forget what it has had."""

    def __init__(self, kept: tuple[KeptSession, ...]) -> None:
        self._sessions = {
            each.session_id: SessionTally(
                each.session_id, each.heat_span_s, dict(each.dose_cem43_min)
            )
            for each in kept
        }
        self.current: SessionTally | None = None
        if kept:
            self.current = self._sessions[kept[-1].session_id]
        self.changed = False  # since the last `kept`

    def open(self, session_id: str) -> None:
        """This session is the one under way."""
        tally = self._sessions.pop(session_id, None) or SessionTally(session_id)
        self._sessions[session_id] = tally  # last: the newest
        self.current = tally
        while len(self._sessions) > SESSIONS_REMEMBERED:
            del self._sessions[next(iter(self._sessions))]

    def heat(self, now_s: float) -> None:
        """Heat is measured now."""
        if self.current is not None and self.current.heat(now_s):
            self.changed = True

    def skin(self, probe_id: str, temp_c: float, dt_s: float) -> None:
        """A skin site has been this warm for this long."""
        if self.current is not None and temp_c >= 39.0:
            self.current.skin(probe_id, temp_c, dt_s)
            self.changed = True

    @property
    def heat_span_min(self) -> float:
        """Of the session under way."""
        return 0.0 if self.current is None else self.current.heat_span_s / 60.0

    @property
    def skin_dose_cem43_min(self) -> float:
        """Of the site that had most."""
        if self.current is None or not self.current.dose_cem43_min:
            return 0.0
        return max(self.current.dose_cem43_min.values())

    def kept(self) -> tuple[KeptSession, ...]:
        """For the state file, the session under way last."""
        self.changed = False
        return tuple(
            KeptSession(each.session_id, each.heat_span_s, tuple(each.dose_cem43_min.items()))
            for each in self._sessions.values()
        )
