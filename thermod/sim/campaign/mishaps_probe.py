"""What happens to probes: every kind that `thermod/sim/probes.py` knows, on one probe or on all of
a role.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from thermod.sim.campaign.mishap import Group, Mishap, Undo
from thermod.sim.campaign.ward import Ward
from thermod.sim.probes import FAULTS, HEALTHY, ProbeFaults, swap

TARGETS: Final = {
    "core-1": ("core-1",),
    "core-2": ("core-2",),
    "all-core": ("core-1", "core-2"),
    "skin-1": ("skin-1",),
    "all-skin": ("skin-1", "skin-2", "skin-3"),
    "air": ("air-1",),
}
# Plausible, and lower than the truth: nothing that reads this probe alone can know.
READS_LOW: Final = frozenset(
    {
        *("offset-low", "drift-low", "stuck", "half-slipped", "slipped-to-air", "slipped-to-room"),
        *("far-low", "stuck-cold", "drift-fast-low"),
    }
)
MORE: Final = {
    "far-low": ProbeFaults(offset_delta_c=-2.0),
    "far-high": ProbeFaults(offset_delta_c=2.5),
    "over-range": ProbeFaults(offset_delta_c=90.0),
    "fault-value": ProbeFaults(stuck_at_c=85.0),
    "disconnected": ProbeFaults(stuck_at_c=-127.0),
    "stuck-cold": ProbeFaults(stuck_at_c=36.5),
    "drift-fast-low": ProbeFaults(drift_c_per_h=-4.0),
    "drift-fast-high": ProbeFaults(drift_c_per_h=4.0),
    "wild": ProbeFaults(spike_delta_c=4.0, spike_chance=0.3),
}
WHAT: Final = {**FAULTS, **MORE}


def _fail(ward: Ward, random: Random, *, probes: tuple[str, ...], faults: ProbeFaults) -> Undo:
    for probe_id in probes:
        ward.plant.probe(probe_id).fail(faults)
        if faults.sequence_frozen:
            ward.dome.frozen.add(probe_id)

    def undo() -> None:
        for probe_id in probes:
            ward.plant.probe(probe_id).fail(HEALTHY)
            ward.dome.frozen.discard(probe_id)

    return undo


def _swapped(ward: Ward, random: Random, *, one: str, other: str) -> Undo:
    pair = ward.plant.probe(one), ward.plant.probe(other)
    swap(*pair)
    return partial(swap, *pair)


def _rows() -> tuple[Mishap, ...]:
    return tuple(
        Mishap(
            f"{fault}:{target}",
            f"{fault.replace('-', ' ')}: {', '.join(probes)}",
            Group.PROBE,
            partial(_fail, probes=probes, faults=faults),
            lasts_s_min=2.0,
            lasts_s_max=60.0,
            misleads=frozenset(probes) if fault in READS_LOW else frozenset(),
        )
        for fault, faults in WHAT.items()
        for target, probes in TARGETS.items()
    )


PROBE: Final = (
    *_rows(),
    *(
        Mishap(
            f"swapped:{one}:{other}",
            f"{one} and {other} lie in each other's place",
            Group.PROBE,
            partial(_swapped, one=one, other=other),
            lasts_s_min=5.0,
            lasts_s_max=120.0,
            misleads=frozenset({one, other}),
        )
        for one, other in (("core-1", "skin-1"), ("core-2", "skin-3"), ("skin-1", "air-1"))
    ),
)
