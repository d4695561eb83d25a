"""Core temperature: how high, how fast, and whether the probes can be believed."""

from __future__ import annotations

from typing import Final

from alarms.model import During, Effect, Rule
from alarms.rows.common import (
    CLEAR_S,
    CORE_INSIDE_DELTA_C,
    HIGH,
    LOW,
    MEDIUM,
    OPEN_THE_DOME,
    is_true,
)

RISE_INSIDE_C_PER_MIN: Final = 0.002  # about the noise of the 10-min slope: no chatter at a limit

TEMPERATURE: Final[tuple[Rule, ...]] = (
    Rule(
        "core_warm",
        lambda seen: seen.core_temp_c,
        lambda limits: limits.core_warn_c,
        MEDIUM,
        "Core {value:.2f} °C ({core_probe_highest}) is above {limit:.2f} °C",
        "Watch the trend; expect power to fall by itself.",
        for_s=1.0,  # one sample off the others is a spike, not a warm patient
        inside_delta=CORE_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_single",
        lambda seen: seen.core_temp_c,
        lambda limits: limits.core_single_c,
        HIGH,
        "A core sample of {value:.2f} °C ({core_probe_highest}) is above {limit:.2f} °C: no heat",
        "Check this probe if it comes again.",
        Effect.HEAT_OFF,
        signals=False,  # one sample takes the heat of its cycle; core_hot tells of two
    ),
    Rule(
        "core_hot",
        lambda seen: seen.core_twice_c,
        lambda limits: limits.core_off_c,
        HIGH,
        "Core {value:.2f} °C ({core_probe_highest}) is above {limit:.2f} °C: heat is off",
        OPEN_THE_DOME,
        Effect.HEAT_OFF,
        inside_delta=CORE_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_cutoff",
        lambda seen: seen.core_twice_c,
        lambda limits: limits.core_cut_c,
        HIGH,
        "Core reached {value:.2f} °C twice ({core_probe_highest}), the cut-off is {limit:.2f} °C",
        OPEN_THE_DOME,
        Effect.TRIP,
        inside_delta=CORE_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
    ),
)

RISE: Final[tuple[Rule, ...]] = (
    Rule(
        "core_rise_brisk",
        lambda seen: seen.core_rise_c_per_min,
        lambda limits: limits.core_rise_warn_c_per_min,
        LOW,
        "Core rises {value:.3f} °C/min, above {limit:.3f}",
        "Watch the patient; power is being lowered.",
        during=During.HEATING,
        for_s=120.0,
        inside_delta=RISE_INSIDE_C_PER_MIN,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_rise_fast",
        lambda seen: seen.core_rise_c_per_min,
        lambda limits: limits.core_rise_curb_c_per_min,
        MEDIUM,
        "Core rises {value:.3f} °C/min, above {limit:.3f}: power at most 30 %",
        "Check the core probes and the patient.",
        Effect.CAP_30,
        during=During.HEATING,
        inside_delta=RISE_INSIDE_C_PER_MIN,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_rise_too_fast",
        lambda seen: seen.core_rise_c_per_min,
        lambda limits: limits.core_rise_off_c_per_min,
        HIGH,
        "Core rises {value:.3f} °C/min, above {limit:.3f}: heat is off",
        "Check the core probes and the patient; heat returns when the rise has slowed.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        clears_at=lambda limits: limits.core_rise_clear_c_per_min,
    ),
    Rule(
        "core_rise_cutoff",
        lambda seen: seen.core_rise_c_per_min,
        lambda limits: limits.core_rise_cut_c_per_min,
        HIGH,
        "Core has risen {value:.3f} °C/min for 5 min, the cut-off is {limit:.3f}",
        OPEN_THE_DOME,
        Effect.TRIP,
        during=During.FROM_HEATING,
        for_s=300.0,
    ),
    Rule(
        "core_slow",
        lambda seen: seen.core_unresponsive_min,
        lambda limits: limits.no_response_warn_min,
        MEDIUM,
        "Core has not risen 0.1 °C in {value:.0f} min of heat, more than {limit:.0f}",
        "Check that the core probes lie where they should and that the dome is shut.",
        during=During.HEATING,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_unresponsive",
        lambda seen: seen.core_unresponsive_min,
        lambda limits: limits.no_response_off_min,
        HIGH,
        "Core has not risen 0.1 °C in {value:.0f} min of heat, more than {limit:.0f}: heat is off",
        "A probe may have slipped out. Check both core probes; stop the session if in doubt.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        inside_s=CLEAR_S,
    ),
)

