"""`thermod bench`: what a cycle costs, how even the loop runs, how soon a reading becomes a
command, and how many domes fit.

Every figure stands beside a baseline of the same run: the broker's own loop-back beside the
latency, the bare transport floor beside the CPU time, a yardstick beside the cycle. Absolute times
are those of this machine at this moment; ratios travel.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from thermod import cycle
from thermod.clock import BootClock
from thermod.config import load
from thermod.sim.bench_load import Load
from thermod.sim.demo import broker as embedded_broker
from thermod.sim.demo import free_port, wait_until_listening
from thermod.sim.demo_files import write_files
from thermod.sim.nurse import Nurse
from thermod.sim.plant import factory
from thermod.sim.world import World
from thermod.sim.yardstick import pass_ns, quiet_median_us

CYCLES = 4000
WARM_UP_S = 3.0
FLOOR_SHARE = 3.0  # the floor runs a third of the time: it is even enough
SESSIONS_S = 90.0
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

Figures = dict[str, object]


def run(*, seconds: float, loads: Sequence[int]) -> Figures:
    """Measure everything and print the tables."""
    console = Console(stderr=True)
    with console.status("the cycle by itself"):
        cost = cycle_cost()
    rows = []
    for domes in loads:
        with console.status(f"{domes} dome(s), {seconds:g} s, then the floor"):
            rows.append(measure(domes, seconds))
    without_missed = [row for row in rows if row["missed_cycles"] == 0]
    figures: Figures = {
        "machine": f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "cycle_us": cost,
        "loads": rows,
        "largest_without_missed_cycles": max(
            (int(str(row["domes"])) for row in without_missed), default=0
        ),
    }
    _print(Console(), figures)
    return figures


def cycle_cost() -> dict[str, float]:
    """The pure cycle in heat-up, µs: probes, alarms, regulator, limiter; no transport, no disk.
    `quiet_p50` is the median on a quiet machine: yardstick.py.
    """
    world = World(factory(0), Nurse())
    while world.state.phase.value != "heat_up" or world.now_s < 2000.0:
        world.step()
    step, taken_ns, passed_ns = cycle.step, [], []

    def timed(*args: object) -> object:
        began = time.perf_counter_ns()
        result = step(*args)  # type: ignore[arg-type]
        taken_ns.append(time.perf_counter_ns() - began)
        return result

    cycle.step = timed  # type: ignore[assignment]
    try:
        for _ in range(CYCLES):
            world.step()
            passed_ns.append(pass_ns())
    finally:
        cycle.step = step
    quiet_p50 = round(quiet_median_us(taken_ns, passed_ns), 1)
    return {**_spread([each / 1000.0 for each in taken_ns]), "quiet_p50": quiet_p50}


def measure(domes: int, seconds: float) -> Figures:
    """One load: the real control process, and the floor, on a broker of their own."""
    names = [f"dome-{number}" for number in range(1, domes + 1)]
    with (
        tempfile.TemporaryDirectory(prefix="thermod-bench-") as folder,
        _broker(Path(folder), names) as port,
    ):
        row = asyncio.run(_under_load(Path(folder), names, seconds))
        floor_us = asyncio.run(_floor(Path(folder), port, names, seconds / FLOOR_SHARE))
    row["floor_us"] = round(floor_us, 1)
    row["against_floor"] = round(float(str(row["cpu_us"])) / floor_us, 2)
    return row


async def _under_load(folder: Path, names: list[str], seconds: float) -> Figures:
    config = load(folder / "thermod.toml")
    generator = Load(config.broker, config.site, names)
    command = [sys.executable, "-m", "thermod", "control", "--config", str(folder / "thermod.toml")]
    async with _going_on(generator), _child(command, folder / "control.log") as pid:
        await generator.start_sessions(SESSIONS_S)
        await asyncio.sleep(WARM_UP_S)
        generator.latency_s.clear()
        generator.loop_back_s.clear()
        missed, busy_s, began_s = generator.overruns, _cpu_s(pid), time.monotonic()
        began_ms = BootClock().wall_ms()
        await asyncio.sleep(seconds)
        passed_s = time.monotonic() - began_s
        busy_s = _cpu_s(pid) - busy_s
        cycles = passed_s * 2.0 * len(names)
        row: Figures = {
            "domes": len(names),
            "seconds": round(passed_s, 1),
            "missed_cycles": generator.overruns - missed,
            "cpu_pct": round(100.0 * busy_s / passed_s, 1),
            "cpu_us": round(1e6 * busy_s / cycles, 1),
            "rss_mb": round(_rss_mb(pid), 1),
            "reading_to_command_ms": _spread([1000.0 * each for each in generator.latency_s]),
            "loop_back_ms": _spread([1000.0 * each for each in generator.loop_back_s]),
            "still_heating": generator.heating,
        }
    row["jitter_ms"] = _jitter(folder / "journal.db", began_ms)
    return row


async def _floor(folder: Path, port: int, names: list[str], seconds: float) -> float:
    """CPU time of the bare transport for one dome and cycle, µs."""
    config = load(folder / "thermod.toml")
    generator = Load(config.broker, config.site, names)
    command = [sys.executable, "-m", "thermod.sim.bench_floor", str(port), config.site, *names]
    async with _going_on(generator), _child(command, folder / "floor.log") as pid:
        await asyncio.sleep(WARM_UP_S)
        busy_s, began_s = _cpu_s(pid), time.monotonic()
        await asyncio.sleep(max(seconds, 5.0))
        passed_s = time.monotonic() - began_s
        return 1e6 * (_cpu_s(pid) - busy_s) / (passed_s * 2.0 * len(names))


@contextlib.asynccontextmanager
async def _going_on(generator: Load) -> AsyncIterator[None]:
    task = asyncio.create_task(generator.run(), name="load")
    try:
        await generator.connected.wait()
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def _child(command: list[str], log: Path) -> AsyncIterator[int]:
    with log.open("wb") as words:
        process = await asyncio.create_subprocess_exec(*command, stdout=words, stderr=words)
        try:
            yield process.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()


@contextlib.contextmanager
def _broker(folder: Path, names: list[str]) -> Iterator[int]:
    """Debian's Mosquitto where it is installed, else the embedded broker. Yields the port."""
    port = free_port(0, "the broker")
    write_files(folder, port, free_port(0, "the page"), names)
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        with embedded_broker(folder):
            yield port
        return
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
    with subprocess.Popen([program, "-c", str(settings)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_listening(port, [])
            yield port
        finally:
            process.terminate()


def _cpu_s(pid: int) -> float:
    """User and system time of a process, all threads, s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024.0
    return 0.0


def _jitter(journal: Path, since_ms: int) -> dict[str, float]:
    """How far the time between two cycles of a dome strayed from half a second, ms: from the
    journal.
    """
    last: dict[str, float] = {}
    strayed = []
    with contextlib.closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:
        query = "SELECT dome, inputs FROM cycles WHERE at_ms >= ? ORDER BY id"
        for dome, inputs in connection.execute(query, (since_ms,)):
            now_s = orjson.loads(inputs)["now_s"]
            if dome in last:
                strayed.append(1000.0 * abs(now_s - last[dome] - 0.5))
            last[dome] = now_s
    return _spread(strayed)


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"p50": 0.0, "p99": 0.0, "max": 0.0, "n": 0}
    last = len(ordered) - 1
    return {
        "p50": round(ordered[last // 2], 3),
        "p99": round(ordered[int(last * 0.99)], 3),
        "max": round(ordered[-1], 3),
        "n": len(ordered),
    }


def _print(console: Console, figures: Figures) -> None:
    cost = figures["cycle_us"]
    rows = figures["loads"]
    if not isinstance(cost, dict) or not isinstance(rows, list):
        return
    console.print(
        f"pure cycle: p50 {cost['p50']:.0f} µs, p99 {cost['p99']:.0f} µs; {figures['machine']};"
        f" on a quiet machine p50 {cost['quiet_p50']:.0f} µs"
    )
    table = Table(caption="Jitter, latency and CPU of the control process at 2 Hz on MQTT 5")
    for heading in (
        "domes",
        "missed",
        "CPU %",
        "µs a dome-cycle",
        "floor µs",
        "x floor",
        "RSS MB",
        "jitter p99 ms",
        "reading→command p50/max ms",
        "loop-back p50/p99 ms",
    ):
        table.add_column(heading, justify="right")
    for row in rows:
        latency, loop_back = row["reading_to_command_ms"], row["loop_back_ms"]
        table.add_row(
            *(str(row[key]) for key in ("domes", "missed_cycles", "cpu_pct", "cpu_us")),
            *(str(row[key]) for key in ("floor_us", "against_floor", "rss_mb")),
            f"{row['jitter_ms']['p99']:.1f}",
            f"{latency['p50']:.0f} / {latency['max']:.0f}",
            f"{loop_back['p50']:.1f} / {loop_back['p99']:.1f}",
        )
    console.print(table)
