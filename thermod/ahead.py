"""When will this patient be at target? What the snapshot and the simulator's judge both ask."""

from __future__ import annotations

from controllers.eta import Eta, until_in_band
from controllers.protocol import IN_BAND_DELTA_C, setpoint_c
from controllers.session import Phase
from sensors.picture import Picture
from thermod.state import Plan, State


def time_to_target(plan: Plan, state: State, picture: Picture) -> Eta | None:
    """In heat-up; None in every other phase, and when nothing can be said."""
    session = state.session
    if state.phase is not Phase.HEAT_UP or session is None:
        return None
    return until_in_band(
        state.observer,
        core_temp_c=picture.core.core_temp_c,
        core_slope_c_per_s=picture.core.core_slope_c_per_s,
        target_c=session.target_c,
        air_temp_c_max=plan.tuning.aim.output_max,
        rise_c_per_s_max=plan.tuning.rise_soft_c_per_min / 60.0,
        heat_s=state.clocks.heat_s,
        ramp_left_s=_ramp_left_s(state),
    )


def _ramp_left_s(state: State) -> float:
    """Until the ramp itself is in band."""
    session = state.session
    if session is None or session.protocol.ramp_c_per_min is None:
        return 0.0
    now_c = setpoint_c(session.protocol, session.target_c, state.ramp_from_c, state.clocks.ramp_s)
    left_c = session.target_c - IN_BAND_DELTA_C - now_c
    return max(0.0, 60.0 * left_c / session.protocol.ramp_c_per_min)
