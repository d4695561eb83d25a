"""One dome under guard: messages come in, `look` judges, and what is to be said comes out.

No clock, no socket and no file: time is handed in, messages come decoded (`hear.py` decodes), and
what must outlive the process goes to a store that is handed in. Read `look` first.
"""

from collections.abc import Callable
from dataclasses import asdict

from thermod.guard.epoch import Epochs
from thermod.guard.heard import (
    ArmSeen,
    CommandSeen,
    HeartbeatSeen,
    IntentSeen,
    NodeSeen,
    ReadingSeen,
)
from thermod.guard.intents import IntentBook
from thermod.guard.judge import judge
from thermod.guard.keeper import Keeper, keep
from thermod.guard.kept import Kept, Store
from thermod.guard.limits import Limits
from thermod.guard.said import Said
from thermod.guard.senses import Senses
from thermod.guard.specs import DomeSpec
from thermod.guard.standing import Standing, annunciates, why
from thermod.guard.times import OWN_GAP_S_MAX
from thermod.guard.trips import TRIP, new_trips
from thermod.guard.voice import Constants, Voice


class GuardDome:
    """The guard of one dome. It begins revoking, and grants only what a person asked for."""

    def __init__(
        self,
        spec: DomeSpec,
        limits: Limits,
        *,
        guard_id: str,
        kept: Kept | None,
        store: Store,
        new_challenge: Callable[[], str],
        now_s: float,
        limits_sha256: str = "",
    ) -> None:
        """`kept` None: what an earlier run kept is lost. `new_challenge`: 8 random hex digits."""
        known = kept or Kept(latches=("state_lost",))
        self.dome_id = spec.dome_id
        self.broken: tuple[str, ...] = ()  # as of the last look
        self.senses = Senses(spec, limits, known.sessions, now_s)
        self._limits = limits
        self._guard_id = guard_id
        self._store = store
        self.keeper = Keeper(spec.dome_id, known, store, self.senses.tallies, now_s)
        self._epochs = Epochs(self.keeper, guard_id)
        self._book = IntentBook()
        self._stop_id: str | None = None
        self._looked_s = now_s
        roles = {each.probe_id: each.role for each in spec.probes}
        constants = Constants(guard_id, roles, asdict(limits), limits_sha256)
        self._voice = Voice(constants, new_challenge)

    # --- judging ----------------------------------------------------------------------------------

    def look(self, now_s: float) -> list[Said]:
        """Judge this moment, and say what is due. Call it after each message, and every 20 ms."""
        epochs, senses = self._epochs, self.senses
        passed_s = now_s - self._looked_s
        if 0.0 <= passed_s <= OWN_GAP_S_MAX:
            senses.pass_time(passed_s, now_s)
        else:  # we were stopped, or the host slept: nobody judged in between
            epochs.permission.withhold(self._looked_s)
        self._looked_s = now_s
        self._judge(now_s)
        epochs.end_by_time(now_s)
        if epochs.scope == "test" and senses.heater.is_past_a_test(now_s):
            epochs.end("more heat than a test may have")
        may_begin = not self.broken and not senses.heater.heats_unasked
        if epochs.is_armed and may_begin:
            self._open(now_s)
        may_go_on = epochs.permission.granted and not self.broken
        epochs.permission.look(may_begin or may_go_on, senses.proofs, now_s)
        senses.heater.allowed(epochs.may_heat, now_s)
        senses.watch_rise(epochs.scope == "session" or "core_rise_cutoff" in self.latches)
        return self._voice.say(self._standing(now_s), senses, now_s)

    def _judge(self, now_s: float) -> None:
        """What is broken now, and whether that latches."""
        epochs = self._epochs
        limit_c = self.senses.core_limit_c
        if epochs.act is not None and epochs.is_armed:  # what is asked for must hold beforehand
            limit_c = self._limits.core_limit_c(epochs.act.intent.target_c)
        view = self.senses.view(
            now_s,
            core_limit_c=limit_c,
            air_may_be_lost=epochs.is_open,  # an epoch opens with air only
            echo_age_s=epochs.echo_age_s(now_s),
        )
        self.broken = judge(view, self._limits)
        if self.broken:  # each trip breaks something that must hold
            for name in new_trips(view, self._limits, epochs.is_open, self.latches):
                epochs.trip(name)

    def _open(self, now_s: float) -> None:
        """A person asked for it, control accepted, and everything holds."""
        newest = self.senses.node.newest
        self._epochs.open(0 if newest is None else newest.epoch, now_s)
        act = self._epochs.act
        if act is not None:
            self.senses.core_limit_c = self._limits.core_limit_c(act.intent.target_c)
            self.senses.epoch_opens()

    @property
    def latches(self) -> tuple[str, ...]:
        """What tripped, the first cause first."""
        return self.keeper.latches

    # --- hearing: the dome ------------------------------------------------------------------------

    def on_node(self, node: NodeSeen, now_s: float) -> None:
        """`node/state`."""
        before = self.senses.node.newest
        has_booted = self.senses.take_node(node, now_s)
        if has_booted is None:
            return
        if before is not None and node.stop_id not in (None, before.stop_id, self._stop_id):
            self.on_stop(node.stop_id)  # it has reached the dome, and not us
        if has_booted and self._epochs.is_open:
            self._epochs.trip("dome_restarted")
        elif not self._epochs.hear_echo(node, now_s):
            self._hear_other_guard(now_s)

    def on_reading(self, reading: ReadingSeen, now_s: float) -> None:
        """`sensor/<probe>/reading`."""
        self.senses.take_reading(reading, now_s)

    def on_permit_echo(self, guard_id: str, now_s: float) -> None:
        """Somebody's `guard/permit` for our dome: our own may come back, another's must not be."""
        if guard_id != self._guard_id:
            self._hear_other_guard(now_s)

    def _hear_other_guard(self, now_s: float) -> None:
        self.senses.count("other_guard")
        self.senses.other_guard_s = now_s
        self._epochs.end("another guard was heard")

    # --- hearing: control -------------------------------------------------------------------------

    def on_heartbeat(self, beat: HeartbeatSeen, now_s: float) -> None:
        """`heartbeat`."""
        self._hear_controller(beat.controller_id, now_s)
        if self.senses.take_heartbeat(beat, now_s):
            self._epochs.hear_scope(beat)

    def on_command(self, command: CommandSeen, now_s: float) -> None:
        """`heater/command`."""
        self._hear_controller(command.controller_id, now_s)
        if not self._epochs.hear_command(command, self.senses.node.boot_id):
            self.senses.count("command_not_in_force")

    def on_arm(self, arm: ArmSeen, now_s: float) -> None:
        """`arm`: control has accepted an intent that we must have heard ourselves."""
        self._hear_controller(arm.controller_id, now_s)
        waiting = self._book.armed(arm, now_s)
        if isinstance(waiting, str):
            self.senses.count(waiting)
        elif self.latches:
            self.senses.count("arm_while_tripped")
        else:
            self._epochs.arm(waiting, arm, now_s)
            self.senses.session_is(waiting.intent, now_s)

    def _hear_controller(self, controller_id: str, now_s: float) -> None:
        is_another = self.senses.control.hear(controller_id, now_s)
        if is_another and self.senses.control.controllers_heard(now_s) > 1:
            self.senses.count("other_controller")
        if is_another and self._epochs.act is not None:
            self._epochs.end("another controller was heard, or control was restarted")

    # --- hearing: people --------------------------------------------------------------------------

    def on_intent(self, intent: IntentSeen, now_s: float) -> None:
        """`intent`, of the kinds that concern the guard."""
        if not self._book.is_new(intent):
            self.senses.count("intent_seen_before")
            return
        if intent.kind in ("pause", "stop"):  # however old: it can only take heat away
            self._book.forget()
            self._epochs.end(f"the intent {intent.kind} was heard")
            return
        refusal = self._book.refuses(intent, self.senses.control)
        if refusal is not None:
            self.senses.count(refusal)
        elif intent.kind == "reset":
            self._reset(intent, now_s)
        else:
            self._book.wait(intent, now_s)
            if not self._epochs.is_open:  # control may refuse it, so it leaves an open epoch alone
                self.senses.session_is(intent, now_s)

    def on_stop(self, stop_id: str) -> None:
        """`stop`, from anybody, whatever it says."""
        self._stop_id = stop_id
        self._book.forget()
        self._epochs.trip("stopped")

    def _reset(self, intent: IntentSeen, now_s: float) -> None:
        """Only named latches, only with a reason, and only where the condition has gone."""
        if not intent.reason.strip():
            self.senses.count("reset_without_reason")
            return
        named = [name for name in intent.latches if name in self.latches]
        gone = [name for name in named if set(TRIP[name].must_hold).isdisjoint(self.broken)]
        if len(gone) < len(named):
            self.senses.count("reset_while_it_stands")
        if gone and not self.keeper.clear(gone, now_s):
            self._epochs.trip("state_lost")

    # --- around it --------------------------------------------------------------------------------

    def keep(self, now_s: float) -> None:
        """Write down what must outlive us. Call it after what `look` gave has been sent."""
        if keep((self.keeper,), self._store, now_s):
            self.state_is_lost()

    def state_is_lost(self) -> None:
        """What must outlive us could not be written."""
        self._epochs.trip("state_lost")

    def reconnected(self) -> None:
        """Nobody heard what was said: say all of it again at the next look."""
        self._voice.forget()

    def close(self) -> None:
        """The process ends, and with it the epoch."""
        self._epochs.end("the guard ends")

    def _standing(self, now_s: float) -> Standing:
        epochs, control, latches = self._epochs, self.senses.control, self.latches
        granted = epochs.permission.granted
        is_under_way = epochs.act is not None
        return Standing(
            granted=granted,
            ended=epochs.permission.is_over,
            why=why(granted, latches, self.broken, None if is_under_way else epochs.why_none),
            annunciate=annunciates(control.answer_age_s(now_s), epochs.is_open, latches),
            epoch=self.keeper.epoch,
            permit_controller_id=epochs.controller_id,
            scope=epochs.scope,
            broken=self.broken,
            tripped_by=latches,
            stop_id=self._stop_id,
            controller_id=control.controller_id,
        )
