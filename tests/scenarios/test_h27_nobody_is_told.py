"""H27: control is dead, and nobody is told. The others tell."""

from tests.scenarios.people import is_off_within


def test_h27_the_domes_own_sounder_sounds_when_control_no_longer_answers(heating):
    """With no console listening, too: the guard asks the node itself, within 5 s."""
    assert heating.node.authority.annunciate is False
    heating.control_runs = False
    sounds_s = heating.run_until(lambda w: w.node.authority.annunciate, within_s=5.0)
    assert sounds_s <= 5.0
    heating.run(30.0)
    assert heating.node.authority.annunciate is True


def test_h27_the_sounder_falls_silent_when_control_is_back_and_answers(heating):
    heating.control_runs = False
    heating.run(5.0)
    heating.control_runs = True
    heating.run(5.0)
    assert heating.node.authority.annunciate is False


def test_h27_a_guard_that_is_dead_is_told_by_control_and_a_dead_dome_too(heating):
    other = heating.fork()
    heating.guard_runs = False
    heating.run(5.5)
    other.lost = {"node"}
    other.run(5.5)
    assert heating.state.rows["guard_silent"].shown
    assert other.state.rows["dome_silent"].shown
    assert is_off_within(heating, 1.0)
    assert is_off_within(other, 1.0)
