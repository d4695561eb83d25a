"""Does the heater do what it is told, and is the dome there and shut?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alarms.advice.model import Advice

NODE_AND_NETWORK: Final = (
    "Is the dome's electronics powered, is its lamp on, is the network cable in?"
    " Does the broker run: `systemctl status mosquitto`?"
)
SHORT_LOSS: Final = (
    "Under a minute: heat returns by itself. Longer: the session is interrupted and a person"
    " resumes."
)

ADVICE: Final[Mapping[str, Advice]] = {
    "heater_stuck_on": Advice(
        "The heater draws power although nobody commands it. A welded relay or a failed"
        " semiconductor switch does this; no software can switch it off.",
        "The dome heats without any control until the mains is cut.",
        (
            "Do not diagnose first. Pull the plug.",
            "Afterwards: measured power must fall to 0 with the plug out. If it does not, the power"
            " meter is wrong.",
        ),
        (
            "PULL THE PLUG of the dome, or press the stop button on it.",
            "Open the lid and uncover the patient. Look at the skin.",
            "Supervise the cool-down with the dome unplugged.",
            "Mark the dome as not to be used. An electrician replaces relay and switch before the"
            " latch is reset.",
        ),
    ),
    "heater_differs": Advice(
        "Measured and commanded power have been apart for some seconds. The power test at the start"
        " had found them alike.",
        "The controller still follows the measured temperatures. Heat-up may be slow or brisk.",
        (
            "More than commanded: a switch that leaks; watch for `heater_stuck_on`.",
            "Less than commanded: mains, fuse, an element; see `heater_weak`.",
            "Did somebody change the dome's settings, or plug something else into its meter?",
        ),
        ("Finish the session if temperatures behave.", "Have the dome checked before the next."),
    ),
    "heater_weak": Advice(
        "The heater gives clearly less power than commanded.",
        "Heat-up is slow or stops. The patient is in no danger from this.",
        ("Mains and fuse of the dome.", "One of several elements dead: part of the dome is cold."),
        (
            "Replace the fuse, or end the session and let the patient cool down.",
            "Do not bridge anything to finish a session.",
        ),
    ),
    "lid_open": Advice(
        "The lid switch says that the lid is open during heating.",
        "Heat is off and the controller is frozen, so nothing winds up meanwhile.",
        ("Is the lid really open? If it is shut, its switch or the cable is at fault.",),
        ("Shut the lid: heat returns by itself.", "Leave it open as long as the patient wants."),
    ),
    "fan_dead": Advice(
        "The dome's fan stands still. Without it the air layers and the probe no longer shows the"
        " hottest place.",
        "The upper part of the dome may be far hotter than shown.",
        ("Does the fan turn? Is something in it? Is its plug in?",),
        (
            "Open the lid a hand's breadth; look at face and shoulders.",
            "Free the fan: heat returns by itself when it runs.",
            "It does not run: end the session.",
        ),
    ),
    "dome_late": Advice(
        "The dome's last message is older than heat may rest on.",
        "A gap of a second or two heals by itself and nobody is told.",
        ("Often: look at the network between dome and broker.",),
        ("Have a link that does this many times an hour repaired before the next session.",),
    ),
    "dome_silent": Advice(
        "The dome has not been heard for several seconds. It has switched itself off by its own"
        " clock.",
        "Probes in the dome are not seen either: the patient's temperatures are unknown.",
        (NODE_AND_NETWORK, "Other domes silent too? Then it is the broker or the network."),
        ("Stay with the patient.", "Restore power or network.", SHORT_LOSS),
    ),
    "command_not_echoed": Advice(
        "We hear the dome, but it no longer obeys new commands: the way towards it is cut, or its"
        " permit comes from somebody else.",
        "Its heat ends by its own clock. Its readings still arrive and can be trusted.",
        (
            "What does the dome say itself? The line Dome on the page gives its reason.",
            "Was the broker's access list changed lately?",
            "Do two networks or two brokers exist after a switch was replaced?",
        ),
        ("Restore the link; look at the broker's log.", SHORT_LOSS),
    ),
    "command_not_echoed_long": Advice(
        "For a minute the dome has obeyed nothing. The session is interrupted.",
        "No heat; readings still arrive.",
        ("As for `command_not_echoed`.",),
        ("Restore the link, then resume with the reason.", "Not soon: stop the session."),
    ),
    "dome_unheard": Advice(
        "The dome has not been heard for as long as a lease lasts, in whatever phase. Alarms that"
        " somebody had silenced sound again.",
        "Silence must not hide that nothing is heard. In a session `dome_silent` tells.",
        (NODE_AND_NETWORK,),
        ("Outside a session nothing needs to be done: a dome that is switched off is silent.",),
    ),
    "dome_restarted": Advice(
        "The dome's electronics started anew in the middle of a session.",
        "The epoch is over; the dome heats nothing until a person begins the next one.",
        (
            "Did somebody pull or bump the plug?",
            "Lights flickered? Then the mains did.",
            "Neither: a failing power supply or a watchdog reset. Read the node's own log.",
        ),
        (
            "Look at the patient.",
            "Restart explained: reset with the reason, then resume.",
            "Not explained: end the session and have the dome checked.",
        ),
    ),
}
