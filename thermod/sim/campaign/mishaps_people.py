"""What people do, with and without intent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Final

from thermod.sim.campaign.mishap import ONCE_S, Begin, Group, Mishap, Single, Undo
from thermod.sim.campaign.ward import Ward

_RESUME: Final = {"target_c": 38.5, "same_patient": True}
_CREATE: Final = {"protocol": "hold-20", "subject": "X", "staff": "Y", "consent": True}
ACTS: Final[tuple[tuple[str, Mapping[str, object]], ...]] = (
    ("create", _CREATE),
    ("start", {"target_c": 38.5}),
    ("start", {"target_c": 38.6}),
    ("pause", {}),
    ("resume", _RESUME),
    ("stop", {}),
    ("close", {}),
    ("confirm-presence", {}),
    ("acknowledge", {"alarm": "core_hot"}),
    ("audio-pause", {"alarm": "interrupted"}),
    ("note", {"text": "x"}),
)


def _stop_pressed(ward: Ward, random: Random) -> Undo:
    ward.people.press_stop()
    return _done


def _stop_on_a_bad_line(ward: Ward, random: Random) -> Undo:
    """The console is cut off while STOP is pressed; it goes on saying so."""
    lines = ward.network.lines_of("people")
    ward.network.cut(*lines)
    ward.people.press_stop()
    return partial(ward.network.mend, *lines)


def _asks(ward: Ward, random: Random, *, kind: str) -> Undo:
    ward.people.ask(kind)
    return _done


def _presses_everything(ward: Ward, random: Random) -> Undo:
    """Twelve acts in short order, whatever the phase."""
    at_s = ward.now_s
    for _ in range(12):
        at_s += random.uniform(0.05, 2.0)
        kind, details = random.choice(ACTS)
        ward.agenda.at(at_s, ward.people.ask, kind, details, "because")
    ward.agenda.at(at_s, _reset_everything, ward)
    return _done


def _reset_everything(ward: Ward) -> None:
    seen = ward.people.snapshot
    if seen is not None and seen.latches:
        ward.people.ask("reset", {"latches": list(seen.latches)}, "because")


def _hasty_reset(ward: Ward, random: Random) -> Undo:
    """STOP, and at once reset and resume, again and again."""
    ward.people.press_stop()
    at_s = ward.now_s
    for _ in range(10):
        at_s += random.uniform(0.2, 1.5)
        ward.agenda.at(at_s, _reset_everything, ward)
        ward.agenda.at(at_s + 0.05, ward.people.ask, "resume", _RESUME, "because")
    return _done


def _away(ward: Ward, random: Random) -> Undo:
    ward.people.is_there = False

    def undo() -> None:
        ward.people.is_there = True

    return undo


def _done() -> None:
    """It cannot be taken back."""


def _row(
    name: str, what: str, begin: Begin, single: Single = Single.RECOVERS, lasts_s: float = ONCE_S
) -> Mishap:
    return Mishap(name, what, Group.PEOPLE, begin, single, lasts_s, max(lasts_s, 20.0))


PEOPLE: Final = (
    _row("stop", "STOP is pressed", _stop_pressed),
    _row("stop-unheard", "STOP is pressed while the console is cut off", _stop_on_a_bad_line),
    _row("pause", "somebody pauses", partial(_asks, kind="pause")),
    _row("end", "somebody ends the session", partial(_asks, kind="stop"), Single.ENDS),
    _row("hasty-reset", "STOP, and resets and resumes in haste", _hasty_reset, lasts_s=16.0),
    _row(
        "presses-everything", "twelve acts in short order", _presses_everything, Single.ENDS, 26.0
    ),
    _row("nurse-away", "nobody is there", _away, lasts_s=20.0),
)
