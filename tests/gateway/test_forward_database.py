"""What a real database holds afterwards is what the journal says, point by point.

VictoriaMetrics answers 204 to garbage, so nothing is believed that was not read back. It keeps
numbers only (a text becomes 0), so texts are not compared here; tests/gateway/test_lines.py does.
"""

import json
import signal

import pytest

from tests.gateway.fakes import eventually
from tests.gateway.forwarding import AT_MS, Ledger, influx_at, running
from thermod.gateway.forward import ForwardStatus
from thermod.journal_read import JournalReader

pytestmark = pytest.mark.broker

NUMBERS_OF_A_CYCLE = (
    "target_c", "setpoint_c", "core_temp_c", "core_slope_c_per_min", "skin_temp_c", "air_temp_c",
    "room_temp_c", "forecast_c", "air_setpoint_c", "wanted_pct", "power_pct", "applied_pct",
    "measured_w", "cycle", "epoch",
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


def expected_points(ledger):
    """From the journal's rows, without the code under test: {(series, labels, ms): value}."""
    reader = JournalReader(ledger.path)
    points, before = {}, None
    for _, row in reader.cycles_after(0, 1_000_000):
        unchanged = before == (row.phase, row.alarms)
        before = (row.phase, row.alarms)
        if row.cycle % 2 and unchanged:
            continue
        at = (("dome", row.dome), ("site", row.site))
        for name in NUMBERS_OF_A_CYCLE:
            points["thermod_control_" + name, at, row.at_ms] = getattr(row, name)
        for name in ("cycle_ms", "overruns"):
            points["thermod_health_" + name, at, row.at_ms] = getattr(row, name)
        for probe, (role, status, temp_c) in json.loads(row.probes).items():
            labels = tuple(sorted((*at, ("role", role), ("sensor", probe))))
            points["thermod_temperature_temp_c", labels, row.at_ms] = temp_c
            points["thermod_temperature_good", labels, row.at_ms] = float(status == "good")
    for row_id, row in reader.events_after(0, 1_000_000):
        labels = {"site": row.site, "dome": row.dome, "kind": row.kind, "slot": str(row_id % 16)}
        for name, value in (("happened", 1.0), ("cycle", row.cycle)):
            points["thermod_session_" + name, tuple(sorted(labels.items())), row.at_ms] = value
    for _, row in reader.alarms_after(0, 1_000_000):
        labels = {"site": row.site, "dome": row.dome, "alarm": row.alarm_id}
        labels |= {"priority": row.priority, "change": row.change}
        key = tuple(sorted(labels.items())), row.at_ms
        points["thermod_alarm_active", *key] = 1.0
        points["thermod_alarm_reading", *key] = row.value
        points["thermod_alarm_limit", *key] = row.limit_in_force
    return {key: float(value) for key, value in points.items() if value is not None}


TEXTS = (
    "phase",
    "heat",
    "because",
    "alarms",
    "session_id",
    "controller_id",
    "status",
    "text",
    "by",
    "unit",
    "probe",
)


def stored_points(database, *, once):
    """All numbers that the database holds; `once` also demands that it holds each only once."""
    database.flush()
    points = {}
    for series in database.export('{__name__=~"thermod_.*"}', AT_MS, AT_MS + 10_000_000):
        labels = dict(series["metric"])
        name = labels.pop("__name__")
        if name.split("_", 2)[2] in TEXTS:
            continue
        labels.pop("db", None)  # the bucket
        key = tuple(sorted(labels.items()))
        for at_ms, value in zip(series["timestamps"], series["values"], strict=True):
            assert not once or (name, key, at_ms) not in points, "a point was written twice"
            assert points.setdefault((name, key, at_ms), value) == value
    return points


async def test_every_point_read_back_equals_the_journals_row(ledger, victoria_metrics):
    ledger.write(seconds=60)
    status = ForwardStatus()
    async with influx_at(victoria_metrics.url) as target:
        while await ledger.forwarder(target, status).forward_once():
            pass
    expected = expected_points(ledger)
    assert len(expected) > 1_000
    assert stored_points(victoria_metrics, once=True) == expected


async def test_an_outage_and_a_restart_of_ours_lose_nothing_and_double_nothing(
    ledger, victoria_metrics
):
    """The database is ended with SIGTERM: what it has acknowledged it then has on its disk."""
    status = ForwardStatus()
    async with influx_at(victoria_metrics.url) as target:
        ledger.write(seconds=20)
        async with running(ledger.forwarder(target, status)):
            await eventually(lambda: status.cursor == 40)
            victoria_metrics.process.send_signal(signal.SIGTERM)
            victoria_metrics.process.wait(10.0)
            ledger.write(seconds=20)
            await eventually(lambda: status.error)

        ledger.write(seconds=20)  # while neither of us runs
        victoria_metrics.start()
        async with running(ledger.forwarder(target, status)):
            await eventually(lambda: status.lines_written == ledger.lines())
    assert stored_points(victoria_metrics, once=True) == expected_points(ledger)


async def test_writing_everything_again_changes_no_point(ledger, victoria_metrics):
    ledger.write(seconds=20)
    async with influx_at(victoria_metrics.url) as target:
        await ledger.forwarder(target, ForwardStatus()).forward_once()
        with ledger.store.transaction() as db:
            db.execute("DELETE FROM bookmarks")
        await ledger.forwarder(target, ForwardStatus()).forward_once()
    assert stored_points(victoria_metrics, once=False) == expected_points(ledger)
