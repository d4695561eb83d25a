"""From a cycle's outcome to what others read: the snapshot, the journal's row, the messages on the
bus. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import orjson

from alarms.model import Rule
from alarms.occurrence import Change, Row
from controllers.actuation import Lease
from controllers.eta import Eta
from sensors.freshness import SAY
from sensors.picture import Picture
from sensors.plausibility import ProbeReading
from thermod.acts import Reply
from thermod.ahead import time_to_target
from thermod.cycle import Command, Outcome
from thermod.listen import Arm
from thermod.mailbox import Inbox, NodeSeen
from thermod.snapshot import (
    AlarmView,
    CheckView,
    ControlView,
    CoreView,
    GuardView,
    HealthView,
    NodeView,
    PowerView,
    ProbeView,
    SessionView,
    Snapshot,
)
from thermod.state import Plan, State

STATE_BYTES_MAX = 16384  # CONTRACT.md: what readers of `state` and `guard/state` take
TEXT_BYTES_MAX = 160  # texts from outside and from configuration may be longer than a line
NAMES_MAX = 32
REASONS_MAX = 8
ALARMS_MAX = 20  # the gravest; more at once tell nobody anything
ALARMS_MIN = 5


def state_message(plan: Plan, state: State, outcome: Outcome, at_ms: int, cycle_ms: float) -> bytes:
    """`state`: the snapshot as it leaves. Where all is too much, what is grave goes first."""
    shown = snapshot(plan, state, outcome, at_ms, cycle_ms)
    payload = orjson.dumps(shown)
    if len(payload) > STATE_BYTES_MAX:
        health = replace(shown.health, refused={})
        payload = orjson.dumps(replace(shown, alarms=shown.alarms[:ALARMS_MIN], health=health))
    return payload


def snapshot(plan: Plan, state: State, outcome: Outcome, at_ms: int, cycle_ms: float) -> Snapshot:
    """Everything a screen needs, of one cycle. `cycle_ms` is what the previous cycle took."""
    picture, inbox = outcome.picture, outcome.inbox
    return Snapshot(
        site=plan.site,
        dome=plan.dome,
        controller_id=plan.controller_id,
        cycle=state.cycle,
        at_ms=at_ms,
        phase=state.phase.value,
        phase_min=state.clocks.phase_s / 60.0,
        target_c=38.5 if state.session is None else state.session.target_c,
        setpoint_c=outcome.setpoint_c,
        heat=_heat(state.lease, outcome),
        core=_core(picture),
        skin_temp_c=picture.skin.temp_c,
        air_temp_c=picture.air.temp_c,
        room_temp_c=picture.room.temp_c,
        probes=tuple(_probe(reading) for reading in picture.probes.values()),
        power=_power(state, outcome),
        control=_with_eta(_control(state, outcome), time_to_target(plan, state, picture)),
        alarms=_alarms(state, outcome.now_s, at_ms),
        latches=_latches(state, inbox),
        guard=_guard(inbox, outcome.now_s),
        node=_node(inbox, outcome.now_s),
        preflight=tuple(_check(check) for check in outcome.checks),
        session=_session(state, outcome.now_s, at_ms),
        epoch=state.lease.epoch,
        stop_id=state.stop_id,
        health=HealthView(
            cycle_ms, state.overruns, inbox.journal_waiting, inbox.journal_lost, dict(inbox.refused)
        ),
    )


def _heat(lease: Lease, outcome: Outcome) -> str:
    if lease.epoch is None:
        return "off"
    return "permitted" if outcome.hold.may_heat else "withheld"


def _core(picture: Picture) -> CoreView:
    core = picture.core
    slope = core.core_slope_c_per_s
    return CoreView(
        core.core_temp_c,
        None if slope is None else slope * 60.0,
        core.age_s,
        core.spread_delta_c,
        core.good,
        core.suspect,
        core.because,
    )


def _probe(reading: ProbeReading) -> ProbeView:
    spec = reading.spec
    why = "" if reading.why is None else SAY[reading.why]
    return ProbeView(
        spec.probe_id,
        spec.role.value,
        _short(spec.site),
        reading.status.value,
        why,
        reading.temp_c,
        reading.age_s,
    )


def _power(state: State, outcome: Outcome) -> PowerView:
    node = outcome.inbox.node
    return PowerView(
        outcome.wanted.power_pct,
        state.power_pct,
        _shorts(outcome.limited.because or (outcome.wanted.because,), REASONS_MAX),
        None if node is None else node.applied_pct,
        None if node is None else node.measured_w,
        None if node is None else node.rated_w,
    )


def _control(state: State, outcome: Outcome) -> ControlView:
    wanted, observer = outcome.wanted, state.observer
    terms = (wanted.outer_p, wanted.outer_i, wanted.inner_p, wanted.inner_i)
    view = ControlView(wanted.forecast_c, wanted.air_setpoint_c, *terms, wanted.mode)
    body, forecast = observer.body, observer.forecast
    if body is None or forecast is None:
        return view
    return replace(
        view,
        doubt=_short(observer.trust.doubt),
        forecast_in_s=forecast.in_s,
        forecast_sd_c=forecast.sd_c,
        blood_temp_c=body.blood_temp_c,
        blood_sd_c=body.blood_sd_c,
        hold_temp_c=body.hold_temp_c,
        hold_sd_c=body.hold_sd_c,
        climate_temp_c=observer.climate_temp_c,
        gain_per_s=body.gain_per_s,
        gain_sd_pct=100.0 * body.gain_sd_share,
        lag_s=body.lag_s,
        lag_sd_s=body.lag_s * body.lag_sd_share,
        lid_seems_open=observer.lid.open_s is not None,
    )


def _with_eta(view: ControlView, eta: Eta | None) -> ControlView:
    if eta is None:
        return view
    told_s = (eta.in_s, eta.low_s, eta.high_s)
    eta_min, low_min, high_min = (round(each_s / 60.0, 1) for each_s in told_s)
    return replace(view, eta_min=eta_min, eta_low_min=low_min, eta_high_min=high_min)


def _alarms(state: State, now_s: float, at_ms: int) -> tuple[AlarmView, ...]:
    """The most serious first, then the one that came first."""
    shown = [
        (rule, row)
        for rule, _ in state.rules
        if (row := state.rows.get(rule.alarm_id)) is not None and row.shown and rule.signals
    ]
    shown.sort(key=lambda pair: (-pair[0].priority, pair[1].raised_s))
    return tuple(_alarm(rule, row, now_s, at_ms) for rule, row in shown[:ALARMS_MAX])


def _alarm(rule: Rule, row: Row, now_s: float, at_ms: int) -> AlarmView:
    paused_until_s = row.audio_paused_until_s
    return AlarmView(
        rule.alarm_id,
        rule.priority.name.lower(),
        "active" if row.active else "latched",
        _short(row.text),
        _short(rule.do),
        at_ms - round((now_s - row.raised_s) * 1000.0),
        row.first_out,
        row.acknowledged_by,
        0.0 if paused_until_s is None else max(0.0, paused_until_s - now_s),
        row.value,
        row.limit,
        rule.unit,
        _short(row.probe),
    )


def _latches(state: State, inbox: Inbox) -> tuple[str, ...]:
    """What a person must reset, in control and in the guard: one reset may name it all. Also what
    is latched for the signal alone, and keeps no heat away.
    """
    ours = (name for name, row in state.rows.items() if row.latched)
    theirs = () if inbox.guard is None else inbox.guard.tripped_by
    return _shorts(tuple(dict.fromkeys((*ours, *theirs))))


def _guard(inbox: Inbox, now_s: float) -> GuardView:
    guard, permit = inbox.guard, inbox.permit
    return GuardView(
        None if guard is None else guard.guard_id,
        permit is not None and permit.granted,
        () if guard is None else _shorts(guard.broken),
        () if guard is None else _shorts(guard.tripped_by),
        None if inbox.challenge_s is None else now_s - inbox.challenge_s,
        "" if permit is None else _short(permit.why),
    )


def _node(inbox: Inbox, now_s: float) -> NodeView:
    node = inbox.node
    if node is None:
        return NodeView(None, 0, None, "unknown", None, (), 0, None, (), "")
    return NodeView(
        node.boot_id,
        node.tick,
        now_s - node.received_s,
        node.lid,
        node.fan_running,
        node.contactors_closed,
        node.epoch,
        node.stop_id,
        _shorts(node.faults, REASONS_MAX),
        _short(node.because),
    )


def _session(state: State, now_s: float, at_ms: int) -> SessionView | None:
    session, clocks = state.session, state.clocks
    if session is None:
        return None
    hold_min = 0.0 if clocks.hold_s is None else clocks.hold_s / 60.0
    return SessionView(
        session.session_id,
        session.subject,
        session.staff,
        session.protocol.protocol_id,
        at_ms - round((now_s - session.created_s) * 1000.0),
        clocks.heat_s / 60.0,
        clocks.heat_up_s / 60.0,
        hold_min,
        None if clocks.hold_s is None else max(0.0, session.hold_min - hold_min),
        clocks.in_band_s / 60.0,
        None if clocks.span_s is None else clocks.span_s / 60.0,
        state.limits.presence_warn_min * 60.0 - clocks.presence_s,
        state.limits.manual_check_warn_min * 60.0 - clocks.manual_check_s
        if session.one_core_probe
        else None,
        max(state.dose_min.values(), default=0.0),
    )


def _check(check: CheckView) -> CheckView:
    return CheckView(check.check_id, check.ok, _short(check.text), _short(check.do))


def _short(text: str) -> str:
    if len(text) * 4 <= TEXT_BYTES_MAX:  # the common case: nothing to count
        return text
    encoded = text.encode()
    if len(encoded) <= TEXT_BYTES_MAX:
        return text
    return f"{encoded[: TEXT_BYTES_MAX - 3].decode(errors='ignore')}…"


def _shorts(texts: Sequence[str], most: int = NAMES_MAX) -> tuple[str, ...]:
    return tuple(_short(text) for text in texts[:most])


# What goes onto the bus: see CONTRACT.md.


def command_message(plan: Plan, command: Command) -> bytes:
    """`heater/command`."""
    return orjson.dumps(
        {
            "controller_id": plan.controller_id,
            "epoch": command.epoch,
            "seq": command.seq,
            "boot_id": command.boot_id,
            "tick": command.tick,
            "cycle": command.cycle,
            "power_pct": command.power_pct,
        }
    )


def heartbeat_message(plan: Plan, outcome: Outcome) -> bytes:
    """`heartbeat`: the answer to the guard's challenge, the last act of a finished cycle."""
    flow = outcome.flow
    return orjson.dumps(
        {
            "controller_id": plan.controller_id,
            "scope": outcome.scope.value,
            "challenge": flow.challenge,
            "cycle": flow.cycle,
            "results": flow.results,
            "flow": flow.token,
        }
    )


