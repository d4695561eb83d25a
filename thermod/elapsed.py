"""What half a second adds: every clock, dose and timer of a session. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from alarms import dose, evidence
from controllers.actuation import Hold
from controllers.protocol import AT_TARGET_DELTA_C, IN_BAND_DELTA_C
from controllers.session import Clocks, Phase, run_clocks
from sensors.picture import Picture
from thermod import balance, echo
from thermod.acts import CLOSE_BELOW_C
from thermod.mailbox import Inbox, NodeSeen
from thermod.state import State

# A core this near its target is not asked to rise further: SAFETY.md section 4, "not responding".
NEAR_TARGET_DELTA_C = 0.3


def let_time_pass(
    state: State,
    picture: Picture,
    inbox: Inbox,
    hold: Hold,
    power_pct: float,
    dt_s: float,
    controller_id: str,
) -> State:
    """Run everything on by `dt_s` at `power_pct`, for the next cycle to judge."""
    node, session, core_temp_c = inbox.node, state.session, picture.core.core_temp_c
    heating, good_c = power_pct > 0.0, picture.core.good_temp_c
    from_target_c = None if good_c is None or session is None else good_c - session.target_c
    near_target = from_target_c is not None and from_target_c >= -NEAR_TARGET_DELTA_C
    response = evidence.watch_response(
        state.response,
        core_temp_c,
        power_pct=power_pct,
        counts=heating and state.phase is Phase.HEAT_UP and not near_target,
        dt_s=dt_s,
    )
    cold = core_temp_c is not None and core_temp_c < CLOSE_BELOW_C
    cooling = state.phase in (Phase.COOL_DOWN, Phase.RETENTION) and not cold
    return state._replace(
        clocks=_clocks(state, from_target_c, hold, heating, dt_s),
        dose_min=state.dose_min if session is None else _dosed(state, picture, dt_s),
        response=response,
        balance=balance.watch(
            state.balance,
            node,
            command_pct=power_pct,
            gain=state.gain,
            dt_s=dt_s,
            limits=state.limits,
        ),
        echo=echo.watch(state.echo, node, state.lease.epoch, controller_id),
        fan_dead_s=_fan_dead_s(state.fan_dead_s, node, dt_s),
        cool_down_s=state.cool_down_s + dt_s if cooling else state.cool_down_s,
    )


def _clocks(
    state: State, from_target_c: float | None, hold: Hold, heating: bool, dt_s: float
) -> Clocks:
    return run_clocks(
        state.clocks,
        state.phase,
        heating=heating,
        may_heat=hold.may_heat,
        in_band=from_target_c is not None and abs(from_target_c) <= IN_BAND_DELTA_C,
        at_target=from_target_c is not None and from_target_c >= -AT_TARGET_DELTA_C,
        dt_s=dt_s,
    )


def _fan_dead_s(before_s: float, node: NodeSeen | None, dt_s: float) -> float:
    """A fan that stands still, or one that did and of which nothing is known now. A dome without a
    fan never says that it stands still.
    """
    running = None if node is None else node.fan_running
    if running is None and before_s > 0.0:
        return before_s + dt_s
    return before_s + dt_s if running is False else 0.0


def _dosed(state: State, picture: Picture, dt_s: float) -> Mapping[str, float]:
    hottest_c = picture.skin.highest_raw_temp_c
    if hottest_c is None or hottest_c < dose.COUNTED_FROM_C:
        return state.dose_min
    skin_c = {
        reading.spec.probe_id: reading.newest_temp_c
        for reading in picture.skin_probes
        if reading.newest_temp_c is not None
    }
    return dose.accumulate(state.dose_min, skin_c, dt_s)
