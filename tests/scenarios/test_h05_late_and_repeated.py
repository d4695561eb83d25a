"""H05, H19: the same act twice, late, or among very many."""

from controllers.session import Phase
from tests.scenarios.people import answer, is_accepted, resume, stays_cold
from thermod.acts import SEEN_INTENTS_MAX
from thermod.mailbox import ACTS_MAX


def test_the_same_act_counts_once(heating):
    """H19."""
    pause = heating.ask("pause")
    assert is_accepted(heating, pause)
    again = resume(heating)
    assert is_accepted(heating, again)
    heating.ask("pause")
    heating.run(1.0)

    heating.say_again(again)

    assert "already handled" in answer(heating, again).because
    assert heating.phase is Phase.PAUSED
    assert stays_cold(heating, 30.0)


def test_the_same_act_counts_once_also_among_hundreds_of_others(heating):
    heating.ask("pause")
    heating.step()
    once = resume(heating)
    heating.step()
    heating.ask("pause")
    heating.step()
    for _ in range(8):  # as many as a mailbox takes, while the act still looks fresh
        for _ in range(ACTS_MAX):
            heating.ask("note", {"text": "…"})
        heating.step()

    heating.say_again(once)

    refused = answer(heating, once)
    assert "already handled" in refused.because
    assert heating.phase is Phase.PAUSED
    assert len(heating.state.seen_intents) <= SEEN_INTENTS_MAX


def test_an_act_on_what_was_seen_five_seconds_ago_is_refused(heating):
    heating.ask("pause")
    heating.run(10.0)
    late = heating.ask("resume", {"target_c": 38.5, "same_patient": True}, cycles_old=11)
    assert "more than 5 s old" in answer(heating, late).because
    ahead = heating.ask("resume", {"target_c": 38.5, "same_patient": True}, cycles_old=-5)
    assert not is_accepted(heating, ahead)
    assert stays_cold(heating, 30.0)


def test_replayed_permits_do_not_bring_heat_back(heating):
    permits = []
    hear = heating.node.on_permit

    def overhear(permit, now_s):
        permits.append(permit)
        return hear(permit, now_s)

    heating.node.on_permit = overhear
    heating.run(3.0)
    heating.node.on_permit = hear
    heating.ask("pause")
    heating.run(2.0)
    for permit in permits:
        heating.node.on_permit(permit, heating.now_s)
        heating.step()
        assert heating.heater_w == 0.0
