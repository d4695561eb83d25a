"""The core is too warm, rises too fast, or does not rise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alarms.advice.model import Advice

OPEN_AND_COOL: Final = (
    "Open the lid. Uncover the patient. Begin cooling as your clinic's plan says.",
    "Talk to the patient. If they do not answer as usual, call for medical help now.",
)
TWO_PROBES: Final = (
    "Compare the two core probes in the list of probes. If one is far from the other, believe the"
    " higher one until you know better."
)

ADVICE: Final[Mapping[str, Advice]] = {
    "core_warm": Advice(
        "The core is a little past its target. Heat stored in skin and dome still flows inwards for"
        " some minutes after the power has fallen, so a small overshoot late in heat-up is usual.",
        "Nobody is harmed by this temperature. It is the time to look, before it gets higher.",
        (
            "Look at the trend: a falling or level curve needs nothing.",
            "Look at the power: it should be low or 0. If it is not, read why beside it.",
            TWO_PROBES,
        ),
        (
            "Stay with the patient until the curve bends.",
            "Still rising after five minutes: press End heating, or open the lid.",
        ),
    ),
    "core_single": Advice(
        "One single sample of a core probe was above the cut-off. A real core does not jump; a"
        " loose plug does.",
        "Staff see no alarm. If a second sample bears it out, the cut-off follows at once.",
        (
            "In the journal: does it come again, and always from the same probe?",
            "Does somebody move the patient, the cable or the plug at these moments?",
        ),
        ("Seat the plug; replace a probe that does it again.",),
    ),
    "core_hot": Advice(
        "Two core samples, of one probe or of two, were above the level at which heat is taken"
        " away. It is not a spike.",
        "The core goes on rising for some minutes on stored heat. The cut-off is close above.",
        (
            "Look at the patient first: speech, breathing, colour of the skin.",
            TWO_PROBES,
            "Was the patient moved, drunk something hot, or is a probe near a warm surface?",
        ),
        (
            *OPEN_AND_COOL,
            "Go on only if the core falls and the patient is well. Heat returns by itself when the"
            " core has been inside its limit for the time above.",
            "In doubt press End heating: nothing is lost by ending early.",
        ),
    ),
    "core_cutoff": Advice(
        "Two core samples reached the cut-off. Regulation, its limits and the softer alarms have"
        " not kept the core below it, or a probe reads too high.",
        "Warmer than this session was planned for. Without cooling the core can rise further.",
        (
            "Look at the patient first: speech, breathing, colour of the skin, pulse.",
            TWO_PROBES,
            "Measure the core by hand if you can: it tells a hot patient from a faulty probe.",
            "Afterwards: the chart of the last 30 minutes. Did power fall when the core neared its"
            " target? If not, the dome must not be used until somebody knows why.",
        ),
        (
            *OPEN_AND_COOL,
            "Stay and watch until the core is below 38.0 °C.",
            "Reset only when you know the cause. A faulty probe: replace it, reset, and resume with"
            " the reason written down. A hot patient: end the session.",
        ),
    ),
    "core_rise_brisk": Advice(
        "Over ten full minutes the core has risen faster than planned. A light, dry or small"
        " patient does this, and so does a probe that warms up by itself.",
        "The controller already lowers power. The after-rise will be larger than usual.",
        (
            "Do both core probes rise alike? One alone is a probe that is not where it should be.",
            "Is the patient restless, shivering or feverish? All of these make heat.",
        ),
        (
            "Stay with the patient. Ask how they feel.",
            "If it does not settle within some minutes, pause heat and look again.",
        ),
    ),
    "core_rise_fast": Advice(
        "The core rises faster than a body of usual size can under this dome at the power given.",
        "The core would overshoot its target by more than usual at this pace.",
        (
            "Do both core probes rise alike? If not, find the one that lies wrong.",
            "Does a probe touch a warm surface, a bottle, a cable of the heater?",
        ),
        (
            "Check how the probes lie.",
            "Ask the patient how they feel; look for restlessness and shivering.",
            "Probes right and still fast: pause heat and let the core settle.",
        ),
    ),
    "core_rise_too_fast": Advice(
        "The core rises so fast that heat has been taken away until it slows.",
        "Stored heat goes on warming the core for some minutes.",
        (
            "Do both core probes rise alike? If not, find the one that lies wrong.",
            "Fever, seizure or hard shivering can do this without any heat from the dome.",
        ),
        (
            "Go to the patient. Uncover the head and face, offer water if they may drink.",
            "Rising with the lid open and the heat off: end the session and call for medical help.",
        ),
    ),
    "core_rise_cutoff": Advice(
        "For five minutes the core has risen at a pace that the dome should not be able to cause."
        " Either the core probes are wrong, or the body makes heat of its own.",
        "The target may be passed within minutes, with heat off.",
        (
            "Look at the patient first: speech, breathing, shivering, cramps.",
            TWO_PROBES,
            "Measure the core by hand.",
        ),
        (
            *OPEN_AND_COOL,
            "Do not resume today unless a probe fault was found and put right.",
        ),
    ),
    "core_slow": Advice(
        "The core was heated at half power or more and has not risen a tenth of a degree. Usually"
        " a probe has slipped, the lid leaks, or the patient loses heat somewhere.",
        "If a probe has slipped out, the patient may be warmer than the screen says.",
        (
            "Are both core probes still in place, to the mark?",
            "Is the dome shut all round, are towels wet, does an air stream come in?",
            "Is the measured power what is commanded? The line beside the power says.",
        ),
        (
            "Put the probe back, close the gap, change wet towels.",
            "Cannot find it: measure the core by hand before you go on.",
        ),
    ),
    "core_unresponsive": Advice(
        "The core still does not answer to heat. The likeliest cause is a probe that no longer"
        " lies in the body; then nobody knows the core temperature.",
        "The patient may be much warmer than the screen says. Treat it like that until you know.",
        (
            "Measure the core by hand now.",
            "Are both core probes in place? Do they read alike?",
            "Was heat really given? Compare commanded and measured power on the chart.",
        ),
        (
            "Hand and probes disagree: end heating, begin cooling, replace the probes.",
            "Hand and probes agree: the dome does not warm this patient. End the session.",
            "The alarm ends with the next tenth of a degree of rise.",
        ),
    ),
}
