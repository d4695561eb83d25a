"""What a probe is, and what arrives from it: frozen values, already parsed at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from sensors.values import light_dataclass


class Role(StrEnum):
    """What a probe measures; it decides which rules judge it."""

    CORE = "core"
    SKIN = "skin"
    AIR = "air"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The widest a probe of one role may be declared; a config may only tighten these.

    The ranges are those of SAFETY.md section 4. The offsets bound what a calibration may claim:
    uncalibrated chains are 0.1-0.2 °C off (decisions/0008, 2), and an offset moves every limit
    with it, so a core probe that needs more than 0.5 °C is a broken probe. The resolutions keep
    one step of the probe well inside the spike limit of its role.
    """

    temp_c_min: float
    temp_c_max: float
    offset_delta_c_max: float
    resolution_delta_c_max: float


BOUNDS: Final[Mapping[Role, Bounds]] = MappingProxyType(
    {
        Role.CORE: Bounds(30.0, 43.0, offset_delta_c_max=0.5, resolution_delta_c_max=0.1),
        Role.SKIN: Bounds(15.0, 50.0, offset_delta_c_max=1.0, resolution_delta_c_max=0.5),
        Role.AIR: Bounds(-10.0, 120.0, offset_delta_c_max=3.0, resolution_delta_c_max=1.0),
        Role.ROOM: Bounds(-10.0, 60.0, offset_delta_c_max=3.0, resolution_delta_c_max=1.0),
    }
)
AGE_S_MAX: Final = 2.5  # SAFETY.md section 3: fresh = arrived at most 2.5 s ago


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """One probe as declared: where it sits, how finely it reads, what it may read at all.

    `offset_c` is added to every raw sample; the range applies to the corrected temperature.
    Raises ValueError, naming probe, field and bound, for anything wider than its role allows.
    """

    probe_id: str
    role: Role
    site: str
    resolution_c: float = 0.01
    offset_c: float = 0.0
    age_s_max: float = AGE_S_MAX
    temp_c_min: float = field(kw_only=True)
    temp_c_max: float = field(kw_only=True)

    @classmethod
    def of(
        cls,
        probe_id: str,
        role: Role,
        site: str,
        *,
        resolution_c: float = 0.01,
        offset_c: float = 0.0,
        age_s_max: float = AGE_S_MAX,
    ) -> Self:
        """A probe with the whole range of its role."""
        bounds = BOUNDS[role]
        return cls(
            probe_id, role, site, resolution_c, offset_c, age_s_max,
            temp_c_min=bounds.temp_c_min, temp_c_max=bounds.temp_c_max,
        )  # fmt: skip

    def __post_init__(self) -> None:
        bounds = BOUNDS[self.role]
        low, high, off = bounds.temp_c_min, bounds.temp_c_max, bounds.offset_delta_c_max
        self._within("temp_c_min", self.temp_c_min, low, high)
        self._within("temp_c_max", self.temp_c_max, low, high)
        self._within("offset_c", self.offset_c, -off, off)
        self._within("resolution_c", self.resolution_c, 0.0, bounds.resolution_delta_c_max)
        self._within("age_s_max", self.age_s_max, 0.0, AGE_S_MAX)
        for name in ("resolution_c", "age_s_max"):
            if getattr(self, name) == 0.0:
                raise ValueError(f"probe {self.probe_id!r}: {name} must be above 0")
        if not self.temp_c_min < self.temp_c_max:
            raise ValueError(
                f"probe {self.probe_id!r}: temp_c_min {self.temp_c_min} must be below"
                f" temp_c_max {self.temp_c_max}"
            )

    def _within(self, name: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:  # NaN lands here too
            raise ValueError(
                f"probe {self.probe_id!r}: {name} is {value}, a {self.role} probe allows"
                f" {low} to {high}"
            )


@light_dataclass(frozen=True, slots=True)
class ProbeSample:
    """One decoded message of one probe. Duplicates and retained messages never get this far."""

    probe_id: str
    seq: int
    tick_lag: int | None  # dome ticks behind the newest tick; None: foreign, no proof of freshness
    temp_c: float  # as sent, `offset_c` not applied
    received_s: float  # our boot clock at arrival


@light_dataclass(frozen=True, slots=True)
class Rejection:
    """The newest message of this probe was refused at the edge: NaN, malformed, wrong type…"""

    probe_id: str
    why: str
    received_s: float
