"""What one dome's control loop knows before it starts (`Plan`) and remembers from cycle to cycle
(`State`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from alarms.engine import with_limits
from alarms.evidence import RawSample, Response, Rise
from alarms.limits import Limits
from alarms.limits import in_force as limits_in_force
from alarms.model import Rule
from alarms.occurrence import Row
from alarms.rules import RULES
from controllers.actuation import NO_LEASE, Lease, Scope
from controllers.observer import BLIND, Observer
from controllers.protocol import BUILT_IN, Protocol
from controllers.regulator import Regulator, Tuning, fresh
from controllers.session import HEATING, Clocks, Phase
from sensors.picture import SensorMemory
from sensors.samples import ProbeSpec, Role
from thermod.balance import Balance
from thermod.echo import NO_ECHO, Echo
from thermod.selftest import SelfTest

PERIOD_S = 0.5  # one cycle; the contract's tick
DAY_S = 24.0 * 3600.0  # skin dose is limited per site and day: SAFETY.md section 4


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a foreign probe's readings come from, and how to read them."""

    probe_id: str
    topic: str
    codec: str
    pointer: str = ""  # RFC 6901, into JSON


@dataclass(frozen=True, slots=True)
class DomeBuilt:
    """The dome as the configuration has it, for the preflight to compare with what it says."""

    rated_w: float
    window_s: float
    has_fan: bool
    has_lid_switch: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is fixed while the process runs. Nothing of the configuration file travels further
    than this.
    """

    site: str
    dome: str
    controller_id: str
    specs: tuple[ProbeSpec, ...]
    limits: Limits = field(default_factory=Limits)
    protocols: Mapping[str, Protocol] = field(
        default_factory=lambda: {each.protocol_id: each for each in BUILT_IN}
    )
    tuning: Tuning = field(default_factory=Tuning)
    period_s: float = PERIOD_S  # how often a cycle is due; the simulator may take longer steps
    bindings: tuple[Binding, ...] = ()  # of foreign probes
    calibration_problems: tuple[str, ...] = ()
    built: DomeBuilt | None = None  # None: whatever the dome says of itself, with a lid switch
    # How far a good core reading lies around the truth: most of it is its resolution.
    core_sd_c: float = field(init=False)

    def __post_init__(self) -> None:
        coarsest_c = max((spec.resolution_c for spec in self.core_probes()), default=0.0)
        object.__setattr__(self, "core_sd_c", 0.4 * coarsest_c)

    def core_probes(self) -> tuple[ProbeSpec, ...]:
        """The configured core probes."""
        return tuple(spec for spec in self.specs if spec.role is Role.CORE)


@dataclass(frozen=True, slots=True)
class Session:
    """One patient's session, from create to close."""

    session_id: str
    subject: str
    staff: str
    protocol: Protocol
    target_c: float
    created_s: float
    one_core_probe: bool = False  # waived by a clinician; tighter limits
    created_by: str = ""  # the id of the intent: the guard opens the heater test for it alone

    @property
    def hold_min(self) -> float:
        """The hold asked for; at most 30 min on one core probe (SAFETY.md section 4)."""
        return min(self.protocol.hold_min, 30.0) if self.one_core_probe else self.protocol.hold_min


class State(NamedTuple):
    """One dome, between two cycles. A named tuple, because to replace fields of a dataclass of
    this size took a third of the whole cycle.
    """

    sensors: SensorMemory
    regulator: Regulator
    rules: tuple[tuple[Rule, float], ...]
    limits: Limits  # in force for the session's target
    cycle: int = 0
    at_s: float | None = None  # when the last cycle ran
    booted_s: float | None = None
    phase: Phase = Phase.IDLE
    session: Session | None = None
    clocks: Clocks = Clocks()
    ramp_from_c: float | None = None
    lease: Lease = NO_LEASE
    epoch_used: int = 0  # the newest epoch held, also after it ended
    seq: int = 0  # of the last command in that epoch
    power_pct: float = 0.0  # last commanded
    selftest: SelfTest | None = None
    gain: float = 1.0  # measured against commanded power, learnt in the on-test
    rows: Mapping[str, Row] = MappingProxyType({})
    latches: tuple[str, ...] = ()  # they keep heat off until a person resets them
    recent: tuple[RawSample, ...] = ()
    rise: Rise = Rise()
    response: Response = Response()
    dose_min: Mapping[str, float] = MappingProxyType({})  # CEM43 by skin probe
    balance: Balance = Balance()
    echo: Echo = NO_ECHO
    manual_delta_c: float | None = None  # the last manual check less the core then
    cool_down_s: float = 0.0
    fan_dead_s: float = 0.0
    interrupted_by: str = ""
    stop_id: str | None = None
    stop_cycle: int = -1
    seen_intents: tuple[str, ...] = ()
    reset_asked: tuple[str, ...] = ()  # latches that a person's newest accepted reset named …
    reset_s: float = 0.0  # … and when
    overruns: int = 0
    observer: Observer = BLIND


def boot(plan: Plan) -> State:
    """Idle, whatever was going on before: nothing restarts heat but a person."""
    limits = plan.limits
    return State(
        SensorMemory.at_boot(plan.specs), fresh(plan.tuning), with_limits(RULES, limits), limits
    )


def enter(state: State, phase: Phase) -> State:
    """Move to a phase. Leaving the heating phases drops the lease: an epoch never outlives them."""
    lease = state.lease if phase in HEATING else NO_LEASE
    clocks = state.clocks._replace(phase_s=0.0)
    if phase is Phase.HOLD and clocks.hold_s is None:
        clocks = clocks._replace(hold_s=0.0)
    return state._replace(
        phase=phase,
        clocks=clocks,
        lease=lease,
        interrupted_by=state.interrupted_by if phase is Phase.INTERRUPTED else "",
    )


def with_session(state: State, plan: Plan, session: Session) -> State:
    """Open a session: its limits come into force, its clocks begin at zero, and control forgets the
    climate that held the patient before. The skin of a subject who was here within a day keeps its
    dose.
    """
    limits = session_limits(plan.limits, session)
    before = state.session
    again = (
        before is not None
        and before.subject == session.subject
        and session.created_s - before.created_s < DAY_S
    )
    return state._replace(
        session=session,
        regulator=fresh(plan.tuning),
        limits=limits,
        rules=with_limits(RULES, limits),
        clocks=Clocks(),
        ramp_from_c=None,
        dose_min=state.dose_min if again else {},
        cool_down_s=0.0,
        manual_delta_c=None,
        rise=Rise(),
        response=Response(),
    )


def session_limits(limits: Limits, session: Session) -> Limits:
    """The limits for this target; on one waived core probe the core cut-off is 38.9 °C (SAFETY.md
    section 4).
    """
    limits = limits_in_force(limits, session.target_c)
    if not session.one_core_probe:
        return limits
    return replace(
        limits,
        core_off_c=min(limits.core_off_c, 38.8),
        core_cut_c=min(limits.core_cut_c, 38.9),
        core_single_c=min(limits.core_single_c, 39.2),
    )


def scope_wanted(state: State) -> Scope:
    """What this state wants of the guard, leaving the preflight's own steps aside."""
    return Scope.SESSION if state.phase in HEATING else Scope.NONE
