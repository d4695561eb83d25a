"""A simulated dome as a whole, on pretend time: faults reach the wire, the judge sees the truth."""

import json
from math import isnan

import pytest

from thermod.sim.faults import Fault, decode_fault
from thermod.sim.plant import factory
from thermod.sim.rig import Rig

BOOTS = ["9f31c2d4a5b60718", "00000000deadbeef"]


class Session:
    """A rig that is beaten as the service does, and a guard and a controller that only repeat."""

    def __init__(self, heated=True) -> None:
        boots = iter(BOOTS)
        self.truth = []
        self.rig = Rig("dome-1", factory(0), lambda: next(boots), 0.0, self.truth.append)
        self.now_s = 0.0
        self.heated = heated
        self.power_pct = 40.0
        self.seq = 0
        self.said = []

    def run(self, seconds):
        """Returns the newest node/state."""
        for _ in range(round(seconds / 0.02)):
            self.now_s = round(self.now_s + 0.02, 9)
            self.rig.look(self.now_s)
            if round(self.now_s * 50) % 25 == 0:
                self.said = [
                    (suffix, json.loads(text)) for suffix, text in self.rig.tick(self.now_s)
                ]
                if self.heated:
                    self.renew()
        return dict(self.said).get("node/state")

    def renew(self):
        self.seq += 1
        authority = self.rig.node.authority
        message = {
            "granted": True,
            "ended": False,
            "annunciate": False,
            "guard_id": "g-1",
            "controller_id": "c-1",
            "epoch": 1,
            "seq": self.seq,
            "boot_id": BOOTS[0],
            "tick": authority.ticks,
            "cycle": self.seq,
            "power_pct": self.power_pct,
        }
        for suffix in ("guard/permit", "heater/command"):
            self.rig.hear(suffix, json.dumps(message).encode(), False, self.now_s)

    def fail(self, kind, probe="", on=True, size=0.0):
        self.rig.fail(Fault(kind, probe, on, size), self.now_s)

    def last(self, what):
        return next(line for line in reversed(self.truth) if line["what"] == what)


@pytest.fixture
def session():
    session = Session()
    session.run(3.0)
    assert session.rig.heater.power_w == 800.0
    return session


def test_heat_reaches_the_plant_and_the_meter_shows_it(session):
    state = session.run(60.0)
    assert state["applied_pct"] == 40.0
    assert state["measured_w"] == pytest.approx(800.0)
    assert session.rig.plant.truth()["air_temp_c"] > 25.0


def test_no_energy_is_lost_between_heater_and_plant():
    session, given_j = Session(), 0.0
    step = session.rig.plant.step

    def counting_step(heater_w, dt_s):
        nonlocal given_j
        given_j += heater_w * dt_s
        step(heater_w, dt_s)

    session.rig.plant.step = counting_step
    session.run(10.03)
    session.heated = False
    session.run(10.0)
    assert given_j == pytest.approx(session.rig.heater.energy_j)


def test_every_probe_is_read_twice_a_second_with_growing_numbers(session):
    first = session.run(0.5)["probes"]
    second = session.run(0.5)["probes"]
    assert set(first) == set(session.rig.plant.probes)
    assert all(second[probe]["seq"] == first[probe]["seq"] + 1 for probe in first)
    assert first["core-1"]["temp_c"] == pytest.approx(37.0, abs=0.1)


def test_a_silent_guard_and_control_mean_true_heat_off_3_s_after_their_last_tick(session):
    session.run(0.48)
    session.heated = False
    last_tick_s = session.rig.node.authority.ticks * 0.5
    session.run(5.0)
    off = session.last("power")
    assert off["heater_w"] == 0.0
    assert 3.0 <= off["now_s"] - last_tick_s <= 3.05


def test_a_stop_is_true_heat_off_in_the_same_moment(session):
    session.rig.hear("stop", b"", False, session.now_s)
    off = session.last("power")
    assert (off["heater_w"], off["now_s"], off["stop_id"]) == (0.0, session.now_s, "unreadable")
    assert off["contactors_closed"] is False


