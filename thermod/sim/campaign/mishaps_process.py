"""What happens to the processes: stopped, killed, starved, blocked; and what control does wrong."""

from __future__ import annotations

from random import Random
from typing import Final

from thermod.cycle import Command
from thermod.sim.campaign.control_side import ControlSide
from thermod.sim.campaign.guard_side import GuardSide
from thermod.sim.campaign.mishap import ONCE_S, Begin, Group, Mishap, Single, Undo
from thermod.sim.campaign.process import Process
from thermod.sim.campaign.ward import Ward

MAD_PCT: Final = 73.21  # no regulator says this by chance


def _frozen(process: Process) -> Undo:
    process.stop()
    return process.go_on


def _control_frozen(ward: Ward, random: Random) -> Undo:
    return _frozen(ward.control)


def _guard_frozen(ward: Ward, random: Random) -> Undo:
    return _frozen(ward.guard)


def _host_suspended(ward: Ward, random: Random) -> Undo:
    """Control, guard and broker on one host; the dome runs on, and so does the boot clock."""
    lines = ward.network.lines_of()
    ward.network.hold(*lines)
    ward.control.stop()
    ward.guard.stop()

    def undo() -> None:
        ward.control.go_on()
        ward.guard.go_on()
        ward.network.release(*lines)

    return undo


def _killed(ward: Ward, process: ControlSide | GuardSide) -> Undo:
    ward.kill(process)
    return process.start


def _control_killed(ward: Ward, random: Random) -> Undo:
    return _killed(ward, ward.control)


def _guard_killed(ward: Ward, random: Random) -> Undo:
    return _killed(ward, ward.guard)


def _control_told_to_end(ward: Ward, random: Random) -> Undo:
    if ward.control.end_on_purpose():
        ward.oracle.died(ward.now_s)
    return ward.control.start


def _crash_loop(ward: Ward, random: Random) -> Undo:
    """Three deaths in a row: the fourth start finds itself locked."""
    at_s = ward.now_s
    for _ in range(3):
        ward.agenda.at(at_s, ward.kill, ward.control)
        at_s += random.uniform(0.2, 4.0)
        ward.agenda.at(at_s, ward.control.start)
        at_s += random.uniform(0.2, 6.0)
    return ward.control.start


def _power_cut(ward: Ward, random: Random) -> Undo:
    """Everything: dome, broker, control, guard."""
    lines = ward.network.lines_of()
    ward.network.cut(*lines)
    ward.network.forget()
    ward.kill(ward.control)
    ward.kill(ward.guard)
    ward.dome.lose_power()

    def undo() -> None:
        ward.dome.get_power()
        ward.network.mend(*lines)
        ward.agenda.after(random.uniform(0.0, 3.0), ward.control.start)
        ward.agenda.after(random.uniform(0.0, 3.0), ward.guard.start)

    return undo


def _starved(ward: Ward, random: Random) -> Undo:
    ward.control.late_s = random.uniform(0.2, 1.4)

    def undo() -> None:
        ward.control.late_s = 0.0

    return undo


def _hiccups(ward: Ward, random: Random) -> Undo:
    """Control and guard stand still for moments, six times each."""
    for process in (ward.control, ward.guard):
        at_s = ward.now_s
        for _ in range(6):
            at_s += random.uniform(0.1, 3.0)
            ward.agenda.at(at_s, process.stop)
            at_s += random.uniform(0.05, 1.3)
            ward.agenda.at(at_s, process.go_on)
    return _ends_by_itself


def _ends_by_itself() -> None:
    """Its last entry stands in the agenda already."""


def _misses_stage(ward: Ward, random: Random) -> Undo:
    ward.control.misses_flow = True

    def undo() -> None:
        ward.control.misses_flow = False

    return undo


def _mad(ward: Ward, random: Random) -> Undo:
    """Whatever was decided, control commands heat."""

    def changed(command: Command) -> Command:
        return command._replace(power_pct=MAD_PCT)

    ward.control.changed = changed

    def undo() -> None:
        ward.control.changed = None

    return undo


def _nonsense_power(ward: Ward, random: Random) -> Undo:
    nonsense = random.choice((float("nan"), float("inf"), -5.0, 100.5, 1e9))

    def changed(command: Command) -> Command:
        return command._replace(power_pct=nonsense)

    ward.control.changed = changed

    def undo() -> None:
        ward.control.changed = None

    return undo


def _row(
    name: str,
    what: str,
    begin: Begin,
    *,
    lasts_s_max: float = 20.0,
    single: Single = Single.RECOVERS,
    hinders: bool = True,
) -> Mishap:
    return Mishap(name, what, Group.PROCESS, begin, single, ONCE_S, lasts_s_max, hinders=hinders)


PROCESS: Final = (
    _row("control-frozen", "SIGSTOP to control, or a blocked loop", _control_frozen),
    _row("guard-frozen", "SIGSTOP to the guard", _guard_frozen),
    _row("host-suspended", "control, guard and broker sleep; the boot clock runs", _host_suspended),
    _row("control-killed", "SIGKILL to control, which begins anew", _control_killed),
    _row("guard-killed", "SIGKILL to the guard, which begins anew", _guard_killed),
    _row("control-ended", "SIGTERM to control, which begins anew", _control_told_to_end),
    _row(
        "crash-loop", "control dies three times within half a minute", _crash_loop, lasts_s_max=31
    ),
    _row("power-cut", "dome, broker, control and guard lose power", _power_cut),
    _row("control-starved", "control's cycles come up to 1.4 s late", _starved),
    _row("hiccups", "control and guard stand still for moments", _hiccups, lasts_s_max=26.0),
    _row("flow-wrong", "control misses a stage of its cycle", _misses_stage, hinders=False),
    _row("control-mad", "control commands 73 % whatever it decided", _mad, hinders=False),
    _row("power-nonsense", "control commands NaN, infinity or 1e9 %", _nonsense_power),
)
