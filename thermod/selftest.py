"""The preflight's proof that heat obeys: four steps, before a patient lies under the dome.

1. no permit, 20 % commanded: nothing may come on; 2. permit, 0 %: still nothing; 3. permit, 20 %:
14-26 % must come, which also teaches the heater's gain; 4. the permit is given back while 20 % is
still commanded: it must go off. (SAFETY.md section 2.)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controllers.actuation import Scope
from thermod.mailbox import NodeSeen

TEST_PCT = 20.0
NOTHING_PCT_MAX = 2.0
ON_PCT_MIN, ON_PCT_MAX = 14.0, 26.0
OFF_WITHIN_S = 1.7
SETTLE_S = 1.0  # beyond the dome's averaging window, before a measurement counts
AWAIT_PERMIT_S = 10.0
NODE_AGE_S_MAX = 1.5  # it reports each 0.5 s (CONTRACT.md): two may be lost
CLOSE_WITHIN_S = 13.0  # contactors stay open for at least 10 s: CONTRACT.md


class Step(StrEnum):
    """Where the test stands."""

    UNPERMITTED = "off_test"
    AWAIT = "permit_test"
    ZERO = "zero_test"
    ON = "on_test"
    REVOKE = "revoke_test"
    PASSED = "passed"
    FAILED = "failed"


RUNNING = frozenset({Step.UNPERMITTED, Step.AWAIT, Step.ZERO, Step.ON, Step.REVOKE})


@dataclass(frozen=True, slots=True)
class SelfTest:
    """`gain` is measured against expected power, learnt in step 3. `why` says what failed."""

    step: Step
    since_s: float
    gain: float = 1.0
    failed_at: Step | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the test wants of this cycle. `arm` is True in the one cycle that asks the guard."""

    scope: Scope
    power_pct: float
    arm: bool = False


