"""What one cycle saw, decided and why: enough to explain it to staff and to draw every screen.

Published on `state` once a second and kept, in part, in the journal. Plain data: the console, the
gateway and the tests read these names, so a change here is a change of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProbeView:
    """One probe as staff see it."""

    probe_id: str
    role: str
    site: str
    status: str  # "good", "suspect" or "out"
    why: str  # empty when good
    temp_c: float | None
    age_s: float | None


@dataclass(frozen=True, slots=True)
class CoreView:
    """The estimate of core temperature that control acts on."""

    temp_c: float | None
    slope_c_per_min: float | None
    age_s: float | None
    spread_delta_c: float | None  # between probes of one site
    good: int
    suspect: int
    because: str


@dataclass(frozen=True, slots=True)
class PowerView:
    """What the controller wanted, what the limits left of it and what the dome measured."""

    wanted_pct: float
    power_pct: float  # commanded
    because: tuple[str, ...]  # every limit or reason that lowered it, the lowest first
    applied_pct: float | None  # as the dome reports it
    measured_w: float | None
    rated_w: float | None


@dataclass(frozen=True, slots=True)
class ControlView:
    """The regulator's working, for the technician's page."""

    forecast_c: float | None  # core temperature expected if the dome stayed as it is
    air_setpoint_c: float | None
    outer_p: float
    outer_i: float
    inner_p: float
    inner_i: float
    mode: str = ""  # "observer", "plain cascade" or "no air probe"; empty without heat to want
    doubt: str = ""  # why the observer is not used
    forecast_in_s: float | None = None
    forecast_sd_c: float | None = None  # one standard deviation, here and below
    blood_temp_c: float | None = None  # where the core is heading
    blood_sd_c: float | None = None
    hold_temp_c: float | None = None  # of the climate that just holds this patient
    hold_sd_c: float | None = None
    climate_temp_c: float | None = None  # what the patient feels: between air and lining
    gain_per_s: float | None = None  # °C of blood for each °C of climate above hold
    gain_sd_pct: float | None = None
    lag_s: float | None = None  # rectal behind blood
    lag_sd_s: float | None = None
    lid_seems_open: bool = False
    eta_min: float | None = None  # until the core is in band, in heat-up
    eta_low_min: float | None = None  # four of five fall between the two
    eta_high_min: float | None = None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One active or latched alarm."""

    alarm_id: str
    priority: str  # "high", "medium" or "low"
    state: str  # "active", or "latched" when its condition is gone but nobody has reset it
    text: str
    do: str
    since_ms: int
    first_out: bool  # the alarm that came first in this occurrence
    acknowledged_by: str | None
    audio_paused_s: float  # seconds of audio pause left, 0 when it may sound
    value: float | None = None  # as it was raised, in `unit`; None for a fact
    limit: float | None = None  # in force then
    unit: str = ""
    probe: str = ""  # the probes that the text names


@dataclass(frozen=True, slots=True)
class GuardView:
    """The guard as control hears it. `age_s` is None until it was heard."""

    guard_id: str | None
    permitting: bool
    broken: tuple[str, ...]
    tripped_by: tuple[str, ...]
    age_s: float | None
    why: str


@dataclass(frozen=True, slots=True)
class NodeView:
    """The dome as control hears it. `age_s` is None until it was heard."""

    boot_id: str | None
    tick: int
    age_s: float | None
    lid: str
    fan_running: bool | None
    contactors_closed: tuple[bool, ...]
    epoch: int
    stop_id: str | None
    faults: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One line of the preflight checklist. `ok` is None while it runs."""

    check_id: str
    ok: bool | None
    text: str
    do: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """Who lies there, under which protocol, and how long for."""

    session_id: str
    subject: str  # a pseudonym, never a name
    staff: str
    protocol: str
    created_ms: int
    heat_min: float  # minutes with heater power > 0
    heat_up_min: float  # minutes of heat-up so far
    hold_min: float  # minutes since first in band
    hold_left_min: float | None
    in_band_min: float  # minutes within 0.1 °C of the target
    since_first_heat_min: float | None
    presence_due_s: float | None  # seconds until staff must confirm that they are there
    manual_check_due_s: float | None  # until the core must be measured by hand; None: on two probes
    dose_cem43_min: float  # the hottest skin site's


@dataclass(frozen=True, slots=True)
class HealthView:
    """How the control process itself is doing."""

    cycle_ms: float
    overruns: int
    journal_waiting: int
    journal_lost: int
    refused: dict[str, int] = field(default_factory=dict)  # messages refused, by kind


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One cycle of one dome."""

    site: str
    dome: str
    controller_id: str
    cycle: int
    at_ms: int  # wall clock, added when the snapshot leaves; nothing is decided on it
    phase: str
    phase_min: float
    target_c: float  # where the protocol wants to end up
    setpoint_c: float | None  # where the ramp stands now
    heat: str  # "off", "withheld" or "permitted"
    core: CoreView
    skin_temp_c: float | None  # the hottest
    air_temp_c: float | None
    room_temp_c: float | None
    probes: tuple[ProbeView, ...]
    power: PowerView
    control: ControlView
    alarms: tuple[AlarmView, ...]
    latches: tuple[str, ...]  # what a person must reset, control's and the guard's
    guard: GuardView
    node: NodeView
    preflight: tuple[CheckView, ...]
    session: SessionView | None
    epoch: int | None  # the epoch control holds
    stop_id: str | None  # the last STOP heard
    health: HealthView
