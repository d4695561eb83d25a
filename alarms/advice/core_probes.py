"""Can the core probes be believed?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alarms.advice.model import Advice

WHY_NOT: Final = (
    "Read the reason behind the probe's name. `has been silent`: cable, plug, node or network."
    " `sent its electronics' fault value`, `reads outside its range`: broken wire or plug, or it"
    " slipped out. `changes faster than a body can`, `spikes`: it moves or touches something."
    " `does not move while the body does`: its electronics hang."
)
HOW_THEY_LIE: Final = (
    "Look at both probes: depth mark, tape, cable not under tension. A probe that slips out reads"
    " low, one against a warm surface reads high."
)
PLUG: Final = (
    "Unplug the probe and plug it in again. Trust comes back by itself after a minute of"
    " agreement, after mere silence within seconds."
)
REPLACE: Final = "Not back within a few minutes: replace the probe."

ADVICE: Final[Mapping[str, Advice]] = {
    "core_spread_low": Advice(
        "Two core probes of one site differ by more than two good probes in one place should.",
        "None yet. One of them may be about to slip out.",
        (HOW_THEY_LIE, "Which of the two has moved in the chart of the last ten minutes?"),
        ("Re-place the one that has moved.", "The higher one controls meanwhile."),
    ),
    "core_spread_high": Advice(
        "Two core probes of one site differ so much that one of them must be wrong.",
        "The higher one controls, so the core may be cooler than shown, not warmer, unless both are"
        " wrong.",
        (HOW_THEY_LIE, "Measure the core by hand: which probe does it bear out?"),
        (
            "Re-place or replace the wrong one.",
            "Full power returns by itself once they agree.",
        ),
    ),
    "core_spread_cutoff": Advice(
        "Two core probes have disagreed widely for a minute. Nobody can say what the core is.",
        "The patient may be as warm as the higher one says. Act as if they were.",
        (
            "Measure the core by hand now.",
            HOW_THEY_LIE,
            "Were the probes swapped with skin or air probes when somebody plugged them in?",
        ),
        (
            "Believe the higher one until the hand says otherwise; cool if it is high.",
            "Replace or re-place the probes and wait until they agree.",
            "Reset with what you found as the reason, then resume or end the session.",
        ),
    ),
    "core_probe_bad": Advice(
        "One core probe is not believed any more; another one is good and controls.",
        "Half of the safety that two probes give is gone. With one left, power is at most half.",
        (WHY_NOT, HOW_THEY_LIE),
        (
            PLUG,
            REPLACE,
            "Without a second probe: finish early, or measure by hand every few minutes.",
        ),
    ),
    "core_one_left": Advice(
        "Of the configured core probes a single one is good.",
        "If that one fails too, heat goes off at once. Staff are told by `core_probe_bad`.",
        (WHY_NOT,),
        (PLUG, REPLACE),
    ),
    "core_none": Advice(
        "No core probe is good in this cycle.",
        "Heat is off before anybody is told; `core_lost` and `core_gone` tell if it lasts.",
        (WHY_NOT,),
        (PLUG,),
    ),
    "core_late": Advice(
        "The newest good core sample is older than heat may rest on.",
        "A gap of a second or two heals by itself and nobody is told.",
        ("Often and at all probes: the network or the node. Always one probe: its cable.",),
        ("If it comes many times an hour, have the link looked at before the next session.",),
    ),
    "core_lost": Advice(
        "For some seconds no core probe has given a reading that can be believed.",
        "The core is unknown. Heat is off already.",
        (WHY_NOT, "All probes at once, skin and air too? Then it is the dome's node or network."),
        (PLUG, "Talk to the patient meanwhile.", REPLACE),
    ),
    "core_gone": Advice(
        "The core has been unknown for longer than a glitch lasts.",
        "The patient lies in a warm dome, heat off, and the screen does not show their"
        " temperature.",
        (WHY_NOT, "All probes at once, skin and air too? Then it is the dome's node or network."),
        (
            "Stay with the patient. Measure the core by hand.",
            PLUG,
            "No reading within the minute: the session is interrupted. Open the lid if it is going"
            " to take longer.",
        ),
    ),
    "core_gone_long": Advice(
        "The core has been unknown for a minute. The session is interrupted: nothing heats again"
        " by itself.",
        "The patient cools slowly in the shut dome and has no temperature on the screen.",
        (WHY_NOT, "Measure the core by hand."),
        (
            REPLACE,
            "Wait until a probe is good again, reset this alarm with the reason, then resume;"
            " confirm that it is the same patient.",
            "No good probe to be had: end the session and cool down by hand measurement.",
        ),
    ),
}
