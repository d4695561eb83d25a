"""The bench that a dome is checked on: what it has said, what we keep telling it, and the steps
that the scripts are made of.

It is pure. Time and states are handed in by `run.py`; what is to be said collects in
`voices.outbox`, what a person is to do in `errands`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping

from sensors.samples import Rejection
from thermod import wire
from thermod.conformance.hands import ERRANDS, Hands
from thermod.conformance.meter import Meter
from thermod.conformance.seen import State
from thermod.conformance.verdict import BrokenError, NotReachedError, Off
from thermod.conformance.voices import Voices

# CONTRACT.md, "Times and sizes"
TICK_S = 0.5
LEASE_TICKS = 6  # 3.0 s
RECLOSE_S = 10.0
OPEN_AFTER_S = 5.0

SILENCE_S_MAX = 3.0  # without a node/state we cannot go on
ASIDE_S = 0.1  # after a state, so that a message lies well between two looks of ours
HEALS_TICKS = 4  # heat that does not come back in this many states needs a new epoch
HEATS_WITHIN_S = RECLOSE_S + 3.0
OFF_WATCHED_S = 10.0  # a dome that heats for so long after it should be off is not waited for
HAND_S = 90.0  # for a person to walk to the dome
KEPT = 64  # states, readings, refusals: a bound on memory

Steps = Generator[float, State | None, State]


class Bench:
    """One dome, and us in the place of control and guard."""

    def __init__(
        self, new_id: Callable[[], str], power_pct: float, hands: Hands = Hands.NOBODY
    ) -> None:
        self.voices = Voices(new_id)
        self.power_pct = power_pct
        self.wanted_pct = power_pct
        self.hands = hands
        self.now_s = 0.0
        self.states: list[State] = []  # of this boot, the newest last
        self.unreadable: deque[str] = deque(maxlen=KEPT)  # why a node/state was refused
        self.bad_readings: deque[str] = deque(maxlen=KEPT)  # why a reading was
        self.readings: dict[str, deque[int]] = {}  # by probe: the seq of each reading
        self.meter = Meter()
        self.errands: list[str] = []
        self.disturbed = False  # the link or our own machine stood still for a moment
        self.permitting = False
        self.commanding = False
        self.is_open = False  # an epoch of ours is open, as far as we know
        self.heat_s = 0.0
        self._stops = 0
        self._steady: State | None = None  # what the meter shows at the power in force

    # --- what comes in ----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The newest."""
        return self.states[-1]

    def see(self, state: State) -> None:
        """The dome has spoken: keep it, and renew whatever is to be kept up."""
        before = self.states[-1] if self.states else None
        if before is not None and before.node.boot_id == state.node.boot_id:
            if state.tick - before.tick != 1 or not state.at_s - before.at_s <= 1.5 * TICK_S:
                self.disturbed = True
            if not before.is_off:
                self.heat_s += state.at_s - before.at_s
        else:
            self.states.clear()
            self.is_open = False
        self.states.append(state)
        del self.states[:-KEPT]
        self.meter.see(state)
        self.voices.epoch_top = max(self.voices.epoch_top, state.node.epoch)
        if self.permitting:
            self.voices.say_permit(state)
        if self.commanding:
            self.voices.say_command(state, self.wanted_pct)

    def hear_readings(self, probes: Mapping[str, object]) -> None:
        """Those that came inside a state."""
        for probe, entry in probes.items():
            if isinstance(entry, dict) and type(entry.get("seq")) is int:
                self._count_reading(probe, entry["seq"])

    def hear_reading(self, probe: str, payload: bytes, *, retained: bool) -> None:
        """One on a topic of its own."""
        reading = wire.decode_reading(
            probe, payload, retained=retained, received_s=self.now_s, boot_id=None, newest_tick=None
        )
        if isinstance(reading, Rejection):
            self.bad_readings.append(f"{probe}: {reading.why}")
        else:
            self._count_reading(probe, reading.seq)

    def _count_reading(self, probe: str, seq: int) -> None:
        if probe in self.readings or len(self.readings) < KEPT:
            self.readings.setdefault(probe, deque(maxlen=KEPT)).append(seq)

    def state_of(self, tick: int) -> State:
        """The state that had this tick. Raises NotReachedError if we did not hear it."""
        for state in reversed(self.states):
            if state.tick == tick:
                return state
        raise NotReachedError(f"tick {tick} was not heard")

    # --- steps of a script ------------------------------------------------------------------------

    def next_state(self) -> Steps:
        """The next state. Raises BrokenError when the dome falls silent, or boots unasked."""
        boot_id = self.state.node.boot_id if self.states else None
        state = yield self.now_s + SILENCE_S_MAX
        if state is None:
            raise BrokenError(f"no node/state that can be read for {SILENCE_S_MAX:.0f} s")
        if boot_id is not None and state.node.boot_id != boot_id:
            raise BrokenError("the dome booted")
        return state

    def pause(self, duration_s: float = ASIDE_S) -> Steps:
        """Wait this long, while states come and go. Returns the newest."""
        until_s = self.now_s + duration_s
        while self.now_s < until_s:
            yield until_s
        return self.state

    def heat(self) -> Steps:
        """Bring the dome to heat, in the epoch that is open or in a new one."""
        self._steady = None
        self.permitting = self.commanding = True
        self.wanted_pct = self.power_pct
        if self.is_open:
            for _ in range(HEALS_TICKS):
                state = yield from self.next_state()
                if self.heats(state):
                    return state
        self.open_epoch()
        until_s = self.now_s + HEATS_WITHIN_S
        while self.now_s < until_s:
            state = yield from self.next_state()
            if self.heats(state):
                return state
        node = self.state.node
        raise NotReachedError(f"the dome does not heat: {node.because or 'it does not say why'}")

    def steady_heat(self) -> Steps:
        """Heat for as long as the meter needs to show it, and then to a moment aside of a tick."""
        state = yield from self.heat()
        while not self.meter.is_steady(state):
            state = yield from self.next_state()
        self._steady = state
        return (yield from self.pause())

    def heats(self, state: State) -> bool:
        """As it was told to, in our epoch."""
        return (
            state.has_power(self.wanted_pct)
            and state.is_closed
            and state.node.epoch == self.voices.epoch
        )

    def off_at_once(self, since_s: float) -> Generator[float, State | None, Off]:
        """The very next state must show heat off. Raises BrokenError with the time it took."""
        return (yield from self.off_by(1, since_s, self.state))

    def off_by(
        self, states_max: int, since_s: float, last_on: State
    ) -> Generator[float, State | None, Off]:
        """Heat must be off in one of so many states. Raises BrokenError with the time it took."""
        steady, count = self._steady, 0
        self._steady = None
        until_s = self.now_s + OFF_WATCHED_S
        while self.now_s < until_s:
            state = yield from self.next_state()
            count += 1
            if state.is_off:
                after_s_min = max(0.0, last_on.at_s - since_s)
                off_s = None if steady is None else self.meter.off_s(steady, last_on, state)
                meter_s = None if off_s is None else max(0.0, off_s - since_s)
                off = Off(after_s_min, state.at_s - since_s, meter_s)
                if count > states_max:
                    raise BrokenError(f"still heating after {after_s_min:.2f} s", off)
                return off
            last_on = state
        raise BrokenError(f"still heating after {self.now_s - since_s:.0f} s")

    # --- acts -------------------------------------------------------------------------------------

    def open_epoch(self) -> None:
        """A new one. The streams carry it from the next state on."""
        self.voices.open_epoch()
        self.is_open = True

    def leave_epoch(self) -> None:
        """Whatever the dome made of the last message: the next heat is of a new epoch."""
        self.is_open = False

    def revoke(self, **changes: object) -> float:
        """The guard withholds from now on. Returns when it was said."""
        self.permitting = False
        self.voices.say_permit(self.state, granted=False, **changes)
        return self.now_s

    def new_stop_id(self) -> str:
        """One that this dome has not heard."""
        self._stops += 1
        return f"{self.voices.guard_id}-stop-{self._stops}"

    def run_errand(self, what: str) -> None:
        """Have something done at the dome. Raises NotReachedError if nobody is there to do it."""
        text, fault = ERRANDS[what]
        if self.hands is Hands.SIMULATOR:
            self.voices.send("sim/fault", fault, qos=1)
        elif self.hands is Hands.PERSON:
            self.errands.append(text)
        else:
            raise NotReachedError("nobody is at the dome")

    def leave(self) -> None:
        """End what we began: the epoch is over, contactors open. A second call does nothing.

        At QoS 1, so that who sends it can wait until the broker has it: a broker that is handing us
        our own words back drops what it has not read of a client that goes away.
        """
        self.permitting = self.commanding = False
        if self.states and self.voices.epoch > 0:
            last_words = self.voices.permit(self.state, granted=False, ended=True)
            self.voices.send("guard/permit", last_words, qos=1)
        self.voices.epoch = 0
        self.leave_epoch()
