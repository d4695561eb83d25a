"""Before heat: does each probe lie where its role says? At rest the body tells them apart (H04).

Under heat a swap shows otherwise: a core probe on the skin changes faster than a core can and
differs from its twin (plausibility.py, fusion.py); an air probe on the skin reads below the skin it
should warm, or does not follow the heater (dome_air.py); a skin probe in the air passes its limit.
"""

from typing import Final

from sensors.picture import Picture
from sensors.plausibility import ProbeReading
from sensors.samples import Role

CORE_C_MIN: Final = 35.0  # below it a person is hypothermic, and nobody treats that in a dome
SKIN_C_MIN: Final = 26.0  # cool hands and feet; a probe that lies in the room's air reads less
AIR_BELOW_ROOM_DELTA_C: Final = 3.0  # a shut dome is as warm as its room or warmer
AIR_C_MIN: Final = 15.0  # where no room probe tells


def misplaced(picture: Picture) -> tuple[str, ...]:
    """What cannot be so while nothing is heated yet, a sentence for each; empty when all can."""
    core, skin = _heard(picture, Role.CORE), _heard(picture, Role.SKIN)
    found = [
        f"{_says(one)}, which is no core at rest"
        for one in core
        if not _temp_c(one) >= CORE_C_MIN  # written so that NaN is found odd
    ]
    found += [
        f"{_says(one)} and {_says(other)}, but a core at rest is warmer than the skin:"
        " the two may be swapped"
        for one in core
        for other in skin
        if not _temp_c(one) > _temp_c(other)
    ]
    found += [
        f"{_says(one)}: it may not lie on the skin"
        for one in skin
        if not _temp_c(one) >= SKIN_C_MIN
    ]
    return (*found, *_odd_air(picture))


def _odd_air(picture: Picture) -> list[str]:
    room_c = picture.room.temp_c
    low_c = AIR_C_MIN if room_c is None else room_c - AIR_BELOW_ROOM_DELTA_C
    than = "any room" if room_c is None else f"the room of {room_c:.1f} °C"
    return [
        f"{_says(one)}, colder than {than}"
        for one in _heard(picture, Role.AIR)
        if not _temp_c(one) >= low_c
    ]


def _heard(picture: Picture, role: Role) -> list[ProbeReading]:
    """Good or suspect: one of two that were swapped is suspected of much else, too."""
    return [
        reading
        for reading in picture.probes.values()
        if reading.spec.role is role and reading.temp_c is not None
    ]


def _says(reading: ProbeReading) -> str:
    return f"{reading.spec.probe_id} reads {_temp_c(reading):.1f} °C"


def _temp_c(reading: ProbeReading) -> float:
    """Of one that was heard."""
    return reading.temp_c if reading.temp_c is not None else float("nan")
