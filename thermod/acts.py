"""What people ask for, and whether they get it. Pure: an act and a state go in, a state and an
answer come out.

A refusal always says why and what to do. No act can raise a limit, and STOP is not an act: it is
obeyed before any of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from alarms import people
from alarms.evidence import Response
from alarms.model import Rule
from alarms.occurrence import Change, Row
from alarms.rules import RULES
from controllers.actuation import Scope, arm
from controllers.protocol import RESUME_STEP_DELTA_C, TARGET_C_MAX, TARGET_C_MIN
from controllers.session import UNDER_WAY, Event, Phase, after
from sensors.picture import Picture
from thermod import checklist
from thermod.mailbox import ACTS_MAX, Inbox, Intent
from thermod.selftest import Step
from thermod.snapshot import CheckView
from thermod.state import Plan, Session, State, enter, with_session

CYCLES_OLD_MAX = 10  # 5 s: what the person looked at must not be older
SEEN_INTENTS_MAX = ACTS_MAX * (CYCLES_OLD_MAX + 1)  # as long as a repeated one could look fresh
CLOSE_BELOW_C = 38.0
NEEDS_SESSION = frozenset({"start", "resume"})  # the guard opens no epoch for an unnamed one
SESSION_ID_CHARS_MAX = 36
ROLES_THAT_ACT = frozenset({"operator", "clinician", "technician", "admin"})
ROLES_THAT_WAIVE = frozenset({"clinician", "admin"})


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one act."""

    intent: Intent
    accepted: bool
    because: str
    do: str
    session_id: str | None
    phase: str


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of one act. `arms` is the scope to ask the guard for, NONE for most acts."""

    state: State
    reply: Reply
    arms: Scope = Scope.NONE
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What the acts of one cycle are judged against."""

    plan: Plan
    inbox: Inbox
    picture: Picture
    checks: tuple[CheckView, ...]
    now_s: float


class _Refusal(Exception):
    """Carries the reason out of a handler; never leaves this file."""

    def __init__(self, because: str, do: str) -> None:
        super().__init__(because)
        self.because = because
        self.do = do


def act(state: State, intent: Intent, scene: Scene) -> Acted:
    """Do what was asked, or say why not."""
    try:
        _check_fresh(state, intent, scene)
        handler = _HANDLERS[intent.kind]
        done = handler(state, intent, scene)
    except _Refusal as refusal:
        reply = _reply(state, intent, False, refusal.because, refusal.do)
        return Acted(_remember(state, intent), reply)
    reply = _reply(done.state, intent, True, done.reply.because, done.reply.do)
    return Acted(_remember(done.state, intent), reply, done.arms, done.changes)


def _check_fresh(state: State, intent: Intent, scene: Scene) -> None:
    if intent.intent_id in state.seen_intents:
        raise _Refusal("this act was already handled", "Look at the state before you ask again.")
    if intent.controller_id != scene.plan.controller_id:
        raise _Refusal(
            "control restarted since you looked", "Look at the state as it is now, then ask again."
        )
    if not 0 <= state.cycle + 1 - intent.cycle <= CYCLES_OLD_MAX:
        raise _Refusal("what you looked at is more than 5 s old", "Look again, then ask again.")
    if intent.cycle <= state.stop_cycle:
        raise _Refusal("STOP was pressed since you looked", "Look at the state as it is now.")
    if intent.role not in ROLES_THAT_ACT and intent.kind != "stop":
        raise _Refusal(f"the role {intent.role} may look but not act", "Ask an operator.")
    current = None if state.session is None else state.session.session_id
    if intent.session_id is None and intent.kind in NEEDS_SESSION:
        raise _Refusal(f"{intent.kind} names no session", "Look at the session, then ask again.")
    if intent.session_id is not None and intent.session_id != current:
        raise _Refusal(f"session {intent.session_id} is not the one on this dome", "Look again.")


def _create(state: State, intent: Intent, scene: Scene) -> Acted:
    phase = _next(state, Event.CREATE)
    details = intent.details
    protocol = scene.plan.protocols.get(str(details["protocol"]))
    if protocol is None:
        known = ", ".join(sorted(scene.plan.protocols))
        raise _Refusal(f"there is no protocol {details['protocol']}", f"Choose one of: {known}.")
    target_c = _target_c(details.get("target_c"), protocol.target_c)
    waived = bool(details.get("one_core_probe", False))
    if waived and intent.role not in ROLES_THAT_WAIVE:
        raise _Refusal("only a clinician can waive the second core probe", "Ask a clinician.")
    session = Session(
        f"s-{intent.intent_id[2 - SESSION_ID_CHARS_MAX :]}",  # ids differ at their end
        str(details["subject"]),
        str(details["staff"]),
        protocol,
        target_c,
        scene.now_s,
        waived,
        intent.intent_id,
    )
    state = with_session(enter(state, phase), scene.plan, session)
    return _done(state._replace(selftest=None), intent, "the checklist is running")


