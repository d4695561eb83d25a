"""H19: what is said in the name of the dome, and the dome has not said it. Nobody stays deaf."""

from __future__ import annotations

from controllers.session import Phase
from tests.scenarios.people import (
    heats_again,
    is_accepted,
    is_off_within,
    reset,
    resume,
    stays_cold,
)
from thermod import cycle
from thermod.mailbox import Inbox, Mailbox
from thermod.sim import handed
from thermod.sim.world import World

IMPOSTOR = "00000000deadbeef"


class Impostor:
    """It speaks as the dome, right after the dome, for as long as `lies` is set."""

    def __init__(self, world: World) -> None:
        self.lies = False
        self.box = Mailbox()  # what control believes
        self._world = world
        self._dome_reports = world._dome_reports
        world._dome_reports = self._both_report  # type: ignore[method-assign]

    def _both_report(self) -> None:
        world = self._world
        self._dome_reports()
        truth = world._node_seen
        assert truth is not None
        self.box.set_node(truth)
        if self.lies:
            lie = world.guard.senses.node.newest
            assert lie is not None
            tick = truth.tick + 1000
            world.guard.on_node(lie._replace(boot_id=IMPOSTOR, tick=tick), world.now_s)
            self.box.set_node(truth._replace(boot_id=IMPOSTOR, tick=tick))
        world._node_seen = self.box.node


def hears_the_dome(world: World) -> bool:
    node = world._node_seen
    guards = world.guard.senses.node.boot_id
    return node is not None and node.boot_id == guards == world.node.authority.boot_id


def test_one_lie_trips_the_session_and_the_dome_is_heard_again_after_10_s(heating):
    impostor = Impostor(heating)
    impostor.lies = True
    heating.step()
    impostor.lies = False
    assert is_off_within(heating, 0.5)
    assert heating.phase is Phase.TRIPPED
    assert heating.guard.latches == ("dome_restarted",)
    assert not hears_the_dome(heating)

    assert heating.run_until(hears_the_dome, within_s=6.0) >= 4.0  # 5 s of it were waited above
    assert impostor.box.take().foreign_dome == IMPOSTOR
    assert stays_cold(heating, 30.0)
    assert is_accepted(heating, reset(heating))
    assert is_accepted(heating, resume(heating))
    assert heats_again(heating)


def test_lies_without_end_heat_nobody_and_end_with_the_impostor(heating):
    impostor = Impostor(heating)
    impostor.lies = True
    heating.step()
    assert stays_cold(heating, 60.0)
    assert "one_dome" in heating.guard.broken
    assert impostor.box.take().foreign_dome
    reset(heating)
    resume(heating)
    assert stays_cold(heating, 30.0)

    impostor.lies = False
    heating.run_until(hears_the_dome, within_s=12.0)
    assert stays_cold(heating, 30.0)


def test_what_the_mailbox_tells_of_another_dome_trips_and_is_shown(heating):
    inbox = Inbox(
        dict(heating._readings), heating._node_seen, heating._permit, foreign_dome=IMPOSTOR
    )
    state, outcome = cycle.step(heating.plan, heating.state, inbox, heating.now_s + 0.5)
    assert state.phase is Phase.TRIPPED
    assert "second_dome" in state.latches
    assert IMPOSTOR in state.rows["second_dome"].text
    assert outcome.command is not None
    assert outcome.command.power_pct == 0.0


def test_a_lie_for_the_guard_alone_takes_heat_too(heating):
    """The node adopts no permit for another boot, and control sees the guard trip."""
    lie = handed.node_to_guard(heating.node.tick(heating.now_s, 0.0, {}, "closed", True))
    heating.guard.on_node(lie._replace(boot_id=IMPOSTOR), heating.now_s)
    assert is_off_within(heating, 0.5)
    assert stays_cold(heating, 60.0)
    assert "guard_tripped" in heating.state.latches
