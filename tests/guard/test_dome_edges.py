"""What one dome hears of others: each kind of message from each of them, and what is counted."""


def fail_once(drawer):
    """The next write fails, and the one after it goes well."""
    save = drawer.save

    def stuck(changed):
        drawer.save = save
        return False

    drawer.save = stuck


def test_h13_an_arm_of_a_second_controller_ends_the_epoch(session):
    session.hear("arm", {"controller_id": "c-2", "intent_id": "i-none", "scope": "session"})
    assert session.ended
    assert session.refused("other_controller") == 1
    assert session.refused("arm_without_intent") == 1


def test_h13_a_second_controller_counts_once_each_time_it_takes_the_word(session):
    for _ in range(3):
        session.hear("heater/command", session.command(controller_id="c-2", epoch=1, seq=999))
    assert session.refused("other_controller") == 1
    session.cycle()
    assert session.refused("other_controller") == 2


def test_h13_each_word_of_another_guard_is_counted(session):
    for _ in range(2):
        session.hear("guard/permit", {"guard_id": "g-other", "granted": False})
    assert session.refused("other_guard") == 2


def test_h23_what_is_measured_belongs_to_the_session_that_was_armed_last(session):
    """Its intent was heard while the one before it was open, and left that one alone."""
    intent_id = session.intent("start", {"target_c": 38.5}, session_id="s-2")
    assert session.guard.senses.tallies.current.session_id == "s-1"
    session.arm(intent_id)
    assert session.guard.senses.tallies.current.session_id == "s-2"


def test_h20_a_reset_that_cannot_be_written_down_resets_nothing_and_trips(room):
    room.run(seconds=3)
    room.hear("stop", b"")
    room.run(seconds=1)
    room.drawer.is_stuck = True
    room.intent("reset", {"latches": ["stopped"]}, reason="looked at it")
    assert room.latches == ("stopped", "state_lost")


def test_h20_a_reset_trips_by_its_own_failed_write_though_the_next_one_goes_well(room):
    room.run(seconds=3)
    room.hear("stop", b"")
    room.run(seconds=1)
    fail_once(room.drawer)
    room.reset("stopped")
    assert room.latches == ("stopped", "state_lost")


def test_h20_an_epoch_whose_number_could_not_be_written_once_is_not_tried_again(room):
    room.run(seconds=3)
    intent_id = room.intent("start", {"target_c": 38.5})
    fail_once(room.drawer)
    room.arm(intent_id)
    room.run(seconds=1)
    assert room.latches == ("state_lost",)
    assert not room.granted


def test_h17_a_reset_of_what_is_not_latched_writes_nothing(room):
    room.run(seconds=3)
    writes = room.drawer.writes
    room.intent("reset", {"latches": ["stopped"]}, reason="to be sure")
    assert room.drawer.writes == writes
    assert room.latches == ()
