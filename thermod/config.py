"""`thermod.toml` and the environment, read whole at start into one frozen value, or refused whole.

The file says how things are built, the environment holds the secrets (THERMOD__BROKER__PASSWORD);
where both name a key the environment wins. Nothing of pydantic leaves this module: the rest of
thermod takes the small values it needs, such as `Limits`, `ProbeSpec` and `Protocol`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from alarms.limits import Limits
from controllers.protocol import (
    AT_TARGET_MIN_MAX,
    BUILT_IN,
    RAMP_C_PER_MIN_MAX,
    TARGET_C_MAX,
    TARGET_C_MIN,
    Protocol,
)
from controllers.regulator import Tuning, with_inner, within
from sensors.samples import ProbeSpec, Role
from thermod.config_faults import (
    PREFIX,
    SECRETS,
    explain,
    limits_of,
    refusal,
    secrets_in_file,
    unknown_variables,
)
from thermod.config_file import merged, read
from thermod.config_relations import misfit, relations
from thermod.config_text import toml
from thermod.errors import ConfigError


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true or false stands where a number belongs")
    return value


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(f'"{path}" does not begin with /, so it would depend on where we start')
    return path


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[float, BeforeValidator(_no_bool)]
Whole = Annotated[int, BeforeValidator(_no_bool)]
Port = Annotated[Whole, Field(ge=1, le=65535)]


class Section(BaseModel):
    """What holds for every part of the file: unknown keys, NaN and later changes are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Broker(Section):
    """Where the broker is and who we are to it."""

    host: Text = "127.0.0.1"
    port: Port = 1883
    username: Text | None = None
    password: SecretStr | None = None
    tls_ca_file: Text | None = None  # TLS when given

    @property
    def password_text(self) -> str | None:
        """The secret itself, for the one who logs in with it."""
        return None if self.password is None else self.password.get_secret_value()


class Control(Section):
    """The process that heats."""

    process: Id = "control"


class Gateway(Section):
    """The process that people and programs talk to."""

    process: Id = "gateway"
    host: Text = "127.0.0.1"
    port: Port = 8080


class Journal(Section):
    """The record on the local disk."""

    max_mb: Annotated[Whole, Field(ge=64, le=1_000_000)] = 8192


class Influx(Section):
    """Where the gateway copies the journal to. Without this section it copies nothing."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=200)]
    token: SecretStr | None = None
    org: str = ""
    bucket: Text = "thermod"

    @property
    def token_text(self) -> str | None:
        """The secret itself, for the one who writes with it."""
        return None if self.token is None else self.token.get_secret_value()


class Probe(Section):
    """One probe: what it measures, how finely, how far off it is, and until when that is known."""

    id: Id
    role: Role
    site: Text  # where on the body or in the dome, in words
    resolution_c: Number
    offset_c: Number = 0.0
    calibrated_on: date | None = None
    due: date | None = None
    topic: Annotated[str, Field(pattern=r"^[^#+$\s]+$", max_length=200)] | None = None  # foreign
    codec: Literal["number", "json"] | None = None  # of a foreign probe
    pointer: Annotated[str, Field(pattern=r"^/\S*$", max_length=200)] | None = None  # RFC 6901

    @model_validator(mode="after")
    def fits_its_role_and_its_dates(self) -> Self:
        self.spec()
        if self.due is None:
            return self
        if self.calibrated_on is None:
            raise ValueError("due says until when a calibration holds; calibrated_on is missing")
        if not self.calibrated_on < self.due:
            raise ValueError(f"due = {self.due} is not after calibrated_on = {self.calibrated_on}")
        return self

    @model_validator(mode="after")
    def binding_is_whole(self) -> Self:
        if (self.topic is None) != (self.codec is None):
            raise ValueError("topic and codec make a foreign probe only together")
        if self.topic is not None and self.topic.startswith("thermod/"):
            raise ValueError(f'topic = "{self.topic}" is ours; a foreign probe publishes elsewhere')
        if (self.codec == "json") != (self.pointer is not None):
            raise ValueError('codec = "json" and a pointer such as "/temperature" need each other')
        return self

    def spec(self) -> ProbeSpec:
        """The probe as the sensors package knows it."""
        return ProbeSpec.of(
            *(self.id, self.role, self.site),
            resolution_c=self.resolution_c,
            offset_c=self.offset_c,
        )


class InnerLoop(Section):
    """A dome's own gains from dome air to power, as `thermod tune` proposes them."""

    per_c: Number  # % of rated power per °C of air
    per_c_s: Number  # % per °C and second

    @model_validator(mode="after")
    def is_within_its_bounds(self) -> Self:
        self.applied(Tuning())
        return self

    def applied(self, tuning: Tuning) -> Tuning:
        """The tuning with these gains."""
        return with_inner(tuning, self.per_c, self.per_c_s)


class Dome(Section):
    """One dome and its probes."""

    id: Id
    rated_w: Annotated[Number, Field(gt=0.0, le=10_000.0)]
    has_fan: bool = True
    has_lid_switch: bool = True  # without one nobody but the staff knows that the lid is shut
    # The SSR's proportioning window. A longer one would not let the heater test end in time.
    window_s: Annotated[Number, Field(ge=0.1, le=5.0)] = 1.0
    inner: InnerLoop | None = None  # None: gains that suit most domes
    probe: Annotated[tuple[Probe, ...], Field(max_length=32)] = ()

    def specs(self) -> tuple[ProbeSpec, ...]:
        """The probes as the sensors package knows them."""
        return tuple(probe.spec() for probe in self.probe)

    def tuning(self, limits: Limits) -> Tuning:
        """The loops of this dome, within the limits of this site."""
        own = Tuning() if self.inner is None else self.inner.applied(Tuning())
        return within(
            own, air_setpoint_c_max=limits.air_setpoint_c_max, skin_keep_c=limits.skin_keep_c
        )

    def calibration_problems(self, today: date) -> tuple[str, ...]:
        """Why these probes' calibrations do not hold today, in words, a probe each."""
        found = []
        for probe in self.probe:
            if probe.role is Role.ROOM:
                continue  # nothing is decided on it
            if probe.due is None or probe.calibrated_on is None:
                found.append(f"{probe.id}: no calibration is on file")
            elif not probe.calibrated_on <= today <= probe.due:
                found.append(f"{probe.id}: calibrated {probe.calibrated_on}, due {probe.due}")
        return tuple(found)


