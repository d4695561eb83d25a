"""A row of the journal becomes InfluxDB line protocol: the same row always the same lines.

Tags, field types and times are fixed by the row alone, so writing a row again overwrites what is
there and never doubles it. A field of degrees or percent is a float even when it is whole (`38.0`):
a database refuses the batch in which a field changes its type. Session ids are fields, never tags:
each would open a new series.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

import orjson

from thermod.journal_schema import AlarmRow, CycleRow, EventRow

FORWARD_EVERY = 2  # control cycles at 2 Hz; every second row makes 1 Hz
EVENT_SLOTS = 16  # events of one kind that one millisecond can hold without overwriting each other
STANDS = frozenset({"raised", "acknowledged", "audio_paused", "audio_resumed", "condition_gone"})

Field = float | int | str | None


def is_wanted(row: CycleRow, before: tuple[str, str] | None) -> bool:
    """Every second cycle, and each in which phase or alarms changed: no change is thinned away."""
    return row.cycle % FORWARD_EVERY == 0 or before is None or before != (row.phase, row.alarms)


def cycle_lines(row: CycleRow) -> Iterator[str]:
    at = {"site": row.site, "dome": row.dome}
    yield line("thermod_control", at, _control_fields(row), row.at_ms)
    health: dict[str, Field] = {"cycle_ms": float(row.cycle_ms), "overruns": row.overruns}
    yield line("thermod_health", at, health, row.at_ms)
    for probe_id, (role, status, temp_c) in sorted(orjson.loads(row.probes).items()):
        reading: dict[str, Field] = {
            "temp_c": None if temp_c is None else float(temp_c),
            "good": 1.0 if status == "good" else 0.0,
            "status": status,
        }
        tags = {**at, "sensor": probe_id, "role": role}
        yield line("thermod_temperature", tags, reading, row.at_ms)


def _control_fields(row: CycleRow) -> dict[str, Field]:
    degrees_and_percent = {
        "target_c": row.target_c,
        "setpoint_c": row.setpoint_c,
        "core_temp_c": row.core_temp_c,
        "core_slope_c_per_min": row.core_slope_c_per_min,
        "skin_temp_c": row.skin_temp_c,
        "air_temp_c": row.air_temp_c,
        "room_temp_c": row.room_temp_c,
        "forecast_c": row.forecast_c,
        "air_setpoint_c": row.air_setpoint_c,
        "wanted_pct": row.wanted_pct,
        "power_pct": row.power_pct,
        "applied_pct": row.applied_pct,
        "measured_w": row.measured_w,
    }
    floats = {name: None if x is None else float(x) for name, x in degrees_and_percent.items()}
    return {
        **floats,
        "cycle": row.cycle,
        "epoch": row.epoch,
        "phase": row.phase,
        "heat": row.heat,
        "because": row.because,
        "alarms": row.alarms,
        "session_id": row.session_id,
        "controller_id": row.controller_id,
    }


def alarm_line(row: AlarmRow) -> str:
    tags = {
        "site": row.site,
        "dome": row.dome,
        "alarm": row.alarm_id,
        "priority": row.priority,
        "change": row.change,
    }
    fields: dict[str, Field] = {
        "active": 1.0 if row.change in STANDS else 0.0,
        "text": row.text,
        "reading": None if row.value is None else float(row.value),
        "limit": None if row.limit_in_force is None else float(row.limit_in_force),
        "unit": row.unit,
        "probe": row.probe,
        "by": row.by,
        "session_id": row.session_id,
    }
    return line("thermod_alarm", tags, fields, row.at_ms)


def event_line(row_id: int, row: EventRow) -> str:
    """One cycle may bear several events of a kind, at the same time: the slot keeps them apart."""
    tags = {
        "site": row.site,
        "dome": row.dome,
        "kind": row.kind,
        "slot": str(row_id % EVENT_SLOTS),
    }
    fields: dict[str, Field] = {
        "happened": 1.0,
        "cycle": row.cycle,
        "text": row.text,
        "by": row.by,
        "session_id": row.session_id,
    }
    return line("thermod_session", tags, fields, row.at_ms)


def hello_line(site: str, process: str, at_ms: int) -> str:
    """The first write of a gateway: proof that the database takes writes."""
    return line("thermod_health", {"site": site, "process": process}, {"began": 1.0}, at_ms)


def line(name: str, tags: Mapping[str, str], fields: Mapping[str, Field], at_ms: int) -> str:
    """Tags and fields in the order given. An empty tag or field is left out, as the format asks."""
    head = "".join(f",{key}={_tag(value)}" for key, value in tags.items() if value)
    body = ",".join(
        f"{key}={text}" for key, value in fields.items() if (text := _field(value)) is not None
    )
    return f"{name}{head} {body} {at_ms}"


def _tag(text: str) -> str:
    # A backslash has no escape of its own in a tag, and before a separator it would swallow it.
    text = _on_one_line(text).replace("\\", "/")
    return text.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def _field(value: Field) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        escaped = _on_one_line(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, int):
        return f"{value:d}i"
    return repr(value) if isfinite(value) else None


def _on_one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
