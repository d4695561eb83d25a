"""What must outlive the guard process, and where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptSession:
    """What one session has had so far."""

    session_id: str
    heat_span_s: float
    dose_cem43_min: tuple[tuple[str, float], ...]  # by skin probe
    subject: str = ""  # digest of who it was; empty: not known
    age_s: float = 0.0  # since it began, as far as a guard was running


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one dome: the last epoch that was ever used, the latches, and the last few sessions."""

    epoch: int = 0
    latches: tuple[str, ...] = ()
    sessions: tuple[KeptSession, ...] = ()  # the one under way last


class Store(Protocol):
    """Where it goes. The file is `state_file.py`; pretend time may keep it in a dictionary."""

    def save(self, changed: Mapping[str, Kept]) -> bool:
        """By dome. True: all of it is safe, whatever happens next. False: none of it is."""
        ...
