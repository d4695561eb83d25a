"""What happens to the network: it loses, repeats, delays, reorders, holds and cuts; the broker."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from thermod.sim.campaign.mishap import Begin, Group, Mishap, Undo
from thermod.sim.campaign.network import Line
from thermod.sim.campaign.ward import Ward

ENDS_OF_LINES: Final = ("dome", "control", "guard", "people")


def _lossy(ward: Ward, random: Random) -> Undo:
    return _spoil(ward.network.lines_of(), "loss", random.uniform(0.02, 0.3))


def _repeating(ward: Ward, random: Random) -> Undo:
    return _spoil(ward.network.lines_of(), "repeats", random.uniform(0.1, 0.5))


def _overtaking(ward: Ward, random: Random) -> Undo:
    return _spoil(ward.network.lines_of(), "overtakes", random.uniform(0.05, 0.4))


def _slow(ward: Ward, random: Random) -> Undo:
    return _spoil(ward.network.lines_of(), "delay_s", random.uniform(0.05, 1.5))


def _slow_one_way(ward: Ward, random: Random) -> Undo:
    return _spoil([random.choice(ward.network.lines_of())], "delay_s", random.uniform(0.2, 4.0))


def _slow_party(ward: Ward, random: Random) -> Undo:
    lines = ward.network.lines_of(random.choice(ENDS_OF_LINES))
    return _spoil(lines, "delay_s", random.uniform(1.5, 5.0))


def _spoil(lines: list[Line], what: str, by: float) -> Undo:
    for line in lines:
        setattr(line, what, getattr(line, what) + by)

    def undo() -> None:
        for line in lines:
            left = getattr(line, what) - by
            setattr(line, what, left if left > 1e-9 else 0.0)

    return undo


def _cut(ward: Ward, random: Random, *, name: str, way: str) -> Undo:
    network = ward.network
    lines = [
        line
        for line in (network.up[name], network.down[name])
        if _goes(network.up[name], line, way)
    ]
    network.cut(*lines)
    return partial(network.mend, *lines)


def _goes(up: Line, line: Line, way: str) -> bool:
    return way == "both" or (way == "from") is (line is up)


def _half_open(ward: Ward, random: Random) -> Undo:
    lines = random.sample(ward.network.lines_of(), random.randint(1, 3))
    ward.network.hold(*lines)
    return partial(ward.network.release, *lines)


def _broker_frozen(ward: Ward, random: Random) -> Undo:
    lines = ward.network.lines_of()
    ward.network.hold(*lines)
    return partial(ward.network.release, *lines)


def _broker_killed(ward: Ward, random: Random) -> Undo:
    ward.network.forget()
    return _all_cut(ward)


def _all_cut(ward: Ward) -> Undo:
    lines = ward.network.lines_of()
    ward.network.cut(*lines)
    return partial(ward.network.mend, *lines)


def _flapping(ward: Ward, random: Random) -> Undo:
    """Cut for some seconds and whole for some, four times."""
    network, now_s = ward.network, ward.now_s
    lines = network.lines_of(random.choice(ENDS_OF_LINES))
    for _ in range(4):
        ward.agenda.at(now_s, network.cut, *lines)
        now_s += random.uniform(0.3, 4.0)
        ward.agenda.at(now_s, network.mend, *lines)
        now_s += random.uniform(0.3, 5.0)
    return nothing_left


def nothing_left() -> None:
    """It ends by itself."""


def _row(name: str, what: str, begin: Begin, lasts_s_max: float = 30.0) -> Mishap:
    return Mishap(name, what, Group.NETWORK, begin, lasts_s_max=lasts_s_max, hinders=True)


NETWORK: Final = (
    _row("loss", "every line loses 2-30 % of the messages", _lossy),
    _row("repeats", "10-50 % of the messages come twice", _repeating),
    _row("reorder", "5-40 % of the messages come late, behind younger ones", _overtaking),
    _row("delay", "all messages come up to 1.5 s late", _slow),
    _row("delay-one-way", "one line one way is up to 4 s late", _slow_one_way),
    _row("delay-one-party", "one party's lines are 1.5 to 5 s late, both ways", _slow_party),
    *(
        _row(
            f"{name}-{label}",
            f"{name} is {does}",
            partial(_cut, name=name, way=way),
            lasts_s_max=70.0 if way == "both" else 30.0,
        )
        for name in ("dome", "control", "guard", "people")
        for way, label, does in (
            ("both", "cut-off", "cut off, both ways"),
            ("from", "mute", "not heard any more"),
            ("to", "deaf", "not reached any more"),
        )
    ),
    _row("half-open", "one to three lines hold what is sent, and deliver it later", _half_open),
    _row("broker-frozen", "the broker stands still, then delivers all in order", _broker_frozen),
    _row("broker-killed", "the broker dies with all it held, another one begins", _broker_killed),
    _row("flapping", "one party is cut off and back four times", _flapping, lasts_s_max=36.0),
)
