"""One tick of control, from the newest readings to a leased command. Read this page first.

A pure function: plan, state, inbox and time go in; a new state and everything that shall leave the
process come out. Nothing here waits, reads a clock, writes or sends. Each of the six stages adds
its result to the program flow that the guard checks.

    ingest    what people pressed, what the dome and the guard said; does our lease still hold?
    estimate  is each probe fresh and plausible, and what is the core temperature?
    alarms    session phase and every alarm row; interlocks come before any regulation
    control   how much power would bring the core to its set-point?
    limit     the lowest cap wins and says why; it can only lower
    publish   a command that names the epoch, the dome tick it answers, and its own number
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from alarms import engine, evidence
from alarms.engine import Judged
from alarms.model import Effect, Seen
from alarms.occurrence import Change
from controllers import actuation, limiter, regulator
from controllers.actuation import Hold, Scope
from controllers.limiter import Cap, Limited
from controllers.observer import BLIND, Observer, observe
from controllers.protocol import IN_BAND_DELTA_C, is_done, setpoint_c
from controllers.regulator import Regulator, Wanted
from controllers.session import HEATING, PAUSE_S_MAX, Event, Phase, after
from sensors.dome_air import Heat
from sensors.picture import Picture, read
from sensors.standing import Status
from thermod import facts, flow, selftest
from thermod.acts import Reply
from thermod.elapsed import let_time_pass
from thermod.flow import Flow
from thermod.listen import Arm, listen
from thermod.mailbox import Inbox
from thermod.selftest import Ask
from thermod.snapshot import CheckView
from thermod.state import Plan, State, enter, scope_wanted

# Where heat is on or may come back: a pause must not cost what was learnt of this patient.
OBSERVED = HEATING | {Phase.PAUSED, Phase.INTERRUPTED, Phase.TRIPPED}
AIR_FOLD_C = 2.0  # power is folded back over the last 2 °C below the limit that control keeps
NO_CHALLENGE = "00000000"  # until the guard was first heard; an answer to it is none


class Command(NamedTuple):
    """A lease on heater power; see CONTRACT.md. `power_pct` of what the dome can do."""

    epoch: int
    seq: int
    boot_id: str
    tick: int
    cycle: int
    power_pct: float


class Outcome(NamedTuple):
    """Everything one cycle decided, with its working. The shell sends, records and shows it."""

    now_s: float
    dt_s: float
    inbox: Inbox
    picture: Picture
    hold: Hold
    seen: Seen
    judged: Judged
    wanted: Wanted
    limited: Limited
    setpoint_c: float | None
    checks: tuple[CheckView, ...]
    scope: Scope
    flow: Flow
    command: Command | None
    arms: tuple[Arm, ...]
    replies: tuple[Reply, ...]
    changes: tuple[Change, ...]
    events: tuple[tuple[str, str], ...]  # (kind, text) for the journal
    keep: bool  # what must survive a restart has changed


def step(plan: Plan, state: State, inbox: Inbox, now_s: float) -> tuple[State, Outcome]:
    """Run one cycle. `now_s` is the boot clock; cycles may come late, never go back."""
    before = state
    chain = flow.Chain(inbox.challenge or NO_CHALLENGE, state.cycle + 1)

    state, hold, dt_s = _ingest(plan, state, inbox, now_s)
    chain.extend("ingest", flow.fingerprint((now_s, dt_s, hold.may_heat)))

    heat = facts.heat(inbox.node, now_s)
    state, picture = _estimate(plan, state, inbox, heat, now_s)
    core = picture.core
    found = flow.fingerprint((core.core_temp_c, core.core_slope_c_per_s))
    chain.extend("estimate", found)

    state, asked = listen(plan, state, inbox, picture, hold, now_s)
    late_s = dt_s - plan.period_s
    seen = facts.gather(before, state, inbox, picture, hold, dt_s, late_s, now_s)
    judged = engine.judge(state.rules, state.rows, seen, now_s)
    state, hold = _follow(state, judged, picture, hold)
    chain.extend("alarms", flow.fingerprint((len(judged.rows), len(judged.caps))))

    observer = _observed(plan, state, heat, picture, now_s)
    memory, wanted, target_now_c = _control(plan, state, observer, inbox, picture, hold, now_s)
    chain.extend("control", flow.fingerprint((wanted.power_pct, wanted.forecast_c)))

    limited = _limit(state, wanted, picture, hold, judged, asked.ask)
    chain.extend("limit", flow.fingerprint((limited.power_pct,)))

    power_pct, command = _command(state, inbox, limited.power_pct, asked.ask, before)
    state = let_time_pass(state, picture, inbox, hold, power_pct, dt_s, plan.controller_id)
    state = state._replace(
        observer=observer,
        regulator=memory,
        cycle=before.cycle + 1,
        at_s=now_s,
        seq=state.seq if command is None else command.seq,
        power_pct=power_pct,
        overruns=state.overruns + (late_s > facts.OVERRUN_S),
    )
    chain.extend("publish", flow.fingerprint((float(state.seq), state.power_pct)))

    return state, Outcome(
        now_s, dt_s, inbox, picture, hold, seen, judged, wanted, limited, target_now_c,
        checks=asked.checks, scope=_scope(state, asked.ask), flow=chain.answer(), command=command,
        arms=tuple([arm for arm in asked.arms if arm.intent_id == state.lease.intent_id]),
        replies=asked.replies, changes=(*asked.changes, *judged.changes),
        events=_events(before, state, asked.replies, inbox, late_s), keep=_must_keep(before, state),
    )  # fmt: skip


def _ingest(plan: Plan, state: State, inbox: Inbox, now_s: float) -> tuple[State, Hold, float]:
    """How much time passed, and does the guard still let us heat?"""
    dt_s = 0.0 if state.at_s is None or not now_s >= state.at_s else now_s - state.at_s
    boot_id = None if inbox.node is None else inbox.node.boot_id
    hold = actuation.look(state.lease, inbox.permit, plan.controller_id, boot_id, now_s)
    if hold.lost is not None and state.phase in HEATING:
        state = state._replace(interrupted_by=hold.lost)
    if inbox.stops:
        stop_id = inbox.stops[-1].stop_id
        state = state._replace(stop_id=stop_id, stop_cycle=state.cycle + 1)
    if hold.lease is not state.lease:
        epoch = hold.lease.epoch
        if epoch is not None and state.lease.epoch is None:
            state = state._replace(epoch_used=epoch, seq=0)
        state = state._replace(lease=hold.lease)
    if state.booted_s is None:
        state = state._replace(booted_s=now_s)
    return state, hold, dt_s


def _estimate(
    plan: Plan, state: State, inbox: Inbox, heat: Heat | None, now_s: float
) -> tuple[State, Picture]:
    """Judge every probe, and gather what takes more than one sample."""
    memory, picture = read(
        plan.specs,
        state.sensors,
        inbox.readings,
        now_s,
        expected_core_temp_c=state.observer.expected_core_temp_c,
        heat=heat,
    )
    arrived = [
        evidence.RawSample(reading.spec.probe_id, reading.raw_temp_c, reading.raw_id[1])
        for reading in picture.core_probes
        if reading.raw_temp_c is not None and reading.raw_id is not None
    ]
    return state._replace(
        sensors=memory,
        recent=evidence.remember(state.recent, arrived, now_s),
        rise=evidence.watch_rise(state.rise, _good_core_temps_c(state, picture, now_s), now_s),
    ), picture


def _good_core_temps_c(state: State, picture: Picture, now_s: float) -> Mapping[str, float]:
    """What each good core probe says, when the rise is due to be looked at."""
    if not evidence.is_rise_due(state.rise, now_s):
        return {}
    return {
        reading.spec.probe_id: reading.temp_c
        for reading in picture.core_probes
        if reading.status is Status.GOOD and reading.temp_c is not None
    }


def _follow(state: State, judged: Judged, picture: Picture, hold: Hold) -> tuple[State, Hold]:
    """Let alarms and the course of things move the session on. The gravest effect goes first."""
    if judged.rows is not state.rows or judged.latches != state.latches:
        state = state._replace(rows=judged.rows, latches=judged.latches)
    if judged.effects:
        begun = {effect for effect, _ in judged.effects}
        for effect, event in _EFFECT_EVENTS:
            if effect in begun:
                state = _moved(state, event)
    if state.phase in HEATING:
        state = _progressed(state, picture)
    elif state.phase is Phase.PAUSED and not (
        state.clocks.phase_s <= min(PAUSE_S_MAX, 60.0 * state.limits.pause_min_max)
    ):
        state = _moved(state, Event.PAUSED_TOO_LONG)
    if state.lease is not hold.lease:  # an act or an alarm has just ended what we looked at
        waits = state.lease.scope is not Scope.NONE
        why = "waiting for the guard's permit" if waits else f"no heat in phase {state.phase.value}"
        hold = Hold(state.lease, False, why)
    return state, hold


_EFFECT_EVENTS = (
    (Effect.TRIP, Event.TRIP),
    (Effect.INTERRUPT, Event.INTERRUPT),
    (Effect.PAUSE, Event.PAUSE_DUE),
    (Effect.END_HEATING, Event.END_HEATING),
)


def _progressed(state: State, picture: Picture) -> State:
    """Into the hold when the core is first in band, out of it when its time is over. By good probes
    alone: one that is not trusted may hold heat back, and must not say that the target is reached.
    """
    session, core_temp_c = state.session, picture.core.good_temp_c
    if session is None:
        return _moved(state, Event.STOP)
    if state.phase is Phase.HEAT_UP and core_temp_c is not None:
        if core_temp_c >= session.target_c - IN_BAND_DELTA_C:
            return _moved(state, Event.IN_BAND)
    elif state.clocks.hold_s is not None and is_done(
        session.protocol, session.hold_min, state.clocks.hold_s, state.clocks.at_target_s
    ):
        return _moved(state, Event.RETAIN if session.protocol.retains else Event.HOLD_DONE)
    return state


def _moved(state: State, event: Event) -> State:
    phase = after(state.phase, event)
    return state if phase is None else enter(state, phase)


def _observed(
    plan: Plan, state: State, heat: Heat | None, picture: Picture, now_s: float
) -> Observer:
    """Follow dome and body through all of a session in which heat may still come."""
    if state.phase not in OBSERVED:
        return BLIND
    return observe(
        state.observer,
        core_temp_c=picture.core.good_temp_c,
        core_probe_ids=picture.core.good_ids,
        core_sd_c=plan.core_sd_c,
        air_temp_c=picture.air.temp_c,
        power_pct=state.power_pct if heat is None else heat.power_pct,
        lid_open=heat is not None and heat.lid_open,
        now_s=now_s,
    )


def _control(
    plan: Plan,
    state: State,
    observer: Observer,
    inbox: Inbox,
    picture: Picture,
    hold: Hold,
    now_s: float,
) -> tuple[Regulator, Wanted, float | None]:
    """What power would do, if nothing forbade it."""
    session, tuning = state.session, plan.tuning
    if state.phase not in HEATING or session is None:
        rested = regulator.rest(state.regulator, tuning)
        return rested, Wanted(0.0, f"no heat in phase {state.phase.value}"), None
    target_now_c = setpoint_c(
        session.protocol, session.target_c, state.ramp_from_c, state.clocks.ramp_s
    )
    if max(state.dose_min.values(), default=0.0) >= state.limits.skin_dose_curb_cem43_min:
        tuning = replace(tuning, skin_soft_c=40.0, skin_hard_c=state.limits.skin_dosed_c)
    forecast = observer.forecast
    then_s = state.clocks.ramp_s + (0.0 if forecast is None else forecast.in_s)
    target_then_c = setpoint_c(session.protocol, session.target_c, state.ramp_from_c, then_s)
    memory, wanted = regulator.want(
        state.regulator,
        tuning,
        observer,
        setpoint_c=target_now_c,
        setpoint_then_c=target_then_c,
        core_temp_c=picture.core.core_temp_c,
        core_slope_c_per_s=picture.core.core_slope_c_per_s,
        skin_temp_c=picture.skin.temp_c,
        air_temp_c=picture.air.temp_c,
        power_known=inbox.node is not None and inbox.node.measured_w is not None,
        frozen=not hold.may_heat or "lid_open" in state.rows,
        now_s=now_s,
    )
    return memory, wanted, target_now_c


def _limit(
    state: State, wanted: Wanted, picture: Picture, hold: Hold, judged: Judged, ask: Ask
) -> Limited:
    """Everything that may lower the power, in one list."""
    caps = [Cap(pct, text) for pct, text in judged.caps]
    core_temp_c, air_temp_c = picture.core.highest_raw_temp_c, picture.air.highest_raw_temp_c
    if not picture.core.good >= 1:  # an alarm row says so too; this line needs no row
        caps.append(Cap(0.0, "no core probe can be trusted"))
    if core_temp_c is not None and not core_temp_c < state.limits.core_keep_c:
        caps.append(Cap(0.0, f"core kept below {state.limits.core_keep_c:.2f} °C"))
    if air_temp_c is not None and not air_temp_c <= state.limits.air_keep_c - AIR_FOLD_C:
        share = (state.limits.air_keep_c - air_temp_c) / AIR_FOLD_C
        text = f"dome air kept below {state.limits.air_keep_c:.0f} °C"
        caps.append(Cap(max(0.0, 100.0 * share), text))
    if state.phase is Phase.PREFLIGHT:  # tests also that heat stays off: without a permit
        caps.append(Cap(selftest.TEST_PCT, "the heater test"))
        return limiter.limit(ask.power_pct, caps)
    if not hold.may_heat:
        caps.append(Cap(0.0, hold.because))
    if state.phase not in HEATING:
        caps.append(Cap(0.0, f"no heat in phase {state.phase.value}"))
    return limiter.limit(wanted.power_pct, caps)


def _command(
    state: State, inbox: Inbox, power_pct: float, ask: Ask, before: State
) -> tuple[float, Command | None]:
    """The power that is said to the dome, while we hold an epoch, and the words; once more, with 0,
    when it has just ended.
    """
    node, epoch = inbox.node, state.lease.epoch
    if epoch is None:
        if state.phase is Phase.PREFLIGHT and ask.power_pct > 0.0 and node is not None:
            # Steps 1 and 4 of the heater test: power commanded without a permit must do nothing.
            epoch = state.epoch_used if state.epoch_used > 0 else node.epoch
        else:
            power_pct = 0.0
            if before.lease.epoch is not None or before.power_pct > 0.0:
                epoch = before.lease.epoch or state.epoch_used
    if node is None or epoch is None:
        return 0.0, None
    return power_pct, Command(
        epoch, state.seq + 1, node.boot_id, node.tick, state.cycle + 1, power_pct
    )


def _scope(state: State, ask: Ask) -> Scope:
    return ask.scope if state.phase is Phase.PREFLIGHT else scope_wanted(state)


def _events(
    before: State, state: State, replies: tuple[Reply, ...], inbox: Inbox, late_s: float
) -> tuple[tuple[str, str], ...]:
    """What the journal's event log should say of this cycle."""
    events = [("stop", f"STOP by {stop.by or 'unknown'} ({stop.stop_id})") for stop in inbox.stops]
    for reply in replies:
        kind = "accepted" if reply.accepted else "refused"
        said = f": {reply.intent.reason}" if reply.intent.reason else ""
        events.append((kind, f"{reply.intent.kind} by {reply.intent.by}{said}: {reply.because}"))
    if state.phase is not before.phase:
        events.append(("phase", f"{before.phase.value} → {state.phase.value}"))
    if state.lease.epoch != before.lease.epoch:
        events.append(
            ("epoch", "ended" if state.lease.epoch is None else f"{state.lease.epoch} opened")
        )
    if late_s > facts.OVERRUN_S:
        events.append(("overrun", f"this cycle came {late_s:.2f} s late"))
    return tuple(events)


def _must_keep(before: State, state: State) -> bool:
    """True when latches or session changed, and each 30 s of a session for its dose and clocks."""
    if state.phase is not before.phase or state.latches != before.latches:
        return True
    return (
        state.session is not None
        and state.phase not in (Phase.IDLE, Phase.ENDED)
        and (state.cycle % 60 == 0)
    )
