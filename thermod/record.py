"""From a cycle's outcome to the journal's rows. Pure; times and types are fixed here, so a
forwarded copy can be repeated.
"""

from __future__ import annotations

from math import inf

import orjson

from alarms.occurrence import Change
from controllers.session import UNDER_WAY, Phase
from sensors.samples import ProbeSample, Rejection
from thermod.acts import Reply
from thermod.cycle import Outcome
from thermod.journal_schema import AlarmRow, CycleRow, EventRow, Row, SessionRow
from thermod.mailbox import Inbox
from thermod.state import Plan, State


def rows(
    plan: Plan,
    before: State,
    state: State,
    outcome: Outcome,
    *,
    at_ms: int,
    cycle_ms: float,
    config_sha256: str,
) -> list[Row]:
    """Everything that the journal keeps of this cycle: its wide row, its events, its alarm changes,
    its session.
    """
    found: list[Row] = [_cycle(plan, state, outcome, at_ms, cycle_ms)]
    found.extend(_events(plan, state, outcome, at_ms))
    session_id = None if state.session is None else state.session.session_id
    found.extend(_alarm(plan, session_id, change, at_ms) for change in outcome.changes)
    if state.session is not None and (
        state.phase is not before.phase or state.session is not before.session
    ):
        found.append(_session(plan, state, outcome, at_ms, config_sha256))
    return found


def _cycle(plan: Plan, state: State, outcome: Outcome, at_ms: int, cycle_ms: float) -> CycleRow:
    picture, wanted = outcome.picture, outcome.wanted
    slope, node = picture.core.core_slope_c_per_s, outcome.inbox.node
    reasons = outcome.limited.because or (wanted.because,)
    return CycleRow(
        site=plan.site,
        dome=plan.dome,
        cycle=state.cycle,
        controller_id=plan.controller_id,
        at_ms=at_ms,
        session_id=None if state.session is None else state.session.session_id,
        phase=state.phase.value,
        target_c=38.5 if state.session is None else state.session.target_c,
        setpoint_c=outcome.setpoint_c,
        core_temp_c=picture.core.core_temp_c,
        core_slope_c_per_min=None if slope is None else slope * 60.0,
        skin_temp_c=picture.skin.temp_c,
        air_temp_c=picture.air.temp_c,
        room_temp_c=picture.room.temp_c,
        forecast_c=wanted.forecast_c,
        air_setpoint_c=wanted.air_setpoint_c,
        wanted_pct=wanted.power_pct,
        power_pct=state.power_pct,
        applied_pct=None if node is None else node.applied_pct,
        measured_w=None if node is None else node.measured_w,
        heat=_heat(state, outcome),
        because="; ".join(reasons),
        epoch=state.lease.epoch,
        alarms=",".join(name for name, row in state.rows.items() if row.shown),
        cycle_ms=cycle_ms,
        overruns=state.overruns,
        probes=orjson.dumps(
            {
                reading.spec.probe_id: (
                    reading.spec.role.value,
                    reading.status.value,
                    reading.temp_c,
                )
                for reading in picture.probes.values()
            }
        ).decode(),
        inputs=_inputs(outcome.inbox, outcome.now_s, outcome.dt_s),
    )


def _heat(state: State, outcome: Outcome) -> str:
    if state.lease.epoch is None:
        return "off"
    return "permitted" if outcome.hold.may_heat else "withheld"


def _inputs(inbox: Inbox, now_s: float, dt_s: float) -> str:
    """What arrived since the last cycle, as received, with its arrival time on control's clock."""
    since_s = now_s - dt_s if dt_s > 0.0 else -inf  # in the first cycle all of it is new
    node, permit = inbox.node, inbox.permit
    arrived: dict[str, object] = {
        "now_s": now_s,
        "readings": {
            probe_id: _reading(newest)
            for probe_id, newest in inbox.readings.items()
            if newest.received_s >= since_s
        },
    }
    if node is not None and node.received_s >= since_s:
        arrived["node"] = node._asdict()
    if permit is not None and permit.received_s >= since_s:
        arrived["permit"] = permit._asdict()
    if inbox.challenge_s is not None and inbox.challenge_s >= since_s:
        arrived["challenge"] = (inbox.challenge, inbox.challenge_s)
    if inbox.guard is not None and inbox.guard.received_s >= since_s:
        arrived["guard"] = inbox.guard
    if inbox.intents:
        arrived["intents"] = inbox.intents
    if inbox.stops:
        arrived["stops"] = inbox.stops
    if inbox.foreign_controller:
        arrived["foreign_controller"] = inbox.foreign_controller
    if inbox.foreign_guard:
        arrived["foreign_guard"] = inbox.foreign_guard
    if inbox.foreign_dome:
        arrived["foreign_dome"] = inbox.foreign_dome
    if inbox.refused_anew:  # by kind: the messages themselves are kept nowhere
        arrived["refused"] = inbox.refused_anew
    return orjson.dumps(arrived, option=orjson.OPT_NON_STR_KEYS).decode()


