"""The dome node, layer L0, as an executable specification: when it heats and what it switches.

Read it beside CONTRACT.md, "What the node does with a message"; what messages do to its authority
to heat is in `node_authority.py`. It is pure: time is handed in (seconds on the node's own clock)
and nothing is sent or switched here. Whoever builds the hardware plays `node_vectors.json` against
it; `NODE.md` says how.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from thermod.sim.node_authority import NO_PERMIT_YET, Authority, Refused
from thermod.sim.node_messages import (
    INTEGER_MAX,
    PAYLOAD_BYTES_MAX,
    Command,
    MalformedError,
    NodeState,
    Permit,
    decode_command,
    decode_permit,
    decode_stop,
)
from thermod.sim.node_senses import StuckHeater, Thermostat

# CONTRACT.md, "Times and sizes" and "What the node does with a message"
TICK_S = 0.5
LOOK_S = 0.02
CONTACTORS_OPEN_AFTER_S = 5.0
CONTACTORS_RECLOSE_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """What became of one message: accepted, or refused as a kind that is counted, and in words."""

    refused: Refused | None
    text: str


@dataclass(frozen=True, slots=True)
class Actuation:
    """What the node switches: the SSR's duty, every contactor, the air; and why."""

    heater_pct: float
    contactors_closed: bool
    vent: bool
    because: str


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """What is built into a dome. `thermostat_opens_c` None: nothing models its thermostat."""

    rated_w: float = 2000.0
    window_s: float = 1.0
    contactors: int = 1
    thermostat_opens_c: float | None = 80.0


# Air moves in SAFE, and a node rests in SAFE: so the fan runs as long as the node has power, which
# includes running on after heat until the dome is cool.
SAFE = Actuation(heater_pct=0.0, contactors_closed=False, vent=True, because=NO_PERMIT_YET)

ACCEPTED = Reaction(None, "accepted")


