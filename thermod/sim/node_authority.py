"""Who may heat: what permits, commands and STOP do to a node (CONTRACT.md, the table at its end).

Freshness is judged by echo. The node numbers its ticks and remembers when it sent the last sixteen;
a message proves its age by the tick it carries, on this node's clock and on no other.
"""

from enum import StrEnum
from math import inf

from thermod.sim.node_messages import Command, Permit

# CONTRACT.md, "Times and sizes"
LEASE_S = 3.0
TICKS_REMEMBERED = 16

GUARDS_REMEMBERED = 4  # a bound on memory; one guard is right, two are already a fault

NO_PERMIT_YET = "no permit yet"


class Refused(StrEnum):
    """Why a message changed nothing. Each kind is counted."""

    TOPIC_UNKNOWN = "topic_unknown"
    RETAINED = "retained"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    BOOT_OTHER = "boot_other"
    EPOCH_LOW = "epoch_low"
    EPOCH_HIGH = "epoch_high"
    EPOCH_OVER = "epoch_over"
    STOP_UNSEEN = "stop_unseen"
    GUARD_OTHER = "guard_other"
    CONTROLLER_OTHER = "controller_other"
    SEQ_OLD = "seq_old"
    TICK_OLD = "tick_old"
    TICK_FUTURE = "tick_future"
    TICK_UNKNOWN = "tick_unknown"
    POWER_OUT_OF_RANGE = "power_out_of_range"


