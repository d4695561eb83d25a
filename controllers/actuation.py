"""What the heater may be told, and for how long it holds.

A command is a lease, not a state: it names the epoch that a person opened and the dome tick it
answers, and it counts for nothing 3 s later. Control holds an epoch only while the guard's permit
says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

LEASE_S: Final = 3.0  # the contract: a permit older than this counts for nothing
# The guard forgets a person's intent after this long, so an arm unanswered by then is dead.
ARM_S: Final = 10.0
WITHHELD_S_MAX: Final = 60.0  # heat may come back by itself only this long; then a person resumes


@dataclass(frozen=True, slots=True)
class Safe:
    """The safe state, written once: not "everything off", for the air must move."""

    power_pct: float = 0.0
    contactors_closed: bool = False
    air_moving: bool = True


SAFE: Final = Safe()


class Scope(StrEnum):
    """What control wants of the guard."""

    NONE = "none"
    TEST = "test"  # the preflight's on-test, before a patient lies under the dome
    SESSION = "session"


class Permit(NamedTuple):
    """The guard's newest word, as control heard it. `received_s` is on control's clock."""

    granted: bool
    ended: bool
    why: str
    guard_id: str
    controller_id: str | None
    epoch: int
    received_s: float


@dataclass(frozen=True, slots=True)
class Lease:
    """Control's hold on the heater. `epoch` is None while it has none."""

    scope: Scope = Scope.NONE
    intent_id: str = ""
    armed_s: float = 0.0
    epoch: int | None = None
    guard_id: str = ""
    boot_id: str = ""
    epoch_before: int = 0  # named by the newest permit when we armed: ours must be newer
    withheld_s: float | None = None  # since when the guard has withheld; None while it grants


class Hold(NamedTuple):
    """What a look at the permit came to. `lost`: why the epoch is over, or None."""

    lease: Lease
    may_heat: bool
    because: str
    lost: str | None = None


NO_LEASE: Final = Lease()
_IDLE: Final = Hold(NO_LEASE, False, "no session asks for heat")


def arm(scope: Scope, intent_id: str, permit: Permit | None, now_s: float) -> Lease:
    """Ask for an epoch after a person's act. Nothing heats until the guard opens one."""
    return Lease(scope, intent_id, now_s, epoch_before=-1 if permit is None else permit.epoch)


def look(
    lease: Lease, permit: Permit | None, controller_id: str, boot_id: str | None, now_s: float
) -> Hold:
    """Hold the lease against the newest permit: keep it, open it, withhold, or lose it."""
    if lease.scope is Scope.NONE:
        return _IDLE
    if lease.epoch is None:
        return _await_grant(lease, permit, controller_id, boot_id, now_s)
    lost = _why_lost(lease, permit, controller_id, boot_id)
    if lost is not None:
        return Hold(NO_LEASE, False, lost, lost)
    if _is_granted(permit, controller_id, now_s):
        held = lease if lease.withheld_s is None else replace(lease, withheld_s=None)
        return Hold(held, True, "permitted")
    return _withhold(lease, permit, now_s)


def _is_granted(permit: Permit | None, controller_id: str, now_s: float) -> bool:
    """A fresh word of the guard that we, and nobody else, may heat."""
    return (
        permit is not None
        and permit.granted
        and not permit.ended
        and permit.controller_id == controller_id
        and 0.0 <= now_s - permit.received_s <= LEASE_S
    )


def _await_grant(
    lease: Lease, permit: Permit | None, controller_id: str, boot_id: str | None, now_s: float
) -> Hold:
    """Armed and not yet answered. What the guard said before we armed, or of an older epoch, is no
    answer.
    """
    if not 0.0 <= now_s - lease.armed_s <= ARM_S:
        why = "it is silent" if permit is None else permit.why
        lost = f"the guard did not permit heat within {ARM_S:.0f} s: {why}"
        return Hold(NO_LEASE, False, lost, lost)
    if (
        permit is None
        or boot_id is None
        or not _is_granted(permit, controller_id, now_s)
        or not permit.epoch > lease.epoch_before
        or not permit.received_s >= lease.armed_s
    ):
        return Hold(lease, False, "waiting for the guard's permit")
    opened = replace(lease, epoch=permit.epoch, guard_id=permit.guard_id, boot_id=boot_id)
    return Hold(opened, True, "permitted")


def _why_lost(
    lease: Lease, permit: Permit | None, controller_id: str, boot_id: str | None
) -> str | None:
    """What ends an epoch for good, at once."""
    if boot_id is not None and boot_id != lease.boot_id:
        return "the dome restarted"
    if permit is None:
        return None  # silence is withheld first, and lost only after its time
    if permit.guard_id != lease.guard_id:
        return "the guard restarted, or a second guard spoke"
    if permit.epoch != lease.epoch or permit.ended:
        return f"the guard ended the epoch: {permit.why}"
    if permit.controller_id not in (controller_id, None):
        return "another controller holds the dome"
    return None


def _withhold(lease: Lease, permit: Permit | None, now_s: float) -> Hold:
    """No heat now; the epoch lives on for up to 60 s."""
    since_s = now_s if lease.withheld_s is None else lease.withheld_s
    why = "the guard is silent" if permit is None or permit.granted else permit.why
    if not now_s - since_s <= WITHHELD_S_MAX:
        lost = f"heat was withheld for {WITHHELD_S_MAX:.0f} s ({why})"
        return Hold(NO_LEASE, False, lost, lost)
    held = lease if lease.withheld_s is not None else replace(lease, withheld_s=since_s)
    return Hold(held, False, f"withheld by the guard: {why}")