def test_the_truth_is_told_twice_a_second_with_the_ages_of_the_leases(session):
    ticks = [line for line in session.truth if line["what"] == "tick"]
    assert [line["tick"] for line in ticks] == [1, 2, 3, 4, 5, 6]
    assert ticks[0]["permit_age_s"] is None
    assert ticks[-1]["permit_age_s"] == pytest.approx(0.5)
    assert ticks[-1]["readings"]["core-1"] == pytest.approx(37.0, abs=0.1)
    assert json.loads(json.dumps(ticks, allow_nan=False)) == ticks


# --- faults -------------------------------------------------------------------------------------


def test_a_probe_that_drops_out_says_nothing_and_comes_back(session):
    session.fail("drop-out", "core-1")
    assert "core-1" not in session.run(0.5)["probes"]
    session.fail("drop-out", "core-1", on=False)
    assert "core-1" in session.run(0.5)["probes"]


def test_a_fault_on_a_role_is_on_all_of_its_probes(session):
    session.fail("drop-out", "core")
    assert not {"core-1", "core-2"} & set(session.run(0.5)["probes"])


def test_nan_text_goes_out_as_nan_on_the_probes_own_topic_and_spoils_nothing_else(session):
    session.fail("nan-text", "core-1")
    state = session.run(0.5)
    (suffix, reading) = session.said[1]
    assert "core-1" not in state["probes"]
    assert "core-2" in state["probes"]
    assert suffix == "sensor/core-1/reading"
    assert isnan(reading["temp_c"])
    assert (reading["boot_id"], reading["tick"]) == (state["boot_id"], state["tick"])
    assert reading["seq"] == state["probes"]["core-2"]["seq"]


def test_nan_in_state_spoils_the_whole_message(session):
    session.fail("nan-in-state")
    session.fail("nan-text", "core-1")
    state = session.run(0.5)
    assert isnan(state["probes"]["core-1"]["temp_c"])
    assert len(session.said) == 1


def test_a_wrong_unit_is_a_number_in_fahrenheit(session):
    session.fail("wrong-unit", "core-1")
    assert session.run(0.5)["probes"]["core-1"]["temp_c"] == pytest.approx(98.6, abs=0.3)


def test_a_probe_sticks_at_the_temperature_that_is_asked_for(session):
    session.fail("stuck-at", "air", size=20.0)
    assert session.run(seconds=2)["probes"]["air-1"]["temp_c"] == 20.0
    session.fail("stuck-at", "air", on=False)
    assert session.run(seconds=2)["probes"]["air-1"]["temp_c"] != 20.0


def test_the_button_at_the_dome_stops_it_at_once_and_is_said_until_it_is_let_go(session):
    session.run(seconds=2)
    assert session.rig.heater.power_w > 0.0
    session.fail("stop-button")
    assert session.rig.heater.power_w == 0.0
    state = session.run(seconds=1)
    assert ("stop", {"stop_id": state["stop_id"], "by": "dome"}) in session.said
    session.fail("stop-button", on=False)
    session.run(seconds=1)
    assert [suffix for suffix, _ in session.said] == ["node/state"]
    assert session.rig.heater.power_w == 0.0


def test_the_truth_says_how_many_messages_the_node_has_refused(session):
    session.run(seconds=1)
    session.rig.hear("heater/command", b"nonsense", False, session.now_s)
    session.run(seconds=1)
    ticks = [each["refused"] for each in session.truth if each["what"] == "tick"]
    assert ticks[-1] == ticks[0] + 1


def test_an_offset_is_as_large_as_asked(session):
    session.fail("offset", "core", size=2.5)
    assert session.run(0.5)["probes"]["core-2"]["temp_c"] == pytest.approx(39.5, abs=0.1)


