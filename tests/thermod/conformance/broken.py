"""Domes as their makers get them wrong: each has one fault, and names the lines that must fail.

They are variants of the specification, so whatever is not overridden is right.
"""

from __future__ import annotations

from math import isfinite

from tests.thermod.conformance.pretend import PretendDome
from thermod.sim import node as specification
from thermod.sim.node import Actuation, Node, Reaction
from thermod.sim.node_authority import Authority, Refused
from thermod.sim.node_messages import UNREADABLE, Command, NodeState, Permit, decode_stop


class Variant(Node):
    """A node whose authority is of another class."""

    authority_class: type[Authority] = Authority
    fails: frozenset[str] = frozenset()
    hides: frozenset[str] = frozenset()  # lines that its fault keeps from being tried

    def reboot(self, now_s: float) -> None:
        super().reboot(now_s)
        self.authority = self.authority_class(self.authority.boot_id)


# --- age ------------------------------------------------------------------------------------------


class CountsCommandFromArrival(Variant):
    """The commonest mistake: a timer that every command restarts."""

    fails = frozenset({"command-age"})

    class authority_class(Authority):
        def on_command(self, command: Command, now_s: float) -> Refused | None:
            refused = super().on_command(command, now_s)
            if refused is None:
                self._command_tick_s = now_s
            return refused


class CountsPermitFromArrival(Variant):
    fails = frozenset({"permit-age"})

    class authority_class(Authority):
        def on_permit(self, permit: Permit, now_s: float) -> Refused | None:
            refused = super().on_permit(permit, now_s)
            if refused is None and permit.granted:
                self._permit_tick_s = now_s
            return refused


class NeverLapses(Variant):
    """The last command stands until the next one."""

    fails = frozenset({"command-silence", "command-age"})

    class authority_class(Authority):
        def why_withheld(self, now_s: float) -> str | None:
            self._command_tick_s = now_s if self.command_seq > 0 else self._command_tick_s
            return super().why_withheld(now_s)


class LeaseOfFourSeconds(Variant):
    """A second too long, whoever falls silent; what is that old when it comes is still refused."""

    fails = frozenset(
        {"command-silence", "permit-silence", "all-silence", "command-age", "permit-age"}
    )

    class authority_class(Authority):
        def why_withheld(self, now_s: float) -> str | None:
            withheld = super().why_withheld(now_s)
            is_young = max(self.lease_ages_s(now_s)) <= 4.0
            return None if withheld and "older than 3 s" in withheld and is_young else withheld


class LooksAtNoTick(Variant):
    """Any tick will do, so a message that was under way for a minute heats."""

    fails = frozenset(
        {"command-tick", "command-tick-unknown", "permit-tick", "permit-tick-unknown"}
    )

    class authority_class(Authority):
        def _why_tick(self, tick: int, now_s: float) -> Refused | None:
            return None


# --- who ------------------------------------------------------------------------------------------


class LooksAtNoBootOfCommands(Variant):
    fails = frozenset({"command-boot"})

    class authority_class(Authority):
        def _why_no_command(self, command: Command, now_s: float) -> Refused | None:
            return super()._why_no_command(command._replace(boot_id=self.boot_id), now_s)


class LooksAtNoBootOfPermits(Variant):
    fails = frozenset({"permit-boot"})

    class authority_class(Authority):
        def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
            return super()._why_no_grant(permit._replace(boot_id=self.boot_id), now_s)


class GoesBackToOldEpochs(Variant):
    """Another epoch is a new epoch."""

    fails = frozenset({"permit-epoch"})

    class authority_class(Authority):
        def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
            if permit.epoch < self.epoch:
                self.epoch = permit.epoch - 1
            return super()._why_no_grant(permit, now_s)


class AdoptsEpochsFromCommands(Variant):
    fails = frozenset({"command-alone", "command-epoch"})

    class authority_class(Authority):
        def on_command(self, command: Command, now_s: float) -> Refused | None:
            if command.epoch > self.epoch:
                self.epoch, self.controller_id = command.epoch, command.controller_id
                self._forget_command()
            return super().on_command(command, now_s)


class ObeysAnyController(Variant):
    fails = frozenset({"command-controller"})

    class authority_class(Authority):
        def _why_no_command(self, command: Command, now_s: float) -> Refused | None:
            ours = command._replace(controller_id=self.controller_id or command.controller_id)
            return super()._why_no_command(ours, now_s)


class ObeysTwoGuards(Variant):
    fails = frozenset({"permit-guard"})

    class authority_class(Authority):
        def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
            ours = permit._replace(guard_id=self.guard_id or permit.guard_id)
            return super()._why_no_grant(ours if permit.epoch == self.epoch else permit, now_s)


