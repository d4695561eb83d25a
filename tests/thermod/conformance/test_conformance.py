"""The kit on pretend time: the specification passes, each broken dome fails where it is broken."""

import pytest

from tests.thermod.conformance import broken
from tests.thermod.conformance.pretend import Bus, PretendDome, check, names
from thermod.conformance.hands import Hands
from thermod.conformance.table import BY_NAME, REQUIREMENTS
from thermod.conformance.verdict import Outcome

UNSEEN = {"sounder", "retained", "hard-wired"}  # by anybody on the bus


@pytest.fixture(scope="module")
def sound():
    """The specification itself, checked from end to end."""
    return check(PretendDome())


def test_the_specification_passes_whatever_the_bus_can_show(sound):
    assert names(sound.results, Outcome.UNSEEN) == UNSEEN
    assert names(sound.results, Outcome.PASS) == BY_NAME.keys() - UNSEEN
    assert sound.conforms


def test_every_requirement_has_one_result_in_the_order_of_the_table(sound):
    assert [each.requirement for each in sound.results] == list(REQUIREMENTS)
    assert len(BY_NAME) == len(REQUIREMENTS)


def test_a_revoke_is_timed_to_0_4_s_by_the_bus_and_to_0_01_s_by_the_meter(sound):
    off = next(each.off for each in sound.results if each.requirement.name == "revoke")
    assert off.after_s_min == 0.0
    assert off.after_s_max == pytest.approx(0.4)
    assert off.meter_s == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("name", ["command-silence", "permit-silence", "all-silence"])
def test_silence_is_timed_to_one_tick_by_the_bus_and_to_0_01_s_by_the_meter(sound, name):
    off = next(each.off for each in sound.results if each.requirement.name == name)
    assert (off.after_s_min, off.after_s_max) == (pytest.approx(3.0), pytest.approx(3.5))
    assert off.meter_s == pytest.approx(3.0, abs=0.02)


def test_a_check_ends_with_the_heat_off_the_contactors_open_and_the_epoch_over():
    dome = PretendDome()
    run = check(dome, [BY_NAME["heat"]])
    assert run.conforms
    assert dome.heater.power_w == 0.0
    assert not dome.node.look(run.bench.now_s).contactors_closed
    assert dome.node.authority.over_because is not None


def test_a_check_heats_with_no_more_than_the_power_it_was_given():
    highest = 0.0

    class Watched(PretendDome):
        def look(self, now_s):
            nonlocal highest
            super().look(now_s)
            highest = max(highest, self.heater.power_w)

    assert check(Watched()).conforms
    assert highest == pytest.approx(0.2 * 2000.0)


@pytest.mark.parametrize("node", broken.NODES, ids=lambda node: node.__name__)
def test_a_broken_node_fails_on_the_lines_of_its_fault_and_on_no_other(node):
    _fails_where_it_is_broken(check(PretendDome(node)), node.fails, node.hides)


@pytest.mark.parametrize("dome", broken.DOMES, ids=lambda dome: dome.__name__)
def test_a_broken_dome_fails_on_the_lines_of_its_fault_and_on_no_other(dome):
    _fails_where_it_is_broken(check(dome()), dome.fails, frozenset())


def test_every_requirement_that_the_bus_can_show_is_failed_by_some_broken_dome():
    failed = {name for each in (*broken.NODES, *broken.DOMES) for name in each.fails}
    assert failed == BY_NAME.keys() - {"retained", "hard-wired"}


def _fails_where_it_is_broken(run, fails, hides):
    assert names(run.results, Outcome.FAIL) == fails
    assert names(run.results, Outcome.NOT_REACHED) == hides
    assert not run.conforms


def test_a_dome_without_a_meter_conforms_and_is_told_what_was_not_seen():
    run = check(PretendDome(has_meter=False))
    assert names(run.results, Outcome.UNSEEN) == UNSEEN | {"meter", "meter-rest"}
    assert run.conforms


def test_with_nobody_at_the_dome_lid_and_reboot_stay_unseen():
    run = check(PretendDome(), hands=Hands.NOBODY)
    assert names(run.results, Outcome.UNSEEN) == UNSEEN | {"lid", "reboot"}
    assert run.conforms


def test_a_person_is_told_what_to_do_at_the_dome():
    run = check(PretendDome(), [BY_NAME["lid"]], hands=Hands.PERSON)
    assert run.bench.errands == ["Open the lid of the dome now."]
    assert names(run.results, Outcome.NOT_REACHED) == {"lid"}  # nobody came


def test_a_dome_that_never_heats_fails_nothing_by_chance_and_does_not_conform():
    dome = PretendDome()
    dome.lid = "open"
    run = check(dome)
    assert names(run.results, Outcome.NOT_REACHED) >= {"heat", "revoke", "stop", "command-silence"}
    assert names(run.results, Outcome.FAIL) == set()
    assert not run.conforms


def test_when_the_time_is_up_the_rest_is_not_reached_and_the_heat_is_taken_away():
    dome = PretendDome()
    run = check(dome, limit_s=60.0)
    assert run.lasted_s == pytest.approx(60.0, abs=1.0)
    assert {each.text for each in run.results if each.outcome is Outcome.NOT_REACHED} == {
        "the time was up"
    }
    assert dome.heater.power_w == 0.0
    assert not run.conforms


class LosesOneState(PretendDome):
    """The bus loses one `node/state` in the middle of a silence."""

    def __init__(self, lost_ticks):
        super().__init__()
        self.lost_ticks = lost_ticks

    def tick(self, now_s):
        payload = super().tick(now_s)
        return None if self.node.authority.ticks in self.lost_ticks else payload


def test_what_was_tried_while_the_link_was_disturbed_is_tried_again():
    run = check(LosesOneState({22}), [BY_NAME["command-silence"]])
    assert run.results[0].outcome is Outcome.PASS
    assert run.results[0].repeats == 1


def test_a_link_that_is_always_disturbed_is_judged_at_the_third_try():
    run = check(LosesOneState(range(20, 1000, 2)), [BY_NAME["state-rate"]])
    assert run.results[0].outcome is Outcome.FAIL
    assert run.results[0].repeats == 2


@pytest.mark.parametrize(
    ("payload", "retained", "why"),
    [
        (b'{"boot_id": "abc", "seq": 1, "tick": 1, "temp_c": 37.0}', True, "retained"),
        (b'{"boot_id": "abc", "seq": 1, "tick": 1, "temp_c": NaN}', False, "no JSON"),
    ],
)
def test_a_reading_on_its_own_topic_that_nobody_may_believe_fails(payload, retained, why):
    bus = Bus(PretendDome(), [BY_NAME["readings"]])
    bus.bench.hear_reading("core-1", payload, retained=retained)
    result = bus.play().results[0]
    assert result.outcome is Outcome.FAIL
    assert why in result.text


def test_a_dome_that_falls_silent_fails():
    run = check(LosesOneState(range(20, 10_000)), [BY_NAME["state-readable"]])
    assert run.results[0].outcome is Outcome.FAIL
    assert "no node/state" in run.results[0].text
