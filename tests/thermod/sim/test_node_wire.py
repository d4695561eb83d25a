"""Three parts with three decoders and no code in common understand each other, byte by byte."""

import json
from math import isnan

import pytest

from sensors.samples import Rejection
from thermod.cycle import Command as ControlCommand
from thermod.guard import decode as guard
from thermod.guard.said import Permit as GuardPermit
from thermod.sim.faults import Fault
from thermod.sim.node_messages import (
    PAYLOAD_BYTES_MAX,
    Command,
    Permit,
    decode_command,
    decode_permit,
)
from thermod.sim.plant import factory
from thermod.sim.rig import Rig
from thermod.state import Plan
from thermod.view import command_message
from thermod.wire import BYTES_MAX, decode_node_state, decode_reading

BOOT = "9f31c2d4a5b60718"
LONG_ID = "c" * 36
INTEGER_MAX = 2**31 - 1


def said_by_the_node(*faults):
    """What a fresh rig says at its first tick, by topic."""
    rig = Rig("dome-1", factory(0), lambda: BOOT, now_s=0.0)
    for fault in faults:
        rig.fail(fault, 0.0)
    rig.look(0.4)
    return dict(rig.tick(0.5))


def test_control_and_guard_read_what_the_node_says():
    payload = said_by_the_node()["node/state"]
    assert len(payload) <= BYTES_MAX

    by_control, readings = decode_node_state(payload, retained=False, received_s=1.0)
    by_guard = guard.decode_node(payload)

    assert (by_control.boot_id, by_control.tick) == (by_guard.boot_id, by_guard.tick) == (BOOT, 1)
    assert by_control.contactors_closed == (False,)
    assert by_control.because == "no permit yet"
    temps_c = {probe: reading.temp_c for probe, reading in readings.items()}
    assert temps_c == {probe.probe_id: probe.temp_c for probe in by_guard.probes}
    assert temps_c["core-1"] == pytest.approx(37.0, abs=0.1)


def test_control_and_guard_refuse_a_nan_of_one_probe_and_keep_the_others():
    """H07."""
    said = said_by_the_node(Fault("nan-text", "core-1"))
    broken = said["sensor/core-1/reading"]
    assert isnan(json.loads(broken)["temp_c"])

    _, readings = decode_node_state(said["node/state"], retained=False, received_s=1.0)
    assert "core-1" not in readings
    assert readings["core-2"].temp_c == pytest.approx(37.0, abs=0.1)
    by_control = decode_reading(
        "core-1", broken, retained=False, received_s=1.0, boot_id=BOOT, newest_tick=1
    )
    assert isinstance(by_control, Rejection)
    assert isinstance(guard.decode_reading("core-1", broken), guard.Refusal)


@pytest.mark.parametrize("granted", [True, False])
def test_the_node_reads_the_guards_longest_permit(granted):
    permit = GuardPermit(
        granted=granted,
        ended=False,
        why="w" * 120,
        annunciate=True,
        guard_id="g" * 36,
        controller_id=LONG_ID,
        epoch=INTEGER_MAX,
        seq=INTEGER_MAX,
        boot_id=BOOT,
        tick=INTEGER_MAX,
    )
    payload = permit.to_json()
    assert len(payload) <= PAYLOAD_BYTES_MAX
    seen = decode_permit(payload)
    assert (seen.granted, seen.epoch, seen.guard_id) == (granted, INTEGER_MAX, "g" * 36)
    if granted:
        assert seen == Permit(
            True, False, True, "g" * 36, LONG_ID, INTEGER_MAX, INTEGER_MAX, BOOT, INTEGER_MAX
        )


def test_the_node_reads_a_revoke_of_a_guard_that_has_not_seen_a_node_or_a_controller():
    permit = GuardPermit(False, False, "booting", False, "g-1", None, 0, 1, "", 0)
    seen = decode_permit(permit.to_json())
    assert (seen.granted, seen.epoch, seen.seq) == (False, 0, 1)


def test_the_node_reads_controls_command():
    plan = Plan("demo-here", "dome-1", LONG_ID, ())
    said = ControlCommand(
        epoch=7, seq=INTEGER_MAX, boot_id=BOOT, tick=1042, cycle=9021, power_pct=41.0
    )
    payload = command_message(plan, said)
    assert len(payload) <= PAYLOAD_BYTES_MAX
    assert decode_command(payload) == Command(LONG_ID, 7, INTEGER_MAX, BOOT, 1042, 41.0)
