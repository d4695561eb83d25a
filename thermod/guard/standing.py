"""Where a dome stands after one look, and in words why."""

from typing import NamedTuple

from thermod.guard.judge import OTHERWISE
from thermod.guard.times import ANNUNCIATE_AFTER_S
from thermod.guard.trips import TRIP


class Standing(NamedTuple):
    """The outcome of one look: what the permit and the guard's state say."""

    granted: bool
    ended: bool
    why: str
    annunciate: bool
    epoch: int
    permit_controller_id: str | None  # of the last epoch that was opened
    scope: str  # of the open epoch
    broken: tuple[str, ...]
    tripped_by: tuple[str, ...]
    stop_id: str | None
    controller_id: str | None  # heard last


def why(
    granted: bool, latches: tuple[str, ...], broken: tuple[str, ...], why_none: str | None
) -> str:
    """One line for people. `why_none` says why no act of a person is under way, if none is."""
    if granted:
        return "all holds"
    if latches:
        return "tripped: " + ", ".join(TRIP[name].say for name in latches)
    if why_none is not None:
        return why_none
    if not broken:
        return "withheld until everything has held for 3 s"
    more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
    return f"withheld: {OTHERWISE[broken[0]]}{more}"


def annunciates(answer_age_s: float | None, epoch_is_open: bool, latches: tuple[str, ...]) -> bool:
    """Nobody else may be there to raise the alarm: the node's own sounder does. (H27)"""
    if "heater_stuck_on" in latches:
        return True
    is_silent = answer_age_s is None or not answer_age_s <= ANNUNCIATE_AFTER_S
    return is_silent and (epoch_is_open or any(TRIP[name].sounds for name in latches))
