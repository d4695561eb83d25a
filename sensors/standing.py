"""How far a probe is trusted, and how it earns trust back: the one small state machine here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sensors.freshness import Why
from sensors.values import light_dataclass

AGREE_DELTA_C: Final = (
    0.3  # SAFETY.md section 4: same-site probes that differ by this are warned of
)
# How far a calibrated probe is off: one standard deviation, and at most.
CALIBRATED_SD_C: Final = 0.03
CALIBRATED_DELTA_C: Final = 0.06
HEAL_S: Final = 60.0  # SAFETY.md section 4: back to good after 60 s of agreement
# Silence is a loss, not a lie. A link that drops for 3 s takes every probe with it, and the event
# table of SAFETY.md section 2 lets heat return after 3 s and 5 fresh samples, while 60 s without a
# good probe latch. So a probe that falls silent for up to 60 s and comes back where it left
# is good again after the same 3 s and 5 samples.
SILENCE_HEAL_S: Final = 3.0
SILENCE_S_MAX: Final = 60.0
HEAL_SAMPLES: Final = 5


class Status(StrEnum):
    """GOOD may bring heat; SUSPECT may only take it away; OUT has nothing to say."""

    GOOD = "good"
    SUSPECT = "suspect"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken now, what that makes of the probe, and what healing it will take."""

    status: Status
    why: Why
    heal_s: float = HEAL_S


@light_dataclass(frozen=True, slots=True)
class Standing:
    """The verdict so far. `agreed_since_s` is set while the probe is earning its trust back."""

    status: Status
    why: Why | None
    heal_s: float
    agreed_since_s: float | None
    agreed_samples: int


GOOD: Final = Standing(Status.GOOD, None, 0.0, None, 0)
AT_BOOT: Final = Standing(Status.OUT, Why.NEVER_SEEN, 0.0, None, 0)


def advanced(
    standing: Standing, finding: Finding | None, *, agrees: bool | None, arrived: bool, now_s: float
) -> Standing:
    """One cycle on. `agrees` is None when there is no value to compare: it stops no timer."""
    if finding is not None:
        return _fallen(standing, finding)
    if standing.status is Status.GOOD or agrees is None:
        return standing
    if standing.heal_s == 0.0:
        return GOOD  # its first sample since we started, fresh and in range
    if not agrees:
        return _fallen(standing, Finding(Status.SUSPECT, Why.DISAGREES))
    since_s = now_s if standing.agreed_since_s is None else standing.agreed_since_s
    samples = standing.agreed_samples + arrived
    if now_s - since_s >= standing.heal_s and samples >= HEAL_SAMPLES:
        return GOOD
    return Standing(Status.SUSPECT, standing.why, standing.heal_s, since_s, samples)


def _fallen(standing: Standing, finding: Finding) -> Standing:
    """The finding holds; a longer healing that is already owed stays owed."""
    owed_s = max(standing.heal_s, finding.heal_s)
    fallen = Standing(finding.status, finding.why, owed_s, None, 0)
    return standing if standing == fallen else fallen
