"""From everything a cycle has seen to the one `Seen` that the alarm rows judge."""

from __future__ import annotations

from math import inf

from alarms.evidence import reached_twice_c
from alarms.model import Seen
from controllers.actuation import Hold, Scope
from controllers.session import HEATING, UNDER_WAY
from sensors.freshness import SAY
from sensors.picture import Picture
from sensors.samples import Role
from sensors.standing import Status
from thermod.mailbox import Inbox, Stop
from thermod.state import State

_CORE, _SKIN, _GOOD = Role.CORE, Role.SKIN, Status.GOOD  # an Enum is slow to ask in a hot path
OVERRUN_S = 0.25  # a cycle that comes this much late is an overrun
COLD_C = 38.0  # cool-down is supervised until the core is below this
GUARD_OBEYS_S = 2.0  # the guard hears the same reset, writes it down and says so within this


def gather(
    before: State,
    state: State,
    inbox: Inbox,
    picture: Picture,
    hold: Hold,
    dt_s: float,
    late_s: float,
    now_s: float,
) -> Seen:
    """One flat value for all rows. `before` is the state as the last cycle left it."""
    core, skin, air, node = picture.core, picture.skin, picture.air, inbox.node
    clocks, balance, session = state.clocks, state.balance, state.session
    hold_min = 0.0 if clocks.hold_s is None else clocks.hold_s / 60.0
    booted_s = now_s if state.booted_s is None else state.booted_s
    withheld_s = hold.lease.withheld_s
    cold = core.core_temp_c is not None and core.core_temp_c < COLD_C
    bad = _bad_core_probes(picture)
    core_probe, skin_probe = _hottest_probes(picture)
    return Seen(
        core_temp_c=core.highest_raw_temp_c, core_twice_c=reached_twice_c(state.recent),
        core_rise_c_per_min=state.rise.c_per_min, core_spread_delta_c=core.spread_delta_c,
        core_age_s=now_s - booted_s if core.age_s is None else core.age_s,
        core_unresponsive_min=state.response.unresponsive_min,
        core_good=core.good, core_bad=len(bad), core_probes_bad=", ".join(bad),
        core_probe_highest=core_probe,
        skin_temp_c=skin.highest_raw_temp_c, skin_good=skin.good,
        skin_dose_cem43_min=max(state.dose_min.values(), default=0.0),
        skin_probe_highest=skin_probe,
        air_temp_c=air.highest_raw_temp_c, air_good=air.good, room_temp_c=picture.room.temp_c,
        heating_phase=state.phase in HEATING, under_way=state.phase in UNDER_WAY,
        heat_up_min=clocks.heat_up_s / 60.0, hold_min=hold_min,
        hold_over_min=0.0 if session is None else hold_min - session.hold_min,
        span_min=0.0 if clocks.span_s is None else clocks.span_s / 60.0,
        cool_down_min=0.0 if cold else state.cool_down_s / 60.0,
        presence_min=clocks.presence_s / 60.0,
        stuck_on_s=balance.stuck_on_s, mismatch_s=balance.mismatch_s, weak_s=balance.weak_s,
        lid_open=node is not None and node.lid == "open", fan_dead_s=state.fan_dead_s,
        node_age_s=now_s - (booted_s if node is None else node.received_s),
        dome_restarted=_dome_restarted(before, inbox),
        guard_age_s=now_s - (booted_s if inbox.challenge_s is None else inbox.challenge_s),
        guard_tripped_by=_guard_tripped_by(state, inbox, now_s),
        withheld_s=0.0 if withheld_s is None else now_s - withheld_s, withheld_why=hold.because,
        interrupted_by=state.interrupted_by, stopped_by=_who(inbox.stops),
        state_lost=inbox.latches_error, foreign_controller=inbox.foreign_controller,
        foreign_guard=inbox.foreign_guard, clock_jump_s=dt_s,
        overrun=late_s > OVERRUN_S,
        journal_error=inbox.journal_error, disk_free_mb=inbox.disk_free_mb,
    )  # fmt: skip


def _bad_core_probes(picture: Picture) -> tuple[str, ...]:
    return tuple(
        f"{reading.spec.probe_id} {SAY[reading.why]}"
        for reading in picture.probes.values()
        if reading.status is not _GOOD and reading.spec.role is _CORE and reading.why is not None
    )


def _hottest_probes(picture: Picture) -> tuple[str, str]:
    """The ids of the hottest core and the hottest skin probe, for texts."""
    core_id, core_c, skin_id, skin_c = "no core probe", -inf, "no skin probe", -inf
    for reading in picture.probes.values():
        temp_c, role = reading.newest_temp_c, reading.spec.role
        if temp_c is None:
            continue
        if role is _CORE and temp_c > core_c:
            core_id, core_c = reading.spec.probe_id, temp_c
        elif role is _SKIN and temp_c > skin_c:
            skin_id, skin_c = reading.spec.probe_id, temp_c
    return core_id, skin_id


def _dome_restarted(before: State, inbox: Inbox) -> bool:
    """Judged by the lease that was held up to now: a restart has just ended it."""
    return (
        before.lease.epoch is not None
        and before.lease.scope is Scope.SESSION
        and inbox.node is not None
        and inbox.node.boot_id != before.lease.boot_id
    )


def _guard_tripped_by(state: State, inbox: Inbox, now_s: float) -> str:
    """What the guard alone has tripped for. A STOP that we heard as well is one trip, not two, and
    a reset that a person has just asked of both reaches us before the guard has said so.
    """
    if inbox.guard is None or not inbox.guard.tripped_by:
        return ""
    ours = {"stopped"} if inbox.stops or "stopped" in state.latches else set()
    if 0.0 <= now_s - state.reset_s <= GUARD_OBEYS_S:
        ours.update(state.reset_asked)
    return ", ".join(name for name in inbox.guard.tripped_by if name not in ours)


def _who(stops: tuple[Stop, ...]) -> str:
    return ", ".join(sorted({stop.by or "unknown" for stop in stops}))
