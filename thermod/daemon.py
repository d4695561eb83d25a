"""From a configuration to a running control process: opens what it writes to, runs it until told to
stop.
"""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime

import structlog

from thermod.clock import Clock
from thermod.config import Config, Dome
from thermod.control import Control, Settings, new_controller_id
from thermod.journal import Journal
from thermod.keeper import Keeper
from thermod.latches import LatchFile
from thermod.mqtt import TakenOver
from thermod.state import Binding, DomeBuilt, Plan

TAKEN_OVER_EXIT = 64  # the service manager does not restart us: RestartPreventExitStatus

log = structlog.get_logger("control")


def plans(config: Config, controller_id: str, today_ms: int) -> tuple[Plan, ...]:
    """The small values that the cycle works on. `today_ms` only dates calibrations."""
    today = datetime.fromtimestamp(today_ms / 1000.0, UTC).date()
    return tuple(
        Plan(
            site=config.site,
            dome=dome.id,
            controller_id=controller_id,
            specs=dome.specs(),
            limits=config.limits,
            tuning=dome.tuning(config.limits),
            protocols=config.protocols,
            bindings=bindings(dome),
            calibration_problems=dome.calibration_problems(today),
            built=DomeBuilt(dome.rated_w, dome.window_s, dome.has_fan, dome.has_lid_switch),
        )
        for dome in config.domes
    )


def bindings(dome: Dome) -> tuple[Binding, ...]:
    """The foreign probes of a dome."""
    return tuple(
        Binding(probe.id, probe.topic, probe.codec, probe.pointer or "")
        for probe in dome.probe
        if probe.topic is not None and probe.codec is not None
    )


async def serve(config: Config, clock: Clock) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit status: 0, or 64 when we were taken over."""
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = Settings(
        process=config.control.process,
        broker=config.broker,
        plans=plans(config, new_controller_id(), clock.wall_ms()),
        config_sha256=config.sha256,
    )
    journal = Journal(config.journal_path, max_mb=config.journal.max_mb)
    names = [dome.id for dome in config.domes]
    keeper = Keeper(LatchFile(config.latches_path), names, wall_ms=clock.wall_ms())
    status, on_purpose = 0, False
    try:
        await _until_told(Control(settings, clock=clock, journal=journal, keeper=keeper))
        on_purpose = True
    except* TakenOver as taken:
        log.error("taken over", why=str(taken.exceptions[0]))
        status, on_purpose = TAKEN_OVER_EXIT, True
    finally:
        keeper.close(on_purpose=on_purpose)
        journal.close()
    return status


async def _until_told(control: Control) -> None:
    """Run until a signal. The process ends by itself only when one of its tasks fails."""
    running = asyncio.current_task()
    loop = asyncio.get_running_loop()
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        if running is not None:
            running.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await control.run()
    except asyncio.CancelledError:
        if not told:
            raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
