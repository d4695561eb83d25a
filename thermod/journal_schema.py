"""What the journal holds: one type for each kind of row, the tables, and the chain over events.

A row is a named tuple because SQLite binds it as it is; at 200 rows a second a dataclass would pay
for its fields twice. Times are milliseconds of UTC. Columns named probes, inputs and details hold
JSON text.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Final, NamedTuple

CHAIN_START: Final = "0" * 64  # stands for the hash before the first event


class CycleRow(NamedTuple):
    """One cycle of one dome: what came in, what was decided and why."""

    site: str
    dome: str
    cycle: int
    controller_id: str
    at_ms: int
    session_id: str | None
    phase: str
    target_c: float
    setpoint_c: float | None
    core_temp_c: float | None
    core_slope_c_per_min: float | None
    skin_temp_c: float | None
    air_temp_c: float | None
    room_temp_c: float | None
    forecast_c: float | None
    air_setpoint_c: float | None
    wanted_pct: float
    power_pct: float
    applied_pct: float | None
    measured_w: float | None
    heat: str
    because: str  # reasons joined by "; "
    epoch: int | None
    alarms: str  # ids joined by ","
    cycle_ms: float
    overruns: int
    probes: str  # {probe_id: [role, status, temp_c or null]} as used in this cycle
    inputs: str  # every input since the last cycle, as received, with its arrival time


class EventRow(NamedTuple):
    """Something that happened or that somebody did. Events are chained by hash."""

    site: str
    dome: str
    cycle: int
    controller_id: str
    at_ms: int
    session_id: str | None
    kind: str
    text: str
    by: str | None
    details: str


class AlarmRow(NamedTuple):
    """A change of one alarm: raised, acknowledged, audio_paused, audio_resumed, condition_gone,
    cleared, reset. `value` and `limit_in_force` are in `unit`, NULL for a fact.
    """

    site: str
    dome: str
    at_ms: int
    session_id: str | None
    alarm_id: str
    priority: str
    change: str
    text: str
    value: float | None
    limit_in_force: float | None
    unit: str
    probe: str  # the probes that the text names
    by: str | None


class SessionRow(NamedTuple):
    """A session as it now stands; a later row of the same session replaces it."""

    session_id: str
    site: str
    dome: str
    subject: str  # a pseudonym, never a name
    staff: str
    protocol: str
    target_c: float
    config_sha256: str
    created_ms: int
    started_ms: int | None
    ended_ms: int | None
    ended_by: str | None
    details: str


Row = CycleRow | EventRow | AlarmRow | SessionRow
TABLES: Final[dict[type[Row], str]] = {
    CycleRow: "cycles",
    EventRow: "events",
    AlarmRow: "alarms",
    SessionRow: "sessions",
}

# Each entry takes the schema one version further, and is never changed once released.
MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE cycles (
            id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, dome TEXT NOT NULL,
            cycle INTEGER NOT NULL, controller_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
            session_id TEXT, phase TEXT NOT NULL, target_c REAL, setpoint_c REAL,
            core_temp_c REAL, core_slope_c_per_min REAL, skin_temp_c REAL, air_temp_c REAL,
            room_temp_c REAL, forecast_c REAL, air_setpoint_c REAL, wanted_pct REAL,
            power_pct REAL, applied_pct REAL, measured_w REAL, heat TEXT NOT NULL,
            because TEXT NOT NULL, epoch INTEGER, alarms TEXT NOT NULL, cycle_ms REAL,
            overruns INTEGER, probes TEXT NOT NULL, inputs TEXT NOT NULL)""",
        "CREATE INDEX cycles_of_session ON cycles (session_id) WHERE session_id IS NOT NULL",
        """CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, dome TEXT NOT NULL,
            cycle INTEGER NOT NULL, controller_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
            session_id TEXT, kind TEXT NOT NULL, text TEXT NOT NULL, by TEXT,
            details TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL)""",
        """CREATE TABLE alarms (
            id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, dome TEXT NOT NULL,
            at_ms INTEGER NOT NULL, session_id TEXT, alarm_id TEXT NOT NULL,
            priority TEXT NOT NULL, change TEXT NOT NULL, text TEXT NOT NULL,
            value TEXT NOT NULL, by TEXT)""",
        """CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY, site TEXT NOT NULL, dome TEXT NOT NULL,
            subject TEXT NOT NULL, staff TEXT NOT NULL, protocol TEXT NOT NULL, target_c REAL,
            config_sha256 TEXT NOT NULL, created_ms INTEGER NOT NULL, started_ms INTEGER,
            ended_ms INTEGER, ended_by TEXT, details TEXT NOT NULL)""",
    ),
    (  # value and limit of an alarm as numbers: version 1 kept an empty text in `value`
        "ALTER TABLE alarms DROP COLUMN value",
        "ALTER TABLE alarms ADD COLUMN value REAL",
        "ALTER TABLE alarms ADD COLUMN limit_in_force REAL",
        "ALTER TABLE alarms ADD COLUMN unit TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE alarms ADD COLUMN probe TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX alarms_of_dome ON alarms (dome, id)",
    ),
)
SCHEMA_VERSION: Final = len(MIGRATIONS)


def event_hash(prev_hash: str, row: EventRow) -> str:
    """SHA-256 over the hash before and the event as JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(row._asdict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256((prev_hash + text).encode()).hexdigest()


def columns(kind: type[Row]) -> str:
    """The columns of a kind of row, in the order of its fields."""
    return ", ".join(kind._fields)


def insert(kind: type[Row]) -> str:
    """The statement that stores a row of this kind, events with the two hashes of the chain."""
    names = (*kind._fields, "prev_hash", "hash") if kind is EventRow else kind._fields
    verb = "INSERT OR REPLACE" if kind is SessionRow else "INSERT"
    marks = ", ".join("?" * len(names))
    return f"{verb} INTO {TABLES[kind]} ({', '.join(names)}) VALUES ({marks})"
