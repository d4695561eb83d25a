"""What happens to the dome: node, lid, fan, heater circuit, meter, clock."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from thermod.sim.campaign.mishap import ONCE_S, Begin, Group, Mishap, Single, Undo
from thermod.sim.campaign.ward import Ward


def _reboot(ward: Ward, random: Random) -> Undo:
    ward.dome.reboot()
    return _done


def _reboots(ward: Ward, random: Random) -> Undo:
    at_s = ward.now_s
    for _ in range(5):
        ward.agenda.at(at_s, ward.dome.reboot)
        at_s += random.uniform(0.05, 4.0)
    return _done


def _power_lost(ward: Ward, random: Random) -> Undo:
    ward.dome.lose_power()
    return ward.dome.get_power


def _lid(ward: Ward, random: Random) -> Undo:
    ward.dome.open_lid(True)
    return partial(ward.dome.open_lid, False)


def _lid_moves(ward: Ward, random: Random) -> Undo:
    at_s = ward.now_s
    for _ in range(6):
        ward.agenda.at(at_s, ward.dome.open_lid, True)
        at_s += random.uniform(0.1, 3.0)
        ward.agenda.at(at_s, ward.dome.open_lid, False)
        at_s += random.uniform(0.1, 4.0)
    return partial(ward.dome.open_lid, False)


def _flag(ward: Ward, random: Random, *, name: str) -> Undo:
    """One thing about the node that is wrong while it stands."""
    setattr(ward.dome, name, True)
    return partial(setattr, ward.dome, name, False)


def _welded(ward: Ward, random: Random, *, ssr: bool, contactors: bool) -> Undo:
    heater = ward.dome.heater
    heater.ssr_welded = heater.ssr_welded or ssr
    heater.contactors_welded = heater.contactors_welded or contactors
    ward.dome.look()
    return _done  # a weld stays


def _output(ward: Ward, random: Random, *, low: float, high: float) -> Undo:
    heater = ward.dome.heater
    before = heater.output_share
    heater.output_share = random.uniform(low, high)
    ward.dome.look()
    return partial(setattr, heater, "output_share", before)


def _clock(ward: Ward, random: Random) -> Undo:
    """Far more than any crystal; a lease of 3 s is then 3.03 s."""
    ward.dome.set_clock(random.choice((0.99, 0.995, 1.005, 1.01)))
    return partial(ward.dome.set_clock, 1.0)


def _done() -> None:
    """It cannot be taken back, or ends by itself."""


def _row(
    name: str,
    what: str,
    begin: Begin,
    *,
    lasts_s: tuple[float, float] = (1.0, 30.0),
    single: Single = Single.RECOVERS,
    welds: frozenset[str] = frozenset(),
    blinds_meter: bool = False,
) -> Mishap:
    return Mishap(
        name, what, Group.DOME, begin, single, *lasts_s, welds=welds, blinds_meter=blinds_meter
    )


SSR, CONTACTORS = frozenset({"ssr"}), frozenset({"contactors"})

DOME: Final = (
    _row("dome-reboot", "the node boots", _reboot, lasts_s=(ONCE_S, ONCE_S)),
    _row("dome-reboots", "the node boots five times", _reboots, lasts_s=(20.0, 20.0)),
    _row("dome-power", "the dome loses power and gets it back", _power_lost),
    _row(
        "dome-silent",
        "the node hears and acts and says nothing",
        partial(_flag, name="is_silent"),
        blinds_meter=True,
    ),
    _row(
        "state-malformed",
        "a NaN makes node/state unreadable",
        partial(_flag, name="garbles"),
        blinds_meter=True,
    ),
    _row("lid-open", "the lid is opened", _lid),
    _row("lid-moves", "the lid is opened and shut six times", _lid_moves, lasts_s=(45.0, 45.0)),
    _row("fan-dead", "the fan stands still", partial(_flag, name="fan_dead")),
    _row(
        "ssr-welded",
        "the SSR conducts whatever is commanded",
        partial(_welded, ssr=True, contactors=False),
        single=Single.ENDS,
        welds=SSR,
    ),
    _row(
        "contactors-welded",
        "the contactors stay closed",
        partial(_welded, ssr=False, contactors=True),
        welds=CONTACTORS,
    ),
    _row(
        "all-welded",
        "SSR and contactors conduct for ever: class (a)",
        partial(_welded, ssr=True, contactors=True),
        single=Single.ENDS,
        welds=SSR | CONTACTORS,
    ),
    _row("heater-weak", "30-80 % of the power", partial(_output, low=0.3, high=0.8)),
    _row("heater-strong", "up to 130 % of the power", partial(_output, low=1.05, high=1.3)),
    _row("heater-dead", "no power", partial(_output, low=0.0, high=0.0)),
    _row(
        "meter-dead",
        "nothing measures the power any more",
        partial(_flag, name="measures_nothing"),
        blinds_meter=True,
    ),
    _row("dome-clock", "the node's clock is up to 1 % fast or slow", _clock),
)
