"""The lease on the heater: how it opens, is renewed, withheld and lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.actuation import NO_LEASE, SAFE, Permit, Scope, arm, look

CONTROLLER, GUARD, BOOT = "c-ours", "g-1", "9f31c2d4a5b60718"
GRANT = Permit(True, False, "all holds", GUARD, CONTROLLER, 7, 100.0)
ARMED_S = 99.0
BEFORE = GRANT._replace(granted=False, ended=True, epoch=6, received_s=98.0, why="idle")


def revoke(why="core_fresh", **more):
    return GRANT._replace(granted=False, why=why, **more)


@pytest.fixture
def armed():
    return arm(Scope.SESSION, "i-1", BEFORE, ARMED_S)


@pytest.fixture
def held(armed):
    return look(armed, GRANT, CONTROLLER, BOOT, 100.0).lease


def test_safe_is_no_heat_open_contactors_and_moving_air():
    assert (SAFE.power_pct, SAFE.contactors_closed, SAFE.air_moving) == (0.0, False, True)


@pytest.mark.parametrize("permit", [None, GRANT, revoke()])
def test_without_an_act_of_a_person_no_permit_means_heat(permit):
    hold = look(NO_LEASE, permit, CONTROLLER, BOOT, 100.0)
    assert not hold.may_heat
    assert hold.lease is NO_LEASE


# --- opening --------------------------------------------------------------------------------------


def test_a_fresh_grant_of_a_newer_epoch_opens_the_lease_and_binds_guard_and_boot(armed):
    hold = look(armed, GRANT, CONTROLLER, BOOT, 100.0)
    assert hold.may_heat
    lease = hold.lease
    assert (lease.epoch, lease.guard_id, lease.boot_id) == (7, GUARD, BOOT)
    assert (lease.scope, lease.intent_id, lease.armed_s) == (Scope.SESSION, "i-1", ARMED_S)


@pytest.mark.parametrize(
    "permit",
    [
        pytest.param(None, id="silence"),
        pytest.param(revoke(), id="a revoke"),
        pytest.param(GRANT._replace(ended=True), id="granted and ended at once"),
        pytest.param(GRANT._replace(controller_id="c-other"), id="another controller's"),
        pytest.param(GRANT._replace(controller_id=None), id="nobody's"),
        pytest.param(GRANT._replace(epoch=6), id="the epoch before"),
        pytest.param(GRANT._replace(epoch=5), id="an older epoch"),
        pytest.param(GRANT._replace(received_s=98.9), id="from before we armed"),
        pytest.param(GRANT._replace(received_s=float("nan")), id="of no time"),
        pytest.param(GRANT._replace(received_s=100.1), id="from the future"),
    ],
)
def test_nothing_else_opens_it_and_it_waits(armed, permit):
    hold = look(armed, permit, CONTROLLER, BOOT, 100.0)
    assert not hold.may_heat
    assert hold.lease is armed
    assert hold.lost is None


def test_an_answer_of_the_very_moment_is_one_and_before_it_there_was_none(armed):
    assert look(armed, GRANT._replace(received_s=ARMED_S), CONTROLLER, BOOT, ARMED_S).may_heat
    assert look(armed, GRANT, CONTROLLER, BOOT, ARMED_S - 0.5).lease is NO_LEASE


def test_without_a_dome_it_waits(armed):
    assert look(armed, GRANT, CONTROLLER, None, 100.0).lease is armed


def test_an_answer_within_10_s_opens_and_a_later_one_does_not(armed):
    in_time = GRANT._replace(received_s=ARMED_S + 10.0)
    assert look(armed, in_time, CONTROLLER, BOOT, ARMED_S + 10.0).may_heat
    for late in (None, BEFORE, GRANT._replace(received_s=ARMED_S + 10.1)):
        hold = look(armed, late, CONTROLLER, BOOT, ARMED_S + 10.1)
        assert not hold.may_heat
        assert hold.lease is NO_LEASE
        assert hold.lost.startswith("the guard did not permit heat within 10 s: ")


def test_a_grant_that_went_stale_while_we_stood_still_does_not_open(armed):
    assert not look(armed, GRANT, CONTROLLER, BOOT, 103.1).may_heat


def test_the_epoch_of_the_heater_test_does_not_serve_the_session(held):
    session = arm(Scope.SESSION, "i-2", GRANT, 100.5)
    again = GRANT._replace(received_s=101.0)
    assert not look(session, again, CONTROLLER, BOOT, 101.0).may_heat
    assert look(session, again._replace(epoch=8), CONTROLLER, BOOT, 101.0).may_heat


def test_when_the_guard_was_never_heard_its_first_grant_opens():
    first = arm(Scope.SESSION, "i-1", None, ARMED_S)
    assert look(first, GRANT._replace(epoch=0), CONTROLLER, BOOT, 100.0).may_heat


# --- holding --------------------------------------------------------------------------------------


def test_each_fresh_grant_renews_and_a_held_lease_is_not_made_anew(held):
    hold = look(held, GRANT._replace(received_s=200.0), CONTROLLER, BOOT, 202.9)
    assert hold.may_heat
    assert hold.lease is held


@pytest.mark.parametrize(("age_s", "may_heat"), [(0.0, True), (3.0, True), (3.01, False)])
def test_a_permit_holds_for_3_s(held, age_s, may_heat):
    hold = look(held, GRANT, CONTROLLER, BOOT, 100.0 + age_s)
    assert hold.may_heat is may_heat
    assert hold.lost is None


@pytest.mark.parametrize(
    ("permit", "because"),
    [
        (revoke(), "withheld by the guard: core_fresh"),
        (revoke(controller_id=None), "withheld by the guard: core_fresh"),
        (GRANT._replace(received_s=90.0), "withheld by the guard: the guard is silent"),
        (GRANT._replace(controller_id=None), "withheld by the guard: the guard is silent"),
        (None, "withheld by the guard: the guard is silent"),
    ],
)
def test_withheld_heat_stops_at_once_and_comes_back_by_itself_within_60_s(held, permit, because):
    hold = look(held, permit, CONTROLLER, BOOT, 100.5)
    assert (hold.may_heat, hold.because, hold.lost) == (False, because, None)
    assert hold.lease.withheld_s == 100.5
    hold = look(hold.lease, permit, CONTROLLER, BOOT, 160.5)
    assert (hold.may_heat, hold.lost) == (False, None)
    assert hold.lease.withheld_s == 100.5
    healed = look(hold.lease, GRANT._replace(received_s=160.5), CONTROLLER, BOOT, 160.5)
    assert healed.may_heat
    assert healed.lease == held


@pytest.mark.parametrize("permit", [None, revoke(), GRANT._replace(received_s=90.0)])
def test_heat_withheld_for_more_than_60_s_is_lost_and_no_grant_brings_it_back(held, permit):
    withheld = look(held, permit, CONTROLLER, BOOT, 100.5).lease
    hold = look(withheld, permit, CONTROLLER, BOOT, 160.6)
    assert (hold.lease, hold.may_heat) == (NO_LEASE, False)
    assert hold.lost.startswith("heat was withheld for 60 s (")
    late = GRANT._replace(received_s=161.0)
    assert not look(hold.lease, late, CONTROLLER, BOOT, 161.0).may_heat


def test_what_withholds_may_change_the_60_s_run_on(held):
    lease = held
    for n in range(120):
        permit = revoke() if n % 2 else None
        hold = look(lease, permit, CONTROLLER, BOOT, 100.5 + 0.5 * n)
        assert hold.lost is None
        lease = hold.lease
    assert look(lease, None, CONTROLLER, BOOT, 161.0).lost is not None


# --- losing ---------------------------------------------------------------------------------------

LOSES = [
    (GRANT._replace(guard_id="g-2"), BOOT, "the guard restarted, or a second guard spoke"),
    (revoke(guard_id="g-2"), BOOT, "the guard restarted, or a second guard spoke"),
    (revoke("paused", ended=True), BOOT, "the guard ended the epoch: paused"),
    (GRANT._replace(ended=True), BOOT, "the guard ended the epoch: all holds"),
    (GRANT._replace(epoch=8), BOOT, "the guard ended the epoch: all holds"),
    (revoke(epoch=6), BOOT, "the guard ended the epoch: core_fresh"),
    (GRANT._replace(controller_id="c-other"), BOOT, "another controller holds the dome"),
    (revoke(controller_id="c-other"), BOOT, "another controller holds the dome"),
    (GRANT, "00000000deadbeef", "the dome restarted"),
    (None, "00000000deadbeef", "the dome restarted"),
]


@pytest.mark.parametrize(("permit", "boot_id", "why"), LOSES)
def test_what_ends_an_epoch_ends_the_lease_in_that_cycle_and_for_good(held, permit, boot_id, why):
    hold = look(held, permit, CONTROLLER, boot_id, 100.5)
    assert (hold.may_heat, hold.lost) == (False, why)
    assert hold.lease is NO_LEASE
    assert not look(hold.lease, GRANT, CONTROLLER, BOOT, 100.5).may_heat


def test_a_dome_that_is_silent_has_not_restarted(held):
    assert look(held, GRANT, CONTROLLER, None, 100.5).may_heat


# --- whatever is said -----------------------------------------------------------------------------

permits = st.one_of(
    st.none(),
    st.builds(
        Permit,
        granted=st.booleans(),
        ended=st.booleans(),
        why=st.just("x"),
        guard_id=st.sampled_from([GUARD, "g-2"]),
        controller_id=st.sampled_from([CONTROLLER, "c-other", None]),
        epoch=st.integers(5, 9),
        received_s=st.sampled_from([90.0, 97.0, 98.0, 99.5, 100.0, 101.0, float("nan")]),
    ),
)


@given(st.lists(st.tuples(permits, st.sampled_from([BOOT, "other", None])), max_size=20))
def test_there_is_heat_only_under_a_fresh_grant_of_one_epoch_opened_after_we_armed(story):
    lease, lost = arm(Scope.SESSION, "i-1", BEFORE, ARMED_S), False
    epoch = None
    for permit, boot_id in story:
        hold = look(lease, permit, CONTROLLER, boot_id, 100.0)
        if hold.may_heat:
            assert not lost
            assert permit.granted
            assert not permit.ended
            assert permit.controller_id == CONTROLLER
            assert permit.epoch > BEFORE.epoch
            assert 97.0 <= permit.received_s <= 100.0
            assert epoch in (None, permit.epoch)
            epoch = permit.epoch
        lost = lost or hold.lost is not None
        lease = hold.lease
