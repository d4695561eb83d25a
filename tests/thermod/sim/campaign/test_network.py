"""Messages arrive in order after a while, and not when their line is cut, held or lossy."""

from __future__ import annotations

from random import Random

import pytest

from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.network import Message, Network, Topic, Weather


class Ear:
    def __init__(self, name: str, network: Network, *topics: Topic) -> None:
        self.name = name
        self.heard: list[object] = []
        self.at_s: list[float] = []
        self.reconnections = 0
        self._agenda = network.agenda
        network.join(self, topics)

    def hear(self, message: Message) -> None:
        self.heard.append(message.value)
        self.at_s.append(self._agenda.now_s)

    def reconnected(self) -> None:
        self.reconnections += 1


@pytest.fixture
def network():
    return Network(Agenda(0.0), Random(1), Weather(0.001, 0.2))


@pytest.fixture
def talker(network):
    return Ear("talker", network)


@pytest.fixture
def ear(network, talker):
    return Ear("ear", network, Topic.COMMAND, Topic.ARM, Topic.GUARD_STATE)


def say(network, *values, topic=Topic.COMMAND):
    for value in values:
        network.send("talker", topic, value)


def later(network, seconds=10.0):
    network.agenda.run_until(network.agenda.now_s + seconds)


def test_messages_arrive_in_order_each_later_than_it_was_sent(network, ear):
    for value in range(50):
        say(network, value)
        later(network, 0.01)
    later(network)
    assert ear.heard == list(range(50))
    assert all(at_s > 0.01 * n for n, at_s in enumerate(ear.at_s))
    assert max(at_s - 0.01 * n for n, at_s in enumerate(ear.at_s)) <= 0.2


def test_only_those_who_listen_hear_and_nobody_hears_himself(network, ear, talker):
    say(network, "arm", topic=Topic.STOP)
    network.send("ear", Topic.COMMAND, "mine")
    later(network)
    assert ear.heard == talker.heard == []


def test_what_is_caused_by_a_message_never_overtakes_it(network, ear):
    """`arm` follows from an intent, so a third party hears the intent first."""
    for n in range(200):
        person, third = Ear(f"p{n}", network), Ear(f"t{n}", network, Topic.INTENT, Topic.HEARTBEAT)

        class Answers(Ear):
            def hear(self, message: Message) -> None:
                self._network.send(self.name, Topic.HEARTBEAT, "answer")

        answers = Answers(f"a{n}", network, Topic.INTENT)
        answers._network = network
        network.send(person.name, Topic.INTENT, "question")
        later(network)
        assert third.heard == ["question", "answer"]
        for party in (person, third, answers):
            network.leave(party.name)


def test_a_cut_line_loses_and_tells_its_ends_when_it_is_whole_again(network, ear):
    line = network.down["ear"]
    network.cut(line)
    say(network, "lost")
    later(network)
    network.mend(line)
    later(network)
    say(network, "heard")
    later(network)
    assert ear.heard == ["heard"]
    assert ear.reconnections == 1


def test_a_line_that_was_cut_twice_is_whole_only_when_both_are_mended(network, ear):
    line = network.up["talker"]
    network.cut(line)
    network.cut(line)
    network.mend(line)
    later(network)
    say(network, "lost")
    later(network)
    assert ear.heard == []


def test_a_held_line_gives_all_of_it_later_and_in_order(network, ear):
    network.hold(*network.lines_of())
    say(network, 1, 2, 3)
    later(network, 20.0)
    assert ear.heard == []
    network.release(*network.lines_of())
    say(network, 4)
    later(network)
    assert ear.heard == [1, 2, 3, 4]


def test_what_a_dead_broker_held_is_gone(network, ear):
    network.hold(*network.lines_of())
    say(network, 1)
    network.forget()
    network.release(*network.lines_of())
    later(network)
    assert ear.heard == []


def test_a_lossy_line_loses_some_of_the_commands_and_none_of_the_arms(network, ear):
    network.up["talker"].loss = 0.3
    for n in range(300):
        say(network, n)
        say(network, f"arm {n}", topic=Topic.ARM)
        later(network, 1.0)
    later(network)
    arms = [value for value in ear.heard if isinstance(value, str)]
    assert len(arms) == 300
    assert 170 < len(ear.heard) - 300 < 250


def test_repeats_come_twice_and_overtaken_ones_come_late(network, ear):
    network.down["ear"].repeats = 1.0
    say(network, 1)
    later(network)
    assert ear.heard == [1, 1]
    network.down["ear"].repeats, network.down["ear"].overtakes = 0.0, 1.0
    say(network, 2)
    network.down["ear"].overtakes = 0.0
    say(network, 3)
    later(network)
    assert ear.heard == [1, 1, 3, 2]


def test_a_replay_is_the_same_message_with_its_old_time(network, ear):
    say(network, 1)
    later(network)
    network.say_again(network.past[-1])
    later(network)
    assert ear.heard == [1, 1]
    assert network.past[-1].sent_s == 0.0


def test_the_guards_state_is_kept_by_the_broker_for_who_comes_back(network, ear):
    say(network, "state", topic=Topic.GUARD_STATE)
    later(network)
    network.cut(network.down["ear"])
    network.mend(network.down["ear"])
    later(network)
    assert ear.heard == ["state", "state"]


def test_two_networks_with_one_seed_do_the_same():
    def run():
        network = Network(Agenda(0.0), Random(7), Weather(0.0, 0.2, loss=0.1))
        Ear("talker", network)
        ear = Ear("ear", network, Topic.COMMAND)
        for n in range(100):
            say(network, n)
            later(network, 0.1)
        later(network)
        return ear.heard, ear.at_s

    assert run() == run()
