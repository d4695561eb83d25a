"""A scripted nurse: starts the session when the checklist is complete, shows presence, closes the
cool-down.

Pure: what she sees goes in, what she does comes out. The pretend-time world and the demo share her.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CONFIRM_EVERY_S = 15 * 60.0  # the first reminder comes after 20 min
CLOSE_BELOW_C = 38.0
CHECK_EVERY_S = 25 * 60.0  # with one core probe it is due every 30 min
GIVES_UP_S = 20 * 60.0  # of waiting for what would let the session go on
RETRY_S = 5.0  # she does not ask twice in the same breath


@dataclass(frozen=True, slots=True)
class Sight:
    """What she looks at."""

    phase: str
    target_c: float
    core_temp_c: float | None
    presence_age_s: float  # since she last confirmed
    checklist_done: bool
    latched: bool
    guard_would_permit: bool
    unchecked_s: float = 0.0  # since the core was last measured by hand
    by_hand_c: float | None = None  # what her own thermometer shows; None: she has none
    phase_s: float = 0.0  # since the phase began


@dataclass(frozen=True, slots=True)
class Deed:
    """What she asks for: an intent's kind and details."""

    kind: str
    details: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Nurse:
    """How she works. `starts`: she also creates and starts the session, as in a simulation."""

    protocol: str = "hold-45"
    starts: bool = True
    one_core_probe: bool = False
    resumes: bool = True

    def deed(self, sight: Sight) -> Deed | None:
        """The one thing she does now, or None."""
        if sight.phase == "idle" and self.starts:
            details = {
                "protocol": self.protocol,
                "subject": "SIM-1",
                "staff": "NURSE-1",
                "consent": True,
                "one_core_probe": self.one_core_probe,
            }
            return Deed("create", details)
        if sight.phase == "preflight" and self.starts and sight.checklist_done:
            return Deed("start", {"target_c": sight.target_c})
        under_way = sight.phase not in ("idle", "preflight", "ended")
        if under_way and self._should_measure(sight):
            return Deed("manual-check", {"core_temp_c": sight.by_hand_c})
        if under_way and sight.presence_age_s >= CONFIRM_EVERY_S:
            return Deed("confirm-presence")
        if sight.phase in ("paused", "interrupted") and self.resumes and not sight.latched:
            if sight.guard_would_permit and sight.core_temp_c is not None:
                details = {"target_c": sight.target_c, "same_patient": True}
                return Deed("resume", details, "checked patient and dome")
            given_up = sight.phase_s >= GIVES_UP_S
            return Deed("stop", reason="it cannot go on") if given_up else None
        if sight.phase in ("cool_down", "retention"):
            return self._close(sight)
        return None

    def _close(self, sight: Sight) -> Deed | None:
        core_temp_c, by_hand_c = sight.core_temp_c, sight.by_hand_c
        if core_temp_c is None:  # then control wants a reason
            cooled = by_hand_c is not None and by_hand_c < CLOSE_BELOW_C
            return Deed("close", reason=f"{by_hand_c} °C by hand") if cooled else None
        return Deed("close") if core_temp_c < CLOSE_BELOW_C else None

    def _should_measure(self, sight: Sight) -> bool:
        is_due = sight.unchecked_s >= CHECK_EVERY_S
        return self.one_core_probe and is_due and sight.by_hand_c is not None