def arm_message(plan: Plan, arm: Arm) -> bytes:
    """`arm`."""
    return orjson.dumps(
        {
            "controller_id": plan.controller_id,
            "intent_id": arm.intent_id,
            "scope": arm.scope.value,
        }
    )


def reply_message(reply: Reply) -> bytes:
    """The answer on the intent's response topic."""
    return orjson.dumps(
        {
            "intent_id": reply.intent.intent_id,
            "accepted": reply.accepted,
            "because": reply.because,
            "do": reply.do,
            "session_id": reply.session_id,
            "phase": reply.phase,
        }
    )


def alarm_messages(
    state: State, alarm_ids: Iterable[str], now_s: float, at_ms: int
) -> Mapping[str, bytes]:
    """`alarm/<id>` for these alarms; an empty payload clears the retained one. So it does for what
    no row tells of, such as an alarm of a former version of us.
    """
    rules = {rule.alarm_id: rule for rule, _ in state.rules if rule.signals}
    messages: dict[str, bytes] = {}
    for alarm_id in alarm_ids:
        rule, row = rules.get(alarm_id), state.rows.get(alarm_id)
        if rule is None or row is None or not row.shown:
            messages[alarm_id] = b""
        else:
            messages[alarm_id] = _alarm_message(rule, row, now_s, at_ms)
    return messages


