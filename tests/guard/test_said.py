"""How the guard's words go onto the wire."""

from __future__ import annotations

from math import inf, nan

import pytest

from thermod.guard.said import ENVELOPES, Challenge, GuardState, Permit
from thermod.guard.trips import TRIPS


@pytest.mark.parametrize(
    ("kind", "suffix", "qos", "retain", "expiry_s"),
    [
        (Challenge, "guard/challenge", 0, False, 2),
        (Permit, "guard/permit", 0, False, 2),
        (GuardState, "guard/state", 1, True, None),
    ],
)
def test_each_message_travels_as_the_contract_says(kind, suffix, qos, retain, expiry_s):
    assert ENVELOPES[kind] == (suffix, qos, retain, expiry_s)


def test_no_byte_is_spent_on_spaces():
    assert Challenge("1f9a03bc").to_json() == b'{"challenge":"1f9a03bc"}'


@pytest.mark.parametrize("wrong", [nan, inf, -inf])
def test_what_is_no_finite_number_is_never_said(session, wrong):
    state = session.state._replace(limits={"core_temp_c_max": wrong})
    with pytest.raises(ValueError, match="JSON"):
        state.to_json()


def test_why_a_permit_is_withheld_is_said_in_120_characters(room):
    for trip in TRIPS:
        room.guard.keeper.latch(trip.name)
    room.look()
    assert room.permit.why.startswith("tripped: ")
    assert len(room.permit.why) == 120
