"""The faults that a drill plays on real processes, as rows: what is done, how soon heat is off, and
who must say so.

The times are those of SAFETY.md sections 4 and 6. STOP and the lid, which the dome node obeys by
itself, and a person's pause are held to the shortest of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from thermod.sim.drill.control import Inside
from thermod.sim.drill.deeds import (
    LINKS,
    AtDome,
    Blow,
    Deed,
    Hit,
    Network,
    Order,
    Pause,
    Replay,
    Second,
    Stop,
    Words,
)
from thermod.sim.drill.fault import STANDS_S, Expected, Fault, Since
from thermod.sim.node import CONTACTORS_RECLOSE_AFTER_S

CONTROL_S = 1.7
GUARD_AND_BROKER_S = 3.05
DECIDING_SAMPLE_S = 0.6
SILENCE_S = 3.2
FAN_S = 5.0  # H26
CONTACTORS_S = 5.1  # SAFETY.md section 2: they open 5 s after heat was withheld; and one look
WORDS_STAND_S = CONTACTORS_RECLOSE_AFTER_S + 3.0
PLANTED_S = 2.0  # until the broker holds what is to be found by whoever comes back
LOST_S = 0.7  # short enough for the STOP that is repeated to come before the lease runs out
# An air probe that is deaf to 5 min of heat is none; they may begin a little later, for they want
# 40 % of power.
AIR_DEAF_S = 300.0 + 45.0

NO_ANSWER = "guard:control_answers"
ANOTHER = f"{NO_ANSWER}|guard:one_controller"  # which of the two depends on how fast it starts
ENDED = "exit:control:1"  # a task that matters is dead: the process must not live on without it
WITHHELD = "alarm:heat_withheld|alarm:guard_silent|alarm:dome_silent"


def _hit(name: str, process: str, blow: Blow, limit_s: float, told: str, *, heals: bool) -> Fault:
    cold = process == "control" and not heals
    deeds = (Hit((process,), blow),)
    return Fault(name, deeds, limit_s, (told,), heals=heals, leaves_cold=cold)


def _inside(name: str, inside: Inside, *told: str, heals: bool = False) -> Fault:
    told = (NO_ANSWER, *told)
    return Fault(name, (Order(inside),), CONTROL_S, told, heals=heals, leaves_cold=not heals)


def _network(name: str, told: str, deed: Network) -> Fault:
    # Shorter than the 10 s after which silence of control latches: this is what shall heal.
    return Fault(name, (deed,), GUARD_AND_BROKER_S, (told,), heals=True, stands_s=4.0)


def _silent(name: str, told: tuple[str, ...], kind: str, probe: str = "") -> Fault:
    return Fault(name, (AtDome(kind, probe),), SILENCE_S, told, Since.LAST_SAMPLE, heals=True)


def _bad_sample(name: str, told: tuple[str, ...], *deeds: AtDome, heals: bool) -> Fault:
    since = Since.BAD_SAMPLE
    return Fault(name, deeds, DECIDING_SAMPLE_S, told, since, heals=heals, leaves_cold=True)


def _kept(name: str, told: tuple[str, ...], *deeds: Deed) -> Fault:
    return Fault(name, deeds, STANDS_S, told, expected=Expected.KEPT)


def _old_words(name: str, told: tuple[str, ...], words: Words) -> Fault:
    """After a pause, which must be obeyed: whatever is said again afterwards heats nothing. It is
    said for longer than the contactors must stay open, or nobody would see that it did.
    """
    return Fault(name, (Pause(), Replay(words)), DECIDING_SAMPLE_S, told, stands_s=WORDS_STAND_S)


OVER_LIMIT_DELTA_C = 3.0  # a resting core at 37 becomes 40: in range, beyond every limit
OUT_OF_RANGE_DELTA_C = -10.0  # too low: the direction to which a naive loop answers with full heat
COLD_C = 24.0  # the room: an inner loop that believes it asks for full heat without end
LID, NAN, WELD = AtDome("lid-open"), AtDome("nan-text", "core"), AtDome("ssr-welded")
OVER_LIMIT = AtDome("offset", "core", OVER_LIMIT_DELTA_C)
LOW = AtDome("offset", "core", OUT_OF_RANGE_DELTA_C)
IN_RANGE = ("guard:core_in_range",)

PROCESSES: tuple[Fault, ...] = (
    _hit("control-frozen", "control", Blow.FREEZE, CONTROL_S, NO_ANSWER, heals=True),
    _hit("control-starved", "control", Blow.STARVE, CONTROL_S, NO_ANSWER, heals=True),
    _hit("control-killed", "control", Blow.KILL, CONTROL_S, NO_ANSWER, heals=False),
    _hit("control-restarted", "control", Blow.RESTART, CONTROL_S, ANOTHER, heals=False),
    _inside("control-blocked", Inside.BLOCK, heals=True),
    _inside("control-cycle-dead", Inside.CYCLE_DIES, ENDED),
    _inside("control-cycle-hung", Inside.CYCLE_HANGS),
    _inside("control-link-dead", Inside.LINK_DIES, ENDED),
    _inside("control-listener-dead", Inside.LISTENER_DIES, ENDED),
    _inside("control-sender-dead", Inside.SENDER_DIES, ENDED),
    _hit(
        "guard-frozen", "guard", Blow.FREEZE, GUARD_AND_BROKER_S, "alarm:guard_silent", heals=True
    ),
    _hit(
        "guard-killed", "guard", Blow.KILL, GUARD_AND_BROKER_S, "alarm:guard_silent", heals=False
    ),
    _hit(
        "guard-restarted", "guard", Blow.RESTART, GUARD_AND_BROKER_S, "alarm:interrupted",
        heals=False,
    ),
    _hit("broker-frozen", "broker", Blow.FREEZE, GUARD_AND_BROKER_S, WITHHELD, heals=True),
    _hit("broker-killed", "broker", Blow.KILL, GUARD_AND_BROKER_S, WITHHELD, heals=True),
    Fault(
        "broker-restarted", (Hit(("broker",), Blow.RESTART),), GUARD_AND_BROKER_S, (),
        expected=Expected.DIPS, heals=True,
    ),
    Fault(
        "host-frozen", (Hit(("control", "guard", "broker"), Blow.FREEZE),), GUARD_AND_BROKER_S,
        (f"{WITHHELD}|alarm:clock_jump",), heals=True,
    ),
)  # fmt: skip

NETWORK: tuple[Fault, ...] = (
    _network("control-cut-off", NO_ANSWER, Network(("control",), up=True, down=True)),
    _network("control-unheard", NO_ANSWER, Network(("control",), up=True)),
    _network("control-deaf", NO_ANSWER, Network(("control",), down=True)),
    _network("control-late", NO_ANSWER, Network(("control",), delay_s=2.0)),
    _network("guard-cut-off", WITHHELD, Network(("guard",), up=True, down=True)),
    _network("guard-unheard", WITHHELD, Network(("guard",), up=True)),
    _network("guard-deaf", "guard:node_fresh", Network(("guard",), down=True)),
    _network("dome-cut-off", "guard:node_fresh", Network(("sim",), up=True, down=True)),
    _network("dome-unheard", "guard:node_fresh", Network(("sim",), up=True)),
    _network("dome-deaf", "alarm:command_not_echoed", Network(("sim",), down=True)),
    _network("readings-late", "guard:node_fresh", Network(("sim",), delay_s=3.5)),
    _network("all-cut-off", WITHHELD, Network(LINKS, up=True, down=True)),
    _kept("network-poor", (), Network(LINKS, jitter_s=0.2, loss=0.01)),
)

SECOND: tuple[Fault, ...] = (
    Fault(
        "second-controller", (Second("control"),), DECIDING_SAMPLE_S,
        ("alarm:second_controller", "guard:one_controller"), Since.OTHERS_WORD,
    ),
    Fault(
        "second-guard", (Second("guard"),), DECIDING_SAMPLE_S,
        ("alarm:second_guard|guard:one_guard",), Since.OTHERS_WORD,
    ),
    Fault(
        "control-taken-over", (Second("control", takes_over=True),), CONTROL_S,
        ("exit:control:64",), Since.OTHERS_WORD, leaves_cold=True,
    ),
    Fault(
        "guard-taken-over", (Second("guard", takes_over=True),), GUARD_AND_BROKER_S,
        ("exit:guard:64",), Since.OTHERS_WORD,
    ),
)  # fmt: skip

DOME: tuple[Fault, ...] = (
    Fault("stop", (Stop(),), DECIDING_SAMPLE_S, ("alarm:stopped", "guard:stopped")),
    Fault(
        "stop-at-the-dome", (AtDome("stop-button"),), DECIDING_SAMPLE_S,
        ("alarm:stopped", "guard:stopped"),
    ),
    Fault(
        "stop-lost", (Network(LINKS, refused=True, for_s=LOST_S), Stop(until_echoed=True)),
        GUARD_AND_BROKER_S, ("alarm:stopped", "echo:control", "echo:guard", "echo:dome"),
    ),
    Fault("lid-open", (LID,), DECIDING_SAMPLE_S, ("alarm:lid_open",), heals=True),
    Fault("fan-dead", (AtDome("fan-dead"),), FAN_S, ("alarm:fan_dead",), heals=True),
    Fault("dome-rebooted", (AtDome("reboot"),), DECIDING_SAMPLE_S, ("guard:dome_restarted",)),
    Fault("heater-welded", (WELD, LID), CONTACTORS_S, ("guard:heater_stuck_on",)),
    Fault(
        "all-welded", (WELD, AtDome("contactors-welded"), LID), CONTACTORS_S,
        ("alarm:heater_stuck_on", "guard:heater_stuck_on"), expected=Expected.TOLD,
    ),
)  # fmt: skip

READINGS: tuple[Fault, ...] = (
    _silent("node-silent", ("guard:node_fresh", "alarm:dome_silent"), "silent"),
    _silent("core-silent", ("guard:core_fresh", "alarm:core_lost"), "drop-out", "core"),
    _bad_sample("core-nan", IN_RANGE, NAN, heals=True),
    _bad_sample("state-malformed", ("guard:node_fresh",), AtDome("nan-in-state"), NAN, heals=True),
    _bad_sample("core-low", IN_RANGE, LOW, heals=True),
    _bad_sample("core-fahrenheit", IN_RANGE, AtDome("wrong-unit", "core"), heals=True),
    _bad_sample("core-over-limit", ("alarm:core_cutoff", "guard:core_cutoff"), OVER_LIMIT,
        heals=False,
    ),
    # Stuck is told when the body has moved, which takes it a quarter of an hour from rest.
    _kept("one-core-stuck", (), AtDome("stuck", "core-1")),
    _kept("one-core-silent", ("alarm:core_probe_bad",), AtDome("drop-out", "core-1")),
    _kept(
        "readings-repeated", ("refused:control:node_state_old", "refused:guard:node_late"),
        Replay(Words.REPEATED),
    ),
    _kept(
        "readings-replayed", ("refused:control:node_state_old", "refused:guard:node_late"),
        Replay(Words.REPLAYED),
    ),
    _kept("reading-of-the-future", ("refused:guard:reading_old_tick",), Replay(Words.FUTURE)),
    Fault(
        "words-retained",
        (Replay(Words.RETAINED), Network(LINKS, refused=True, after_s=PLANTED_S, for_s=0.05)),
        GUARD_AND_BROKER_S, ("refused:control:reading_retained", "refused:guard:reading_retained"),
        expected=Expected.DIPS, heals=True,
    ),
)  # fmt: skip

WORDS: tuple[Fault, ...] = (
    _old_words("authority-replayed", ("refused:dome",), Words.AUTHORITY),
    _old_words("intent-replayed", ("refused:guard:intent_seen_before",), Words.INTENT_AGAIN),
    _old_words("intent-late", ("refused:guard:intent_old",), Words.INTENT_LATE),
)

SEVERAL = Fault(  # each run is held to its own limit; this is the longest there may be
    "several-at-once", (), CONTACTORS_S, ("drawn",), leaves_cold=True, is_drawn=True
)

FAULTS: tuple[Fault, ...] = (*PROCESSES, *NETWORK, *SECOND, *DOME, *READINGS, *WORDS, SEVERAL)
# Played by name or with --long only: it takes minutes of heat to know an air probe.
LONG: tuple[Fault, ...] = (
    Fault(
        "air-stuck-cold", (AtDome("stuck-at", "air", COLD_C),), AIR_DEAF_S, ("alarm:air_lost",),
        expected=Expected.TOLD, stands_s=AIR_DEAF_S, is_slow=True, leaves_cold=True,
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in (*FAULTS, *LONG)})
