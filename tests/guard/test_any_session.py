"""Sessions in which anything may happen at any time: what must be true in all of them."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guard.pretend import Room
from thermod.guard.said import Permit, Said


def act(kind: str, scope: str, target_c: float | None = 38.5) -> Callable[[Room], None]:
    """A person acts and control accepts."""

    def happen(room: Room) -> None:
        details = {} if target_c is None else {"target_c": target_c}
        room.control.power_pct = 40.0 if scope == "session" else 15.0
        room.acts += 1
        room.arm(room.intent(kind, details), scope)

    return happen


def change(where: str, name: str, value: object) -> Callable[[Room], None]:
    return lambda room: setattr(getattr(room, where), name, value)


def temp(probe: str, temp_c: float) -> Callable[[Room], None]:
    return lambda room: room.node.temps_c.__setitem__(probe, temp_c)


def reboot(room: Room) -> None:
    room.node.boot_id = f"{room.node.tick:016x}"
    room.node.tick = 0


def new_controller(room: Room) -> None:
    room.control.controller_id += "x"
    room.control.cycle = 0


def forget_time(room: Room) -> None:
    room.now_s += 2.5


def restart_guard(room: Room) -> None:
    room.restart_guard()
    room.restarts += 1


HAPPENINGS: dict[str, Callable[[Room], None]] = {
    "start": act("start", "session"),
    "start low": act("start", "session", 37.5),
    "resume": act("resume", "session"),
    "create": act("create", "test", None),
    "arm alone": lambda room: room.arm("i-nobody"),
    "pause": lambda room: room.intent("pause"),
    "stop": lambda room: room.hear("stop", b""),
    "reset all": lambda room: room.reset(*room.latches, reason="x") if room.latches else None,
    "control gives up": change("control", "scope", "none"),
    "control dies": change("control", "is_alive", False),
    "control lives": change("control", "is_alive", True),
    "control skips": change("control", "skips_a_stage", True),
    "control is whole": change("control", "skips_a_stage", False),
    "new controller": new_controller,
    "full power": change("control", "power_pct", 100.0),
    "node dies": change("node", "is_alive", False),
    "node lives": change("node", "is_alive", True),
    "reboot": reboot,
    "lid open": change("node", "lid", "open"),
    "lid closed": change("node", "lid", "closed"),
    "fan stops": change("node", "fan_running", False),
    "fan runs": change("node", "fan_running", True),
    "welded": change("node", "heater_follows", False),
    "repaired": change("node", "heater_follows", True),
    "core hot": temp("core-1", 39.4),
    "core warm": temp("core-1", 38.4),
    "core nan": temp("core-1", nan),
    "core well": temp("core-1", 37.0),
    "other core out": temp("core-2", -127.0),
    "skin hot": temp("skin-1", 43.2),
    "skin well": temp("skin-1", 35.0),
    "disk full": lambda room: setattr(room.drawer, "is_stuck", True),
    "disk empty": lambda room: setattr(room.drawer, "is_stuck", False),
    "guard stopped": forget_time,
    "guard restarts": restart_guard,
    "other guard": lambda room: room.hear("guard/permit", {"guard_id": "g-other"}),
    "garbage": lambda room: room.hear("node/state", b'{"tick": 1e999}'),
}
COMMON = ["start", "resume", "control lives", "node lives", "lid closed", "reset all", "core well"]


class Watched(Room):
    """It checks each permit at the moment it is said."""

    def __init__(self) -> None:
        super().__init__()
        self.acts = 0
        self.restarts = 0
        self.epochs_granted: set[int] = set()
        self.epochs_over: set[int] = set()

    def say(self, said: Said) -> None:
        super().say(said)
        if isinstance(said, Permit):
            self._check(said)

    def _check(self, permit: Permit) -> None:
        if permit.ended:
            self.epochs_over.add(permit.epoch)
        if not permit.granted:
            return
        assert not permit.ended
        assert self.broken == ()
        assert self.latches == ()
        assert permit.epoch not in self.epochs_over, "an epoch that is over came back"
        assert permit.controller_id is not None
        assert self.drawer.domes["dome-1"].epoch >= permit.epoch, "used before it was safe"
        self.epochs_granted.add(permit.epoch)
        assert len(self.epochs_granted) <= self.acts, "an epoch without an act of a person"


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(COMMON) | st.sampled_from(list(HAPPENINGS)),
            st.sampled_from([0.0, 0.5, 1.0, 2.0, 4.0, 12.0]),
        ),
        min_size=3,
        max_size=30,
    )
)
def test_heat_is_granted_only_to_an_act_of_a_person_and_only_while_everything_holds(story):
    room = Watched()
    room.run(seconds=3)
    for name, seconds in story:
        HAPPENINGS[name](room)
        room.run(seconds)
    for epoch in room.epochs_granted:
        seqs = [
            (permit.guard_id, permit.seq)
            for permit in room.heard(Permit)
            if permit.epoch == epoch and permit.guard_id == room.heard(Permit)[0].guard_id
        ]
        assert seqs == sorted(set(seqs)), "seq did not grow"
