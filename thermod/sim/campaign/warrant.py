"""What the judge knows of who may heat: permits, commands and acts of people as they truly arrived.

It says the same as the contract of the node and shares no line with it: heat has a warrant while a
permit and a command of one open epoch are younger than their lease.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import Final

from thermod.sim.campaign.network import Message

AUTHORITY_S_MAX: Final = 3.05  # SAFETY.md section 6
ACT_S_MAX: Final = 20.0  # 5 s until it is too old to be heard, 10 s until too old to be granted
OPENS_EPOCH: Final = frozenset({"create", "start", "resume"})
TICKS_KEPT: Final = 64
KEYS_KEPT: Final = 8

Key = tuple[int, str, str]  # epoch, controller, boot of the dome


class Warrant:
    """Times are true time; the age of a message is that of the tick it echoes."""

    def __init__(self) -> None:
        self.closed = -1  # epochs up to here are over
        self.commanded_pct = 0.0
        self._tick_s: dict[tuple[str, int], float] = {}
        self._ticks: deque[tuple[str, int]] = deque()
        self._permits: dict[Key, float] = {}  # by the true time of the newest tick they echoed
        self._commands: dict[Key, float] = {}
        self._guard_of: dict[int, str] = {}  # which guard opened the epoch at the node
        self._unasked: set[int] = set()  # epochs that no act of a person stands behind
        self._closing: deque[tuple[float, int]] = deque()
        self._acts_s: list[float] = []  # acts of a person that have opened nothing yet
        self._recent: deque[tuple[Key, float]] = deque(maxlen=16)  # commands as they came
        self._obeyed: dict[int, set[str]] = {}  # controllers by epoch

    # --- how long it lasts ------------------------------------------------------------------------

    def runs_out_s(self, slack_s: float) -> float:
        """When the warrant in force ends, if nothing more arrives. -inf: there is none.

        With slack, for a heater that goes off late, an epoch that is over still counts as long.
        """
        best_s = -inf
        for key, permit_s in self._permits.items():
            if key[0] in self._unasked:
                continue
            if key[0] > self.closed or slack_s:
                best_s = max(best_s, min(permit_s, self._commands.get(key, -inf)))
        return best_s + AUTHORITY_S_MAX + slack_s

    def let_close(self, now_s: float) -> float:
        """End what is due to end; when the next is due."""
        while self._closing and now_s >= self._closing[0][0]:
            self.closed = max(self.closed, self._closing.popleft()[1])
        return self._closing[0][0] if self._closing else inf

    # --- what happens -----------------------------------------------------------------------------

    def ticked(self, boot_id: str, tick: int, now_s: float) -> None:
        """The node counts this tick now."""
        key = (boot_id, tick)
        self._tick_s[key] = now_s
        self._ticks.append(key)
        if len(self._ticks) > TICKS_KEPT:
            del self._tick_s[self._ticks.popleft()]

    def asked(self, kind: str, made_s: float) -> None:
        """A person asks for this."""
        if kind in OPENS_EPOCH:
            self._acts_s.append(made_s)

    def died(self, now_s: float) -> None:
        """Control or guard is killed: the epoch is over when its last word has run out."""
        self._closing.append((now_s + AUTHORITY_S_MAX, max(self._guard_of, default=-1)))

    def rebooted(self) -> None:
        """The dome begins anew: nothing that arrived before counts, and if the guard's file is
        lost as well epochs may be numbered from 1 again.
        """
        self.closed = -1
        self._permits.clear()
        self._commands.clear()
        self._guard_of.clear()
        self._unasked.clear()
        self._obeyed.clear()
        self._closing.clear()

    def stopped(self, pressed_s: float) -> None:
        """STOP at the node: every epoch so far is over, and what was asked before it was pressed
        opens nothing, however late it comes.
        """
        self.closed = max(self.closed, *self._guard_of, -1)
        self._acts_s = [act_s for act_s in self._acts_s if act_s > pressed_s]

    def permit(self, message: Message, boot_id: str) -> None:
        """A permit at the node."""
        permit = message.value
        if not permit.granted:
            if permit.ended and self._guard_of.get(permit.epoch) == permit.guard_id:
                self.closed = max(self.closed, permit.epoch)
            return
        tick_s = self._tick_s.get((permit.boot_id, permit.tick))
        if tick_s is None or permit.boot_id != boot_id:
            return
        if permit.epoch not in self._guard_of:
            self._open(message)
        if self._guard_of.get(permit.epoch) == permit.guard_id:
            _newest(self._permits, (permit.epoch, permit.controller_id, boot_id), tick_s)

    def _open(self, message: Message) -> None:
        """The first grant of an epoch that the node may adopt: a person's act must stand behind
        it, or heat in it has no warrant.
        """
        epoch, sent_s = message.value.epoch, message.sent_s
        if epoch <= max(self._guard_of, default=-1):
            return
        self._guard_of[epoch] = message.value.guard_id
        if not any(0.0 <= sent_s - act_s <= ACT_S_MAX for act_s in self._acts_s):
            self._unasked.add(epoch)
        self._acts_s = [act_s for act_s in self._acts_s if act_s > sent_s]

    def command(self, message: Message) -> None:
        """A command at the node."""
        controller_id, command = message.value
        key = (command.epoch, controller_id, command.boot_id)
        self._recent.append((key, command.power_pct))
        self.commanded_pct = command.power_pct
        tick_s = self._tick_s.get((command.boot_id, command.tick))
        if tick_s is not None:
            _newest(self._commands, key, tick_s)

    def obeyed(self, power_pct: float) -> str | None:
        """Power has changed to this: whose word was it? Why it must not be, or None."""
        found = [key for key, said_pct in self._recent if abs(said_pct - power_pct) < 1e-9]
        if not found:
            return None  # a weak or a welded heater: the power is nobody's word
        permitted = [key for key in found if key in self._permits]
        if not permitted:
            return f"{found[-1][1]} was obeyed without a permit for it"
        epoch, controller_id, _ = permitted[-1]
        if epoch in self._unasked:
            return f"epoch {epoch} heats without an act of a person"
        controllers = self._obeyed.setdefault(epoch, set())
        controllers.add(controller_id)
        if len(controllers) == 1:
            return None
        return f"two controllers were accepted in epoch {epoch}: {', '.join(sorted(controllers))}"


def _newest(of: dict[Key, float], key: Key, tick_s: float) -> None:
    of[key] = max(of.get(key, -inf), tick_s)
    if len(of) > KEYS_KEPT:
        del of[min(of, key=of.__getitem__)]
