"""What the guard hears, decoded: only the fields that it uses. `decode.py` makes them from bytes.

A simulator on pretend time may make them itself; nothing behind `decode.py` trusts a number to be
finite or in range.
"""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was not used: the kind that is counted, and in words."""

    kind: str
    text: str


class ProbeSeen(NamedTuple):
    """One reading. A plain tuple, because there is one for each probe in each message."""

    probe_id: str
    seq: int
    tick: int
    temp_c: float


class NodeSeen(NamedTuple):
    """`node/state`."""

    boot_id: str
    tick: int
    applied_pct: float
    measured_w: float | None  # None: nothing measures it
    rated_w: float
    window_s: float
    epoch: int
    guard_id: str | None
    stop_id: str | None  # the last STOP that the dome has heard since its boot
    lid: str  # open, closed or unknown
    fan_running: bool | None  # None: a dome without a fan
    probes: tuple[ProbeSeen, ...]
    bad_probes: tuple[str, ...] = ()  # their entries were no readings


@dataclass(frozen=True, slots=True)
class ReadingSeen:
    """`sensor/<probe>/reading`."""

    boot_id: str
    sample: ProbeSeen


class CommandSeen(NamedTuple):
    """`heater/command`."""

    controller_id: str
    epoch: int
    seq: int
    boot_id: str
    power_pct: float


class HeartbeatSeen(NamedTuple):
    """`heartbeat`, the last act of a finished cycle."""

    controller_id: str
    scope: str  # none, test or session
    challenge: str
    cycle: int
    results: tuple[int, ...]
    flow: int


@dataclass(frozen=True, slots=True)
class ArmSeen:
    """`arm`: control accepted the intent of a person."""

    controller_id: str
    intent_id: str
    scope: str  # test or session


@dataclass(frozen=True, slots=True)
class IntentSeen:
    """`intent`, of the kinds that concern the guard."""

    intent_id: str
    kind: str  # create, start, resume, pause, stop or reset
    reason: str
    controller_id: str
    cycle: int
    session_id: str | None  # control has not named it yet when it is created
    target_c: float | None
    latches: tuple[str, ...]
    subject: str | None = None  # who lies under the dome; said at `create` alone
