"""Control and guard compute the program flow apart, and alike."""

from hypothesis import given
from hypothesis import strategies as st

from thermod import flow
from thermod.guard.flow import flow_token

INT31 = st.integers(0, 2**31 - 1)
CHALLENGE = st.text("0123456789abcdef", min_size=8, max_size=8)


def chain(challenge, cycle, results, stages=flow.STAGES):
    built = flow.Chain(challenge, cycle)
    for stage, result in zip(stages, results, strict=True):
        built.extend(stage, result)
    return built.answer()


def test_the_contracts_test_vector():
    assert chain("1f9a03bc", 9021, [101, 102, 103, 104, 105, 106]).token == 1808402602


@given(CHALLENGE, INT31, st.lists(INT31, min_size=6, max_size=6))
def test_the_chain_is_what_the_guard_computes_from_its_results(challenge, cycle, results):
    built = chain(challenge, cycle, results)
    assert built.token == flow_token(challenge, cycle, built.results)
    assert 0 <= built.token < 2**31


@given(CHALLENGE, INT31, st.lists(INT31, min_size=6, max_size=6), st.permutations(flow.STAGES))
def test_stages_out_of_order_give_another_token(challenge, cycle, results, stages):
    if tuple(stages) != flow.STAGES:
        swapped = chain(challenge, cycle, results, stages)
        assert swapped.token != flow_token(challenge, cycle, results)


@given(CHALLENGE, INT31, st.lists(INT31, min_size=6, max_size=6), st.integers(0, 5))
def test_another_result_of_any_stage_gives_another_token(challenge, cycle, results, stage):
    other = [*results]
    other[stage] ^= 1
    assert chain(challenge, cycle, results).token != flow_token(challenge, cycle, other)


@given(st.lists(st.none() | st.floats(allow_nan=False), max_size=6))
def test_a_fingerprint_is_an_integer_of_the_wire(numbers):
    assert 0 <= flow.fingerprint(numbers) < 2**31


def test_every_cycle_answers_for_all_of_its_stages(heating_once):
    world = heating_once.fork()
    for _ in range(20):
        outcome = world.step()
        assert len(outcome.flow.results) == 6
        assert outcome.flow.token == flow_token(
            outcome.flow.challenge, outcome.flow.cycle, outcome.flow.results
        )
        assert outcome.flow.cycle == world.state.cycle