def _start(state: State, intent: Intent, scene: Scene) -> Acted:
    phase = _next(state, Event.START)
    _confirm_target(state, intent)
    if not checklist.ready(scene.checks):
        first = next((check for check in scene.checks if check.ok is not True), None)
        text, do = ("it has not begun", "") if first is None else (first.text, first.do)
        raise _Refusal(f"the checklist is not complete: {text}", do or "Wait for it.")
    if state.selftest is None or state.selftest.step is not Step.PASSED:
        # The ticks are those of the session that an act of this very cycle has replaced.
        raise _Refusal("the checklist has begun anew", "Wait for it.")
    return _armed(state, phase, None, intent, scene, "heat-up begins when the guard permits")


def _resume(state: State, intent: Intent, scene: Scene) -> Acted:
    phase = _next(state, Event.RESUME)
    _confirm_target(state, intent)
    if state.latches:
        raise _Refusal(f"latched: {', '.join(state.latches)}", "Find the reason, then reset.")
    if state.phase is Phase.INTERRUPTED:
        if not intent.reason:
            raise _Refusal(
                "after an interruption a reason is needed", "Say why it is safe to go on."
            )
        if intent.details.get("same_patient") is not True:
            raise _Refusal(
                "nobody confirmed that it is the same patient", "Check, then confirm it."
            )
    core = scene.picture.core
    if core.core_temp_c is None or core.good < 1:
        raise _Refusal("no core probe can be trusted", "Restore a core probe first.")
    guard = checklist.guard_line(scene.plan, state, scene.inbox, scene.now_s)
    if guard.ok is not True:
        raise _Refusal(guard.text, guard.do)
    ramp_from_c = core.core_temp_c + RESUME_STEP_DELTA_C
    because = "heating goes on when the guard permits"
    return _armed(state, phase, ramp_from_c, intent, scene, because)


def _armed(
    state: State,
    phase: Phase,
    ramp_from_c: float | None,
    intent: Intent,
    scene: Scene,
    because: str,
) -> Acted:
    """Into heat-up, with a lease that waits for the guard. Who begins heat is there: presence.

    `ramp_from_c` None: the protocol's own ramp, from the core as it is.
    """
    state = enter(state, phase)
    session = state.session
    if ramp_from_c is None and session is not None and session.protocol.ramp_c_per_min is not None:
        ramp_from_c = scene.picture.core.core_temp_c
    state = state._replace(
        lease=arm(Scope.SESSION, intent.intent_id, scene.inbox.permit, scene.now_s),
        ramp_from_c=ramp_from_c,
        clocks=state.clocks._replace(presence_s=0.0, ramp_s=0.0),
        response=Response(),  # a core that cooled in a pause has yet to be asked
    )
    return replace(_done(state, intent, because), arms=Scope.SESSION)


def _move(event: Event, because: str) -> Callable[[State, Intent, Scene], Acted]:
    def handler(state: State, intent: Intent, scene: Scene) -> Acted:
        return _done(enter(state, _next(state, event)), intent, because)

    return handler


def _stop(state: State, intent: Intent, scene: Scene) -> Acted:
    """Always possible; where nothing is heated it says so."""
    phase = after(state.phase, Event.STOP)
    if phase is None:
        return _done(state, intent, f"no heat to end in phase {state.phase.value}")
    return _done(enter(state, phase), intent, "heating has ended")


def _close(state: State, intent: Intent, scene: Scene) -> Acted:
    phase = _next(state, Event.CLOSE)
    core_temp_c = scene.picture.core.core_temp_c
    if not intent.reason and not (core_temp_c is not None and core_temp_c < CLOSE_BELOW_C):
        shown = "unknown" if core_temp_c is None else f"{core_temp_c:.2f} °C"
        raise _Refusal(
            f"the core is {shown}, not below {CLOSE_BELOW_C} °C",
            "Go on supervising, or close with a reason.",
        )
    return _done(enter(state, phase), intent, "the session has ended")


def _confirm_presence(state: State, intent: Intent, scene: Scene) -> Acted:
    clocks = state.clocks._replace(presence_s=0.0)
    return _done(state._replace(clocks=clocks), intent, "presence confirmed")


def _manual_check(state: State, intent: Intent, scene: Scene) -> Acted:
    """The core as somebody measured it by hand: kept beside what the probes say at that moment."""
    measured_c = intent.details.get("core_temp_c")
    if not isinstance(measured_c, int | float) or not 30.0 <= measured_c <= 43.0:
        raise _Refusal(f"{measured_c} °C is no core temperature", "Enter 30 to 43 °C.")
    if state.phase not in UNDER_WAY:
        raise _Refusal("no patient is being treated", "Check again once the session has begun.")
    core_temp_c = scene.picture.core.core_temp_c
    delta_c = None if core_temp_c is None else measured_c - core_temp_c
    clocks = state.clocks._replace(manual_check_s=0.0)
    beside = "no core probe is good" if core_temp_c is None else f"the probes say {core_temp_c:.2f}"
    because = f"{measured_c:.2f} °C by hand, {beside}"
    return _done(state._replace(clocks=clocks, manual_delta_c=delta_c), intent, because)


