"""Epochs: each begins with an act of a person, and nothing but the next act begins another."""

from dataclasses import dataclass
from math import inf

from thermod.guard.fields import INTEGER_MAX
from thermod.guard.heard import ArmSeen, CommandSeen, HeartbeatSeen, IntentSeen, NodeSeen
from thermod.guard.intents import Waiting
from thermod.guard.keeper import Keeper
from thermod.guard.permission import Permission
from thermod.guard.times import INTENT_AGE_S_MAX, SCOPE_UNSEEN_S_MAX, TEST_S_MAX


@dataclass(slots=True)
class Act:
    """Armed: it waits until everything holds. With a number it is the epoch that is open."""

    intent: IntentSeen
    heard_s: float  # the intent
    armed_s: float
    scope: str
    controller_id: str
    number: int | None = None  # of its epoch, once that is open
    opened_s: float = 0.0
    scope_seen: bool = False  # has control wanted this scope since?

    def why_over(self, now_s: float) -> str | None:
        """Whether time has ended it, and why."""
        if not self.scope_seen and not now_s - self.armed_s <= SCOPE_UNSEEN_S_MAX:
            return f"control armed {self.scope} and then did not want it"
        if self.number is None:
            if not now_s - self.heard_s <= INTENT_AGE_S_MAX:
                return "not everything held within 10 s of the intent"
        elif self.scope == "test" and not now_s - self.opened_s <= TEST_S_MAX:
            return "a test lasts 60 s at most"
        return None


class Epochs:
    """The act that is armed or open, if any, and the permission that it has."""

    def __init__(self, keeper: Keeper, guard_id: str) -> None:
        self.keeper = keeper
        self.permission = Permission()
        self.act: Act | None = None
        self.controller_id: str | None = None  # of the last epoch that was opened
        self.why_none = "no epoch is open"
        self._guard_id = guard_id
        self._echo_s = -inf  # when the node last showed our epoch
        self._command_seq = 0
        self._command_pct = 0.0

    @property
    def is_armed(self) -> bool:
        """Does an act wait for its epoch?"""
        return self.act is not None and self.act.number is None

    @property
    def is_open(self) -> bool:
        """Is an epoch under way, granted or withheld?"""
        return self.act is not None and self.act.number is not None

    @property
    def scope(self) -> str:
        """Of the open epoch."""
        return self.act.scope if self.act is not None and self.is_open else "none"

    @property
    def may_heat(self) -> bool:
        """Granted, and the newest command of this epoch asks for power."""
        return self.permission.granted and self._command_pct > 0.0

    def echo_age_s(self, now_s: float) -> float | None:
        """Since the node last showed our epoch. None: no epoch is open."""
        return now_s - self._echo_s if self.is_open else None

    # --- from one to the next ---------------------------------------------------------------------

    def arm(self, waiting: Waiting, arm: ArmSeen, now_s: float) -> None:
        """The next act. Whatever was open before it is over."""
        self.end("a person began the next epoch")
        self.act = Act(waiting.intent, waiting.heard_s, now_s, arm.scope, arm.controller_id)

    def open(self, node_epoch: int, now_s: float) -> None:
        """The armed act gets its epoch: once the number is safe on disk, and not before."""
        act = self.act
        number = max(self.keeper.epoch, node_epoch) + 1
        if act is None:
            return
        if number > INTEGER_MAX:
            self.end("all epoch numbers are used up")
            return
        if not self.keeper.use_epoch(number, now_s):
            self.trip("state_lost")
            return
        act.number = number
        act.opened_s = now_s
        self.controller_id = act.controller_id
        self._echo_s = now_s
        self._command_seq = 0
        self._command_pct = 0.0
        self.permission.begin()

    def end(self, why: str) -> None:
        """The epoch is over, or the act that would have opened it."""
        if self.act is not None:
            self.act = None
            self.why_none = why
            self.permission.end()

    def trip(self, name: str) -> None:
        """Over, and no other one begins until a person resets this."""
        self.keeper.latch(name)
        self.end("no epoch is open")  # while it stands, the latch says why

    def end_by_time(self, now_s: float) -> None:
        """Whatever time alone ends."""
        if self.act is None:
            return
        why = self.act.why_over(now_s)
        if why is not None:
            self.end(why)
        elif self.permission.was_withheld_too_long(now_s):
            self.end("withheld for 60 s: a person must resume")

    # --- what bears on it -------------------------------------------------------------------------

    def hear_scope(self, beat: HeartbeatSeen) -> None:
        """What control wants now. It may change its mind once, and that ends it."""
        if self.act is None:
            return
        if beat.scope == self.act.scope:
            self.act.scope_seen = True
        elif self.act.scope_seen:
            self.end(f"control wants {beat.scope}")

    def hear_command(self, command: CommandSeen, boot_id: str) -> bool:
        """False: it is not of the open epoch, or not its newest."""
        if self.act is None or self.act.number is None:
            return True  # the last 0 after an end is no fault
        if (
            command.epoch != self.act.number
            or command.boot_id != boot_id
            or not command.seq > self._command_seq
        ):
            return False
        self._command_seq = command.seq
        self._command_pct = command.power_pct
        return True

    def hear_echo(self, node: NodeSeen, now_s: float) -> bool:
        """Which epoch the node is in. False: one that another guard has opened."""
        number = None if self.act is None else self.act.number
        if number is None or node.epoch < number:
            return True
        if node.epoch == number and node.guard_id == self._guard_id:
            self._echo_s = now_s
            return True
        return node.epoch == number and node.guard_id is None