def _reading(newest: ProbeSample | Rejection) -> tuple[object, ...]:
    if isinstance(newest, Rejection):
        return (newest.received_s, newest.why)
    return (newest.received_s, newest.seq, newest.tick_lag, newest.temp_c)


def event(plan: Plan, state: State, kind: str, text: str, at_ms: int) -> EventRow:
    """Something that nobody asked for."""
    session_id = None if state.session is None else state.session.session_id
    return EventRow(
        plan.site, plan.dome, state.cycle, plan.controller_id, at_ms, session_id,
        kind, text, by=None, details="{}",
    )  # fmt: skip


def _events(plan: Plan, state: State, outcome: Outcome, at_ms: int) -> list[EventRow]:
    acts = [_act(plan, state, reply, at_ms) for reply in outcome.replies]
    others = [
        event(plan, state, kind, text, at_ms)
        for kind, text in outcome.events
        if kind not in ("accepted", "refused")
    ]
    return [*acts, *others]


def _act(plan: Plan, state: State, reply: Reply, at_ms: int) -> EventRow:
    intent = reply.intent
    details = orjson.dumps(
        {
            "kind": intent.kind,
            "role": intent.role,
            "reason": intent.reason,
            "intent_id": intent.intent_id,
            "details": intent.details,
        }
    ).decode()
    return EventRow(
        plan.site,
        plan.dome,
        state.cycle,
        plan.controller_id,
        at_ms,
        reply.session_id,
        "accepted" if reply.accepted else "refused",
        f"{intent.kind}: {reply.because}",
        intent.by,
        details,
    )


def _alarm(plan: Plan, session_id: str | None, change: Change, at_ms: int) -> AlarmRow:
    return AlarmRow(
        plan.site,
        plan.dome,
        at_ms,
        session_id,
        change.alarm_id,
        change.priority.name.lower(),
        change.change,
        change.text,
        change.value,
        change.limit,
        change.unit,
        change.probe,
        change.by or None,
    )


def _session(
    plan: Plan, state: State, outcome: Outcome, at_ms: int, config_sha256: str
) -> SessionRow:
    session, clocks = state.session, state.clocks
    if session is None:
        raise ValueError("there is no session to record")

    def ms(at_s: float) -> int:
        return at_ms - round((outcome.now_s - at_s) * 1000.0)

    ended = state.phase is Phase.ENDED
    started = None if clocks.span_s is None else ms(outcome.now_s - clocks.span_s)
    return SessionRow(
        session.session_id,
        plan.site,
        plan.dome,
        session.subject,
        session.staff,
        f"{session.protocol.protocol_id} v{session.protocol.version}",
        session.target_c,
        config_sha256,
        ms(session.created_s),
        started,
        at_ms if ended else None,
        _ended_by(state, outcome) if ended else None,
        orjson.dumps(
            {
                "phase": state.phase.value,
                "under_way": state.phase in UNDER_WAY,
                "hold_min": 0.0 if clocks.hold_s is None else clocks.hold_s / 60.0,
                "in_band_min": clocks.in_band_s / 60.0,
                "heat_min": clocks.heat_s / 60.0,
                "dose_cem43_min": max(state.dose_min.values(), default=0.0),
            }
        ).decode(),
    )


def _ended_by(state: State, outcome: Outcome) -> str:
    for reply in outcome.replies:
        if reply.accepted and reply.intent.kind in ("close", "stop"):
            return f"{reply.intent.kind} by {reply.intent.by}"
    return "trip" if state.latches else "control"
