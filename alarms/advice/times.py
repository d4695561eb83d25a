"""How long it all lasts, and whether somebody is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alarms.advice.model import Advice

WHY_SLOW: Final = (
    "What slows it: gaps at the lid, wet towels, probes or limits that cap the power. The reasons"
    " beside the power say which."
)
NO_MORE_TODAY: Final = (
    "There is no more heat to resume in this session: end it, supervise the cool-down, close it,"
    " then reset."
)
DAY_LOAD: Final = "Long heat dries out and tires the patient: ask for thirst, dizziness, headache."

ADVICE: Final[Mapping[str, Advice]] = {
    "heat_up_long": Advice(
        "Heat-up takes longer than in nearly all sessions.",
        DAY_LOAD,
        (WHY_SLOW, "Does the core curve still climb? Level: see `core_slow`."),
        ("Put right what slows it.", "Consider ending heat-up: the patient stays warm for long."),
    ),
    "heat_up_end": Advice(
        "Heat-up has used up its time without reaching the target. Heating is over; the patient"
        " stays wrapped and warm.",
        "Nothing is wrong with the patient by this alone. The target will not be reached.",
        (WHY_SLOW,),
        (
            "Keep the patient wrapped as the protocol says, or open the lid.",
            "End the session when the time is over; close it when the core has fallen.",
            "Before the next session find what slowed this one.",
        ),
    ),
    "heat_up_cutoff": Advice(
        "Heat-up went on past the time at which it should have ended by itself.",
        "Heat is off and stays off. That it came so far means that the softer end did not work.",
        ("Read the journal: was there a resume after `heat_up_end`?",),
        (NO_MORE_TODAY, "Tell a technician: the end before this one should have come first."),
    ),
    "hold_long": Advice(
        "The hold is longer than the protocol planned.",
        DAY_LOAD,
        ("Was the core late in its band, or was heat paused? Then the clock ran on.",),
        ("Press End heating.",),
    ),
    "hold_end": Advice(
        "The hold has lasted longer than the protocol plus its margin. Heating is over.",
        "The session goes into cool-down as it would have anyway.",
        ("Why did the hold not end at its time? The journal names each change of phase.",),
        ("Supervise the cool-down.",),
    ),
    "hold_cutoff": Advice(
        "The core has been held for the longest time that any protocol may ask for.",
        "The load on the circulation is high.",
        ("Look at the patient first: speech, thirst, dizziness, pulse.",),
        ("Open the lid and begin cooling.", NO_MORE_TODAY),
    ),
    "span_long": Advice(
        "It is long since the first heat of this session, pauses included.",
        DAY_LOAD,
        ("How much of the hold is left? The page shows it.",),
        ("Bring the session to its end.",),
    ),
    "span_end": Advice(
        "First to last heat has reached the time at which heating ends by itself.",
        DAY_LOAD,
        ("Were there long pauses or interruptions? The journal names them.",),
        ("Supervise the cool-down.", "Plan a later session instead of stretching this one."),
    ),
    "span_cutoff": Advice(
        "First to last heat has reached the longest time allowed.",
        "Heat is off and stays off.",
        ("Look at the patient first: speech, thirst, dizziness, pulse.",),
        ("Open the lid and begin cooling.", NO_MORE_TODAY),
    ),
    "cool_down_slow": Advice(
        "The core does not fall below 38.0 °C in the time that it takes nearly every patient.",
        "A wrapped patient in a shut dome cools slowly; one who makes heat does not cool at all.",
        (
            "Is the lid open and is the patient uncovered?",
            "Is the heater really cold? Measured power must be 0.",
            "Shivering, fever, restlessness? They make heat.",
        ),
        (
            "Open the lid, uncover, give moving air and cool drinks if the patient may drink.",
            "Still not falling: call for medical help, and stay.",
        ),
    ),
    "manual_check_due": Advice(
        "The session runs on one core probe, and nobody has measured the core by hand lately. The"
        " hand stands for the second probe.",
        "If that one probe is wrong, only the hand can tell.",
        ("Has somebody measured and not entered it?",),
        ("Measure the core with the clinic's own thermometer, and enter what you read.",),
    ),
    "manual_check_overdue": Advice(
        "On one core probe the measurement by hand is overdue, so heat is paused.",
        "The patient cools slowly. The pause ends in cool-down if nobody resumes.",
        ("Has somebody measured and not entered it?",),
        ("Measure the core by hand, enter it, then resume.", "Nobody free: end the session."),
    ),
    "manual_check_differs": Advice(
        "The core measured by hand is not what the one core probe says.",
        "The patient may be warmer than the screen says.",
        (
            "Measure once more by hand, in the same place, with time enough.",
            "Does the probe still lie to its mark?",
        ),
        (
            "Act as if the higher of the two were true.",
            "Re-place or replace the probe, measure again, enter it.",
            "They agree: resume. They do not: end the session and cool by the hand's reading.",
        ),
    ),
    "presence_due": Advice(
        "Nobody has said for a while that they are with the patient.",
        "Somebody must be there all the time; this only proves it.",
        ("Is somebody there and forgot the button?",),
        ("Go to the patient, look, ask, then press I am here.",),
    ),
    "presence_overdue": Advice(
        "Nobody has answered for longer than a patient may be heated alone. Heat is paused.",
        "The patient may need help and have nobody to ask.",
        ("Go and look: are patient and staff well?",),
        (
            "Press I am here.",
            "Then resume with a look at the patient, or end the session.",
        ),
    ),
    "presence_cutoff": Advice(
        "For half an hour nobody has answered.",
        "A patient was left alone in a dome. Treat it as an incident.",
        ("Go now. Look at the patient: speech, breathing, skin.",),
        (
            "Press I am here.",
            "Reset with the reason; resume only if the clinic's rules allow it after this.",
            "Report it.",
        ),
    ),
}
