"""The people of one dome: a nurse at the console, who sees what the last snapshot showed her."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

from controllers.session import Phase
from thermod.mailbox import Intent, Stop
from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.control_side import Snapshot
from thermod.sim.campaign.network import Message, Network, Topic
from thermod.sim.nurse import CONFIRM_EVERY_S, Deed, Nurse, Sight

LOOK_S: Final = 5.0
STALE_S: Final = 3.0  # the console greys what is older
RESET_AFTER_S: Final = 12.0  # she sees to the patient first
OVER_FOR_TODAY: Final = frozenset({"skin_dose_cutoff", "span_cutoff"})  # no reset can end these


class People:
    """A nurse who works, and whoever else may press something."""

    name = "people"

    def __init__(self, agenda: Agenda, network: Network, random: Random, nurse: Nurse) -> None:
        self.agenda = agenda
        self.network = network
        self.nurse = nurse
        self.is_there = True
        self.snapshot: Snapshot | None = None
        self._random = random
        self._seen_s = agenda.now_s
        self._latched_s: float | None = None  # since when she has seen a latch
        self._said = 0
        network.join(self, (Topic.STATE,))
        agenda.after(LOOK_S * random.random(), self._look)

    def hear(self, message: Message) -> None:
        """The newest snapshot."""
        if message.sender != "control":
            return
        self.snapshot, self._seen_s = message.value, self.agenda.now_s

    def reconnected(self) -> None:
        """The console shows the next snapshot when it comes."""

    # --- the nurse --------------------------------------------------------------------------------

    def _look(self) -> None:
        self.agenda.after(LOOK_S, self._look)
        seen = self.snapshot
        if seen is None or not self.is_there or self.agenda.now_s - self._seen_s > STALE_S:
            return
        if not seen.latches:
            self._latched_s = None
        elif self._latched_s is None:
            self._latched_s = self.agenda.now_s
        deed = self._deed(seen)
        if deed is not None:
            self.ask(deed.kind, deed.details, deed.reason)

    def _deed(self, seen: Snapshot) -> Deed | None:
        since_s = self._latched_s
        if since_s is not None:
            if seen.presence_age_s >= CONFIRM_EVERY_S:
                return Deed("confirm-presence")
            if seen.phase is Phase.TRIPPED and not OVER_FOR_TODAY.isdisjoint(seen.latches):
                return Deed("stop", reason="this person has had today's heat")
            if self.nurse.resumes and self.agenda.now_s - since_s >= RESET_AFTER_S:
                return Deed("reset", {"latches": list(seen.latches)}, "found and put right")
            return None
        return self.nurse.deed(
            Sight(
                seen.phase.value,
                seen.target_c,
                seen.core_temp_c,
                seen.presence_age_s,
                seen.checklist_done,
                bool(seen.latches),
                seen.guard_would_permit,
            )
        )

    # --- what anybody may do ----------------------------------------------------------------------

    def ask(self, kind: str, details: Mapping[str, object] | None = None, reason: str = "") -> None:
        """An intent, from somebody who looks at the newest snapshot. Without one, nobody asks."""
        intent = self.make_intent(kind, details, reason)
        if intent is not None:
            self.network.send(self.name, Topic.INTENT, intent)

    def make_intent(
        self, kind: str, details: Mapping[str, object] | None = None, reason: str = ""
    ) -> Intent | None:
        """The same, not sent yet; `received_s` is when it was made."""
        seen = self.snapshot
        if seen is None:
            return None
        return Intent(
            f"i-{self._next()}",
            kind,
            "nurse-1",
            "clinician",
            reason,
            seen.controller_id,
            seen.cycle,
            None if kind == "create" else seen.session_id,
            details or {},
            self.agenda.now_s,
        )

    def press_stop(self) -> None:
        """STOP, said again each half second until control echoes it, for at most 30 s."""
        self._repeat_stop(Stop(f"stop-{self._next()}", "nurse-1", self.agenda.now_s), 60)

    def _repeat_stop(self, stop: Stop, times: int) -> None:
        seen = self.snapshot
        if times == 0 or (seen is not None and seen.stop_id == stop.stop_id):
            return
        self.network.send(self.name, Topic.STOP, stop)
        self.agenda.after(0.5, self._repeat_stop, stop, times - 1)

    def _next(self) -> int:
        self._said += 1
        return self._said
