"""What people, the guard and the control process itself bring about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alarms.advice.model import Advice

LOGS: Final = "The logs: `journalctl -u thermod-control -u thermod-guard --since -15min`."
LOAD: Final = (
    "Load of the computer: `top`, `vmstat 1`. A backup, an update or a full disk are usual."
)

ADVICE: Final[Mapping[str, Advice]] = {
    "stopped": Advice(
        "Somebody pressed STOP: staff, the patient's own button, a technician or a program.",
        "Dome, guard and control have each stopped by themselves. Nothing heats until a person"
        " resets and resumes.",
        ("Who pressed it is in the text. Ask why.",),
        (
            "See to the patient first.",
            "The reason is gone: reset with the reason, then resume.",
            "Else end the session and supervise the cool-down.",
        ),
    ),
    "guard_silent": Advice(
        "The guard, the second process that must permit heat, has not been heard for some seconds.",
        "Heat ends by the dome's own clock. Control regulates nothing without the guard.",
        ("`systemctl status thermod-guard`", LOGS, "Is the broker up?"),
        (
            "Start it: `systemctl start thermod-guard`.",
            "Back within a minute: heat returns by itself if the guard still knows the epoch."
            " Else resume with the reason.",
        ),
    ),
    "guard_unheard": Advice(
        "The guard has not been heard for as long as a lease lasts, in whatever phase. Alarms that"
        " somebody had silenced sound again.",
        "Silence must not hide that nothing is heard. In a session `guard_silent` tells.",
        ("`systemctl status thermod-guard`",),
        ("Start it before the next session.",),
    ),
    "guard_tripped": Advice(
        "The guard has seen, by its own code, something that only a person may reset.",
        "Heat was cut by the guard. Control would perhaps have gone on: take it seriously.",
        (
            "The text names the guard's latches.",
            "`core_cutoff`, `skin_cutoff`, `air_cutoff`, `core_rise_cutoff`, `skin_dose_cutoff`,"
            " `span_cutoff`: a limit of its own; see control's page of that name"
            " (`skin_dose_end` for the dose).",
            "`core_lost`: no good core sample for too long. `heater_stuck_on`: pull the plug."
            " `dome_restarted`, `stopped`, `state_lost`: as control's pages of these names.",
            "`control_silent`: control did not answer for too long; `control_flow`: control skipped"
            " or repeated part of its work. Read control's log, and do not resume before you know.",
        ),
        (
            "Look at the patient; for a temperature open the lid and cool.",
            "Find the cause, then reset naming these latches, with the reason.",
            "A guard that trips where control does not: have both configurations compared before"
            " the next session.",
        ),
    ),
    "heat_withheld": Advice(
        "The guard or the link keeps heat away for the moment. Nothing is latched.",
        "The patient cools slowly. Nothing else happens for up to a minute.",
        (
            "The text and the line Guard misses on the page name what does not hold.",
            "`core_fresh`, `skin_fresh`, `air_fresh`: a probe. `lid_closed`: the lid."
            " `node_fresh`, `node_echo`: the dome's link. `control_answers`: the computer is slow.",
        ),
        ("Put right what is named. Heat returns some seconds after everything holds.",),
    ),
    "interrupted": Advice(
        "The epoch is over: something kept heat away for too long, or a process started anew.",
        "Nothing heats again by itself.",
        ("The text names the cause. An earlier alarm marked `came first` often is it.",),
        (
            "See to the patient.",
            "The cause is gone: resume with the reason, and confirm that it is the same patient.",
            "Not sure: stop the session and supervise the cool-down.",
        ),
    ),
    "state_lost": Advice(
        "The file that remembers latches and the session over a restart is missing, damaged or"
        " cannot be written. On a new machine this is as it should be.",
        "An earlier trip may be forgotten, so everything is treated as tripped.",
        (
            "First start on this machine? Then nothing is wrong.",
            "Disk: `df -h`, `dmesg | tail`. The file lies beside the journal; an unreadable one is"
            " kept under the name `….unreadable`.",
            "In the journal: how did the last session end? Was anything latched?",
        ),
        (
            "Repair the disk.",
            "Make sure that no patient was under the dome, or see to them.",
            "Reset with what you found as the reason.",
        ),
    ),
    "second_controller": Advice(
        "Another control process sends commands or beats for this dome.",
        "Nobody may heat while two claim the dome.",
        (
            "Does a second computer or a forgotten demo run? Its id is in the text; its address is"
            " in the broker's log.",
        ),
        (
            "Stop the other one, and find out why it ran.",
            "Reset with the reason once only one is heard.",
        ),
    ),
    "second_guard": Advice(
        "Two guards speak for this dome in turn.",
        "Nobody may heat while two claim to permit it.",
        ("Does a second computer run a guard for this dome? Its address is in the broker's log.",),
        ("Stop one of them.", "Reset with the reason once only one is heard."),
    ),
    "second_dome": Advice(
        "Two nodes publish under the name of this dome: two domes were given one id, or somebody"
        " imitates the dome.",
        "Readings may be of another patient. Nobody may heat on them.",
        (
            "Was a dome or its electronics exchanged lately, or a simulator left running?",
            "The broker's log tells both addresses.",
        ),
        (
            "Stop the one that does not belong here, or give it an id of its own.",
            "Look at the patients of both domes.",
            "Reset with the reason once only one is heard.",
        ),
    ),
    "crash_loop": Advice(
        "Control has crashed three times within minutes. It runs now, and will not heat.",
        "Whatever crashes it may do so again in the middle of a session.",
        (LOGS, "What was new today: configuration, update, hardware, disk?"),
        (
            "Do not use the dome before somebody has read the log.",
            "Cause found and put right: reset with the reason.",
            "Report it with the log: SECURITY.md says where.",
        ),
    ),
    "clock_jump": Advice(
        "Control stood still for some seconds: the computer was suspended, frozen or overloaded.",
        "Heat was withheld meanwhile by guard and dome. The regulator started afresh.",
        (LOAD, "Is power saving on? A control computer must not sleep."),
        (
            "Acknowledge, and reset when the session is over.",
            "Again: end the session, use another computer.",
        ),
    ),
    "loop_overrun": Advice(
        "One control cycle came late by more than it should.",
        "None: the next one came. Many of them become `clock_jump` or `heat_withheld`.",
        (LOAD,),
        ("Stop what else runs on this computer.",),
    ),
    "record_failing": Advice(
        "The journal on the local disk cannot be written.",
        "Control goes on and keeps some minutes in memory. What does not fit is lost, and counted.",
        ("`df -h`, `df -i`, `dmesg | tail`", "May the process write in its folder?"),
        (
            "Free or replace the disk: writing goes on by itself.",
            "Write the important values on paper until then.",
        ),
    ),
    "disk_low": Advice(
        "Less disk is free than a session needs for its record.",
        "A session under way goes on. A new one cannot start.",
        ("`df -h` and `du -xh / | sort -h | tail`",),
        (
            "Move old journals away after copying them. Never delete the one in use.",
            "The alarm ends when there is some room more than the limit.",
        ),
    ),
}
