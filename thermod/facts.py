"""From everything a cycle has seen to the one `Seen` that the alarm rows judge."""

from __future__ import annotations

from alarms.evidence import reached_twice_c
from alarms.model import Seen
from controllers.actuation import Hold
from controllers.session import HEATING, UNDER_WAY, Phase
from sensors.freshness import SAY
from sensors.picture import Picture
from sensors.samples import Role
from sensors.standing import Status
from thermod.mailbox import Inbox, Stop
from thermod.state import Plan, State

CLOCK_JUMP_S = 2.0
OVERRUN_S = 0.25  # a cycle that comes this much late is an overrun


def gather(
    plan: Plan, state: State, inbox: Inbox, picture: Picture, hold: Hold, dt_s: float, now_s: float
) -> Seen:
    """One flat value: the rows must not know where a fact comes from."""
    core, clocks, node, session = picture.core, state.clocks, inbox.node, state.session
    heating_phase = state.phase in HEATING
    hold_min = 0.0 if clocks.hold_s is None else clocks.hold_s / 60.0
    booted_s = now_s if state.booted_s is None else state.booted_s
    bad = _bad_core_probes(picture)
    withheld_s = hold.lease.withheld_s
    return Seen(
        core_temp_c=core.highest_raw_temp_c,
        core_twice_c=reached_twice_c(state.recent),
        core_rise_c_per_min=state.rise.c_per_min,
        core_age_s=now_s - booted_s if core.age_s is None else core.age_s,
        core_spread_delta_c=core.spread_delta_c,
        core_unresponsive_min=state.response.unresponsive_min,
        core_good=core.good,
        core_bad=len(bad),
        skin_temp_c=picture.skin.highest_raw_temp_c,
        skin_good=picture.skin.good,
        skin_dose_cem43_min=max(state.dose_min.values(), default=0.0),
        air_temp_c=picture.air.highest_raw_temp_c,
        air_good=picture.air.good,
        room_temp_c=picture.room.temp_c,
        heating_phase=heating_phase,
        under_way=state.phase in UNDER_WAY,
        heat_up_min=clocks.heat_up_s / 60.0,
        hold_over_min=0.0 if session is None else hold_min - session.hold_min,
        hold_min=hold_min,
        span_min=0.0 if clocks.span_s is None else clocks.span_s / 60.0,
        cool_down_min=state.cool_down_s / 60.0,
        presence_min=clocks.presence_s / 60.0,
        stuck_on_s=state.balance.stuck_on_s,
        mismatch_s=state.balance.mismatch_s,
        weak_s=state.balance.weak_s,
        lid_open=node is not None and node.lid == "open",
        fan_dead_s=state.fan_dead_s,
        node_age_s=now_s - (booted_s if node is None else node.received_s),
        guard_age_s=now_s - (booted_s if inbox.challenge_s is None else inbox.challenge_s),
        guard_tripped_by=_guard_tripped_by(state, inbox),
        withheld_s=0.0 if withheld_s is None else now_s - withheld_s,
        withheld_why=hold.because,
        interrupted_by=state.interrupted_by,
        dome_restarted=_dome_restarted(state, inbox),
        stopped_by=_who(inbox.stops),
        state_lost=inbox.latches_error,
        foreign_controller=inbox.foreign_controller,
        foreign_guard=inbox.foreign_guard,
        overrun=dt_s > 0.5 + OVERRUN_S,
        clock_jump_s=dt_s,
        journal_error=inbox.journal_error,
        disk_free_mb=inbox.disk_free_mb,
        core_probe_highest=_hottest_probe(picture, Role.CORE),
        core_probes_bad=", ".join(bad),
        skin_probe_highest=_hottest_probe(picture, Role.SKIN),
    )


def _bad_core_probes(picture: Picture) -> tuple[str, ...]:
    return tuple(
        f"{reading.spec.probe_id} {SAY[reading.why]}"
        for reading in picture.probes.values()
        if reading.spec.role is Role.CORE
        and reading.status is not Status.GOOD
        and reading.why is not None
    )


def _hottest_probe(picture: Picture, role: Role) -> str:
    hottest_c, probe_id = float("-inf"), f"no {role} probe"
    for reading in picture.probes.values():
        temp_c = reading.newest_temp_c
        if reading.spec.role is role and temp_c is not None and temp_c > hottest_c:
            hottest_c, probe_id = temp_c, reading.spec.probe_id
    return probe_id


def _dome_restarted(state: State, inbox: Inbox) -> bool:
    return (
        state.lease.epoch is not None
        and state.phase is not Phase.PREFLIGHT
        and inbox.node is not None
        and inbox.node.boot_id != state.lease.boot_id
    )


def _guard_tripped_by(state: State, inbox: Inbox) -> str:
    """What the guard alone has tripped for; a STOP that we heard as well is one trip, not two."""
    if inbox.guard is None:
        return ""
    ours = {"stopped"} if inbox.stops or "stopped" in state.latches else set()
    return ", ".join(name for name in inbox.guard.tripped_by if name not in ours)


def _who(stops: tuple[Stop, ...]) -> str:
    return ", ".join(sorted({stop.by or "unknown" for stop in stops}))