def _acknowledge(state: State, intent: Intent, scene: Scene) -> Acted:
    name = str(intent.details["alarm"])
    return _on_alarm(
        state, intent, people.acknowledge(state.rows, name, intent.by), name, "acknowledged"
    )


def _audio_pause(state: State, intent: Intent, scene: Scene) -> Acted:
    name = str(intent.details["alarm"])
    paused = people.pause_audio(state.rows, name, scene.now_s)
    return _on_alarm(state, intent, paused, name, "audio_paused")


def _on_alarm(
    state: State, intent: Intent, rows: Mapping[str, Row] | None, name: str, change: str
) -> Acted:
    if rows is None:
        raise _Refusal(f"there is no alarm {name} now", "Look again.")
    done = _done(state._replace(rows=rows), intent, f"{name} {change.replace('_', ' ')}")
    told = people.done(_rule(name), rows[name], change, intent.by)
    return replace(done, changes=(told,))


def _reset(state: State, intent: Intent, scene: Scene) -> Acted:
    if not intent.reason:
        raise _Refusal("a reset needs a reason", "Say what was wrong and what was done.")
    named = intent.details["latches"]
    names = named if isinstance(named, list | tuple) else ()
    asked = list(dict.fromkeys(str(name) for name in names))
    ours = [name for name in asked if name in state.rows and state.rows[name].latched]
    rows, refused = people.reset(_with_guard_reset(state, scene, asked), ours)
    if refused is not None:
        raise _Refusal(refused, "Put it right first.")
    changes = tuple(
        people.done(_rule(name), state.rows[name], "reset", intent.by, f"{name}: {intent.reason}")
        for name in ours
    )
    left = tuple(name for name in state.latches if name not in ours)
    state = state._replace(rows=rows, latches=left, reset_asked=tuple(asked), reset_s=scene.now_s)
    if state.phase is Phase.TRIPPED and not left:
        state = enter(state, Phase.PAUSED)
    text = (
        f"reset {', '.join(ours)}" if ours else "control holds none of these; the guard was asked"
    )
    return replace(_done(state, intent, text), changes=changes)


def _with_guard_reset(state: State, scene: Scene, asked: Sequence[str]) -> Mapping[str, Row]:
    """The guard hears the same reset. If it names all that the guard has tripped for, and nothing
    that must hold is broken but a lid that staff opened, take it as obeyed: a guard that does not
    obey trips us again two seconds later.
    """
    row, guard = state.rows.get("guard_tripped"), scene.inbox.guard
    if row is None:
        return state.rows
    if guard is not None and guard.tripped_by:
        refuses = not set(guard.broken) <= {"lid_closed"}
        if refuses or not set(guard.tripped_by) <= set(asked):
            return state.rows
    return {**state.rows, "guard_tripped": replace(row, since_s=None, active=False)}


def _note(state: State, intent: Intent, scene: Scene) -> Acted:
    return _done(state, intent, "noted")


_HANDLERS: Mapping[str, Callable[[State, Intent, Scene], Acted]] = {
    "create": _create,
    "start": _start,
    "pause": _move(Event.PAUSE, "paused: heat is off"),
    "resume": _resume,
    "stop": _stop,
    "close": _close,
    "confirm-presence": _confirm_presence,
    "manual-check": _manual_check,
    "acknowledge": _acknowledge,
    "audio-pause": _audio_pause,
    "reset": _reset,
    "note": _note,
}


def _next(state: State, event: Event) -> Phase:
    phase = after(state.phase, event)
    if phase is None:
        raise _Refusal(
            f"{event.value.replace('_', ' ')} is not possible in phase {state.phase.value}",
            "Look at the phase; only a person's next step is offered there.",
        )
    return phase


def _target_c(asked: object, default_c: float) -> float:
    if asked is None:
        return default_c
    if not isinstance(asked, int | float) or not TARGET_C_MIN <= asked <= TARGET_C_MAX:
        raise _Refusal(
            f"a target of {asked} °C is not allowed",
            f"Choose one from {TARGET_C_MIN} to {TARGET_C_MAX} °C.",
        )
    return float(asked)


def _confirm_target(state: State, intent: Intent) -> None:
    """The person repeats the target, so that nobody starts another one than the one they have in
    mind.
    """
    expected = None if state.session is None else state.session.target_c
    if intent.details.get("target_c") != expected:
        raise _Refusal(
            f"this session's target is {expected} °C, not {intent.details.get('target_c')}",
            "Look at the target, then ask again.",
        )


def _done(state: State, intent: Intent, because: str) -> Acted:
    return Acted(state, _reply(state, intent, True, because, ""))


def _reply(state: State, intent: Intent, accepted: bool, because: str, do: str) -> Reply:
    session_id = None if state.session is None else state.session.session_id
    return Reply(intent, accepted, because, do, session_id, state.phase.value)


def _remember(state: State, intent: Intent) -> State:
    return state._replace(
        seen_intents=(*state.seen_intents[1 - SEEN_INTENTS_MAX :], intent.intent_id)
    )


def _rule(alarm_id: str) -> Rule:
    return next(rule for rule in RULES if rule.alarm_id == alarm_id)
