"""How long: heat-up, hold, the whole of the heat, cool-down, and how long nobody was there."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from alarms.model import During, Effect, Rule, Seen
from alarms.rows.common import HIGH, LOW, MEDIUM, OPEN_THE_DOME

NO_MORE_HEAT = "Stop the session and supervise the cool-down. Reset after it is closed."


def _heat_up_min(seen: Seen) -> float:
    """Judged "before core is first within 0.1 of target": a hold that has begun ends it."""
    return 0.0 if seen.hold_min > 0.0 else seen.heat_up_min


HEAT: Final[tuple[Rule, ...]] = (
    Rule(
        "heat_up_long",
        _heat_up_min,
        lambda limits: limits.heat_up_warn_min,
        MEDIUM,
        "Heat-up has taken {value:.0f} min, longer than {limit:.0f}",
        "Check lid, probes and patient; consider ending heat-up.",
        during=During.HEATING,
        unit="min",
    ),
    Rule(
        "heat_up_end",
        _heat_up_min,
        lambda limits: limits.heat_up_off_min,
        MEDIUM,
        "Heat-up has taken {value:.0f} min, longer than {limit:.0f}: heating has ended, the patient"
        " stays wrapped",
        "Close the session when the core has fallen, or stop it.",
        Effect.END_HEATING,
        during=During.FROM_HEATING,
        unit="min",
    ),
    Rule(
        "heat_up_cutoff",
        _heat_up_min,
        lambda limits: limits.heat_up_cut_min,
        HIGH,
        "Heat-up has taken {value:.0f} min, the cut-off is {limit:.0f}",
        NO_MORE_HEAT,
        Effect.TRIP,
        during=During.FROM_HEATING,
        unit="min",
    ),
    Rule(
        "hold_long",
        attrgetter("hold_over_min"),
        lambda limits: limits.hold_over_warn_min,
        MEDIUM,
        "The hold is {value:.0f} min longer than the protocol's, more than {limit:.0f}",
        "End the hold.",
        during=During.HEATING,
        unit="min",
    ),
    Rule(
        "hold_end",
        attrgetter("hold_over_min"),
        lambda limits: limits.hold_over_off_min,
        MEDIUM,
        "The hold is {value:.0f} min longer than the protocol's, more than {limit:.0f}: heating has"
        " ended",
        "Supervise the cool-down.",
        Effect.END_HEATING,
        during=During.FROM_HEATING,
        unit="min",
    ),
    Rule(
        "hold_cutoff",
        attrgetter("hold_min"),
        lambda limits: limits.hold_cut_min,
        HIGH,
        "The hold has lasted {value:.0f} min, the cut-off is {limit:.0f}",
        f"{OPEN_THE_DOME} {NO_MORE_HEAT}",
        Effect.TRIP,
        during=During.FROM_HEATING,
        unit="min",
    ),
    Rule(
        "span_long",
        attrgetter("span_min"),
        lambda limits: limits.heat_span_warn_min,
        MEDIUM,
        "{value:.0f} min since the first heat, longer than {limit:.0f}",
        "Bring the session to its end.",
        during=During.HEATING,
        unit="min",
    ),
    Rule(
        "span_end",
        attrgetter("span_min"),
        lambda limits: limits.heat_span_off_min,
        MEDIUM,
        "{value:.0f} min since the first heat, longer than {limit:.0f}: heating has ended",
        "Supervise the cool-down.",
        Effect.END_HEATING,
        during=During.FROM_HEATING,
        unit="min",
    ),
    Rule(
        "span_cutoff",
        attrgetter("span_min"),
        lambda limits: limits.heat_span_cut_min,
        HIGH,
        "{value:.0f} min since the first heat, the cut-off is {limit:.0f}",
        f"{OPEN_THE_DOME} {NO_MORE_HEAT}",
        Effect.TRIP,
        during=During.FROM_HEATING,
        unit="min",
    ),
)

CARE: Final[tuple[Rule, ...]] = (
    Rule(
        "cool_down_slow",
        attrgetter("cool_down_min"),
        lambda limits: limits.cool_down_warn_min,
        MEDIUM,
        "Cool-down has taken {value:.0f} min, longer than {limit:.0f}, and the core is not below"
        " 38.0 °C",
        "Open the lid and uncover the patient.",
        during=During.UNDER_WAY,
        unit="min",
    ),
    Rule(
        "manual_check_due",
        attrgetter("manual_check_min"),
        lambda limits: limits.manual_check_warn_min,
        MEDIUM,
        "The core has not been measured by hand for {value:.0f} min, longer than {limit:.0f}, and"
        " only one core probe is in use",
        "Measure the core by hand and enter what you read.",
        during=During.HEATING,
        unit="min",
    ),
    Rule(
        "manual_check_overdue",
        attrgetter("manual_check_min"),
        lambda limits: limits.manual_check_off_min,
        HIGH,
        "The core has not been measured by hand for {value:.0f} min, longer than {limit:.0f}, and"
        " only one core probe is in use: no heat",
        "Measure the core by hand and enter what you read; then resume.",
        Effect.PAUSE,
        during=During.FROM_HEATING,
        unit="min",
    ),
    Rule(
        "manual_check_differs",
        attrgetter("manual_off_delta_c"),
        lambda limits: limits.manual_check_off_delta_c,
        HIGH,
        "The core measured by hand differs by {value:.2f} °C from {core_probe_highest}, more than"
        " {limit:.2f}: no heat",
        "Believe neither. Re-place the probe, measure again and enter it; then resume, or stop.",
        Effect.PAUSE,
        during=During.UNDER_WAY,
        unit="°C",
    ),
    Rule(
        "presence_due",
        attrgetter("presence_min"),
        lambda limits: limits.presence_warn_min,
        LOW,
        "Nobody has confirmed to be with the patient for {value:.0f} min, longer than {limit:.0f}",
        "Go to the patient and confirm.",
        during=During.UNDER_WAY,
        unit="min",
    ),
    Rule(
        "presence_overdue",
        attrgetter("presence_min"),
        lambda limits: limits.presence_off_min,
        HIGH,
        "Nobody has confirmed to be with the patient for {value:.0f} min, longer than {limit:.0f}:"
        " no heat",
        "Go to the patient and confirm; then resume.",
        Effect.PAUSE,
        during=During.UNDER_WAY,
        unit="min",
    ),
    Rule(
        "presence_cutoff",
        attrgetter("presence_min"),
        lambda limits: limits.presence_cut_min,
        HIGH,
        "Nobody has confirmed to be with the patient for {value:.0f} min, the cut-off is"
        " {limit:.0f}",
        "Go to the patient now and confirm; then reset.",
        Effect.TRIP,
        during=During.UNDER_WAY,
        unit="min",
    ),
)