class ServesTwoControllers(Variant):
    """The controller of an epoch may change with any permit."""

    fails = frozenset({"permit-controller"})

    class authority_class(Authority):
        def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
            if permit.epoch == self.epoch:
                permit = permit._replace(controller_id=self.controller_id)
            return super()._why_no_grant(permit, now_s)


class TakesRepeatedPermits(Variant):
    """A grant from before the revoke ends the revoke."""

    fails = frozenset({"permit-seq"})

    class authority_class(Authority):
        def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
            refused = super()._why_no_grant(permit, now_s)
            return None if refused is Refused.SEQ_OLD else refused


class TakesAnyRevoke(Variant):
    """Safe, but anybody who restarts an old guard takes the heat away."""

    fails = frozenset({"revoke-refused"})

    class authority_class(Authority):
        def _why_no_revoke(self, permit: Permit) -> Refused | None:
            return None


class TakesRepeatedCommands(Variant):
    fails = frozenset({"command-seq"})

    class authority_class(Authority):
        def _why_no_command(self, command: Command, now_s: float) -> Refused | None:
            refused = super()._why_no_command(command, now_s)
            return None if refused is Refused.SEQ_OLD else refused


class HeatsWithoutPermit(Variant):
    """The permit opens the epoch, and is not looked at again."""

    fails = frozenset(
        {
            *("revoke", "revoke-any-echo", "revoke-stays", "contactors-open"),
            *("permit-silence", "permit-age"),
        }
    )
    hides = frozenset(
        {
            *("permit-tick", "permit-tick-unknown", "permit-boot", "permit-epoch", "permit-guard"),
            *("permit-controller", "permit-seq", "permit-malformed", "permit-size"),
        }
    )

    class authority_class(Authority):
        def why_withheld(self, now_s: float) -> str | None:
            self._granted, self._permit_tick_s = self.epoch > 0, now_s
            return super().why_withheld(now_s)


# --- what is in a message -------------------------------------------------------------------------


class ClampsPower(Variant):
    """110 % becomes 100 % instead of a refusal."""

    fails = frozenset({"command-power"})

    class authority_class(Authority):
        def on_command(self, command: Command, now_s: float) -> Refused | None:
            if isfinite(command.power_pct):
                command = command._replace(power_pct=min(100.0, max(0.0, command.power_pct)))
            return super().on_command(command, now_s)


class FillsInMissingTicks(Variant):
    """A command that names no tick is taken for one of now."""

    fails = frozenset({"command-malformed"})

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        if suffix == "heater/command" and payload.endswith(b"}") and b'"tick"' not in payload:
            payload = payload[:-1] + f', "tick": {self.authority.ticks}}}'.encode()
        return super().hear(suffix, payload, retained, now_s)


class TakesOneForTrue(Variant):
    fails = frozenset({"permit-malformed"})

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        payload = payload.replace(b'"granted": 1', b'"granted": true')
        return super().hear(suffix, payload, retained, now_s)


class RefusesToSound(Variant):
    """It has no sounder, and takes no permit that asks for one."""

    fails = frozenset({"sounder"})

    def on_permit(self, permit: Permit, now_s: float) -> Reaction:
        if permit.annunciate:
            return Reaction(Refused.MALFORMED, "no sounder")
        return super().on_permit(permit, now_s)


