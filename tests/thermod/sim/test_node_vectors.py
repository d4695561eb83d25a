"""The table of vectors that hardware is held to, played against the executable specification."""

import pytest

from thermod.sim.node import LOOK_S, TICK_S, Node, NodeSpec
from thermod.sim.node_authority import Refused
from thermod.sim.node_vectors import Step, Vector, load

VECTORS = load()
RATED_W = 2000.0


class Player:
    """A node on pretend time that ticks and looks as hardware does, the dome as a step sets it."""

    def __init__(self, first_tick: int) -> None:
        self.boot_ids = ["0000000000000000"]
        spec = NodeSpec(rated_w=RATED_W)
        self.node = Node(spec, self._new_boot_id, now_s=0.0, ticks=first_tick - 1)
        self.looks = 0
        self.actuation = self.node.look(0.0)
        self.dome: dict[str, object] = {}

    def _new_boot_id(self) -> str:
        self.boot_ids.append(f"b{len(self.boot_ids):015x}")
        return self.boot_ids[-1]

    def run_until(self, at_s: float) -> None:
        looks_per_tick = round(TICK_S / LOOK_S)
        while (self.looks + 1) * LOOK_S < at_s:
            self.looks += 1
            now_s = self.looks * LOOK_S
            if self.looks % looks_per_tick == 0:
                self.tick(now_s)
            self.sense(now_s)
            self.actuation = self.node.look(now_s)

    def tick(self, now_s: float) -> None:
        measured_w, lid, air_temp_c = self.senses()
        self.node.tick(now_s, measured_w, {}, lid, None, air_temp_c)

    def sense(self, now_s: float) -> None:
        self.node.sense(now_s, *self.senses())

    def senses(self) -> tuple[float, str, float]:
        through_contactors_w = self.dome.get(
            "measured_w", self.actuation.heater_pct / 100 * RATED_W
        )
        measured_w = through_contactors_w if self.actuation.contactors_closed else 0.0
        return measured_w, self.dome.get("lid", "closed"), self.dome.get("air_temp_c", 25.0)

    def play(self, step: Step) -> str | None:
        """Returns the reaction, if a message was sent. The step's time is then in force."""
        self.run_until(step.at_s)
        self.dome |= step.dome
        if self.dome.pop("reboot", False):
            self.node.reboot(step.at_s)
        self.sense(step.at_s)
        reaction = None
        if step.topic is not None:
            *_, old_boot_id, boot_id = self.boot_ids
            payload = step.message(boot_id, old_boot_id, self.node.authority.ticks)
            heard = self.node.hear(step.topic, payload, step.retained, step.at_s)
            reaction = heard.refused or "accepted"
        self.actuation = self.node.look(step.at_s)
        return reaction


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_node_does_what_the_table_says(vector: Vector):
    player = Player(vector.first_tick)
    for step in vector.steps:
        reaction = player.play(step)
        if step.reaction is not None:
            assert reaction == step.reaction, step
        if step.heat_pct is not None:
            assert player.actuation.heater_pct == step.heat_pct, (step, player.actuation)
        if step.contactors_closed is not None:
            assert player.actuation.contactors_closed == step.contactors_closed, step


def test_the_table_has_a_vector_for_every_kind_of_refusal():
    tested = {step.reaction for vector in VECTORS for step in vector.steps}
    assert tested >= set(Refused)


def test_no_step_sits_so_close_to_a_tick_that_real_hardware_could_not_be_held_to_it():
    for vector in VECTORS:
        for step in vector.steps:
            to_next_tick_s = -step.at_s % TICK_S
            assert 0.04 <= to_next_tick_s <= TICK_S - 0.04 or step.topic is None, (
                vector.name,
                step,
            )


def test_vector_names_are_unique():
    names = [vector.name for vector in VECTORS]
    assert len(set(names)) == len(names)