def _alarm_message(rule: Rule, row: Row, now_s: float, at_ms: int) -> bytes:
    alarm = _alarm(rule, row, now_s, at_ms)
    return orjson.dumps(
        {
            "id": alarm.alarm_id,
            "priority": alarm.priority,
            "state": alarm.state,
            "text": alarm.text,
            "do": alarm.do,
            "since_ms": alarm.since_ms,
            "first_out": alarm.first_out,
            "acknowledged_by": alarm.acknowledged_by,
            "value": alarm.value,
            "limit": alarm.limit,
            "unit": alarm.unit,
            "probe": alarm.probe,
        }
    )


def event_messages(state: State, outcome: Outcome, at_ms: int) -> Iterator[bytes]:
    """`event`: what happened in this cycle, and what happened to alarms that staff see."""
    session_id = None if state.session is None else state.session.session_id
    common = {"at_ms": at_ms, "session_id": session_id, "cycle": state.cycle}
    for kind, text in outcome.events:
        yield orjson.dumps({**common, "kind": kind, "text": text})
    quiet = {rule.alarm_id for rule, _ in state.rules if not rule.signals}
    for change in outcome.changes:
        if change.alarm_id not in quiet:
            yield orjson.dumps({**common, **_alarm_event(change)})


def _alarm_event(change: Change) -> dict[str, object]:
    return {
        "kind": "alarm",
        "text": f"{change.alarm_id} {change.change.replace('_', ' ')}: {_short(change.text)}",
        "by": change.by or None,
        "alarm": {
            "id": change.alarm_id,
            "change": change.change,
            "priority": change.priority.name.lower(),
            "value": change.value,
            "limit": change.limit,
            "unit": change.unit,
            "probe": _short(change.probe),
        },
    }


def last_words(plan: Plan, state: State, node: NodeSeen | None) -> bytes | None:
    """A last command of 0 for the epoch still held; None when none is."""
    epoch = state.lease.epoch
    if epoch is None or node is None:
        return None
    command = Command(epoch, state.seq + 1, node.boot_id, node.tick, state.cycle, 0.0)
    return command_message(plan, command)
