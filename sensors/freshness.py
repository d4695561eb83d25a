"""Is the newest message of a probe a usable temperature at all, now?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sensors.samples import ProbeSample, ProbeSpec, Rejection
from sensors.values import light_dataclass

TICK_LAG_MAX: Final = 6  # SAFETY.md section 3; dome ticks, 0.5 s each
FAULT_TEMPS_C: Final = (85.0, -127.0)  # a DS18B20 at power-on, and disconnected (decisions/0008)


class Why(StrEnum):
    """Why a probe is not usable, or not trusted: one vocabulary for staff, alarms and journal."""

    NEVER_SEEN = "never_seen"
    FROM_FUTURE = "from_future"
    STALE = "stale"
    OLD_TICK = "old_tick"
    UNPROVEN = "unproven"
    REJECTED = "rejected"
    FAULT_VALUE = "fault_value"
    OUT_OF_RANGE = "out_of_range"
    FROZEN_SEQ = "frozen_seq"
    SPIKES = "spikes"
    SLOPE = "slope"
    STUCK = "stuck"
    DISAGREES = "disagrees"
    DEAF = "deaf"
    BELOW_SKIN = "below_skin"


SAY: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.NEVER_SEEN: "has sent nothing yet",
        Why.FROM_FUTURE: "is dated later than our own clock",
        Why.STALE: "has been silent",
        Why.OLD_TICK: "arrives too late behind the dome's tick",
        Why.UNPROVEN: "carries no dome tick and no probe that does is good",
        Why.REJECTED: "sent a message that is not a temperature",
        Why.FAULT_VALUE: "sent its electronics' fault value",
        Why.OUT_OF_RANGE: "reads outside its range",
        Why.FROZEN_SEQ: "repeats one sample again and again",
        Why.SPIKES: "spikes",
        Why.SLOPE: "changes faster than a body can",
        Why.STUCK: "does not move while the body does",
        Why.DISAGREES: "differs from the good probes of its site",
        Why.DEAF: "does not follow the heater",
        Why.BELOW_SKIN: "reads below the skin that its air warms",
    }
)


@light_dataclass(frozen=True, slots=True)
class Fresh:
    """A usable temperature, `offset_c` applied. `proven`: its age is vouched for by a dome tick."""

    temp_c: float
    proven: bool


@dataclass(frozen=True, slots=True)
class Absent:
    """No usable temperature, and why. Never 0, never NaN, never the last good number."""

    why: Why


def classify(
    newest: ProbeSample | Rejection | None, spec: ProbeSpec, now_s: float
) -> Fresh | Absent:
    """Judge one message by itself: age on our clock, age in dome ticks, fault values, range."""
    if newest is None:
        return Absent(Why.NEVER_SEEN)
    age_s = now_s - newest.received_s
    if not age_s >= 0.0:  # NaN lands here too
        return Absent(Why.FROM_FUTURE)
    if age_s > spec.age_s_max:
        return Absent(Why.STALE)
    if isinstance(newest, Rejection):
        return Absent(Why.REJECTED)
    tick_lag = newest.tick_lag
    if tick_lag is not None and not 0 <= tick_lag <= TICK_LAG_MAX:
        return Absent(Why.OLD_TICK)
    if newest.temp_c in FAULT_TEMPS_C:
        return Absent(Why.FAULT_VALUE)
    temp_c = newest.temp_c + spec.offset_c
    if not spec.temp_c_min <= temp_c <= spec.temp_c_max:  # NaN lands here too
        return Absent(Why.OUT_OF_RANGE)
    return Fresh(temp_c, tick_lag is not None)
