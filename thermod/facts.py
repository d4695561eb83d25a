"""From everything a cycle has seen to the one `Seen` that the alarm rows judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alarms.evidence import reached_twice_c
from alarms.model import Seen
from controllers.actuation import Hold, Scope
from controllers.session import HEATING, UNDER_WAY
from sensors.dome_air import Heat
from sensors.freshness import SAY
from sensors.fusion import CoreEstimate, Hottest
from sensors.picture import Picture
from sensors.plausibility import ProbeReading
from thermod.mailbox import Inbox, NodeSeen, Stop
from thermod.state import State

OVERRUN_S = 0.25  # a cycle that comes this much late is an overrun
COLD_C = 38.0  # cool-down is supervised until the core is below this
GUARD_OBEYS_S = 2.0  # the guard hears the same reset, writes it down and says so within this
HEAT_AGE_S_MAX = 2.5  # an older measurement says nothing of the heat of now


def heat(node: NodeSeen | None, now_s: float) -> Heat | None:
    """What the dome gets, for its air probes to be judged by; None when that is not known."""
    if node is None or not 0.0 <= now_s - node.received_s <= HEAT_AGE_S_MAX:
        return None
    measured_w = node.measured_w
    power_pct = node.applied_pct if measured_w is None else 100.0 * measured_w / node.rated_w
    return Heat(power_pct, node.lid == "open")


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
    hold_min = _minutes(clocks.hold_s)
    booted_s = now_s if state.booted_s is None else state.booted_s
    dose_site, dose_min = _highest_dose(state.dose_min)
    return Seen(
        core_temp_c=core.highest_raw_temp_c, core_twice_c=reached_twice_c(state.recent),
        core_rise_c_per_min=state.rise.c_per_min, core_spread_delta_c=core.spread_delta_c,
        core_age_s=now_s - booted_s if core.age_s is None else core.age_s,
        core_unresponsive_min=state.response.unresponsive_min,
        core_good=core.good, core_bad=len(picture.core_probes) - core.good,
        core_probes_bad=_bad(picture.core_probes, core.good), core_probe_highest=_id(core, "core"),
        manual_check_min=_manual_check_min(state),
        manual_off_delta_c=None if state.manual_delta_c is None else abs(state.manual_delta_c),
        skin_temp_c=skin.highest_raw_temp_c, skin_good=skin.good,
        skin_dose_cem43_min=dose_min, skin_dose_site=dose_site,
        skin_probe_highest=_id(skin, "skin"), skin_probes_bad=_bad(picture.skin_probes, skin.good),
        air_temp_c=air.highest_raw_temp_c, air_good=air.good, room_temp_c=picture.room.temp_c,
        air_probe_highest=_id(air, "air"), air_probes_bad=_bad(picture.air_probes, air.good),
        heating_phase=state.phase in HEATING, under_way=state.phase in UNDER_WAY,
        heat_up_min=clocks.heat_up_s / 60.0, hold_min=hold_min, span_min=_minutes(clocks.span_s),
        hold_over_min=0.0 if session is None else hold_min - session.hold_min,
        presence_min=clocks.presence_s / 60.0,
        cool_down_min=_cool_down_min(state, core.core_temp_c),
        stuck_on_s=balance.stuck_on_s, mismatch_s=balance.mismatch_s, weak_s=balance.weak_s,
        echo_missing_s=state.echo.missing_s, fan_dead_s=state.fan_dead_s,
        lid_open=node is not None and node.lid == "open",
        node_age_s=now_s - (booted_s if node is None else node.received_s),
        dome_restarted=_dome_restarted(before, inbox),
        guard_age_s=now_s - (booted_s if inbox.challenge_s is None else inbox.challenge_s),
        guard_tripped_by=_guard_tripped_by(state, inbox, now_s),
        withheld_s=_since_s(hold.lease.withheld_s, now_s), withheld_why=hold.because,
        interrupted_by=state.interrupted_by, stopped_by=_who(inbox.stops),
        state_lost=inbox.latches_error, foreign_controller=inbox.foreign_controller,
        foreign_guard=inbox.foreign_guard, foreign_dome=inbox.foreign_dome, clock_jump_s=dt_s,
        overrun=late_s > OVERRUN_S, journal_error=inbox.journal_error,
        disk_free_mb=inbox.disk_free_mb,
    )  # fmt: skip


def _manual_check_min(state: State) -> float | None:
    """None: on two core probes nobody is asked to measure by hand."""
    alone = state.session is not None and state.session.one_core_probe
    return state.clocks.manual_check_s / 60.0 if alone else None


def _cool_down_min(state: State, core_temp_c: float | None) -> float:
    cold = core_temp_c is not None and core_temp_c < COLD_C
    return 0.0 if cold else state.cool_down_s / 60.0


def _minutes(passed_s: float | None) -> float:
    return 0.0 if passed_s is None else passed_s / 60.0


def _since_s(began_s: float | None, now_s: float) -> float:
    return 0.0 if began_s is None else now_s - began_s


def _id(seen: CoreEstimate | Hottest, role: str) -> str:
    """Which probe of a role to name in texts."""
    return seen.highest_raw_id or f"no {role} probe"


def _bad(readings: Sequence[ProbeReading], good: int) -> str:
    """The probes of one role that are not trusted, each with why."""
    if good == len(readings):
        return ""
    return ", ".join(
        f"{reading.spec.probe_id} {SAY[reading.why]}"
        for reading in readings
        if reading.why is not None
    )


def _highest_dose(dose_min: Mapping[str, float]) -> tuple[str, float]:
    """The site with the highest skin dose, and the dose."""
    if not dose_min:
        return "no skin probe", 0.0
    site = max(dose_min, key=dose_min.__getitem__)
    return site, dose_min[site]


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
    return ", ".join(sorted({stop.by or "unknown" for stop in stops})) if stops else ""
