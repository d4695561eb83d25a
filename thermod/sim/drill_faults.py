"""The faults that a drill plays on real processes, as rows: what is done, and how soon heat is off.

The times are those of SAFETY.md section 6. It has none for STOP and the lid, which the dome node
obeys by itself; they are held to the shortest of that table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

CONTROL_S = 1.7
GUARD_AND_BROKER_S = 3.05
DECIDING_SAMPLE_S = 0.6
SILENCE_S = 3.2


class Since(Enum):
    """The moment from which the time to heat-off counts."""

    INJECTION = "the injection"  # the drill's own act: a signal, a STOP
    BAD_SAMPLE = "the first bad sample"  # as the node is about to publish it
    LAST_SAMPLE = "the last good sample"  # before the injection, so this is the harder count


class Blow(Enum):
    """What is done to a process, and so what takes it away again."""

    KILL = "SIGKILL"
    FREEZE = "SIGSTOP"


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. Either a process is hit, or each dome gets `at_dome` (or a STOP)."""

    name: str
    limit_s: float
    since: Since
    heals: bool  # by the event table heat may come back in the same epoch, without a person
    process: str = ""
    blow: Blow = Blow.KILL
    at_dome: tuple[Mapping[str, Any], ...] = ()  # messages for `sim/fault`, see faults.py
    stops: bool = False
    # Control starts anew, or must be made to: a probe that talked nonsense is good again only after
    # a minute, by which time the epoch is over.
    leaves_cold: bool = False


Message = Mapping[str, Any]


def _hit(process: str, blow: Blow, limit_s: float, *, heals: bool) -> Fault:
    cold = process == "control" and blow is Blow.KILL
    name = f"{process}-{'frozen' if blow is Blow.FREEZE else 'killed'}"
    return Fault(name, limit_s, Since.INJECTION, heals, process, blow, leaves_cold=cold)


def _silent(name: str, message: Message) -> Fault:
    return Fault(name, SILENCE_S, Since.LAST_SAMPLE, heals=True, at_dome=(message,))


def _bad_sample(name: str, *messages: Message, heals: bool) -> Fault:
    limit_s = DECIDING_SAMPLE_S
    return Fault(name, limit_s, Since.BAD_SAMPLE, heals=heals, at_dome=messages, leaves_cold=True)


def _message(kind: str, probe: str = "", value: float = 0.0) -> Message:
    return MappingProxyType({"kind": kind, "probe": probe, "value": value})


OVER_LIMIT_DELTA_C = 3.0  # a resting core at 37 becomes 40: in range, beyond every limit
OUT_OF_RANGE_DELTA_C = -10.0  # too low: the direction to which a naive loop answers with full heat
LID = _message("lid-open")
NAN = _message("nan-text", "core")

FAULTS: tuple[Fault, ...] = (
    _hit("control", Blow.FREEZE, CONTROL_S, heals=True),
    _hit("control", Blow.KILL, CONTROL_S, heals=False),
    _hit("guard", Blow.FREEZE, GUARD_AND_BROKER_S, heals=True),
    _hit("guard", Blow.KILL, GUARD_AND_BROKER_S, heals=False),
    _hit("broker", Blow.FREEZE, GUARD_AND_BROKER_S, heals=True),
    _hit("broker", Blow.KILL, GUARD_AND_BROKER_S, heals=True),
    Fault("stop", DECIDING_SAMPLE_S, Since.INJECTION, heals=False, stops=True),
    Fault("lid-open", DECIDING_SAMPLE_S, Since.INJECTION, heals=True, at_dome=(LID,)),
    _silent("node-silent", _message("silent")),
    _silent("core-silent", _message("drop-out", "core")),
    _bad_sample("core-nan", NAN, heals=True),
    _bad_sample("state-malformed", _message("nan-in-state"), NAN, heals=True),
    _bad_sample("core-low", _message("offset", "core", OUT_OF_RANGE_DELTA_C), heals=True),
    _bad_sample("core-fahrenheit", _message("wrong-unit", "core"), heals=True),
    _bad_sample("core-over-limit", _message("offset", "core", OVER_LIMIT_DELTA_C), heals=False),
)
BY_NAME: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in FAULTS})
