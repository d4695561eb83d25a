"""What the judge knows of what control and guard could know: the core samples that reached them,
the trips that they said, and which of their words reached the node since.
"""

from __future__ import annotations

from math import inf
from typing import Final

from thermod.sim.campaign.network import Message, Topic
from thermod.sim.campaign.warrant import AUTHORITY_S_MAX

# SAFETY.md section 6
SIGHTLESS_S_MAX: Final = 3.2
TRIPPED_S_MAX: Final = 0.6

IN_CHARGE: Final = ("control", "guard")  # a second one of either is a fault
CORE_RANGE_C: Final = (30.0, 43.0)  # SAFETY.md section 4
FAULT_VALUES_C: Final = (85.0, -127.0)


class Notice:
    """Since when nobody sees the core, and since when somebody has tripped."""

    def __init__(self, now_s: float) -> None:
        self.dark_since_s = now_s  # the last valid core sample that control or guard took
        self.latched_s: dict[str, float] = {}  # by party: since when it says so
        self._told_s = now_s  # when the newest word of theirs at the node was sent
        self._seqs: dict[tuple[str, str, str], int] = {}
        self._knows_s: dict[tuple[str, str], float] = {}  # (who, of whose latch) since when
        self._informed_s: dict[str, float] = {}  # by party latched: newest word of who knows it

    # --- judging ----------------------------------------------------------------------------------

    def is_sightless(self, now_s: float, ways_s: float | None, slack_s: float) -> bool:
        """`ways_s` None: the way of messages is not assured. Then a word that did reach the node
        must have ended heat, and otherwise the lease does.
        """
        dark_s = now_s - self.dark_since_s
        if ways_s is not None:
            return not dark_s <= SIGHTLESS_S_MAX + ways_s + slack_s
        told_s = self._told_s - self.dark_since_s
        longest_s = SIGHTLESS_S_MAX + AUTHORITY_S_MAX + slack_s
        return not (told_s <= SIGHTLESS_S_MAX + slack_s and dark_s <= longest_s)

    def heats_after_trip_of(self, now_s: float, ways_s: float | None, slack_s: float) -> str | None:
        """Whose trip has not ended heat in time; the same for the way of messages."""
        for party, since_s in self.latched_s.items():
            latched_s = now_s - since_s
            if ways_s is not None:
                if not latched_s <= TRIPPED_S_MAX + ways_s + slack_s:
                    return party
                continue
            informed_s = self._informed_s.get(party, 0.0)
            longest_s = TRIPPED_S_MAX + AUTHORITY_S_MAX + slack_s
            if not (informed_s <= TRIPPED_S_MAX + slack_s and latched_s <= longest_s):
                return party
        return None

    # --- what happens -----------------------------------------------------------------------------

    def at_node(self, message: Message) -> None:
        """A word has reached the node."""
        sender, sent_s = message.sender, message.sent_s
        if sender in IN_CHARGE and sent_s > self._told_s:
            self._told_s = sent_s
        for party, latched_s in self.latched_s.items():
            knows_s = latched_s if sender == party else self._knows_s.get((sender, party), inf)
            if sent_s >= knows_s:
                self._informed_s[party] = max(self._informed_s.get(party, 0.0), sent_s - knows_s)

    def taken(self, name: str, message: Message, now_s: float) -> None:
        """Control or guard has read this message."""
        if name not in IN_CHARGE:
            return
        if message.topic is Topic.NODE:
            is_young = now_s - message.sent_s <= AUTHORITY_S_MAX
            if message.sender == "dome" and is_young and self._sees_core(name, message.value):
                self.dark_since_s = now_s
        elif message.topic is Topic.STOP:
            self.latched_s.setdefault(name, now_s)
        for party, latched_s in self.latched_s.items():
            if message.sender == party != name and message.sent_s >= latched_s:
                self._knows_s.setdefault((name, party), now_s)

    def _sees_core(self, name: str, word: object) -> bool:
        """Does this `node/state` hold a new core temperature, and one that a body can have?"""
        if isinstance(word, bytes):
            return False
        state, seqs = word.state, word.seqs  # type: ignore[attr-defined]
        low_c, high_c = CORE_RANGE_C
        sees = False
        for probe_id, temp_c in state.probes.items():
            if temp_c is None or not probe_id.startswith("core"):
                continue
            key = (name, state.boot_id, probe_id)
            if seqs[probe_id] > self._seqs.get(key, -1):
                self._seqs[key] = seqs[probe_id]
                sees = sees or (low_c <= temp_c <= high_c and temp_c not in FAULT_VALUES_C)
        return sees

    def says(self, message: Message, is_latched: bool) -> None:
        """Control's `state` or the guard's: with a latch, or without one."""
        party = message.sender
        if is_latched:
            self.latched_s.setdefault(party, message.sent_s)
        elif party in self.latched_s:
            del self.latched_s[party]
            self._informed_s.pop(party, None)
            for key in [key for key in self._knows_s if key[1] == party]:
                del self._knows_s[key]
