"""What one drill session shall be: drawn from its seed alone, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from thermod.sim.campaign.mishap import Group, Mishap
from thermod.sim.campaign.mishaps import BY_GROUP
from thermod.sim.campaign.oracle import Terms
from thermod.sim.plant import PROBES

SESSION_S: Final = 300.0
WHOLE_S: Final = 4.0 * 3600.0  # a whole session is over when it is closed, at most this
WHOLE_EVERY: Final = 100  # one seed in a hundred
SINGLE_SHARE: Final = 0.4  # of sessions with at most one fault
FAULTS_MAX: Final = 5
FIRST_S: Final = (4.0, 45.0)  # into a session of five minutes; a single one comes early
MANY_S: Final = (4.0, 150.0)
WHOLE_FAULTS_S: Final = (30.0, 3000.0)  # while there is heat
SLOW_HARM: Final = frozenset({Group.PROBE, Group.DOME})  # it takes long, and has it there
SLOW_HARM_S: Final = (60.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault of the list."""

    mishap: Mishap
    at_s: float  # into the session
    lasts_s: float


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """One session: where it begins, what happens in it, and what its judge is told beforehand."""

    seed: int
    moment: int  # which checkpoint; -1: a whole session from the beginning
    lasts_s: float
    planned: tuple[Planned, ...]
    terms: Terms

    @property
    def is_whole(self) -> bool:
        """From create to close."""
        return self.moment < 0

    @property
    def single(self) -> Mishap | None:
        """The only fault, if there is only one."""
        return self.planned[0].mishap if len(self.planned) == 1 else None


def plan_session(seed: int, moments: int) -> SessionPlan:
    """The plan of this seed, with so many checkpoints to choose from."""
    random = Random(f"plan/{seed}")
    is_whole = seed % WHOLE_EVERY == WHOLE_EVERY - 1
    moment = -1 if is_whole else random.randrange(moments)
    is_single = not is_whole and random.random() < SINGLE_SHARE
    count = 1 if is_single else random.randint(2, FAULTS_MAX)
    within_s = WHOLE_FAULTS_S if is_whole else FIRST_S if is_single else MANY_S
    drawn = [_planned(random, within_s, is_whole) for _ in range(count)]
    planned = sorted(drawn, key=lambda each: each.at_s)
    lasts_s = WHOLE_S if is_whole else SESSION_S
    return SessionPlan(seed, moment, lasts_s, tuple(planned), terms_of(planned))


def _planned(random: Random, within_s: tuple[float, float], is_whole: bool) -> Planned:
    row = random.choice(BY_GROUP[random.choice(tuple(Group))])
    is_long = is_whole and row.group in SLOW_HARM
    lasts_s = SLOW_HARM_S if is_long else (row.lasts_s_min, row.lasts_s_max)
    return Planned(row, random.uniform(*within_s), random.uniform(*lasts_s))


def terms_of(planned: Sequence[Planned]) -> Terms:
    """What the fault list says of the run before it runs: classes (a) and (b), and the way."""
    rows = [each.mishap for each in planned]
    welds = frozenset().union(*(row.welds for row in rows))
    misled = frozenset().union(*(row.misleads for row in rows))
    of_role = {
        role: {probe_id for probe_id, spec in PROBES.items() if spec.role == role}
        for role in ("core", "skin")
    }
    return Terms(
        is_hindered=any(row.hinders for row in rows),
        all_switches_welded=len(welds) == 2,
        ssr_welded="ssr" in welds,
        meter_dead=any(row.blinds_meter for row in rows),
        core_misled=of_role["core"] <= misled,
        skin_misled=of_role["skin"] <= misled,
    )