class Authority:
    """The permit in force and the newest command obeyed under it. It begins with a boot."""

    def __init__(self, boot_id: str, ticks: int = 0) -> None:
        """`boot_id` is 16 random hex digits; `ticks` were counted before, in this boot."""
        self.boot_id = boot_id
        self.ticks = ticks
        self._tick_s = [-inf] * TICKS_REMEMBERED
        self.epoch = 0
        self.guard_id: str | None = None
        self.controller_id: str | None = None
        self.stop_id: str | None = None
        self._stop_tick = 0  # the newest when STOP was last heard
        self.annunciate = False
        self.over_because: str | None = NO_PERMIT_YET  # None: an epoch is open
        self.contactors_open_at_once = False  # the epoch was ended by a STOP or by an `ended`
        self._granted = False
        self._permit_seq = 0
        self._permit_tick_s = -inf
        self._revokes: dict[str, Permit] = {}  # by guard: its newest, also of an epoch to come
        self._forget_command()

    def count_tick(self, now_s: float) -> None:
        """The next tick is sent now."""
        self.ticks += 1
        self._tick_s[self.ticks % TICKS_REMEMBERED] = now_s

    def why_withheld(self, now_s: float) -> str | None:
        """None: permit and command are in force. Written so that a NaN withholds."""
        if self.over_because is not None:
            return self.over_because
        if not self._granted:
            return "the guard withholds its permit"
        if not (0.0 <= now_s - self._permit_tick_s <= LEASE_S):
            return "the permit is older than 3 s"
        if self.command_seq == 0:
            return "no command in this epoch yet"
        if not (0.0 <= now_s - self._command_tick_s <= LEASE_S):
            return "the command is older than 3 s"
        return None

    # --- permits ----------------------------------------------------------------------------------

    def on_permit(self, permit: Permit, now_s: float) -> Refused | None:
        """A grant needs everything right; a revoke needs only to be news."""
        if permit.granted:
            refused = self._why_no_grant(permit, now_s)
            if refused is None:
                self._grant(permit)
        else:
            refused = self._why_no_revoke(permit)
            if refused is None:
                self._revoke(permit)
        if refused is None:
            self.annunciate = permit.annunciate
        return refused

    def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
        if permit.ended or permit.controller_id is None:
            return Refused.MALFORMED
        if permit.boot_id != self.boot_id:
            return Refused.BOOT_OTHER
        if permit.epoch < self.epoch:
            return Refused.EPOCH_LOW
        if permit.epoch > self.epoch:
            return (
                self._why_overtaken(permit)
                or self._why_tick(permit.tick, now_s)
                or self._why_stop_unseen(permit)
            )
        if self.over_because is not None:
            return Refused.EPOCH_OVER
        if permit.guard_id != self.guard_id:
            return Refused.GUARD_OTHER
        if permit.controller_id != self.controller_id:
            return Refused.CONTROLLER_OTHER
        if permit.seq <= self._permit_seq:
            return Refused.SEQ_OLD
        return self._why_tick(permit.tick, now_s)

    def _why_stop_unseen(self, permit: Permit) -> Refused | None:
        """A guard that echoes a tick from before the STOP may not have heard of it."""
        return Refused.STOP_UNSEEN if permit.tick <= self._stop_tick else None

    def _why_overtaken(self, permit: Permit) -> Refused | None:
        """A revoke may overtake the grant before it, also the first one of an epoch to come."""
        revoke = self._revokes.get(permit.guard_id)
        if revoke is None or permit.epoch > revoke.epoch:
            return None
        if permit.epoch < revoke.epoch:
            return Refused.EPOCH_LOW
        if revoke.ended:
            return Refused.EPOCH_OVER
        return Refused.SEQ_OLD if permit.seq <= revoke.seq else None

    def _grant(self, permit: Permit) -> None:
        if permit.epoch > self.epoch:  # adopted: only here, never from a command
            self.epoch = permit.epoch
            self.guard_id = permit.guard_id
            self.controller_id = permit.controller_id
            self.over_because = None
            self.contactors_open_at_once = False
            self._forget_command()
        self._granted = True
        self._permit_seq = permit.seq
        self._permit_tick_s = self._tick_s[permit.tick % TICKS_REMEMBERED]

    def _why_no_revoke(self, permit: Permit) -> Refused | None:
        if permit.epoch < self.epoch:
            return Refused.EPOCH_LOW
        if permit.epoch > self.epoch:
            return None
        if self.guard_id is not None and permit.guard_id != self.guard_id:
            return Refused.GUARD_OTHER
        return Refused.SEQ_OLD if permit.seq <= self._permit_seq else None

    def _revoke(self, permit: Permit) -> None:
        self._granted = False
        if permit.epoch == self.epoch:
            self._permit_seq = permit.seq
        if self._why_overtaken(permit) is None:
            self._remember(permit)
        if self.over_because is None and (permit.ended or permit.epoch > self.epoch):
            self.over_because = f"the guard has ended epoch {self.epoch}"
        if permit.ended:
            self.contactors_open_at_once = True

    def _remember(self, revoke: Permit) -> None:
        self._revokes.pop(revoke.guard_id, None)
        if len(self._revokes) >= GUARDS_REMEMBERED:
            self._revokes.pop(next(iter(self._revokes)))
        self._revokes[revoke.guard_id] = revoke

    # --- commands and STOP ------------------------------------------------------------------------

    def on_command(self, command: Command, now_s: float) -> Refused | None:
        """Obeyed while the permit is withheld, too: the echo shows that the link is whole."""
        refused = self._why_no_command(command, now_s)
        if refused is None:
            self.command_seq = command.seq
            self.power_pct = command.power_pct
            self._command_tick_s = self._tick_s[command.tick % TICKS_REMEMBERED]
        return refused

    def _why_no_command(self, command: Command, now_s: float) -> Refused | None:
        if command.boot_id != self.boot_id:
            return Refused.BOOT_OTHER
        if command.epoch != self.epoch:
            return Refused.EPOCH_LOW if command.epoch < self.epoch else Refused.EPOCH_HIGH
        if self.over_because is not None:
            return Refused.EPOCH_OVER
        if command.controller_id != self.controller_id:
            return Refused.CONTROLLER_OTHER
        if command.seq <= self.command_seq:
            return Refused.SEQ_OLD
        if not (0.0 <= command.power_pct <= 100.0):
            return Refused.POWER_OUT_OF_RANGE
        return self._why_tick(command.tick, now_s)

    def _forget_command(self) -> None:
        self.command_seq = 0
        self.power_pct = 0.0
        self._command_tick_s = -inf

    def on_stop(self, stop_id: str) -> None:
        """Anybody's, in any form: the epoch is over, and only a higher one heats again, whose
        guard has seen a tick that carries this `stop_id`.
        """
        self.stop_id = stop_id
        self._stop_tick = self.ticks
        self.over_because = "stopped"
        self.contactors_open_at_once = True

    # --- age --------------------------------------------------------------------------------------

    def _why_tick(self, tick: int, now_s: float) -> Refused | None:
        if tick > self.ticks:
            return Refused.TICK_FUTURE
        if tick < 1 or tick <= self.ticks - TICKS_REMEMBERED:
            return Refused.TICK_UNKNOWN
        if not (0.0 <= now_s - self._tick_s[tick % TICKS_REMEMBERED] <= LEASE_S):
            return Refused.TICK_OLD
        return None

    def lease_ages_s(self, now_s: float) -> tuple[float, float]:
        """Age of the newest permit and of the newest command obeyed, infinite without one."""
        return now_s - self._permit_tick_s, now_s - self._command_tick_s
