"""What must survive a restart, and how little of it comes back: latches, the session and its
clocks, never heat. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from alarms import engine
from alarms.rules import RULES
from controllers import recall
from controllers.protocol import Protocol
from controllers.session import Clocks, Phase
from thermod.latches import KeptDome, Latch
from thermod.state import Plan, Session, State, boot, with_session

NUMBER_MAX = 1e14  # far beyond any time in ms since 1970 that this code will see

AFTER_RESTART: Mapping[Phase, Phase] = {
    Phase.HEAT_UP: Phase.INTERRUPTED,
    Phase.HOLD: Phase.INTERRUPTED,
    Phase.PAUSED: Phase.INTERRUPTED,
    Phase.INTERRUPTED: Phase.INTERRUPTED,
    Phase.TRIPPED: Phase.TRIPPED,
    Phase.RETENTION: Phase.COOL_DOWN,
    Phase.COOL_DOWN: Phase.COOL_DOWN,
}


def keep(state: State, at_ms: int) -> KeptDome:
    """Take out of a state what must be on disk. `at_ms` is the wall clock of `state.at_s`."""
    now_s = 0.0 if state.at_s is None else state.at_s
    latches = {
        name: Latch(at_ms - round((now_s - row.raised_s) * 1000.0), row.text)
        for name in state.latches
        if (row := state.rows.get(name)) is not None
    }
    session = state.session
    if session is None or state.phase not in AFTER_RESTART:
        return KeptDome(latches)
    return KeptDome(
        latches,
        {
            "session_id": session.session_id,
            "subject": session.subject,
            "staff": session.staff,
            "protocol": asdict(session.protocol),
            "target_c": session.target_c,
            "one_core_probe": session.one_core_probe,
            "phase": state.phase.value,
            "clocks": state.clocks._asdict(),
            "dose_min": dict(state.dose_min),
            "gain": state.gain,
            "cool_down_s": state.cool_down_s,
            "age_s": now_s - session.created_s,
            "saved_s": now_s,
            "saved_ms": at_ms,
            "outer_integral": state.regulator.outer_integral,
            "observer": recall.kept(state.observer),
        },
    )


def restore(plan: Plan, kept: KeptDome, *, now_s: float, at_ms: int) -> State:
    """Boot with what was kept. While nobody was in control session clock and presence ran on, heat
    did not.

    Raises KeyError, TypeError or ValueError when what was kept does not make sense; the caller then
    boots with `state_lost`.
    """
    state = boot(plan)
    texts = {name: latch.text for name, latch in kept.latches.items()}
    rows = engine.restored(RULES, texts, now_s)
    state = state._replace(rows=rows, latches=tuple(rows))
    if kept.session is None:
        return state
    found = kept.session
    gap_s = _gap_s(found, now_s, at_ms)
    age_s = _number(found["age_s"]) + gap_s
    protocol = Protocol(**_mapping(found["protocol"]))  # type: ignore[arg-type]
    session = Session(
        str(found["session_id"]),
        str(found["subject"]),
        str(found["staff"]),
        protocol,
        _number(found["target_c"]),
        now_s - age_s,
        found["one_core_probe"] is True,
    )
    clocks = _clocks(_mapping(found["clocks"]), gap_s)
    phase = AFTER_RESTART[Phase(str(found["phase"]))]
    if phase is Phase.TRIPPED and not state.latches:  # nothing to reset, so nothing would end it
        phase = Phase.INTERRUPTED
    dose = {str(site): _number(dose) for site, dose in _mapping(found["dose_min"]).items()}
    regulator = state.regulator._replace(outer_integral=_number(found["outer_integral"]))
    learnt = {name: _number(value) for name, value in _mapping(found.get("observer", {})).items()}
    return with_session(state, plan, session)._replace(
        phase=phase,
        clocks=clocks,
        dose_min=dose,
        gain=_number(found["gain"]),
        cool_down_s=_number(found["cool_down_s"]),
        regulator=regulator,
        observer=recall.recalled(learnt),
        interrupted_by="control restarted" if phase is Phase.INTERRUPTED else "",
    )


def _clocks(found: Mapping[str, object], gap_s: float) -> Clocks:
    """What staff and limits count went on while nobody was in control; heat and ramp did not."""
    span_s, hold_s = found["span_s"], found["hold_s"]
    return Clocks(
        heat_s=_number(found["heat_s"]),
        heat_up_s=_number(found["heat_up_s"]),
        ramp_s=_number(found["ramp_s"]),
        span_s=None if span_s is None else _number(span_s) + gap_s,
        hold_s=None if hold_s is None else _number(hold_s) + gap_s,
        in_band_s=_number(found["in_band_s"]),
        presence_s=_number(found["presence_s"]) + gap_s,
        manual_check_s=_number(found["manual_check_s"]) + gap_s,
    )


def _gap_s(found: Mapping[str, object], now_s: float, at_ms: int) -> float:
    """How long nobody was in control, in seconds: the longer of what boot clock and wall clock say.

    The boot clock begins anew when the host restarts, the wall clock may have been set. Both only
    bring the time limits nearer, so the longer one is the safe one.
    """
    by_boot_s = now_s - _number(found["saved_s"])
    by_wall_s = (at_ms - _number(found["saved_ms"])) / 1000.0
    return max(0.0, by_boot_s, by_wall_s)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < NUMBER_MAX:
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no table")
    return value
