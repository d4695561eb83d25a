"""What people ask of a cycle, in the order in which they asked, and the preflight that runs while
they get ready. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from alarms.occurrence import Change
from controllers import actuation
from controllers.actuation import NO_LEASE, Hold, Scope
from controllers.session import Phase
from sensors.picture import Picture
from thermod import acts, checklist, selftest
from thermod.acts import Reply
from thermod.mailbox import Inbox
from thermod.selftest import Ask
from thermod.snapshot import CheckView
from thermod.state import Plan, State

NO_ASK = Ask(Scope.NONE, 0.0)


@dataclass(frozen=True, slots=True)
class Arm:
    """A person's accepted act, handed to the guard so that it may open an epoch."""

    intent_id: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """What people and the self-test asked of this cycle."""

    checks: tuple[CheckView, ...] = ()
    ask: Ask = NO_ASK
    arms: tuple[Arm, ...] = ()
    replies: tuple[Reply, ...] = ()
    changes: tuple[Change, ...] = ()


NOTHING_ASKED = Asked()


def listen(
    plan: Plan, state: State, inbox: Inbox, picture: Picture, hold: Hold, now_s: float
) -> tuple[State, Asked]:
    """Run the preflight, then do what people asked. What an act of this very cycle has overtaken,
    such as the heater test of a session that is gone, asks for nothing.
    """
    if not inbox.intents and state.phase is not Phase.PREFLIGHT:
        return state, NOTHING_ASKED
    checks: tuple[CheckView, ...] = ()
    ask = NO_ASK
    arms: list[Arm] = []
    if state.phase is Phase.PREFLIGHT:
        state, ask, checks = _preflight(plan, state, inbox, picture, hold, now_s)
        if ask.arm:
            arms.append(Arm(state.lease.intent_id, Scope.TEST))
    tested = state.selftest
    replies: list[Reply] = []
    changes: list[Change] = []
    scene = acts.Scene(plan, inbox, picture, checks, now_s)
    for intent in inbox.intents:
        acted = acts.act(state, intent, scene)
        state = acted.state
        replies.append(acted.reply)
        changes.extend(acted.changes)
        if acted.arms is not Scope.NONE:
            arms.append(Arm(intent.intent_id, acted.arms))
    if state.phase is not Phase.PREFLIGHT or state.selftest is not tested:
        ask = NO_ASK
    return state, Asked(checks, ask, tuple(arms), tuple(replies), tuple(changes))


def _preflight(
    plan: Plan, state: State, inbox: Inbox, picture: Picture, hold: Hold, now_s: float
) -> tuple[State, Ask, tuple[CheckView, ...]]:
    """The checklist, and the heater test once everything that needs no heat is in order."""
    checks = checklist.checklist(plan, state, inbox, picture, now_s)
    test, session = state.selftest, state.session
    if session is None:
        return state, NO_ASK, checks
    if test is None:
        if not checklist.may_test(checks):
            return state, NO_ASK, checks
        test = selftest.begin(now_s)
    test, ask = selftest.advance(
        test, inbox.node, permitted=hold.may_heat, why_not=hold.because, now_s=now_s
    )
    lease = state.lease
    if ask.arm:
        lease = actuation.arm(Scope.TEST, session.created_by, inbox.permit, now_s)
    elif ask.scope is Scope.NONE:
        lease = NO_LEASE
    state = state._replace(selftest=test, lease=lease, gain=test.gain)
    return state, ask, checks
