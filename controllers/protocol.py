"""A protocol says what a session should do: where to bring the core temperature, how fast, how long
to stay.
"""

from __future__ import annotations

from dataclasses import dataclass

TARGET_C_MAX = 38.6  # safety.md table, set-point: refused above, whoever asks
TARGET_C_MIN = 37.0  # below, the dome has nothing to do
IN_BAND_DELTA_C = 0.1  # "in band" is within this of the target
RAMP_C_PER_MIN_MAX = 0.038  # core rise, "control keeps below"
RESUME_STEP_DELTA_C = 0.3  # after a pause the set-point starts at most this far above the core


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

    def __post_init__(self) -> None:
        if not TARGET_C_MIN <= self.target_c <= TARGET_C_MAX:
            raise ValueError(
                f"target_c is {self.target_c}; it must lie in {TARGET_C_MIN}…{TARGET_C_MAX} °C"
            )
        if not 0.0 <= self.hold_min <= 60.0:
            raise ValueError(f"hold_min is {self.hold_min}; it must lie in 0…60 min")
        if (
            self.ramp_c_per_min is not None
            and not 0.005 <= self.ramp_c_per_min <= RAMP_C_PER_MIN_MAX
        ):
            raise ValueError(
                f"ramp_c_per_min is {self.ramp_c_per_min};"
                f" it must lie in 0.005…{RAMP_C_PER_MIN_MAX} °C/min"
            )


HOLD_45 = Protocol("hold-45", 1, "Bring the core to 38.5 °C and hold it for 45 min", 38.5, 45.0)


def setpoint_c(
    protocol: Protocol, target_c: float, ramp_from_c: float | None, ramp_s: float
) -> float:
    """Where the ramp stands, °C, after `ramp_s` seconds of running ramp clock from `ramp_from_c`.

    Without a ramp rate the set-point is the target from the start; the regulator's own forecast and
    the rise limit keep the approach gentle.
    """
    if protocol.ramp_c_per_min is None or ramp_from_c is None:
        return target_c
    return min(target_c, ramp_from_c + protocol.ramp_c_per_min / 60.0 * ramp_s)