def test_a_frozen_sequence_repeats_reading_and_number(session):
    session.fail("frozen-sequence", "core-1")
    first = session.run(0.5)["probes"]
    second = session.run(0.5)["probes"]
    assert second["core-1"] == first["core-1"]
    assert second["core-2"]["seq"] == first["core-2"]["seq"] + 1


def test_a_silent_node_says_nothing_but_obeys(session):
    session.fail("silent")
    assert session.run(1.0) is None
    assert session.rig.heater.power_w == 800.0
    session.fail("silent", on=False)
    assert session.run(0.5)["tick"] == session.rig.node.authority.ticks


def test_an_open_lid_is_reported_and_takes_heat_at_once(session):
    session.fail("lid-open")
    assert session.rig.heater.power_w == 0.0
    assert session.run(0.5)["lid"] == "open"
    session.fail("lid-open", on=False)
    assert session.rig.heater.power_w == 800.0


def test_the_fan_runs_until_it_dies(session):
    assert session.run(0.5)["fan_running"] is True
    session.fail("fan-dead")
    assert session.run(0.5)["fan_running"] is False


def test_a_reboot_takes_heat_and_every_memory(session):
    session.fail("reboot")
    assert session.rig.heater.power_w == 0.0
    session.heated = False
    state = session.run(0.5)
    assert (state["boot_id"], state["tick"], state["epoch"]) == (BOOTS[1], 1, 0)


def test_a_weak_heater_is_measured_weak(session):
    session.fail("heater-weak", size=0.5)
    assert session.run(3.0)["measured_w"] == pytest.approx(400.0)


def test_a_welded_ssr_is_caught_by_the_contactors_within_5_3_s(session):
    """H14."""
    session.power_pct = 0.0
    session.run(0.5)
    session.fail("ssr-welded")
    began_s = session.now_s
    state = session.run(6.0)
    off = session.last("power")
    assert off["heater_w"] == 0.0
    assert off["now_s"] - began_s <= 5.3
    assert state["faults"] == ["heater_stuck_on"]
    assert state["contactors_closed"] == [False]


def test_a_dome_with_every_switch_welded_says_so(session):
    session.power_pct = 0.0
    session.fail("ssr-welded")
    session.fail("contactors-welded")
    state = session.run(8.0)
    assert state["faults"] == ["heater_stuck_on"]
    assert session.rig.heater.power_w == 2000.0


def test_a_host_that_was_suspended_for_hours_moves_the_plant_on(session):
    session.now_s += 7200.0
    session.run(0.02)
    assert session.rig.heater.power_w == 0.0
    assert session.rig.plant.truth()["core_temp_c"] > 37.0


def test_a_fault_on_a_probe_that_is_not_there_is_refused_by_name(session):
    with pytest.raises(ValueError, match="core-9"):
        session.fail("stuck", "core-9")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"kind": "boil"}', "boil"),
        ('{"kind": []}', "no fault"),
        ("{}", "no fault"),
        ("[]", "object"),
        ("stuck", "Expecting value"),
        ("[" * 100_000, "deep"),
        ('{"kind": "stuck", "probe": 1}', "probe"),
        ('{"kind": "stuck", "on": 1}', "on is"),
        ('{"kind": "offset", "value": NaN}', "finite"),
        ('{"kind": "offset", "value": true}', "finite"),
        ('{"kind": "heater-weak", "value": 1.1}', "share"),
    ],
)
def test_a_fault_message_that_makes_no_sense_says_why(text, what):
    with pytest.raises(ValueError, match=what):
        decode_fault(text.encode())


def test_a_fault_message_needs_its_kind_and_no_more():
    assert decode_fault(b'{"kind": "stuck", "probe": "core-1"}') == Fault("stuck", "core-1")
    weak = decode_fault(b'{"kind": "heater-weak", "value": 1, "on": false}')
    assert weak == Fault("heater-weak", on=False, size=1.0)