class ProtocolEntry(Section):
    """A protocol of this site, beside the built-in ones."""

    id: Id
    version: Annotated[Whole, Field(ge=1, le=1_000_000)]
    title: Text
    target_c: Annotated[Number, Field(ge=TARGET_C_MIN, le=TARGET_C_MAX)]
    hold_min: Annotated[Number, Field(ge=0.0, le=60.0)]
    ramp_c_per_min: Annotated[Number, Field(ge=0.005, le=RAMP_C_PER_MIN_MAX)] | None = None
    at_target_min: Annotated[Number, Field(ge=0.5, le=AT_TARGET_MIN_MAX)] | None = None
    retains: bool = False

    @model_validator(mode="after")
    def ends_at_target_within_the_hold(self) -> Self:
        if self.at_target_min is not None and not self.at_target_min <= self.hold_min:
            raise ValueError(
                f"at_target_min = {self.at_target_min} is more than hold_min = {self.hold_min},"
                " the longest wait for it"
            )
        return self

    def protocol(self) -> Protocol:
        """The protocol as the controllers package knows it."""
        return Protocol(
            *(self.id, self.version, self.title, self.target_c, self.hold_min),
            ramp_c_per_min=self.ramp_c_per_min,
            at_target_min=self.at_target_min,
            retains=self.retains,
        )


class Config(Section):
    """Everything that the file and the environment say. Names are those of the file."""

    site: Id
    state_dir: Annotated[Path, AfterValidator(_absolute)]
    broker: Broker = Broker()
    control: Control = Control()
    gateway: Gateway = Gateway()
    journal: Journal = Journal()
    influx: Influx | None = None
    limits: InstanceOf[Limits] = Limits()
    dome: Annotated[tuple[Dome, ...], Field(max_length=200)]
    protocol: Annotated[tuple[ProtocolEntry, ...], Field(max_length=100)] = ()

    @property
    def domes(self) -> tuple[Dome, ...]:
        """The domes, in the order of the file."""
        return self.dome

    @property
    def protocols(self) -> Mapping[str, Protocol]:
        """Every protocol by its id, with those built-in ones that fit the limits."""
        built_in = (each for each in BUILT_IN if misfit(each, self.limits) is None)
        own = (entry.protocol() for entry in self.protocol)
        return MappingProxyType({each.protocol_id: each for each in (*built_in, *own)})

    @property
    def journal_path(self) -> Path:
        """Where control writes the record and the gateway reads it."""
        return self.state_dir / "journal.db"

    @property
    def latches_path(self) -> Path:
        """Where control keeps what a restart must not forget."""
        return self.state_dir / "latches.json"

    @property
    def sha256(self) -> str:
        """Names this configuration in every session and report. Secrets do not count."""
        text = json.dumps(_plain(self), sort_keys=True, separators=(",", ":"), default=str)
        return sha256(text.encode()).hexdigest()


class _Environment(Config, BaseSettings):
    """The same keys, looked for in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")


def load(path: Path) -> Config:
    """The configuration in force. Raises one ConfigError that names all that is wrong with it."""
    in_file = read(path)
    document = merged(in_file, _environment(path))
    limits, limit_faults = limits_of(document.get("limits", {}))
    faults = [
        *secrets_in_file(in_file),
        *unknown_variables(os.environ, Config.model_fields),
        *limit_faults,
        *relations(document, limits),
    ]
    try:
        config = Config.model_validate({**document, "limits": limits})
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        told = [explain(error, document, _keys_of) for error in errors]
        raise refusal(path, [*told, *faults]) from None
    if faults:
        raise refusal(path, faults)
    return config


def show(config: Config) -> str:
    """The resolved configuration as TOML that loads again: defaults filled in, secrets masked."""
    secrets = {
        "broker": {"password": config.broker.password is not None},
        "influx": {"token": config.influx is not None and config.influx.token is not None},
    }
    return f"# sha256 {config.sha256}\n{toml(_plain(config), secrets)}"


def _plain(config: Config) -> dict[str, Any]:
    """Plain values, without the secrets and without what is not set."""
    secrets = {section: {key} for section, key in SECRETS}
    return config.model_dump(exclude_none=True, exclude=secrets)


def _environment(path: Path) -> dict[str, Any]:
    try:
        return EnvSettingsSource(_Environment)()
    except SettingsError as problem:
        do = f"Write what stands for a list as JSON, or unset the {PREFIX} variable."
        raise ConfigError(f"{problem}", where=f"environment, beside {path}", do=do) from problem


def _keys_of(section: tuple[str, ...]) -> list[str]:
    """The keys that a section of the file may have."""
    models: dict[tuple[str, ...], type[BaseModel]] = {
        (): Config,
        ("broker",): Broker,
        ("control",): Control,
        ("gateway",): Gateway,
        ("journal",): Journal,
        ("influx",): Influx,
        ("dome",): Dome,
        ("dome", "inner"): InnerLoop,
        ("dome", "probe"): Probe,
        ("protocol",): ProtocolEntry,
    }
    return list(models[section].model_fields)
