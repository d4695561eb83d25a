"""Timers of a session that no measurement may stop by being absent."""


def test_a_fan_of_which_nothing_is_known_every_other_moment_is_dead_all_the_same(heating):
    """H26: cannot tell stops no running timer."""
    for step in range(12):
        heating.plant.fan_running = None if step % 2 else False
        heating.step()
    assert heating.heater_w == 0.0
    assert heating.state.rows["fan_dead"].active


def test_a_dome_without_a_fan_has_no_dead_one_and_one_that_runs_again_is_alive(heating):
    heating.plant.fan_running = None
    heating.run(10.0)
    assert heating.state.fan_dead_s == 0.0
    heating.plant.fan_running = False
    heating.run(2.0)
    heating.plant.fan_running = True
    heating.run(1.0)
    assert heating.state.fan_dead_s == 0.0
