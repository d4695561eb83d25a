"""Which node of the detailed body gives heat to which, by tissue and by blood, W/K.

JOS-3 builds this matrix anew each step from forty others. It is linear in the blood flows, and in
heat only those to the skin and through the shunts of hands and feet change; so the steady part is
built once for a person and the changing part once for all, both with JOS-3's own functions.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from jos3 import matrix
from numpy.typing import NDArray

Array = NDArray[np.float64]

PARTS, NODES = len(matrix.BODY_NAMES), matrix.NUM_NODES
NONE = np.zeros(PARTS)


class Flows(NamedTuple):
    """Blood, l/h: for each part of the body, and through the shunts of one hand and one foot."""

    core: Array = NONE
    muscle: Array = NONE
    fat: Array = NONE
    skin: Array = NONE
    hand: float = 0.0
    foot: float = 0.0


class Blood:
    """The exchange between all nodes of one person."""

    def __init__(self, tissue_w_per_k: Array, basal: Flows) -> None:
        self._steady_w_per_k = tissue_w_per_k + carried_w_per_k(basal)
        self._at, self._w_per_k_per_flow = _changing()

    def exchange_w_per_k(self, skin: Array, hand: float, foot: float) -> Array:
        """Row: who is warmed; column: by whom. A new array, for the caller to work in."""
        exchange = self._steady_w_per_k.copy()
        flows = np.concatenate((skin, (hand, foot)))
        exchange.reshape(-1)[self._at] += self._w_per_k_per_flow @ flows
        return exchange


def carried_w_per_k(flows: Flows) -> Array:
    """What these flows carry, by JOS-3's functions for vessels within and between the parts."""
    arteries, veins = matrix.vessel_bloodflow(*flows)
    within: Array = matrix.localarr(*flows)
    between: Array = matrix.wholebody(arteries, veins, flows.hand, flows.foot)
    return within + between


@cache
def _changing() -> tuple[NDArray[np.intp], Array]:
    """The places that the changing flows reach, and how much each l/h brings there."""
    units = [Flows(skin=row) for row in np.eye(PARTS)] + [Flows(hand=1.0), Flows(foot=1.0)]
    carried = np.stack([carried_w_per_k(unit).ravel() for unit in units], axis=1)
    at = np.flatnonzero(carried.any(axis=1))
    return at, carried[at]