PROBES: Final[tuple[Rule, ...]] = (
    Rule(
        "core_spread_low",
        lambda seen: seen.core_spread_delta_c,
        lambda limits: limits.core_spread_warn_delta_c,
        LOW,
        "Core probes differ by {value:.2f} °C, more than {limit:.2f}",
        "Check how the core probes lie.",
        during=During.UNDER_WAY,
        for_s=30.0,
        inside_delta=CORE_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_spread_high",
        lambda seen: seen.core_spread_delta_c,
        lambda limits: limits.core_spread_curb_delta_c,
        MEDIUM,
        "Core probes differ by {value:.2f} °C, more than {limit:.2f}: power at most 30 %",
        "Check both core probes; one may have slipped.",
        Effect.CAP_30,
        during=During.UNDER_WAY,
        inside_delta=CORE_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_spread_cutoff",
        lambda seen: seen.core_spread_delta_c,
        lambda limits: limits.core_spread_cut_delta_c,
        HIGH,
        "Core probes have differed by {value:.2f} °C for 60 s, the cut-off is {limit:.2f}",
        "Replace or re-place the core probes before you reset.",
        Effect.TRIP,
        during=During.UNDER_WAY,
        for_s=60.0,
        inside_delta=CORE_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
    ),
    Rule(
        "core_probe_bad",
        lambda seen: seen.core_bad > 0 and seen.core_good > 0,
        is_true,
        MEDIUM,
        "Core probe not trusted: {core_probes_bad}",
        "Check this probe and its cable; the others control.",
        during=During.UNDER_WAY,
    ),
    Rule(
        "core_one_left",
        lambda seen: seen.core_bad > 0 and seen.core_good == 1,
        is_true,
        MEDIUM,
        "One core probe is left, for {core_probes_bad}: power at most 50 %",
        "Restore the other core probe.",
        Effect.CAP_50,
        during=During.UNDER_WAY,
        signals=False,  # core_probe_bad tells, and names the probe
    ),
    Rule(
        "core_none",
        lambda seen: seen.core_good == 0,
        is_true,
        MEDIUM,
        "No core probe can be trusted ({core_probes_bad}): heat is off",
        "Check the core probes and their cables.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        signals=False,  # core_lost and core_gone tell, once it lasts
    ),
    Rule(
        "core_late",
        lambda seen: seen.core_age_s,
        lambda limits: limits.core_age_off_s,
        MEDIUM,
        "No good core reading for {value:.1f} s, longer than {limit:.1f} s ({core_probes_bad}):"
        " heat is off",
        "Check the core probes and their cables.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        signals=False,  # "no alarm" in the table: a short gap heals by itself
    ),
    Rule(
        "core_lost",
        lambda seen: seen.core_age_s,
        lambda limits: limits.core_age_warn_s,
        MEDIUM,
        "No good core reading for {value:.0f} s, longer than {limit:.0f} s ({core_probes_bad}):"
        " heat is off",
        "Check the core probes and their cables.",
        during=During.UNDER_WAY,
    ),
    Rule(
        "core_gone",
        lambda seen: seen.core_age_s,
        lambda limits: limits.core_age_high_s,
        HIGH,
        "No good core reading for {value:.0f} s, longer than {limit:.0f} s ({core_probes_bad}):"
        " heat is off",
        "Check the core probes and their cables; look after the patient without them.",
        during=During.UNDER_WAY,
    ),
    Rule(
        "core_gone_long",
        lambda seen: seen.core_age_s,
        lambda limits: limits.core_age_cut_s,
        HIGH,
        "No good core reading for {value:.0f} s, longer than {limit:.0f} s ({core_probes_bad}):"
        " the session is interrupted",
        "Restore a core probe and reset this alarm; then resume with a reason, or stop.",
        Effect.INTERRUPT,
        during=During.FROM_HEATING,
        latches=True,
    ),
)
