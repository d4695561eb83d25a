"""Moments of fault-free sessions, from which drills begin: at least fifty, over every phase.

A moment is kept as bytes, so that it can be taken up any number of times, in any process.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from alarms.model import Rule
from alarms.rules import RULES
from controllers.protocol import Protocol
from controllers.session import Phase
from thermod.sim.body import Body, BodySpec
from thermod.sim.campaign.ward import Ward
from thermod.sim.dome import Dome
from thermod.sim.nurse import Nurse
from thermod.sim.plant import DomePlant, factory
from thermod.sim.probes import HEALTHY

HOLD_20: Final = Protocol(
    "hold-20", 1, "Bring the core to 38.5 °C and hold it for 20 min", 38.5, 20.0
)
NURSE: Final = Nurse(protocol=HOLD_20.protocol_id)
SEED: Final = 1
# What the code knows by identity, or cannot be written down, is named instead.
_KNOWN: Final[dict[str, Any]] = {"HEALTHY": HEALTHY}
_RULES: Final = {rule.alarm_id: rule for rule in RULES}
_NAMES: Final = {id(known): name for name, known in _KNOWN.items()}


class Moment(NamedTuple):
    """One checkpoint."""

    name: str
    ward: bytes


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


def _rule(alarm_id: str, inside_delta: float) -> Rule:
    """A row is functions, which have no bytes: it is found again by its name."""
    return replace(_RULES[alarm_id], inside_delta=inside_delta)


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> str | None:
        return _NAMES.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, MappingProxyType):
            return _read_only, (dict(obj),)
        if isinstance(obj, Rule):
            return _rule, (obj.alarm_id, obj.inside_delta)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        return _KNOWN[pid]


def put_down(ward: Ward) -> bytes:
    """This moment, whole: also what is under way on the network."""
    ward.oracle.trace.clear()
    kept = io.BytesIO()
    _Pickler(kept, protocol=pickle.HIGHEST_PROTOCOL).dump(ward)
    return kept.getvalue()


def take_up(moment: bytes) -> Ward:
    """The same moment once more, free to go another way."""
    ward = _Unpickler(io.BytesIO(moment)).load()
    if not isinstance(ward, Ward):
        raise TypeError("this is no moment of a session")
    return ward


# --- courses --------------------------------------------------------------------------------------


def cold_course() -> list[Moment]:
    """Idle, the preflight, and the first twenty minutes of a heat-up from a cold dome."""
    ward = Ward(factory(SEED), Random(f"cold/{SEED}"), nurse=NURSE, protocol=HOLD_20)
    moments: list[Moment] = []
    for seconds in (0.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5):
        ward.run(seconds)
        moments.append(_moment(ward, moments))
    for seconds in (15, 30, 30, 60, 90, 150, 200, 250, 300):
        ward.run(seconds)
        moments.append(_moment(ward, moments))
    return moments


def warm_course() -> list[Moment]:
    """The second half of a heat-up, the hold, and what may interrupt them; cool-down and end."""
    ward = Ward(warm_patient(), Random(f"warm/{SEED}"), nurse=NURSE, protocol=HOLD_20)
    moments: list[Moment] = []
    _until(ward, Phase.HEAT_UP)
    for _ in range(8):
        ward.run(110.0)
        moments.append(_moment(ward, moments))
    _and_beside(ward, moments)
    _until(ward, Phase.HOLD)
    for _ in range(10):
        ward.run(110.0)
        moments.append(_moment(ward, moments))
    _and_beside(ward, moments)
    _until(ward, Phase.COOL_DOWN)
    for _ in range(3):
        ward.run(60.0)
        moments.append(_moment(ward, moments))
    ward.people.ask("close", {}, "the next patient waits")
    _until(ward, Phase.ENDED)
    ward.run(15.0)
    moments.append(_moment(ward, moments))
    return moments


def warm_patient(seed: int = SEED) -> DomePlant:
    """The dome and the probes of this seed, with a patient near the target in warm air. The skin
    is cool, as the preflight wants it.
    """
    cold = factory(seed)
    specs = {probe_id: cold.probe(probe_id).spec for probe_id in cold.probes}
    dome = Dome(cold.dome.spec)
    dome.air_temp_c = dome.lining_temp_c = dome.element_temp_c = 44.0
    body = Body(BodySpec(), core_temp_c=38.0, skin_temp_c=36.0)
    return DomePlant("warm", body, dome, specs, seed)


def _and_beside(ward: Ward, moments: list[Moment]) -> None:
    """From this moment: paused, interrupted, tripped, and heated again after each."""
    here = put_down(ward)
    for name, happens in _BESIDE:
        beside = take_up(here)
        happens(beside)
        beside.run(3.0)
        moments.append(_moment(beside, moments))
        beside.run(25.0)
        moments.append(_moment(beside, moments, f"after-{name}"))


def _paused(ward: Ward) -> None:
    ward.people.ask("pause")


def _interrupted(ward: Ward) -> None:
    ward.kill(ward.control)
    ward.control.start()


def _stopped(ward: Ward) -> None:
    ward.people.press_stop()


_BESIDE: Final[tuple[tuple[str, Callable[[Ward], None]], ...]] = (
    ("pause", _paused),
    ("interruption", _interrupted),
    ("trip", _stopped),
)
COURSES: Final = (cold_course, warm_course)


def _until(ward: Ward, phase: Phase, within_s: float = 3 * 3600.0) -> None:
    end_s = ward.now_s + within_s
    while ward.phase is not phase:
        if ward.now_s >= end_s:
            raise TimeoutError(f"{phase} was not reached; the session is in {ward.phase}")
        ward.run(5.0)


def _moment(ward: Ward, moments: list[Moment], note: str = "") -> Moment:
    name = f"{len(moments):02}-{note or ward.phase.value}"
    return Moment(name, put_down(ward))
