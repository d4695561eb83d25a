"""What the API takes and gives, as models; OpenAPI is made of them. Temperatures are °C."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from thermod.gateway.state import Live
from thermod.snapshot import Snapshot

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,36}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,32}$")]
LatchName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_:.-]{1,64}$")]
Text = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]
TargetC = Annotated[float, Field(ge=30.0, le=45.0, allow_inf_nan=False)]  # control judges; finer


class _Request(BaseModel):
    """An unknown field is refused: a misspelt one must not be a silent default."""

    model_config = ConfigDict(extra="forbid")


class SeenBody(_Request):
    """The snapshot you were looking at. Control refuses what was asked of an old one."""

    controller_id: Id
    cycle: int = Field(ge=0, le=2**31 - 1)


class ActBody(_Request):
    """What every act may carry. Without `seen` the gateway's newest snapshot is named."""

    reason: Text = ""
    seen: SeenBody | None = None


class CreateBody(ActBody):
    """Who lies there and under which protocol. It runs the preflight and heats nothing."""

    protocol: Name = "hold-45"
    subject: Code = Field(description="A pseudonym, never a name.")
    staff: Code
    consent: Literal[True]
    target_c: TargetC | None = None
    one_core_probe: bool | None = Field(
        default=None, description="A clinician waives the second core probe for this session."
    )


class StartBody(ActBody):
    """Without `target_c` the target that the snapshot shows."""

    target_c: TargetC | None = None


class ResumeBody(StartBody):
    """`same_patient` must be true after an interruption."""

    same_patient: bool = False


class ResetBody(ActBody):
    """The latches to clear, by name, and why."""

    latches: list[LatchName] = Field(min_length=1, max_length=32)
    reason: Annotated[Text, StringConstraints(min_length=1)]


class ManualCheckBody(ActBody):
    """The core as measured by hand, °C."""

    core_temp_c: float = Field(ge=30.0, le=43.0)


class NoteBody(ActBody):
    text: Annotated[Text, StringConstraints(min_length=1)]


class LoginBody(_Request):
    key: Annotated[str, StringConstraints(max_length=128)]


class Me(BaseModel):
    """Who you are. `csrf` goes into the header X-CSRF-Token of each write by a login."""

    label: str
    role: str
    csrf: str | None
    expired: bool = Field(description="An expired login may press STOP and do nothing else.")
    site: str
    domes: list[str]


class Accepted(BaseModel):
    """Control accepted the intent."""

    intent_id: str
    session_id: str | None
    phase: str | None


class Alarm(BaseModel):
    """One alarm, with what to do about it."""

    dome: str
    alarm_id: str
    priority: str
    state: str
    text: str
    do: str
    since_ms: int
    first_out: bool = False
    acknowledged_by: str | None = None
    audio_paused_s: float = Field(
        default=0.0, description="Seconds of silence left; 0 also when its dome is not live."
    )
    value: float | None = Field(default=None, description="As it was raised, in `unit`.")
    limit: float | None = Field(default=None, description="The limit in force then.")
    unit: str = ""
    probe: str = Field(default="", description="The probes that the text names.")
    page: str = Field(default="", description="Address of its runbook page.")
    source: Literal["control", "gateway"] = "control"
    current: bool = Field(description="False while the state it comes from is more than 3 s old.")


class Alarms(BaseModel):
    alarms: list[Alarm]


class AlarmPage(BaseModel):
    """The runbook page of one alarm, at the default limits."""

    alarm_id: str
    priority: str = Field(description="Or `quiet`: it acts on heat by itself and is not shown.")
    say: str
    do: str
    raised: str
    gone: str
    judged: str
    meaning: str
    impact: str
    diagnosis: tuple[str, ...]
    mitigation: tuple[str, ...]


class AlarmEntry(BaseModel):
    """One line of the alarm log. `value` and `limit` are in `unit`, null for a fact."""

    dome: str
    at_ms: int
    session_id: str | None
    alarm_id: str
    priority: str
    change: str
    text: str
    value: float | None
    limit: float | None
    unit: str
    probe: str
    by: str | None


class AlarmLog(BaseModel):
    entries: list[AlarmEntry]


class StopReport(BaseModel):
    """A STOP on its way, or arrived."""

    stop_id: str
    confirmed: bool
    by: dict[str, bool] = Field(description="Who has echoed it: node, guard, control.")
    say: str
    tries: int
    sent: int


class NodeReport(BaseModel):
    """The dome, as the gateway itself hears it: also there when control is silent."""

    age_s: float
    applied_pct: float
    measured_w: float | None
    contactors_closed: tuple[bool, ...]
    lid: str
    stop_id: str | None
    because: str


class GuardReport(BaseModel):
    """The guard, as the gateway itself hears it."""

    age_s: float | None
    permitting: bool
    broken: tuple[str, ...]
    tripped_by: tuple[str, ...]
    stop_id: str | None


class CoreLimits(BaseModel):
    """Limits in force for the snapshot's target, to be drawn. Control judges by its own."""

    core_warn_c: float
    core_cut_c: float


class Dome(BaseModel):
    """One dome: the newest snapshot of control, its age judged here, and how far to trust it."""

    site: str
    dome: str
    live: Live
    age_s: float | None = Field(description="Null while only a retained snapshot was heard.")
    snapshot: Snapshot | None
    node: NodeReport | None
    guard: GuardReport | None
    alarms: list[Alarm]
    limits: CoreLimits | None
    stop: StopReport | None


class Domes(BaseModel):
    site: str
    link: bool = Field(description="Is the gateway connected to the broker?")
    domes: list[Dome]


class Session(BaseModel):
    """One session, from the journal."""

    session_id: str
    site: str
    dome: str
    subject: str
    staff: str
    protocol: str
    target_c: float
    config_sha256: str
    created_ms: int
    started_ms: int | None
    ended_ms: int | None
    ended_by: str | None


class Sessions(BaseModel):
    sessions: list[Session]


class Series(BaseModel):
    """A session's course, thinned out. All lists have the length of `at_ms`."""

    session_id: str
    at_ms: list[int]
    phase: list[str]
    target_c: list[float | None]
    setpoint_c: list[float | None]
    core_temp_c: list[float | None]
    skin_temp_c: list[float | None]
    air_temp_c: list[float | None]
    power_pct: list[float | None]
    applied_pct: list[float | None]
    measured_w: list[float | None]


class ProtocolView(BaseModel):
    """What a session may follow."""

    protocol_id: str
    version: int
    title: str
    target_c: float
    hold_min: float
    ramp_c_per_min: float | None
    at_target_min: float | None  # heating ends after so many consecutive minutes at target
    retains: bool  # then the patient stays wrapped, without power


class Protocols(BaseModel):
    protocols: list[ProtocolView]


class Ready(BaseModel):
    """`checks` says what is not ready, and why."""

    ready: bool
    checks: dict[str, str]
