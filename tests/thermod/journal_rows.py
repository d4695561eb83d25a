"""One row of each kind, to be varied by `_replace`, and a way to wait for the journal's thread."""

from collections.abc import Callable

from thermod.journal import AlarmRow, CycleRow, EventRow, Journal, SessionRow

CYCLE = CycleRow(
    site="clinic-a",
    dome="dome-1",
    cycle=9021,
    controller_id="c-77aa",
    at_ms=1_795_000_000_000,
    session_id="s-1",
    phase="heat_up",
    target_c=38.5,
    setpoint_c=38.1,
    core_temp_c=37.612,
    core_slope_c_per_min=0.02,
    skin_temp_c=38.9,
    air_temp_c=52.0,
    room_temp_c=None,
    forecast_c=38.2,
    air_setpoint_c=55.0,
    wanted_pct=60.0,
    power_pct=41.0,
    applied_pct=41.0,
    measured_w=820.0,
    heat="permitted",
    because="the probes differ by 0.6 °C; forecast 38.52 °C",
    epoch=7,
    alarms="core_spread,core_warn",
    cycle_ms=0.9,
    overruns=0,
    probes='{"core-1":["core","good",37.612]}',
    inputs='[["sensor/core-1/reading",1234.5,{"seq":481,"temp_c":37.612}]]',
)
EVENT = EventRow(
    *("clinic-a", "dome-1", 9021, "c-77aa", 1_795_000_000_000, "s-1"),
    kind="phase",
    text="heat_up begins",
    by="nurse-7",
    details='{"from":"preflight"}',
)
ALARM = AlarmRow(
    *("clinic-a", "dome-1", 1_795_000_000_000, None),
    alarm_id="core_high",
    priority="high",
    change="raised",
    text="Core temperature is above its limit",
    value=39.1,
    limit_in_force=38.9,
    unit="°C",
    probe="core-1",
    by=None,
)
SESSION = SessionRow(
    *("s-1", "clinic-a", "dome-1", "P-014", "nurse-7", "hold-45", 38.5, "ab12", 1_000),
    started_ms=None,
    ended_ms=None,
    ended_by=None,
    details="{}",
)


def until(journal: Journal, holds: Callable[[], object]) -> None:
    """Let the journal try again until this holds; a row must be waiting in it."""
    for _ in range(500):
        if holds():
            return
        journal.flush(0.02)
    raise TimeoutError(f"the journal says {journal.error}")
