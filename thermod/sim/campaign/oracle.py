"""The judge. It looks at true heater power, at the body, and at what was truly sent and what truly
arrived; never at what control, guard or node think. What it calls unsafe is SAFETY.md section 6,
word for word; how each word is taken here is in CAMPAIGN.md.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from struct import Struct
from typing import Any, Final, NamedTuple

from thermod.sim.campaign.network import Message, Topic

# SAFETY.md section 6
CORE_TEMP_C_MAX: Final = 39.5
SKIN_TEMP_C_MAX: Final = 43.0
HOT_S_MAX: Final = 1.0
SIGHTLESS_S_MAX: Final = 3.2
AUTHORITY_S_MAX: Final = 3.05
TRIPPED_S_MAX: Final = 0.6
WELDED_ALARM_S_MAX: Final = 3.0

WAY_S: Final = 0.05  # there and back on a whole network: the table was measured on loop-back
CORE_RANGE_C: Final = (30.0, 43.0)
FAULT_VALUES_C: Final = (85.0, -127.0)
CONTACTORS_S: Final = 5.2  # CONTRACT.md: with the SSR welded it is the contactors that open, later
# SAFETY.md section 4: commanded 0 for window + 1 s, and more than 5 % of rated measured for 3 s
STUCK_STANDS_S: Final = 5.0
STUCK_SHARE: Final = 0.05
IN_CHARGE: Final = ("control", "guard")  # a second one of either is a fault
WHYS_MAX: Final = 8
ACT_S_MAX: Final = 20.0  # 5 s until it is too old to be heard, 10 s until too old to be granted

_TRUTH: Final = Struct("<4d")
OPENS_EPOCH: Final = frozenset({"create", "start", "resume"})
Key = tuple[int, str, str]  # epoch, controller, boot of the dome


@dataclass(frozen=True, slots=True)
class Terms:
    """What is assigned from the fault list, before the run."""

    is_hindered: bool = False  # a fault of network or process: the way of a message is not assured
    all_switches_welded: bool = False  # class (a)
    one_switch_welded: bool = False
    meter_dead: bool = False  # nobody can see a welded switch
    core_misled: bool = False  # class (b): every core probe plausibly wrong in one direction
    skin_misled: bool = False
    ways_s: float = WAY_S


class Breach(NamedTuple):
    """One unsafe state: when it was first seen, and why."""

    at_s: float
    why: str


class Oracle:
    """One dome's judge. Times are true time."""

    def __init__(self, rated_w: float, now_s: float) -> None:
        self.terms = Terms()
        self.breaches: list[Breach] = []
        self.worst_core_c = self.worst_skin_c = -inf  # while this oracle looked
        self.welded_alarm_s: float | None = None  # from "must be alarmed" to the alarm; inf: never
        self.heat_w = 0.0
        self.trace = bytearray()  # of the truth: two runs with one trace are one run
        self._rated_w = rated_w
        self._checked_s = now_s
        self._tick_s: dict[tuple[str, int], float] = {}
        self._ticks: deque[tuple[str, int]] = deque()
        # authority
        self._permits: dict[Key, float] = {}  # by its tick's true time, the newest that arrived
        self._commands: dict[Key, float] = {}
        self._guard_of: dict[int, str] = {}  # which guard opened the epoch at the node
        self._closed = -1  # epochs up to here are over
        self._closing: list[tuple[float, int]] = []
        self._acts: list[float] = []  # acts of a person that have opened nothing yet
        self._recent: deque[tuple[float, Key, float]] = deque(maxlen=16)  # commands as they came
        self._obeyed: dict[int, set[str]] = {}  # controllers by epoch
        # sight and trips
        self._dark_since_s = now_s  # the last valid core sample that arrived
        self._core_seqs: dict[tuple[str, str, str], int] = {}
        self._told_s = now_s  # when the newest word of control or guard at the node was sent
        self._latched_s: dict[str, float] = {}  # by party: since when it says so
        self._knows_s: dict[tuple[str, str], float] = {}  # (who, of whose latch) since when
        self._informed_s: dict[str, float] = {}  # by party latched: newest word of who knows
        # the body
        self._core_hot_s = self._skin_hot_s = 0.0
        self._core_temp_c = self._skin_temp_c = 0.0
        # a welded heater
        self._commanded_pct = 0.0
        self._must_be_off_s: float | None = None
        self._alarmed = False

    # --- what truly happens -----------------------------------------------------------------------

    def begins(self, terms: Terms) -> None:
        """A run begins, from wherever things stand."""
        self.terms = terms
        self.breaches.clear()
        self.trace.clear()
        self.worst_core_c, self.worst_skin_c = self._core_temp_c, self._skin_temp_c

    def ticked(self, boot_id: str, tick: int, now_s: float) -> None:
        """The node counts this tick now."""
        key = (boot_id, tick)
        self._tick_s[key] = now_s
        self._ticks.append(key)
        if len(self._ticks) > 64:
            del self._tick_s[self._ticks.popleft()]

    def body(self, core_temp_c: float, skin_temp_c: float, now_s: float) -> None:
        """The patient, as he truly is."""
        self._check(now_s)
        self._core_temp_c, self._skin_temp_c = core_temp_c, skin_temp_c
        self.trace += _TRUTH.pack(now_s, self.heat_w, core_temp_c, skin_temp_c)
        if core_temp_c > self.worst_core_c:
            self.worst_core_c = core_temp_c
        if skin_temp_c > self.worst_skin_c:
            self.worst_skin_c = skin_temp_c

    def power(self, heater_w: float, now_s: float) -> None:
        """True power: first with what flowed until now, then, if it changes, with what flows."""
        self._check(now_s)
        if heater_w != self.heat_w:
            self.heat_w = heater_w
            self.trace += _TRUTH.pack(now_s, heater_w, 0.0, 0.0)
            if heater_w > 0.0:
                self._attribute(heater_w, now_s)

    def at_node(self, message: Message, boot_id: str, now_s: float) -> None:
        """A message has arrived at the node."""
        self._check(now_s)
        if message.topic is Topic.STOP:
            self._closed = max(self._closed, *self._guard_of, -1)
            self._acts.clear()  # what was asked before a STOP opens nothing after it
        elif isinstance(message.value, bytes):
            return
        elif message.topic is Topic.PERMIT:
            self._permit(message, boot_id)
        elif message.topic is Topic.COMMAND:
            self._command(message, now_s)
        if message.sent_s > self._told_s:
            self._told_s = message.sent_s
        for party, latched_s in self._latched_s.items():
            knows_s = self._knows_s.get((message.sender, party), inf)
            if message.sender == party:
                knows_s = latched_s
            if message.sent_s >= knows_s:
                told_s = message.sent_s - max(latched_s, knows_s)
                self._informed_s[party] = max(self._informed_s.get(party, 0.0), told_s)

    def taken(self, name: str, message: Message, now_s: float) -> None:
        """Control or guard has read this message."""
        topic, value = message.topic, message.value
        if name not in IN_CHARGE:
            return
        if topic is Topic.NODE and message.sender == "dome" and not isinstance(value, bytes):
            if now_s - message.sent_s <= AUTHORITY_S_MAX and self._sees_core(name, value):
                self._check(now_s)
                self._dark_since_s = now_s
        elif topic is Topic.STOP:
            self._latched_s.setdefault(name, now_s)
        for party, latched_s in self._latched_s.items():
            if message.sender == party != name and message.sent_s >= latched_s:
                self._knows_s.setdefault((name, party), now_s)

    def sent(self, message: Message) -> None:
        """Somebody says this now."""
        topic, value = message.topic, message.value
        if isinstance(value, bytes):
            return
        if topic is Topic.INTENT:
            if value.kind in OPENS_EPOCH:
                self._acts.append(value.received_s)  # when the person asked, however late it goes
        elif message.sender not in IN_CHARGE:
            return
        elif topic is Topic.STATE:
            self._says_latched(message, bool(value.latches))
            self._alarmed = self._alarmed or "heater_stuck_on" in value.alarms
        elif topic is Topic.GUARD_STATE:
            self._says_latched(message, bool(value.tripped_by))
            self._alarmed = self._alarmed or "heater_stuck_on" in value.tripped_by

    def died(self, now_s: float) -> None:
        """Control or guard is killed: the epoch is over when its last word has run out."""
        self._closing.append((now_s + AUTHORITY_S_MAX, max(self._guard_of, default=-1)))

    def rebooted(self, now_s: float) -> None:
        """The dome begins anew: nothing that arrived before counts."""
        self._check(now_s)
        self._permits.clear()
        self._commands.clear()

    def _sees_core(self, name: str, word: Any) -> bool:
        """Does this `node/state` hold a new core temperature, and one that a body can have?"""
        low_c, high_c = CORE_RANGE_C
        sees = False
        for probe_id, temp_c in word.state.probes.items():
            if not probe_id.startswith("core") or temp_c is None:
                continue
            key, seq = (name, word.state.boot_id, probe_id), word.seqs[probe_id]
            if seq > self._core_seqs.get(key, -1):
                self._core_seqs[key] = seq
                sees = sees or (low_c <= temp_c <= high_c and temp_c not in FAULT_VALUES_C)
        return sees

    # --- authority --------------------------------------------------------------------------------

    def _permit(self, message: Message, boot_id: str) -> None:
        permit = message.value
        epoch = permit.epoch
        if not permit.granted:
            if permit.ended and self._guard_of.get(epoch) == permit.guard_id:
                self._closed = max(self._closed, epoch)
            return
        tick_s = self._tick_s.get((permit.boot_id, permit.tick))
        if tick_s is None or permit.boot_id != boot_id:
            return
        if epoch not in self._guard_of:
            self._opened(epoch, message)
        if self._guard_of.get(epoch) == permit.guard_id:
            _newest(self._permits, (epoch, permit.controller_id, boot_id), tick_s)

    def _opened(self, epoch: int, message: Message) -> None:
        """The first grant of an epoch that the node may adopt: a person's act stands behind it."""
        if epoch <= max(self._guard_of, default=-1):
            return
        sent_s = message.sent_s
        acts = [act_s for act_s in self._acts if 0.0 <= sent_s - act_s <= ACT_S_MAX]
        if not acts:
            self._breach(sent_s, f"epoch {epoch} was opened without an act of a person")
        self._acts = [act_s for act_s in self._acts if act_s > sent_s]
        self._guard_of[epoch] = message.value.guard_id

    def _command(self, message: Message, now_s: float) -> None:
        controller_id, command = message.value
        tick_s = self._tick_s.get((command.boot_id, command.tick))
        key = (command.epoch, controller_id, command.boot_id)
        self._recent.append((now_s, key, command.power_pct))
        self._commanded_pct = command.power_pct
        if tick_s is not None:
            _newest(self._commands, key, tick_s)

    def _is_justified(self, now_s: float, slack_s: float) -> bool:
        """Is there a permit and a command, young enough, of one open epoch?"""
        oldest_s = now_s - AUTHORITY_S_MAX - slack_s
        for key, permit_s in self._permits.items():
            is_young = permit_s >= oldest_s and self._commands.get(key, -inf) >= oldest_s
            if is_young and (key[0] > self._closed or slack_s):
                return True
        return False

    def _attribute(self, heater_w: float, now_s: float) -> None:
        """Whose command does this power obey?"""
        share_pct = 100.0 * heater_w / self._rated_w
        found = [key for _, key, power_pct in self._recent if abs(power_pct - share_pct) < 1e-9]
        if not found:
            return  # a weak or a welded heater: the power is nobody's word
        permitted = [key for key in found if key in self._permits]
        if not permitted:
            self._breach(now_s, f"{found[-1][1]} was obeyed without a permit for it")
            return
        epoch, controller_id, _ = permitted[-1]
        obeyed = self._obeyed.setdefault(epoch, set())
        obeyed.add(controller_id)
        if len(obeyed) > 1:
            names = ", ".join(sorted(obeyed))
            self._breach(now_s, f"two controllers were accepted in epoch {epoch}: {names}")

    # --- judging ----------------------------------------------------------------------------------

    def _check(self, now_s: float) -> None:
        """Everything that must not have been in the time up to now, while power flowed."""
        passed_s = now_s - self._checked_s
        if not passed_s > 0.0:
            return
        self._checked_s = now_s
        if self._closing and now_s >= self._closing[0][0]:
            self._closed = max(self._closed, self._closing.pop(0)[1])
        heats = self.heat_w > 0.0
        terms = self.terms
        if terms.all_switches_welded:
            self._judge_welded(heats, now_s)
            return
        if not heats:
            self._core_hot_s = self._skin_hot_s = 0.0
            return
        slack_s = CONTACTORS_S if terms.one_switch_welded else 0.0
        self._judge_body(passed_s, now_s)
        if not self._is_justified(now_s, slack_s):
            self._breach(now_s, "no permit and command of an open epoch within 3.05 s")
        self._judge_sight(now_s, slack_s)
        for party in self._latched_s:
            self._judge_latched(party, now_s, slack_s)

    def _judge_body(self, passed_s: float, now_s: float) -> None:
        is_hot = not self._core_temp_c < CORE_TEMP_C_MAX
        self._core_hot_s = self._core_hot_s + passed_s if is_hot else 0.0
        if self._core_hot_s > HOT_S_MAX and not self.terms.core_misled:
            self._breach(now_s, f"core at {self._core_temp_c:.2f} °C under heat")
        is_hot = not self._skin_temp_c < SKIN_TEMP_C_MAX
        self._skin_hot_s = self._skin_hot_s + passed_s if is_hot else 0.0
        if self._skin_hot_s > HOT_S_MAX and not self.terms.skin_misled:
            self._breach(now_s, f"skin at {self._skin_temp_c:.2f} °C under heat")

    def _judge_sight(self, now_s: float, slack_s: float) -> None:
        dark_s = now_s - self._dark_since_s
        if not self.terms.is_hindered:
            is_late = not dark_s <= SIGHTLESS_S_MAX + self.terms.ways_s + slack_s
        else:
            told_s = self._told_s - self._dark_since_s
            is_late = not (
                told_s <= SIGHTLESS_S_MAX + slack_s
                and dark_s <= SIGHTLESS_S_MAX + AUTHORITY_S_MAX + slack_s
            )
        if is_late:
            self._breach(now_s, "no valid core sample has arrived for more than 3.2 s")

    def _judge_latched(self, party: str, now_s: float, slack_s: float) -> None:
        latched_s = now_s - self._latched_s[party]
        if not self.terms.is_hindered:
            is_late = not latched_s <= TRIPPED_S_MAX + self.terms.ways_s + slack_s
        else:
            is_late = not (
                self._informed_s.get(party, 0.0) <= TRIPPED_S_MAX + slack_s
                and latched_s <= TRIPPED_S_MAX + AUTHORITY_S_MAX + slack_s
            )
        if is_late:
            self._breach(now_s, f"heat more than 0.6 s after {party} had tripped")

    def _judge_welded(self, heats: bool, now_s: float) -> None:
        """Class (a): nothing can end this heat, but people must be told."""
        is_hot = heats and self.heat_w > STUCK_SHARE * self._rated_w
        is_wanted = self._commanded_pct > 0.0 and self._is_justified(now_s, 0.0)
        if not is_hot or is_wanted:
            self._must_be_off_s = None
        elif self._must_be_off_s is None:
            self._must_be_off_s = now_s
        if self._must_be_off_s is None:
            return
        stands_s = now_s - self._must_be_off_s - STUCK_STANDS_S
        if self._alarmed:
            if self.welded_alarm_s is None or self.welded_alarm_s == inf:
                self.welded_alarm_s = max(0.0, stands_s)
        elif stands_s > 0.0:
            self.welded_alarm_s = inf
            may_be_seen = not (self.terms.is_hindered or self.terms.meter_dead)
            if stands_s > WELDED_ALARM_S_MAX and may_be_seen:
                self._breach(now_s, "a welded heater was not alarmed within 3 s")

    def _says_latched(self, message: Message, is_latched: bool) -> None:
        party = message.sender
        if is_latched:
            self._latched_s.setdefault(party, message.sent_s)
        elif party in self._latched_s:
            del self._latched_s[party]
            self._informed_s.pop(party, None)
            for key in [key for key in self._knows_s if key[1] == party]:
                del self._knows_s[key]

    def _breach(self, at_s: float, why: str) -> None:
        if len(self.breaches) < WHYS_MAX and why not in [each.why for each in self.breaches]:
            self.breaches.append(Breach(at_s, why))


def _newest(of: dict[Key, float], key: Key, tick_s: float) -> None:
    of[key] = max(of.get(key, -inf), tick_s)
    if len(of) > 8:
        del of[min(of, key=of.__getitem__)]
