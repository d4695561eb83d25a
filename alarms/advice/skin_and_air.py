"""The skin, which burns while the core lags, and the dome air that heats it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alarms.advice.model import Advice

LOOK_AT_THE_SKIN: Final = (
    "Lift the cover and look at the skin under and around the probe named: redness that does not"
    " fade when pressed, blisters, pain when touched."
)
PRESSED: Final = (
    "Does the patient lie on the probe or the cable, or does metal, a wet towel or a heated"
    " surface touch the skin there?"
)
NO_RUBBING: Final = "Redness or pain: cool the place with lukewarm water, end heating, document it."
REPLUG: Final = "Put the probe back or plug it in again; replace it if it stays bad."

ADVICE: Final[Mapping[str, Advice]] = {
    "skin_warm": Advice(
        "The hottest skin probe is warmer than it gets in an ordinary session.",
        "Skin can be hurt long before the core is warm, and a sleeping or numb patient says"
        " nothing.",
        (LOOK_AT_THE_SKIN, PRESSED),
        ("Re-place the cover or the patient so that nothing presses.", NO_RUBBING),
    ),
    "skin_hot": Advice(
        "The hottest skin probe has reached the level at which heat is taken away.",
        "Minutes at this temperature add up to a burn.",
        (LOOK_AT_THE_SKIN, PRESSED, "One probe alone? It may have come off and hang in the air."),
        (
            "Open the lid and uncover that place.",
            NO_RUBBING,
            "Skin unharmed and the probe re-placed: heat returns by itself.",
        ),
    ),
    "skin_cutoff": Advice(
        "A skin probe has read above the cut-off in more than one sample.",
        "At this temperature a burn is a matter of minutes.",
        (LOOK_AT_THE_SKIN, PRESSED, "A probe in the air reads the air: then the skin may be well."),
        (
            "Open the lid, uncover the patient, see that nothing hot touches them.",
            "Cool reddened skin with lukewarm water and have a clinician look at it.",
            "Reset only with a probe that lies right and skin that is unharmed; else end the"
            " session.",
        ),
    ),
    "skin_dose_low": Advice(
        "One skin site has gathered a first, small thermal dose today. CEM43 counts minutes at"
        " 43 °C; a degree less counts a quarter.",
        "None yet. It tells where to look.",
        (LOOK_AT_THE_SKIN, PRESSED),
        ("Look at this site at every check. Re-place cover or patient to spare it.",),
    ),
    "skin_dose_high": Advice(
        "One skin site has gathered half of what it may get today.",
        "The controller now keeps the skin cooler; heat-up takes longer.",
        (LOOK_AT_THE_SKIN, PRESSED),
        ("Spare that site.", "Consider ending the session early.", NO_RUBBING),
    ),
    "skin_dose_end": Advice(
        "One skin site has had its dose for today. Heating is over, also in another session of the"
        " same person today.",
        "Redness is likely at that site, blisters are possible.",
        (LOOK_AT_THE_SKIN, "Look at all other probes' sites too."),
        (
            "Go on with the supervised cool-down.",
            "Cool reddened skin, document it, have a clinician look at it.",
            "Reset after the session has been closed. Do not heat this person again today.",
        ),
    ),
    "skin_lost": Advice(
        "No skin probe gives a reading that can be believed.",
        "Nobody sees whether the skin burns. Heat is off for that reason.",
        (
            "Did the probes come off in sweat? Look under the cover.",
            "All other probes silent too? Then it is the dome's node or network.",
        ),
        (
            "Dry the skin, fix the probes again, check the plugs.",
            "Look at the skin while you are there.",
            "Heat returns by itself with one good skin probe.",
        ),
    ),
    "skin_probe_bad": Advice(
        "One of several skin probes is not believed any more.",
        "The place where it lay is not watched. The others still are.",
        ("Read the reason behind its name.", LOOK_AT_THE_SKIN),
        (REPLUG, "Look at that place at every check until it is back."),
    ),
    "air_warm": Advice(
        "The dome air is warmer than control keeps it.",
        "It passes to the skin within minutes.",
        (
            "Does the lid shut evenly? A probe under a leak reads low and lets the rest get hot.",
            "Does the fan run, where there is one?",
        ),
        ("Watch the air curve: power is being folded back.", "Open the lid briefly if it climbs."),
    ),
    "air_hot": Advice(
        "The dome air has reached the level at which heat is taken away.",
        "The skin warms fast now, the face first.",
        (
            "Is the power at 0, measured too? If it is not, see `heater_stuck_on`.",
            "Does something cover the air probe or the fan?",
        ),
        (
            "Open the lid a hand's breadth. Look at face and skin.",
            "Heat returns by itself when the air has cooled.",
        ),
    ),
    "air_cutoff": Advice(
        "The dome air has been above the cut-off in more than one sample.",
        "Skin and airways of the patient are at risk.",
        (
            "Look at the patient first: face, skin, breathing.",
            "Is the heater still drawing power? Measured power must be 0.",
            "Afterwards: is the air probe where it belongs, and is the thermostat of the dome set?",
        ),
        (
            "Open the lid fully and uncover the patient.",
            "Still drawing power: pull the plug of the dome.",
            "Reset only when the cause is known; have the dome checked if it is not.",
        ),
    ),
    "air_lost": Advice(
        "No air probe can be believed. The inner loop has lost what it regulates.",
        "Power is low and heat-up slows. It goes on for some minutes only.",
        (
            "Read the reason. `does not follow the heater`, `reads below the skin that its air"
            " warms`: it hangs outside, or it is stuck.",
            "Check plug and cable where they pass the lid.",
        ),
        (REPLUG, "Watch the skin probes more closely meanwhile."),
    ),
    "air_lost_long": Advice(
        "The air probe has been lost for longer than heating may go on without it.",
        "The session cannot reach or hold its target.",
        ("As for `air_lost`.",),
        (
            "Replace the probe: heat returns by itself once one is good.",
            "No spare: end heating and supervise the cool-down.",
        ),
    ),
    "air_probe_bad": Advice(
        "One of several air probes is not believed any more.",
        "None now; one probe fewer to tell if the next one lies.",
        ("Read the reason behind its name.",),
        (REPLUG,),
    ),
}