class Node:
    """One node: messages go into `hear` or its typed fast paths, `look` judges, `tick` reports."""

    def __init__(
        self, spec: NodeSpec, new_boot_id: Callable[[], str], now_s: float, ticks: int = 0
    ) -> None:
        """`new_boot_id` makes 16 random hex digits; `ticks` were counted before, in this boot."""
        self.spec = spec
        self.refused: dict[Refused, int] = {}
        self._new_boot_id = new_boot_id
        self._lid = "unknown"
        self._thermostat = Thermostat(spec.thermostat_opens_c)
        self._heater = StuckHeater(spec.rated_w, spec.window_s)
        self._actuation = SAFE
        self._opened_s = -inf  # when the contactors opened
        self.reboot(now_s)
        self.authority.ticks = ticks

    def reboot(self, now_s: float) -> None:
        """Everything is forgotten, so that the next look is SAFE; only the relays have a past."""
        self.authority = Authority(self._new_boot_id())
        self._heater.forgive()
        self._judged_epoch = 0  # the epoch in which the heater is watched
        self._permission_s = -inf  # when heat last had permission
        self._off_since_s: float | None = now_s

    # --- when it heats ----------------------------------------------------------------------------

    def look(self, now_s: float) -> Actuation:
        """Judge everything again and act on it: after each message, and at least every `LOOK_S`."""
        closed = self._actuation.contactors_closed
        withheld = self._why_withheld(now_s)
        if withheld is not None:
            stays_closed = closed and not self._contactors_must_open(now_s)
            return self._actuate(0.0, stays_closed, withheld, now_s)
        self._permission_s = now_s
        if not (now_s - self._opened_s >= CONTACTORS_RECLOSE_AFTER_S):
            return self._actuate(0.0, False, "the contactors opened less than 10 s ago", now_s)
        power_pct = self.authority.power_pct
        because = "heating" if power_pct > 0.0 else "commanded 0"
        return self._actuate(power_pct, True, because, now_s)

    def _why_withheld(self, now_s: float) -> str | None:
        """None: heat has permission."""
        withheld = self.authority.why_withheld(now_s)
        if withheld is not None:
            return withheld
        if self._lid == "open":
            return "the lid is open"
        if self._thermostat.is_open:
            return "the thermostat is open"
        if self._heater.is_stuck:
            return "the heater was measured on while off"
        return None

    def _contactors_must_open(self, now_s: float) -> bool:
        """The SSR is off at once in any case; a contactor that followed each gap would wear out."""
        return (
            self.authority.contactors_open_at_once
            or self._heater.is_stuck
            or not (0.0 <= now_s - self._permission_s <= CONTACTORS_OPEN_AFTER_S)
        )

    # --- what it hears ----------------------------------------------------------------------------

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        """One message as it came, its topic cut to what follows the dome's. No payload raises."""
        if suffix == "stop":
            return self.on_stop(decode_stop(payload), now_s)
        if retained:
            return self._refuse(Refused.RETAINED)
        if len(payload) > PAYLOAD_BYTES_MAX:
            return self._refuse(Refused.TOO_LARGE)
        try:
            if suffix == "guard/permit":
                return self.on_permit(decode_permit(payload), now_s)
            if suffix == "heater/command":
                return self.on_command(decode_command(payload), now_s)
        except MalformedError as exc:
            return self._refuse(Refused.MALFORMED, str(exc))
        return self._refuse(Refused.TOPIC_UNKNOWN)

    def on_permit(self, permit: Permit, now_s: float) -> Reaction:
        """A decoded permit. `look` then says what it changes."""
        refused = self.authority.on_permit(permit, now_s)
        if refused is not None:
            return self._refuse(refused)
        if self.authority.epoch != self._judged_epoch:
            self._judged_epoch = self.authority.epoch
            self._heater.forgive()  # a person has opened this epoch, after the trip and its alarm
        return ACCEPTED

    def on_command(self, command: Command, now_s: float) -> Reaction:
        """A decoded command. `look` then says what it changes."""
        refused = self.authority.on_command(command, now_s)
        return ACCEPTED if refused is None else self._refuse(refused)

    def on_stop(self, stop_id: str, now_s: float) -> Reaction:
        """STOP, from anybody, at any time. It waits for nobody's look."""
        self.authority.on_stop(stop_id)
        self.look(now_s)
        return ACCEPTED

    def _refuse(self, kind: Refused, text: str = "") -> Reaction:
        self.refused[kind] = self.refused.get(kind, 0) + 1
        return Reaction(kind, text or kind.replace("_", " "))

    # --- what it senses and says ------------------------------------------------------------------

    def sense(
        self, now_s: float, measured_w: float | None, lid: str, air_temp_c: float | None
    ) -> None:
        """The dome as it is. `air_temp_c` is what the hard-wired thermostat feels, not a probe."""
        self._lid = lid
        self._thermostat.feel(air_temp_c)
        self._heater.watch(now_s, measured_w, self._off_since_s)

    def tick(
        self,
        now_s: float,
        measured_w: float | None,
        probes: Mapping[str, float | None],
        lid: str,
        fan_running: bool | None,
        air_temp_c: float | None = None,
    ) -> NodeState:
        """Every `TICK_S`: count on and report. A wrap is a boot, so that no tick fits twice."""
        if self.authority.ticks >= INTEGER_MAX:
            self.reboot(now_s)
        self.authority.count_tick(now_s)
        self.sense(now_s, measured_w, lid, air_temp_c)
        actuation, authority, spec = self.look(now_s), self.authority, self.spec
        return NodeState(
            authority.boot_id, authority.ticks, actuation.heater_pct, measured_w, spec.rated_w,
            spec.window_s, (actuation.contactors_closed,) * spec.contactors, authority.epoch,
            authority.guard_id, authority.controller_id, authority.command_seq, authority.stop_id,
            lid, fan_running, probes, self._faults(), actuation.because,
        )  # fmt: skip

    def _faults(self) -> tuple[str, ...]:
        stuck = ("heater_stuck_on",) if self._heater.is_stuck else ()
        return (*stuck, "thermostat_open") if self._thermostat.is_open else stuck

    # --- what it switches -------------------------------------------------------------------------

    def _actuate(
        self, heater_pct: float, contactors_closed: bool, because: str, now_s: float
    ) -> Actuation:
        if heater_pct > 0.0:
            self._off_since_s = None
        elif self._off_since_s is None:
            self._off_since_s = now_s
        before = self._actuation
        if before.contactors_closed and not contactors_closed:
            self._opened_s = now_s
        if (
            before.because == because
            and before.heater_pct == heater_pct
            and before.contactors_closed is contactors_closed
        ):
            return before  # nothing changed, nothing to build: this is the common case
        self._actuation = Actuation(heater_pct, contactors_closed, SAFE.vent, because)
        return self._actuation
