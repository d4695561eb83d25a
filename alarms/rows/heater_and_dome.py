"""Does the heater do what it is told, and is the dome there and shut?"""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from alarms.model import During, Effect, Rule
from alarms.rows.common import HIGH, LINK_LOST_S, LOW, MEDIUM, NOT_CONTROLLING_S, is_true

ECHO_S_MAX: Final = 3.0  # SAFETY.md H09: then a missing echo is a link fault
WITHHELD_S_MAX: Final = 60.0  # SAFETY.md section 2: what was withheld for longer ends the epoch
FAN_DEAD_S_MAX: Final = 4.0  # "off in 5 s" (H26), less a cycle and a message of 0.5 s each

HEATER: Final[tuple[Rule, ...]] = (
    Rule(
        "heater_stuck_on",
        attrgetter("stuck_on_s"),
        lambda limits: 3.0,
        HIGH,
        "The heater has drawn power for {value:.1f} s though it is commanded off,"
        " the cut-off is {limit:.0f} s",
        "PULL THE PLUG of the dome. Open the lid. Have the relay checked before the next use.",
        Effect.TRIP,
        unit="s",
    ),
    Rule(
        "heater_differs",
        attrgetter("mismatch_s"),
        lambda limits: 10.0,
        MEDIUM,
        "Measured heater power has differed from the command by more than 15 % of rated"
        " for {value:.0f} s, longer than {limit:.0f} s",
        "Have the heater and its power meter checked.",
        during=During.HEATING,
        inside_delta=5.0,
        unit="s",
    ),
    Rule(
        "heater_weak",
        attrgetter("weak_s"),
        lambda limits: 10.0,
        MEDIUM,
        "The heater has given less than 60 % of the commanded power for {value:.0f} s, longer than"
        " {limit:.0f} s",
        "Check mains, fuses and heater elements.",
        during=During.HEATING,
        inside_delta=5.0,
        unit="s",
    ),
)

DOME: Final[tuple[Rule, ...]] = (
    Rule(
        "lid_open",
        attrgetter("lid_open"),
        is_true,
        LOW,
        "The lid is open: heat is off",
        "Shut the lid to go on.",
        Effect.HEAT_OFF,
        during=During.HEATING,
    ),
    Rule(
        "fan_dead",
        attrgetter("fan_dead_s"),
        lambda limits: FAN_DEAD_S_MAX,
        HIGH,
        "The dome's fan has stood still for {value:.1f} s, longer than {limit:.1f} s: heat is off",
        "Check the fan; stop the session if it does not run.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        unit="s",
    ),
    Rule(
        "dome_late",
        attrgetter("node_age_s"),
        lambda limits: 1.5,
        LOW,
        "The dome has been silent for {value:.1f} s, longer than {limit:.1f} s: heat is off",
        "Check the dome's power and network.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        signals=False,  # "1.5-3 s: withheld" without an alarm; dome_silent tells, once it lasts
        unit="s",
    ),
    Rule(
        "dome_silent",
        attrgetter("node_age_s"),
        lambda limits: NOT_CONTROLLING_S,
        MEDIUM,
        "The dome has been silent for {value:.1f} s, longer than {limit:.1f} s: heat is off",
        "Check the dome's power and network.",
        Effect.HEAT_OFF,
        during=During.UNDER_WAY,
        unit="s",
    ),
    Rule(
        "command_not_echoed",
        attrgetter("echo_missing_s"),
        lambda limits: ECHO_S_MAX,
        MEDIUM,
        "The dome reports, but has obeyed no new command for {value:.1f} s, longer than"
        " {limit:.1f} s: heat is off",
        "The way from here to the dome is cut. Check network, broker and their access rules.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        unit="s",
    ),
    Rule(
        "command_not_echoed_long",
        attrgetter("echo_missing_s"),
        lambda limits: WITHHELD_S_MAX,
        HIGH,
        "The dome has obeyed no new command for {value:.0f} s, longer than {limit:.0f} s: the"
        " session is interrupted",
        "Restore the way to the dome; then resume with a reason, or stop the session.",
        Effect.INTERRUPT,
        during=During.HEATING,
        unit="s",
    ),
    Rule(
        "dome_unheard",
        attrgetter("node_age_s"),
        lambda limits: LINK_LOST_S,
        LOW,
        "The dome has not been heard for {value:.1f} s, longer than {limit:.1f} s",
        "Check the dome's power and network.",
        signals=False,  # in any phase, and for the sound alone: dome_silent tells
        unmutes=True,
        unit="s",
    ),
    Rule(
        "dome_restarted",
        attrgetter("dome_restarted"),
        is_true,
        HIGH,
        "The dome restarted during the session",
        "Check the dome before you reset and resume.",
        Effect.TRIP,
    ),
)
