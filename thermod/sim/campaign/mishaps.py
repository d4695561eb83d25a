"""The fault table: every row, by name and by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from thermod.sim.campaign.mishap import Group, Mishap
from thermod.sim.campaign.mishaps_disk import DISK
from thermod.sim.campaign.mishaps_dome import DOME
from thermod.sim.campaign.mishaps_forgery import FORGERY
from thermod.sim.campaign.mishaps_network import NETWORK
from thermod.sim.campaign.mishaps_people import PEOPLE
from thermod.sim.campaign.mishaps_probe import PROBE
from thermod.sim.campaign.mishaps_process import PROCESS

MISHAPS: Final[tuple[Mishap, ...]] = (
    *NETWORK,
    *PROCESS,
    *FORGERY,
    *PEOPLE,
    *DOME,
    *PROBE,
    *DISK,
)
BY_NAME: Final[Mapping[str, Mishap]] = {row.name: row for row in MISHAPS}
BY_GROUP: Final[Mapping[Group, tuple[Mishap, ...]]] = {
    group: tuple(row for row in MISHAPS if row.group is group) for group in Group
}