class HeatsInSteps(Variant):
    """Five steps of power, and what lies between is rounded."""

    fails = frozenset({"power"})

    def _actuate(
        self, heater_pct: float, contactors_closed: bool, because: str, now_s: float
    ) -> Actuation:
        return super()._actuate(20.0 * (heater_pct // 20.0), contactors_closed, because, now_s)


class ReadsLongPayloads(Variant):
    fails = frozenset({"command-size", "permit-size"})

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        if suffix != "stop":
            payload = payload.rstrip()
        return super().hear(suffix, payload, retained, now_s)


class NeedsReadableStop(Variant):
    """A STOP that cannot be read is thrown away like any other message."""

    fails = frozenset({"stop-malformed"})

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        if suffix == "stop" and decode_stop(payload) == UNREADABLE:
            return Reaction(Refused.MALFORMED, "not a STOP")
        return super().hear(suffix, payload, retained, now_s)


# --- endings --------------------------------------------------------------------------------------


class JudgesRevokesByTick(Variant):
    """A revoke that is late is thrown away, as a grant would be."""

    fails = frozenset({"revoke-any-echo"})

    class authority_class(Authority):
        def _why_no_revoke(self, permit: Permit) -> Refused | None:
            if permit.tick == 0:  # decoded without one: the specification does not read it
                return super()._why_no_revoke(permit)
            return Refused.TICK_OLD

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        if suffix == "guard/permit" and b'"granted": false' in payload and b'"tick": 0' in payload:
            return Reaction(Refused.TICK_OLD, "an old revoke")
        return super().hear(suffix, payload, retained, now_s)


class ReopensEpochs(Variant):
    """A grant of the epoch that was ended opens it again."""

    fails = frozenset({"ended", "stop", "revoke-higher"})

    class authority_class(Authority):
        def _why_no_grant(self, permit: Permit, now_s: float) -> Refused | None:
            refused = super()._why_no_grant(permit, now_s)
            if refused is Refused.EPOCH_OVER:
                self.over_because, self.contactors_open_at_once = None, False
                return None
            return refused


class KeepsContactorsClosed(Variant):
    """The SSR alone takes the heat away."""

    fails = frozenset({"contactors-open", "reboot"})

    def _contactors_must_open(self, now_s: float) -> bool:
        return self.authority.contactors_open_at_once


class ReclosesAtOnce(Variant):
    fails = frozenset({"contactors-reclose"})

    def look(self, now_s: float) -> Actuation:
        self._opened_s = min(self._opened_s, now_s - specification.CONTACTORS_RECLOSE_AFTER_S)
        return super().look(now_s)


class TakesAnyGrantAfterStop(Variant):
    """An epoch may open by a grant that crossed the STOP on its way."""

    fails = frozenset({"stop-unseen"})

    class authority_class(Authority):
        def on_stop(self, stop_id: str) -> None:
            super().on_stop(stop_id)
            self._stop_tick = 0


class EchoesNoStop(Variant):
    fails = frozenset({"stop", "stop-malformed"})

    def tick(self, *args: object, **more: object) -> NodeState:
        return super().tick(*args, **more)._replace(stop_id=None)  # type: ignore[arg-type]


class EchoesNoGuard(Variant):
    fails = frozenset({"permit-alone", "heat"})

    def tick(self, *args: object, **more: object) -> NodeState:
        return super().tick(*args, **more)._replace(guard_id=None)  # type: ignore[arg-type]


class RestsWithContactorsClosed(Variant):
    fails = frozenset({"rest", "reboot"})

    def tick(self, *args: object, **more: object) -> NodeState:
        state = super().tick(*args, **more)  # type: ignore[arg-type]
        return state._replace(contactors_closed=(True,)) if state.epoch == 0 else state


class NamesItsBootsByNumber(Variant):
    """Whoever has lost count boots with an id that was there before."""

    fails = frozenset({"tick", "reboot"})

    def reboot(self, now_s: float) -> None:
        super().reboot(now_s)
        self.authority.boot_id = f"boot-{int(self.authority.boot_id, 16)}"


class HeatsWithLidOpen(Variant):
    fails = frozenset({"lid"})

    def _why_withheld(self, now_s: float) -> str | None:
        return self.authority.why_withheld(now_s)


class KeepsItsBootId(Variant):
    """One id for life, from flash."""

    fails = frozenset({"reboot"})

    def reboot(self, now_s: float) -> None:
        old = getattr(self, "authority", None)
        super().reboot(now_s)
        if old is not None:
            self.authority.boot_id = old.boot_id


# --- the dome around the node ---------------------------------------------------------------------


class SlowDome(PretendDome):
    """Its half second is longer than ours."""

    fails = frozenset({"state-rate"})
    tick_s = 0.55


class GarblingDome(PretendDome):
    """One of its states holds a NaN, and a message with a NaN is none."""

    fails = frozenset({"state-readable"})

    def tick(self, now_s: float) -> bytes | None:
        payload = super().tick(now_s)
        return payload.replace(b"37.0", b"NaN") if self.node.authority.ticks == 25 else payload


class WeldedDome(PretendDome):
    """The SSR conducts whatever the node says, and only the meter tells."""

    fails = frozenset({"meter", "meter-rest"})

    def __init__(self) -> None:
        super().__init__()
        self.heater.ssr_welded = True


class WeakDome(PretendDome):
    """Half of its elements are dead."""

    fails = frozenset({"meter"})

    def __init__(self) -> None:
        super().__init__()
        self.heater.output_share = 0.5


class FrozenProbesDome(PretendDome):
    """Sends the last reading again and again, with the number it had."""

    fails = frozenset({"readings"})

    def number_of_readings(self, tick: int) -> int:
        return 7


NODES = tuple(Variant.__subclasses__())
DOMES = (SlowDome, GarblingDome, WeldedDome, WeakDome, FrozenProbesDome)
