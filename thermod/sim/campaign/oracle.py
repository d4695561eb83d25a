"""The judge. It looks at true heater power, at the body, and at what was truly sent and what truly
arrived; never at what control, guard or node think. What it calls unsafe is SAFETY.md section 6;
how each of its words is taken here stands in CAMPAIGN.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from struct import Struct
from typing import Final, NamedTuple

from thermod.sim.campaign.network import Message, Topic
from thermod.sim.campaign.notice import IN_CHARGE, SIGHTLESS_S_MAX, Notice
from thermod.sim.campaign.warrant import Warrant

# SAFETY.md section 6
CORE_TEMP_C_MAX: Final = 39.5
SKIN_TEMP_C_MAX: Final = 43.0
HOT_S_MAX: Final = 1.0
WELDED_ALARM_S_MAX: Final = 3.0

WAYS_S: Final = 0.05  # there and back on a whole network: the table was measured on loop-back
CONTACTORS_S: Final = 5.2  # CONTRACT.md: with the SSR welded it is the contactors that open, later
# SAFETY.md section 4: commanded 0 for window + 1 s, and more than 5 % of rated measured for 3 s
STUCK_STANDS_S: Final = 5.0
STUCK_SHARE: Final = 0.05
WHYS_MAX: Final = 8
_SIGHT_OR_STOP: Final = (Topic.NODE, Topic.STOP)
_WORDS: Final = (Topic.INTENT, Topic.STATE, Topic.GUARD_STATE)
_TRUTH: Final = Struct("<4d")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is assigned from the fault list, before the run."""

    is_hindered: bool = False  # a fault of network or process: the way of messages is not assured
    all_switches_welded: bool = False  # class (a)
    ssr_welded: bool = False
    meter_dead: bool = False  # nobody can see a welded switch
    core_misled: bool = False  # class (b): every core probe plausibly wrong in one direction
    skin_misled: bool = False


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
        self.welded_alarm_s: float | None = None  # from "must be off" to the alarm; inf: never
        self.heat_w = 0.0
        self.heated_s = 0.0  # for how long heat truly flowed
        self.trace = bytearray()  # of the truth: two runs with one trace are one run
        self._rated_w = rated_w
        self._warrant = Warrant()
        self._notice = Notice(now_s)
        self._checked_s = now_s
        self._sure_until_s = -inf  # nothing can be unsafe before, unless something happens
        self._core_hot_s = self._skin_hot_s = 0.0
        self._core_temp_c = self._skin_temp_c = 0.0
        self._must_be_off_s: float | None = None
        self.is_alarmed = False  # has anybody said that the heater is stuck on?

    def begins(self, terms: Terms) -> None:
        """A run begins, from wherever things stand."""
        self.terms = terms
        self.breaches.clear()
        self.trace.clear()
        self.heated_s = 0.0
        self._sure_until_s = -inf
        self.worst_core_c, self.worst_skin_c = self._core_temp_c, self._skin_temp_c

    # --- what truly happens -----------------------------------------------------------------------

    def body(self, core_temp_c: float, skin_temp_c: float, now_s: float) -> None:
        """The patient, as he truly is."""
        self._check(now_s)
        self._core_temp_c, self._skin_temp_c = core_temp_c, skin_temp_c
        if not (core_temp_c < CORE_TEMP_C_MAX and skin_temp_c < SKIN_TEMP_C_MAX):
            self._sure_until_s = -inf
        self.trace += _TRUTH.pack(now_s, self.heat_w, core_temp_c, skin_temp_c)
        self.worst_core_c = max(self.worst_core_c, core_temp_c)
        self.worst_skin_c = max(self.worst_skin_c, skin_temp_c)

    def power(self, heater_w: float, now_s: float) -> None:
        """True power: first with what flowed until now, then, if it changes, with what flows."""
        self._check(now_s)
        if heater_w == self.heat_w:
            return
        self.heat_w = heater_w
        self._sure_until_s = -inf
        self.trace += _TRUTH.pack(now_s, heater_w, 0.0, 0.0)
        if heater_w > 0.0 and not self.terms.ssr_welded:  # a weld gives 100 %, nobody's word
            self._breach(now_s, self._warrant.obeyed(100.0 * heater_w / self._rated_w))

    def ticked(self, boot_id: str, tick: int, now_s: float) -> None:
        """The node counts this tick now."""
        self._warrant.ticked(boot_id, tick, now_s)

    def at_node(self, message: Message, boot_id: str, now_s: float) -> None:
        """A message has arrived at the node."""
        self._check(now_s)
        warrant, closed = self._warrant, self._warrant.closed
        if message.topic is Topic.STOP:
            warrant.stopped(message.sent_s)
        elif isinstance(message.value, bytes):
            return
        elif message.topic is Topic.PERMIT:
            warrant.permit(message, boot_id)
        elif message.topic is Topic.COMMAND:
            warrant.command(message)
        self._notice.at_node(message)
        if warrant.closed != closed:
            self._sure_until_s = -inf

    def taken(self, name: str, message: Message, now_s: float) -> None:
        """Control or guard has read this message."""
        if message.topic not in _SIGHT_OR_STOP and not self._notice.latched_s:
            return  # the rest matters only while somebody has tripped
        self._check(now_s)
        self._notice.taken(name, message, now_s)
        if self._notice.latched_s:
            self._sure_until_s = -inf

    def sent(self, message: Message) -> None:
        """Somebody says this now."""
        topic, value = message.topic, message.value
        if topic not in _WORDS or isinstance(value, bytes):
            return
        if topic is Topic.INTENT:
            self._warrant.asked(value.kind, value.received_s)  # however late it goes
        elif message.sender not in IN_CHARGE:
            return
        elif topic is Topic.STATE:
            self._says(message, value.latches, value.alarms)
        else:
            self._says(message, value.tripped_by, value.tripped_by)

    def _says(self, message: Message, latches: tuple[str, ...], alarms: tuple[str, ...]) -> None:
        self._notice.says(message, bool(latches))
        self.is_alarmed = self.is_alarmed or "heater_stuck_on" in alarms
        if latches:
            self._sure_until_s = -inf

    def died(self, now_s: float) -> None:
        """Control or guard is killed."""
        self._warrant.died(now_s)
        self._sure_until_s = -inf

    def rebooted(self, now_s: float) -> None:
        """The dome begins anew."""
        self._check(now_s)
        self._warrant.rebooted()
        self._sure_until_s = -inf

    # --- judging ----------------------------------------------------------------------------------

    def _check(self, now_s: float) -> None:
        """Everything that must not have been in the time up to now, while power flowed."""
        passed_s = now_s - self._checked_s
        if not passed_s > 0.0:
            return
        self._checked_s = now_s
        if self.heat_w > 0.0:
            self.heated_s += passed_s
        if now_s < self._sure_until_s:
            return
        terms, warrant, notice = self.terms, self._warrant, self._notice
        closes_s = warrant.let_close(now_s)
        if terms.all_switches_welded:
            self._judge_welded(now_s)
            return
        if not self.heat_w > 0.0:
            self._core_hot_s = self._skin_hot_s = 0.0
            self._sure_until_s = closes_s
            return
        slack_s = CONTACTORS_S if terms.ssr_welded else 0.0
        ways_s = None if terms.is_hindered else WAYS_S
        self._judge_body(passed_s, now_s)
        runs_out_s = warrant.runs_out_s(slack_s)
        if not now_s <= runs_out_s:
            self._breach(now_s, "no permit and command of an open epoch within 3.05 s")
        if notice.is_sightless(now_s, ways_s, slack_s):
            self._breach(now_s, "no valid core sample has arrived for more than 3.2 s")
        party = notice.heats_after_trip_of(now_s, ways_s, slack_s)
        if party is not None:
            self._breach(now_s, f"heat more than 0.6 s after {party} had tripped")
        if not (self._core_hot_s or self._skin_hot_s or notice.latched_s):
            dark_s = notice.dark_since_s + SIGHTLESS_S_MAX
            self._sure_until_s = min(closes_s, runs_out_s, dark_s)

    def _judge_body(self, passed_s: float, now_s: float) -> None:
        is_hot = not self._core_temp_c < CORE_TEMP_C_MAX
        self._core_hot_s = self._core_hot_s + passed_s if is_hot else 0.0
        if self._core_hot_s > HOT_S_MAX and not self.terms.core_misled:
            self._breach(now_s, f"core at {self._core_temp_c:.2f} °C under heat")
        is_hot = not self._skin_temp_c < SKIN_TEMP_C_MAX
        self._skin_hot_s = self._skin_hot_s + passed_s if is_hot else 0.0
        if self._skin_hot_s > HOT_S_MAX and not self.terms.skin_misled:
            self._breach(now_s, f"skin at {self._skin_temp_c:.2f} °C under heat")

    def _judge_welded(self, now_s: float) -> None:
        """Class (a): nothing can end this heat, but people must be told."""
        warrant = self._warrant
        is_hot = self.heat_w > STUCK_SHARE * self._rated_w
        is_wanted = warrant.commanded_pct > 0.0 and now_s <= warrant.runs_out_s(0.0)
        if not is_hot or is_wanted:
            self._must_be_off_s = None
            return
        if self._must_be_off_s is None:
            self._must_be_off_s = now_s
        stuck_s = now_s - self._must_be_off_s
        if self.is_alarmed:
            if self.welded_alarm_s is None or self.welded_alarm_s == inf:
                self.welded_alarm_s = stuck_s
        elif stuck_s > STUCK_STANDS_S:
            self.welded_alarm_s = inf
            may_be_seen = not (self.terms.is_hindered or self.terms.meter_dead)
            if may_be_seen and not stuck_s <= STUCK_STANDS_S + WELDED_ALARM_S_MAX:
                self._breach(now_s, "a welded heater was not alarmed within 3 s")

    def _breach(self, at_s: float, why: str | None) -> None:
        if why is None or len(self.breaches) >= WHYS_MAX:
            return
        if why not in [each.why for each in self.breaches]:
            self.breaches.append(Breach(at_s, why))
