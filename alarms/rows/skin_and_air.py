"""The skin, which burns while the core lags (H23), and the dome air that heats it."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from alarms.model import During, Effect, Rule
from alarms.rows.common import (
    AIR_INSIDE_DELTA_C,
    CLEAR_S,
    HIGH,
    LOW,
    MEDIUM,
    OPEN_THE_DOME,
    SKIN_INSIDE_DELTA_C,
    is_true,
)

# One sample above a cut-off takes heat at once, by the row below it; a second one must bear it out
# before a trip latches. Probes send once a second or faster.
SECOND_SAMPLE_S: Final = 1.2
PROBE_BAD_S: Final = 5.0  # a lost message or two is the link's business
AIR_LOST_S_MAX: Final = 600.0  # SAFETY.md section 4

SKIN: Final[tuple[Rule, ...]] = (
    Rule(
        "skin_warm",
        attrgetter("skin_temp_c"),
        lambda limits: limits.skin_warn_c,
        MEDIUM,
        "Skin {value:.1f} °C ({skin_probe_highest}) is above {limit:.1f} °C",
        "Look at the skin at this probe.",
        for_s=5.0,
        inside_delta=SKIN_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
        unit="°C",
    ),
    Rule(
        "skin_hot",
        attrgetter("skin_temp_c"),
        lambda limits: limits.skin_off_c,
        HIGH,
        "Skin {value:.1f} °C ({skin_probe_highest}) is above {limit:.1f} °C: heat is off",
        "Look at the skin at this probe; open the lid.",
        Effect.HEAT_OFF,
        inside_delta=SKIN_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
        unit="°C",
    ),
    Rule(
        "skin_cutoff",
        attrgetter("skin_temp_c"),
        lambda limits: limits.skin_cut_c,
        HIGH,
        "Skin {value:.1f} °C ({skin_probe_highest}) is above the cut-off {limit:.1f} °C",
        OPEN_THE_DOME,
        Effect.TRIP,
        for_s=SECOND_SAMPLE_S,
        inside_delta=SKIN_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
        unit="°C",
    ),
    Rule(
        "skin_dose_low",
        attrgetter("skin_dose_cem43_min"),
        lambda limits: limits.skin_dose_warn_cem43_min,
        LOW,
        "Skin dose {value:.1f} CEM43 min ({skin_dose_site}) is above {limit:.0f}",
        "Look at the skin at this probe at each check.",
        during=During.UNDER_WAY,
        unit="CEM43 min",
    ),
    Rule(
        "skin_dose_high",
        attrgetter("skin_dose_cem43_min"),
        lambda limits: limits.skin_dose_curb_cem43_min,
        MEDIUM,
        "Skin dose {value:.1f} CEM43 min ({skin_dose_site}) is above {limit:.0f}: power at most"
        " 30 %",
        "Look at the skin at this probe; consider ending the session.",
        Effect.CAP_30,
        during=During.UNDER_WAY,
        unit="CEM43 min",
    ),
    Rule(
        "skin_dose_end",
        attrgetter("skin_dose_cem43_min"),
        lambda limits: limits.skin_dose_cut_cem43_min,
        HIGH,
        "Skin dose {value:.1f} CEM43 min ({skin_dose_site}) is above {limit:.0f}: heating has"
        " ended for today",
        "Look at the skin at this probe and document it. Reset after the session is closed.",
        Effect.END_HEATING,
        during=During.UNDER_WAY,
        latches=True,
        unit="CEM43 min",
    ),
    Rule(
        "skin_lost",
        lambda seen: seen.skin_good == 0,
        is_true,
        MEDIUM,
        "No skin probe can be trusted ({skin_probes_bad}): heat is off",
        "Check the skin probes and their cables.",
        Effect.HEAT_OFF,
        during=During.HEATING,
    ),
    Rule(
        "skin_probe_bad",
        lambda seen: bool(seen.skin_probes_bad) and seen.skin_good > 0,
        is_true,
        LOW,
        "Skin probe not trusted: {skin_probes_bad}",
        "Put it back in place; look at the skin where it was. The others are watched on.",
        during=During.HEATING,
        for_s=PROBE_BAD_S,
    ),
)

AIR: Final[tuple[Rule, ...]] = (
    Rule(
        "air_warm",
        attrgetter("air_temp_c"),
        lambda limits: limits.air_warn_c,
        LOW,
        "Dome air {value:.1f} °C ({air_probe_highest}) is above {limit:.0f} °C",
        "Watch; power is being lowered.",
        for_s=10.0,
        inside_delta=AIR_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
        unit="°C",
    ),
    Rule(
        "air_hot",
        attrgetter("air_temp_c"),
        lambda limits: limits.air_off_c,
        HIGH,
        "Dome air {value:.1f} °C ({air_probe_highest}) is above {limit:.0f} °C: heat is off until"
        " it falls",
        "Open the lid a hand's breadth; check the air probe.",
        Effect.HEAT_OFF,
        inside_delta=AIR_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
        unit="°C",
    ),
    Rule(
        "air_cutoff",
        attrgetter("air_temp_c"),
        lambda limits: limits.air_cut_c,
        HIGH,
        "Dome air {value:.1f} °C ({air_probe_highest}) is above the cut-off {limit:.0f} °C",
        OPEN_THE_DOME,
        Effect.TRIP,
        for_s=SECOND_SAMPLE_S,
        inside_delta=AIR_INSIDE_DELTA_C,
        inside_s=CLEAR_S,
        unit="°C",
    ),
    Rule(
        "air_lost",
        lambda seen: seen.air_good == 0,
        is_true,
        MEDIUM,
        "No air probe can be trusted ({air_probes_bad}): power at most 30 %, none after 10 min",
        "Check the air probe and its cable.",
        Effect.CAP_30,
        during=During.HEATING,
    ),
    Rule(
        "air_lost_long",
        lambda seen: seen.air_good == 0,
        is_true,
        HIGH,
        "No air probe can be trusted for 10 min ({air_probes_bad}): heat is off",
        "Replace the air probe or stop the session.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        for_s=AIR_LOST_S_MAX,
    ),
    Rule(
        "air_probe_bad",
        lambda seen: bool(seen.air_probes_bad) and seen.air_good > 0,
        is_true,
        LOW,
        "Air probe not trusted: {air_probes_bad}",
        "Check it and its cable; the other one controls.",
        during=During.HEATING,
        for_s=PROBE_BAD_S,
    ),
)
