"""What the guard lets happen before it trips: the built-in table, which a file may only tighten.

Source: SAFETY.md §4, columns "guard trip (L1)" and "hard ceiling".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

# No file, no argument and no caller passes these.
CEILINGS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "core_temp_c_max": 39.5,
        "core_over_target_delta_c_max": 0.9,  # as far above the guard's 0.7 as 39.5 above 39.2
        "core_rise_c_per_min_max": 0.08,
        "core_age_s_max": 60.0,
        "skin_temp_c_max": 43.0,
        "skin_dose_cem43_min_max": 21.0,
        "air_temp_c_max": 80.0,
        "heat_span_min_max": 240.0,
    }
)
# Below these the guard would trip on a resting body, or on a session that has hardly begun.
FLOORS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "core_temp_c_max": 38.0,
        "core_over_target_delta_c_max": 0.3,
        "core_rise_c_per_min_max": 0.02,
        "core_age_s_max": 5.0,
        "skin_temp_c_max": 38.5,
        "skin_dose_cem43_min_max": 0.5,
        "air_temp_c_max": 45.0,
        "heat_span_min_max": 30.0,
    }
)
TARGET_C_MIN: Final = 37.0  # with a lower target a resting body would lie above its limit
TARGET_C_MAX: Final = 38.6  # SAFETY.md §4, set-point: hard ceiling

# A value outside its role's range is no reading of that role. (SAFETY.md §4)
RANGES_C: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"core": (30.0, 43.0), "skin": (15.0, 50.0), "air": (-10.0, 120.0), "room": (-10.0, 60.0)}
)
FAULT_VALUES_C: Final = (85.0, -127.0)  # what a DS18B20 says at power-on and when disconnected


@dataclass(frozen=True, slots=True)
class Limits:
    """At each value what must hold no longer does. Raises ValueError past floor or ceiling."""

    core_temp_c_max: float = 39.2
    core_over_target_delta_c_max: float = 0.7
    core_rise_c_per_min_max: float = 0.07  # over ten full minutes, for five
    core_age_s_max: float = 60.0  # the trip; the permit is withheld long before
    skin_temp_c_max: float = 43.0
    skin_dose_cem43_min_max: float = 15.0  # of one site of one person in a day
    air_temp_c_max: float = 78.0
    heat_span_min_max: float = 210.0  # from first to last heat of a session

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not FLOORS[name] <= value <= CEILINGS[name]:  # NaN lands here too
                raise ValueError(
                    f"{name} is {value}; it must lie within {FLOORS[name]}…{CEILINGS[name]}"
                )
        if not self.core_temp_c_max < self.skin_temp_c_max < self.air_temp_c_max:
            raise ValueError(
                "limits out of order: heat flows from air to skin to core, so core_temp_c_max"
                f" {self.core_temp_c_max} < skin_temp_c_max {self.skin_temp_c_max}"
                f" < air_temp_c_max {self.air_temp_c_max} must hold"
            )

    def core_limit_c(self, target_c: float | None) -> float:
        """The core limit in force: a lower target brings it down."""
        if target_c is None:
            return self.core_temp_c_max
        return min(self.core_temp_c_max, target_c + self.core_over_target_delta_c_max)


TABLE: Final = Limits()


def tightened(values: Mapping[str, float]) -> Limits:
    """The table with these values in place of its own. Raises ValueError, saying which and why."""
    for name, value in values.items():
        if name not in CEILINGS:
            raise ValueError(f"{name} is not a limit; there are: {', '.join(sorted(CEILINGS))}")
        if not value <= getattr(TABLE, name):
            raise ValueError(
                f"{name} is {value}; a file may only tighten the built-in {getattr(TABLE, name)}"
            )
    return Limits(**{**asdict(TABLE), **values})
