"""What latches until a person resets it. All else only withholds, and heals by itself.

Source: SAFETY.md §4, column "guard trip (L1)", and §2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from thermod.guard.judge import View
from thermod.guard.limits import Limits
from thermod.guard.times import CONTROL_SILENT_S_MAX, FAST_RISE_MIN_MAX

SAMPLES_MIN: Final = 2  # a single one withholds, at once; it takes a second one to latch


@dataclass(frozen=True, slots=True)
class Trip:
    """One latch: when it falls, and what must hold again before a person may reset it."""

    name: str
    say: str
    must_hold: tuple[str, ...]  # again, before it may be reset
    happens: Callable[[View, Limits], bool] | None = None  # None: an event, see `dome.py`
    in_epoch_only: bool = False
    sounds: bool = True  # on the node's own sounder while control says nothing


TRIPS: Final[tuple[Trip, ...]] = (
    # --- the body and the dome: whether heat is on or not, it was too much ------------------------
    Trip(
        "core_cutoff",
        "two core samples at the limit",
        ("core_below",),
        lambda v, m: v.core.over_samples >= SAMPLES_MIN,
    ),
    Trip(
        "core_rise_cutoff",
        "the core rose too fast for 5 min",
        ("rise_below",),
        lambda v, m: not v.fast_rise_min < FAST_RISE_MIN_MAX,
    ),
    Trip(
        "skin_cutoff",
        "two skin samples at the limit",
        ("skin_below",),
        lambda v, m: v.skin.over_samples >= SAMPLES_MIN,
    ),
    Trip(
        "skin_dose_cutoff",
        "a skin site has had its dose",
        ("dose_below",),
        lambda v, m: not v.skin_dose_cem43_min < m.skin_dose_cem43_min_max,
    ),
    Trip(
        "air_cutoff",
        "two air samples at the limit",
        ("air_below",),
        lambda v, m: v.air.over_samples >= SAMPLES_MIN,
    ),
    Trip(
        "span_cutoff",
        "heated for the longest time allowed",
        ("span_below",),
        lambda v, m: not v.heat_span_min < m.heat_span_min_max,
    ),
    Trip(
        "core_lost",  # a lost link is no lost probe: the clock runs only while the node is heard
        "no good core sample for 60 s",
        ("core_fresh", "core_in_range"),
        lambda v, m: not v.core_missing_s < m.core_age_s_max,
        in_epoch_only=True,
    ),
    # --- the heater: whatever was commanded, it did otherwise (H14) -------------------------------
    Trip(
        "heater_stuck_on",
        "the heater is on while it must be off: pull the plug",
        ("heater_matches",),
        lambda v, m: v.heater_stuck_on,
    ),
    # --- control (H10) ----------------------------------------------------------------------------
    Trip(
        "control_silent",  # again only while the node is heard, or it would be the link
        "control has not answered for 10 s",
        ("control_answers",),
        lambda v, m: not v.control_silent_s < CONTROL_SILENT_S_MAX,
        in_epoch_only=True,
    ),
    Trip(
        "control_flow",
        "control skipped or repeated part of its cycle",
        ("control_answers",),
        lambda v, m: v.wrong_answers >= 2,
    ),
    # --- events -----------------------------------------------------------------------------------
    Trip(
        "dome_restarted",
        "the dome booted inside a session",
        ("node_fresh", "one_dome"),
        sounds=False,
    ),
    Trip("stopped", "STOP was pressed", (), sounds=False),
    Trip("state_lost", "epoch and latches cannot be read or kept", (), sounds=False),
)
TRIP: Final = {trip.name: trip for trip in TRIPS}


def new_trips(
    view: View, limits: Limits, epoch_is_open: bool, latches: tuple[str, ...]
) -> list[str]:
    """What trips now and has not tripped before."""
    return [
        trip.name
        for trip in TRIPS
        if trip.happens is not None
        and trip.name not in latches
        and (epoch_is_open or not trip.in_epoch_only)
        and trip.happens(view, limits)
    ]
