"""guard.toml: read whole at start, refused whole if anything in it is wrong."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from math import isfinite
from pathlib import Path
from typing import Final, TypeVar

from thermod.guard.fields import is_name
from thermod.guard.foreign import is_pointer
from thermod.guard.limits import Limits, tightened
from thermod.guard.specs import Broker, DomeSpec, GuardConfig, ProbeSpec

ROLES: Final = ("core", "skin", "air", "room")
CODECS: Final = ("number", "json")
# An uncalibrated chain is 0.1-0.2 °C off; a larger offset would be a way around the limits.
OFFSET_C_MAX: Final[Mapping[str, float]] = {"core": 0.5, "skin": 1.0, "air": 3.0, "room": 3.0}
KEEPALIVE_S_MAX: Final = 30

Value = TypeVar("Value", str, int, bool)


class ConfigError(Exception):
    """What is wrong, where, and what to do."""

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(f"{what} [{where}]. {do}")


class Table:
    """One table of the file: it hands out its keys, and refuses those that nobody asked for."""

    def __init__(self, entries: Mapping[str, object], where: str) -> None:
        self.where = where
        self._left = dict(entries)

    def optional(self, key: str, kind: type[Value]) -> Value | None:
        value = self._left.pop(key, None)
        if value is None:
            return None
        if type(value) is not kind:  # isinstance would take true for 1
            raise self.error(f"{key} is {value!r}, not a {kind.__name__}", "Correct it.")
        return value

    def required(self, key: str, kind: type[Value]) -> Value:
        value = self.optional(key, kind)
        if value is None:
            raise self.error(f"{key} is missing", "Add it.")
        return value

    def number(self, key: str, default: float) -> float:
        value = self._left.pop(key, default)
        if type(value) not in (int, float) or not isinstance(value, int | float):
            raise self.error(f"{key} is {value!r}, not a number", "Write a number.")
        if not isfinite(value):
            raise self.error(f"{key} is {value}", "Write a finite number.")
        return float(value)

    def name(self, key: str, default: str | None = None) -> str:
        value = self.optional(key, str) or default
        if value is None:
            raise self.error(f"{key} is missing", "Add it.")
        if not is_name(value):
            do = "Use 1-32 of a-z, 0-9 and -, beginning with a letter or digit."
            raise self.error(f"{key} is {value!r}, which is no id", do)
        return value

    def table(self, key: str) -> "Table":
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            raise self.error(f"{key} is not a table", f"Write [{key}].")
        return Table(value, f"{self.where}: [{key}]")

    def tables(self, key: str) -> list["Table"]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.error(f"{key} is not a list of tables", f"Write [[{key}]] for each.")
        return [Table(each, f"{self.where}: [[{key}]] no. {n}") for n, each in enumerate(value, 1)]

    def names(self) -> list[str]:
        return list(self._left)

    def end(self) -> None:
        if self._left:
            raise self.error(f"unknown key {min(self._left)}", "Remove it, or correct its name.")

    def error(self, what: str, do: str) -> ConfigError:
        return ConfigError(what, where=self.where, do=do)


def load(path: Path, environment: Mapping[str, str]) -> GuardConfig:
    """Raises ConfigError. Passwords come from the environment or from a file, never from here."""
    try:
        text = path.read_bytes()
        entries = tomllib.loads(text.decode("utf-8"))
    except OSError as error:
        do = "Give the path of a file that this user may read."
        raise ConfigError(f"cannot read: {error.strerror}", where=str(path), do=do) from error
    except ValueError as error:  # also what is not UTF-8
        raise ConfigError(f"no TOML: {error}", where=str(path), do="Correct the line.") from error
    return read(entries, path.name, environment, hashlib.sha256(text).hexdigest())


def read(
    entries: Mapping[str, object], where: str, environment: Mapping[str, str], sha256: str
) -> GuardConfig:
    """The same from what is already parsed."""
    top = Table(entries, where)
    config = GuardConfig(
        site=top.name("site"),
        process=top.name("process", "guard"),
        state_dir=top.required("state_dir", str),
        broker=_broker(top.table("broker"), environment),
        limits=_limits(top.table("limits")),
        domes=tuple(_dome(each) for each in top.tables("dome")),
        sha256=sha256,
    )
    top.end()
    if not config.domes:
        raise top.error("no dome", "Add [[dome]] with its probes.")
    _refuse_duplicates([dome.dome_id for dome in config.domes], "dome id", top)
    probes = [probe for dome in config.domes for probe in dome.probes]
    bound = [f"{probe.topic} {probe.pointer}" for probe in probes if probe.topic is not None]
    _refuse_duplicates(bound, "topic and pointer", top)
    return config


def _broker(table: Table, environment: Mapping[str, str]) -> Broker:
    broker = Broker(
        host=table.required("host", str),
        port=_within(table, "port", 1883, 1, 65535),
        user=table.optional("user", str),
        password=_password(table, environment),
        ca_file=table.optional("ca_file", str),
        keepalive_s=_within(table, "keepalive_s", 5, 1, KEEPALIVE_S_MAX),
    )
    table.end()
    return broker


def _within(table: Table, key: str, default: int, low: int, high: int) -> int:
    value = table.optional(key, int)
    if value is None:
        return default
    if not low <= value <= high:
        raise table.error(f"{key} is {value}", f"Write {low}…{high}.")
    return value


def _password(table: Table, environment: Mapping[str, str]) -> str | None:
    variable, file = table.optional("password_env", str), table.optional("password_file", str)
    if variable is not None and file is not None:
        raise table.error("password_env and password_file", "Give one of them.")
    if variable is not None:
        if variable not in environment:
            raise table.error(f"{variable} is not in the environment", "Set it.")
        return environment[variable]
    if file is not None:
        try:
            return Path(file).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise table.error(f"password_file: {error}", "Give a readable file.") from error
    return None


def _limits(table: Table) -> Limits:
    known = {field.name for field in fields(Limits)}
    named = [name for name in table.names() if name in known]
    values = {name: table.number(name, 0.0) for name in named}
    table.end()
    try:
        return tightened(values)
    except ValueError as error:
        raise table.error(str(error), "Write a lower value, or leave it out.") from error


def _dome(table: Table) -> DomeSpec:
    has_lid_switch = table.optional("lid_switch", bool)
    dome = DomeSpec(
        dome_id=table.name("id"),
        probes=tuple(_probe(each) for each in table.tables("probe")),
        has_lid_switch=True if has_lid_switch is None else has_lid_switch,
    )
    table.end()
    _refuse_duplicates([probe.probe_id for probe in dome.probes], "probe id", table)
    for role in ("core", "skin", "air"):
        of_role = [probe for probe in dome.probes if probe.role == role]
        if not of_role:
            raise table.error(f"{dome.dome_id} has no {role} probe", "Add a [[dome.probe]].")
        if role != "air" and all(probe.topic is not None for probe in of_role):
            do = f"Add a {role} probe that the dome node reads itself."
            raise table.error(f"the only {role} probe has a topic of its own", do)
    return dome


def _probe(table: Table) -> ProbeSpec:
    role = table.required("role", str)
    if role not in ROLES:
        raise table.error(f"role is {role!r}", f"Write one of {', '.join(ROLES)}.")
    codec = table.optional("codec", str)
    probe = ProbeSpec(
        probe_id=table.name("id"),
        role=role,
        offset_c=table.number("offset_c", 0.0),
        topic=table.optional("topic", str),
        codec=codec or "number",
        pointer=table.optional("pointer", str) or "",
    )
    table.end()
    if not abs(probe.offset_c) <= OFFSET_C_MAX[role]:
        do = f"Calibrate or replace the probe: at most {OFFSET_C_MAX[role]} °C are corrected."
        raise table.error(f"offset_c is {probe.offset_c}", do)
    _check_binding(probe, codec, table)
    return probe


def _check_binding(probe: ProbeSpec, codec: str | None, table: Table) -> None:
    if probe.topic is None:
        if codec is not None or probe.pointer:
            raise table.error("codec or pointer without a topic", "Add the topic.")
        return
    is_plain = 0 < len(probe.topic) <= 256 and not set(probe.topic) & set("+#$\0")
    if not is_plain or probe.topic.startswith("thermod/"):
        do = "Write the foreign topic in full, without wildcards and outside thermod/."
        raise table.error(f"topic is {probe.topic!r}", do)
    if probe.codec not in CODECS:
        raise table.error(f"codec is {probe.codec!r}", f"Write one of {', '.join(CODECS)}.")
    if (probe.codec == "json") is not is_pointer(probe.pointer):
        do = 'Codec json needs pointer = "/…" (RFC 6901), and number has none.'
        raise table.error(f"pointer is {probe.pointer!r}", do)


def _refuse_duplicates(values: list[str], what: str, table: Table) -> None:
    for value in values:
        if values.count(value) > 1:
            raise table.error(f"{what} {value} is there twice", "Name each once.")
