"""Checkpoints for these tests, and sessions that are planned by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from thermod.sim.campaign.campaign import be_quiet
from thermod.sim.campaign.checkpoints import Moment, cold_course, warm_course
from thermod.sim.campaign.mishaps import BY_NAME
from thermod.sim.campaign.plan import Planned, SessionPlan, terms_of
from thermod.sim.campaign.session import Session, Verdict

Drill = Callable[..., Verdict]


@pytest.fixture(scope="session")
def moments() -> tuple[Moment, ...]:
    be_quiet()
    return (*cold_course(), *warm_course())


def number_of(moments: tuple[Moment, ...], phase: str) -> int:
    """The last checkpoint of this phase: well into it."""
    return max(n for n, each in enumerate(moments) if each.name.endswith(f"-{phase}"))


@pytest.fixture(scope="session")
def drill(moments: tuple[Moment, ...]) -> Drill:
    """`drill("broker-killed", "all-welded")`: at 10 s and each 2 s later, for 20 s each."""

    def play(
        *names: str,
        phase: str = "heat_up",
        lasts_s: float = 20.0,
        for_s: float = 60.0,
        seed: int = 0,
    ) -> Verdict:
        planned = tuple(
            Planned(BY_NAME[name], 10.0 + 2.0 * place, lasts_s) for place, name in enumerate(names)
        )
        plan = SessionPlan(seed, number_of(moments, phase), for_s, planned, terms_of(planned))
        return Session(plan, moments).play()

    return play
