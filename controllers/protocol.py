"""A protocol says what a session should do: where to bring the core temperature, how fast, how long
to stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The bounds repeat figures of alarms/limits.py, which this package cannot see; a test holds them
# together.
TARGET_C_MAX: Final = 38.6  # SAFETY.md table, set-point: refused above, whoever asks
TARGET_C_MIN: Final = 37.0  # below, the dome has nothing to do
HOLD_MIN_MAX: Final = 60.0  # simulated sessions with it end heat by the 170 min of the warning
IN_BAND_DELTA_C: Final = 0.1  # "in band" is within this of the target
AT_TARGET_DELTA_C: Final = 0.05  # "at target" is no further below it than this
AT_TARGET_MIN_MAX: Final = 10.0
RAMP_C_PER_MIN_MIN: Final = 0.005
RAMP_C_PER_MIN_MAX: Final = 0.038  # core rise, "control keeps below"
RESUME_STEP_DELTA_C: Final = 0.3  # after a pause the ramp starts at most this far above the core


@dataclass(frozen=True, slots=True)
class Protocol:
    """Versioned data; a session keeps the one it was started with.

    Raises ValueError when a value is outside what the code allows.
    """

    protocol_id: str
    version: int
    title: str
    target_c: float
    hold_min: float
    ramp_c_per_min: float | None = None  # None: as fast as the limits allow
    # Heating ends after so many consecutive minutes at target; `hold_min` is then the longest wait.
    at_target_min: float | None = None
    retains: bool = False  # then the patient stays wrapped, without power, until staff go on

    def __post_init__(self) -> None:
        _require_within("target_c", self.target_c, TARGET_C_MIN, TARGET_C_MAX, "°C")
        _require_within("hold_min", self.hold_min, 0.0, HOLD_MIN_MAX, "min")
        if self.ramp_c_per_min is not None:
            rate, low, high = self.ramp_c_per_min, RAMP_C_PER_MIN_MIN, RAMP_C_PER_MIN_MAX
            _require_within("ramp_c_per_min", rate, low, high, "°C/min")
        if self.at_target_min is not None:
            at_most = min(AT_TARGET_MIN_MAX, self.hold_min)
            _require_within("at_target_min", self.at_target_min, 0.5, at_most, "min")


def _require_within(name: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:  # NaN lands here too
        raise ValueError(f"{name} is {value}; it must lie in {low}…{high} {unit}")


HOLD_45: Final = Protocol(
    "hold-45", 1, "Bring the core to 38.5 °C and hold it for 45 min", 38.5, 45.0
)
TARGET_2: Final = Protocol(
    *("target-2", 1, "Bring the core to 38.5 °C and end after 2 consecutive min there", 38.5, 20.0),
    at_target_min=2.0,  # the rule of the published dome protocol: Mason 2021, IJH 38:1529
)
RETAIN: Final = Protocol(
    *("retain", 1, "Bring the core to 38.5 °C, then heat off and stay wrapped", 38.5, 20.0),
    at_target_min=2.0,
    retains=True,
)
SLOW_45: Final = Protocol(
    *("slow-45", 1, "Rise by 0.02 °C/min to 38.5 °C and hold it for 45 min", 38.5, 45.0),
    ramp_c_per_min=0.02,
)
BUILT_IN: Final = (HOLD_45, TARGET_2, RETAIN, SLOW_45)


def is_done(protocol: Protocol, hold_min: float, held_s: float, at_target_s: float) -> bool:
    """Is it time to end heating? `hold_min` is what the session may hold, `held_s` the time since
    first in band, `at_target_s` that of consecutive time at target. Written so that NaN ends it.
    """
    if not held_s < 60.0 * hold_min:
        return True
    return protocol.at_target_min is not None and not at_target_s < 60.0 * protocol.at_target_min


def setpoint_c(
    protocol: Protocol, target_c: float, ramp_from_c: float | None, ramp_s: float
) -> float:
    """Where the ramp stands, °C, after `ramp_s` seconds of running ramp clock from `ramp_from_c`.

    A protocol without a rate ramps as fast as control may let the core rise, which leads a body
    that warms more slowly by more and more; after a pause it still begins near the core.
    """
    if ramp_from_c is None:
        return target_c
    rate = protocol.ramp_c_per_min
    if rate is None:
        rate = RAMP_C_PER_MIN_MAX
    ramped_c = ramp_from_c + rate / 60.0 * ramp_s
    return target_c if ramped_c >= target_c else ramped_c  # NaN goes on, and gives no heat