def begin(now_s: float) -> SelfTest:
    """From the first step."""
    return SelfTest(Step.UNPERMITTED, now_s)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the dome shows."""

    node: NodeSeen
    measured_pct: float
    passed_s: float  # in this step
    permitted: bool
    why_not: str
    now_s: float


def advance(
    test: SelfTest, node: NodeSeen | None, *, permitted: bool, why_not: str, now_s: float
) -> tuple[SelfTest, Ask]:
    """Look at the dome and go on, stay, or fail."""
    if test.step not in RUNNING:
        return test, _NOTHING
    if node is None or not 0.0 <= now_s - node.received_s <= NODE_AGE_S_MAX:
        return _silent(test, node, now_s)
    measured_pct = _measured_pct(node)
    if not 0.0 <= measured_pct <= 1000.0:
        return _fail(test, now_s, "the dome's measured power is no number")
    look = Look(node, measured_pct, now_s - test.since_s, permitted, why_not, now_s)
    return _STEPS[test.step](test, look)


def _unpermitted(test: SelfTest, look: Look) -> tuple[SelfTest, Ask]:
    if look.passed_s < look.node.window_s + SETTLE_S:
        return test, Ask(Scope.NONE, TEST_PCT)
    if not look.measured_pct <= NOTHING_PCT_MAX:
        why = f"{look.measured_pct:.0f} % of rated power without a permit"
        return _fail(test, look.now_s, why)
    if any(look.node.contactors_closed):
        return _fail(test, look.now_s, "a contactor is closed without a permit")
    return SelfTest(Step.AWAIT, look.now_s), Ask(Scope.TEST, 0.0, arm=True)


def _await(test: SelfTest, look: Look) -> tuple[SelfTest, Ask]:
    if look.permitted:
        return SelfTest(Step.ZERO, look.now_s), Ask(Scope.TEST, 0.0)
    if not look.passed_s <= AWAIT_PERMIT_S:
        return _fail(test, look.now_s, f"the guard does not permit: {look.why_not}")
    return test, Ask(Scope.TEST, 0.0)


def _await_again(test: SelfTest, now_s: float) -> tuple[SelfTest, Ask]:
    """Withheld: a lost message may do that, and it heals by itself. Nothing is commanded meanwhile;
    the guard's bounds on a test's time and heat bound how often.
    """
    return SelfTest(Step.AWAIT, now_s, test.gain), Ask(Scope.TEST, 0.0)


def _silent(test: SelfTest, node: NodeSeen | None, now_s: float) -> tuple[SelfTest, Ask]:
    """Nothing from the dome: lost messages may do that too, so each step waits as long as it would
    for what the dome should show, and proves nothing meanwhile.
    """
    if test.step in (Step.ZERO, Step.ON):
        return _await_again(test, now_s)
    waits_s = AWAIT_PERMIT_S
    if test.step is Step.REVOKE and node is not None:
        waits_s = _off_within_s(node)
    if node is None or not now_s - test.since_s <= waits_s:
        return _fail(test, now_s, "the dome is silent")
    return test, Ask(Scope.TEST, 0.0) if test.step is Step.AWAIT else Ask(Scope.NONE, TEST_PCT)


def _zero(test: SelfTest, look: Look) -> tuple[SelfTest, Ask]:
    if not look.permitted:
        return _await_again(test, look.now_s)
    if look.passed_s < look.node.window_s + SETTLE_S:
        return test, Ask(Scope.TEST, 0.0)
    if not look.measured_pct <= NOTHING_PCT_MAX:
        why = f"{look.measured_pct:.0f} % of rated power at a command of 0"
        return _fail(test, look.now_s, why)
    if not all(look.node.contactors_closed):  # they may have opened just before
        if look.passed_s <= CLOSE_WITHIN_S:
            return test, Ask(Scope.TEST, 0.0)
        return _fail(test, look.now_s, "a contactor stays open though the guard permits")
    return SelfTest(Step.ON, look.now_s), Ask(Scope.TEST, TEST_PCT)


def _on(test: SelfTest, look: Look) -> tuple[SelfTest, Ask]:
    if not look.permitted:
        return _await_again(test, look.now_s)
    if look.passed_s < 2.0 * look.node.window_s + SETTLE_S:
        return test, Ask(Scope.TEST, TEST_PCT)
    if not ON_PCT_MIN <= look.measured_pct <= ON_PCT_MAX:
        why = f"{look.measured_pct:.0f} % of rated power came at a command of {TEST_PCT:.0f} %"
        return _fail(test, look.now_s, why)
    gain = look.measured_pct / TEST_PCT
    return SelfTest(Step.REVOKE, look.now_s, gain), Ask(Scope.NONE, TEST_PCT)


def _revoke(test: SelfTest, look: Look) -> tuple[SelfTest, Ask]:
    if look.node.applied_pct == 0.0 and look.measured_pct <= NOTHING_PCT_MAX:
        return SelfTest(Step.PASSED, look.now_s, test.gain), _NOTHING
    if not look.passed_s <= _off_within_s(look.node):
        return _fail(test, look.now_s, "heat stayed on after the permit was given back")
    return test, Ask(Scope.NONE, TEST_PCT)


_NOTHING = Ask(Scope.NONE, 0.0)
_STEPS = {
    Step.UNPERMITTED: _unpermitted,
    Step.AWAIT: _await,
    Step.ZERO: _zero,
    Step.ON: _on,
    Step.REVOKE: _revoke,
}


def _fail(test: SelfTest, now_s: float, why: str) -> tuple[SelfTest, Ask]:
    return SelfTest(Step.FAILED, now_s, test.gain, test.step, why), _NOTHING


def _off_within_s(node: NodeSeen) -> float:
    return OFF_WITHIN_S + node.window_s + SETTLE_S


def _measured_pct(node: NodeSeen) -> float:
    """Percent of rated power; where the dome measures none, what it says it applies."""
    if node.measured_w is None:
        return node.applied_pct
    return 100.0 * node.measured_w / node.rated_w
