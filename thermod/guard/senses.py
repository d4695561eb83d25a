"""All that the guard perceives of one dome, and how long ago: messages in, a View out."""

from math import inf, nan

from thermod.guard.control_watch import ControlWatch
from thermod.guard.heard import HeartbeatSeen, IntentSeen, NodeSeen, ProbeSeen, ReadingSeen
from thermod.guard.heater_watch import HeaterWatch
from thermod.guard.judge import View
from thermod.guard.kept import KeptSession
from thermod.guard.limits import Limits
from thermod.guard.node_watch import NodeWatch
from thermod.guard.permission import Proofs
from thermod.guard.probes import Probe, role_view
from thermod.guard.specs import DomeSpec
from thermod.guard.tally import Tallies
from thermod.guard.times import HEARD_S, NODE_AGE_S_MAX


class Senses:
    """It perceives and counts. It decides nothing."""

    def __init__(
        self, spec: DomeSpec, limits: Limits, sessions: tuple[KeptSession, ...], now_s: float
    ) -> None:
        self.node = NodeWatch(spec.has_lid_switch)
        self.control = ControlWatch()
        self.heater = HeaterWatch(now_s)
        self.tallies = Tallies(sessions, now_s)
        self.refused: dict[str, int] = {}
        self.core_limit_c = limits.core_temp_c_max
        self.other_guard_s = -inf  # when another guard was heard last
        self.air_s = -inf  # when a good air sample came last
        self._limits = limits
        self._watches_rise = False
        self._probes = {each.probe_id: Probe(each) for each in spec.probes}
        self._core = self._of_role("core")
        self._skin = self._of_role("skin")
        self._air = self._of_role("air")
        self._core_samples = 0
        self._right_answers = 0
        self._core_missing_s = 0.0
        self._control_silent_s = 0.0

    def count(self, kind: str) -> None:
        """A message was not used. The kinds are a fixed few, so this does not grow."""
        self.refused[kind] = self.refused.get(kind, 0) + 1

    # --- what comes in ----------------------------------------------------------------------------

    def take_node(self, node: NodeSeen, now_s: float) -> bool | None:
        """`node/state`. None: it is not news. True: the node has booted since the last."""
        refusal = self.node.refuses(node, now_s)
        if refusal is not None:
            self.count(refusal)
            return None
        since_s = now_s - self.node.seen_s
        has_booted = self.node.take(node, now_s)
        if has_booted:
            for probe in self._probes.values():
                probe.restart()
        if self.heater.take(node, now_s):
            self.tallies.heat(now_s)
        self._add_skin_dose(0.0 if since_s == inf else since_s)
        for sample in node.probes:
            self._take_sample(sample, now_s, is_repeat_news=False)
        for probe_id in node.bad_probes:
            self.count("reading_malformed")
            named = self._probes.get(probe_id)
            if named is not None and not named.is_foreign:
                self._use_sample(named, nan, now_s)
        return has_booted

    def take_reading(self, reading: ReadingSeen, now_s: float) -> None:
        """`sensor/<probe>/reading`."""
        if reading.boot_id == self.node.boot_id:
            self._take_sample(reading.sample, now_s, is_repeat_news=True)
        else:
            self.count("reading_of_other_boot")

    def take_foreign(self, probe_id: str, temp_c: float, now_s: float) -> None:
        """A reading of hardware that knows neither boot nor tick."""
        self._use_sample(self._probes[probe_id], temp_c, now_s)

    def unreadable_reading(self, probe_id: str, now_s: float) -> None:
        """The newest sample of this probe made no sense: the older one counts no more."""
        probe = self._probes.get(probe_id)
        if probe is not None:
            probe.bad_s = now_s

    def take_heartbeat(self, beat: HeartbeatSeen, now_s: float) -> bool:
        """An answer, if it is one. True: of control's newest cycle."""
        answer = self.control.answer(beat, now_s)
        if answer == "right":
            self._right_answers += 1
            self._control_silent_s = 0.0
        elif answer == "wrong":
            self.count("answer_wrong")
        is_newest = beat.cycle > self.control.cycle
        if is_newest:
            self.control.cycle = beat.cycle
        return is_newest

    def pass_time(self, dt_s: float, now_s: float) -> None:
        """Silence is counted while the dome is heard: else it is the link that is silent."""
        if now_s - self.node.seen_s <= NODE_AGE_S_MAX:
            self._core_missing_s += dt_s
            self._control_silent_s += dt_s

    def session_is(self, intent: IntentSeen, now_s: float) -> None:
        """What is measured from now on belongs to this session, which may have no name yet."""
        self.tallies.open(intent.session_id or intent.intent_id, intent.subject, now_s)

    def epoch_opens(self) -> None:
        """Count anew what is counted by epoch."""
        self.heater.epoch_opens()
        self._core_missing_s = 0.0
        self._control_silent_s = 0.0

    def watch_rise(self, watches: bool) -> None:
        """Only a rise that heat can be blamed for is judged: ten minutes of one heating phase, and
        on from there once it has tripped.
        """
        if watches is not self._watches_rise:
            self._watches_rise = watches
            for probe in self._core:
                probe.rise.restart()

    # --- what it amounts to -----------------------------------------------------------------------

    def view(
        self,
        now_s: float,
        *,
        core_limit_c: float,
        air_may_be_lost: bool,
        echo_age_s: float | None,
    ) -> View:
        """Everything that is judged, at this moment."""
        node, control, tick = self.node, self.control, self.node.tick
        return View(
            core=role_view(self._core, tick, now_s),
            skin=role_view(self._skin, tick, now_s),
            air=role_view(self._air, tick, now_s),
            core_limit_c=core_limit_c,
            air_lost_s=now_s - self.air_s if air_may_be_lost else None,
            node_age_s=node.age_s(now_s),
            lid_is_closed=node.lid_is_closed,
            fan_stopped_s=node.fan_stopped_s,
            answer_age_s=control.answer_age_s(now_s),
            wrong_answers=control.wrong_in_a_row,
            controllers_heard=control.controllers_heard(now_s),
            other_dome_heard=node.other_was_heard(now_s),
            other_guard_heard=now_s - self.other_guard_s <= HEARD_S,
            heater_stuck_on=self.heater.stuck_on,
            echo_age_s=echo_age_s,
            fast_rise_min=self._fast_rise_min() if self._watches_rise else 0.0,
            skin_dose_cem43_min=self.tallies.skin_dose_cem43_min,
            heat_span_min=self.tallies.heat_span_min,
            core_missing_s=self._core_missing_s,
            control_silent_s=self._control_silent_s,
        )

    @property
    def proofs(self) -> Proofs:
        """Signs of life so far."""
        return Proofs(self._core_samples, self._right_answers)

    def _fast_rise_min(self) -> float:
        return max(probe.rise.fast_min for probe in self._core)

    # --- samples ----------------------------------------------------------------------------------

    def _take_sample(self, sample: ProbeSeen, now_s: float, is_repeat_news: bool) -> None:
        """A node may say the same reading twice, on its own topic and in its state."""
        probe = self._probes.get(sample.probe_id)
        if probe is None or probe.is_foreign:
            self.count("probe_unknown")
            return
        refusal = probe.refuses(sample.seq, sample.tick, self.node.tick)
        if refusal is None:
            probe.seq = sample.seq
            probe.tick = sample.tick
            self._use_sample(probe, sample.temp_c, now_s)
        elif refusal != "reading_repeated" or is_repeat_news:
            self.count(refusal)

    def _use_sample(self, probe: Probe, raw_temp_c: float, now_s: float) -> None:
        role = probe.role
        if not probe.take(raw_temp_c, self._limit_c(role), now_s):
            self.count("reading_out_of_range")
        elif role == "core":
            if probe.relied_on:
                self._core_samples += 1
                self._core_missing_s = 0.0
            if self._watches_rise:
                probe.rise.take(probe.temp_c, self._limits.core_rise_c_per_min_max, now_s)
        elif role == "air":
            self.air_s = now_s

    def _limit_c(self, role: str) -> float:
        if role == "core":
            return self.core_limit_c
        if role == "skin":
            return self._limits.skin_temp_c_max
        return self._limits.air_temp_c_max  # a room probe is never judged

    def _add_skin_dose(self, dt_s: float) -> None:
        for probe in self._skin:
            if probe.temp_c >= 39.0:
                self.tallies.skin(probe.probe_id, probe.temp_c, dt_s)

    def _of_role(self, role: str) -> tuple[Probe, ...]:
        return tuple(probe for probe in self._probes.values() if probe.role == role)
