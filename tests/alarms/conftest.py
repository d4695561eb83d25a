"""A monitor in pretend time: what the rows see from cycle to cycle, and what they come to."""

from __future__ import annotations

import pytest

from alarms import engine
from alarms.limits import Limits, in_force
from alarms.model import Seen
from alarms.rules import RULES

CYCLE_S = 0.5

# A healthy patient in heat-up: nothing to tell.
HEALTHY = Seen(
    core_temp_c=38.0,
    core_twice_c=38.0,
    core_rise_c_per_min=0.02,
    core_age_s=0.25,
    core_spread_delta_c=0.02,
    core_good=2,
    skin_temp_c=39.5,
    skin_good=2,
    air_temp_c=55.0,
    air_good=1,
    room_temp_c=23.0,
    heating_phase=True,
    under_way=True,
    heat_up_min=40.0,
    hold_over_min=-45.0,
    span_min=40.0,
    presence_min=5.0,
    node_age_s=0.25,
    guard_age_s=0.25,
    clock_jump_s=0.5,
    disk_free_mb=100_000.0,
    core_probe_highest="core-1",
    skin_probe_highest="skin-2",
    skin_dose_site="skin-1",
    air_probe_highest="air-1",
)
COOLING = HEALTHY._replace(heating_phase=False)
IDLE = HEALTHY._replace(heating_phase=False, under_way=False)


class Monitor:
    """Judges rows twice a second. `see` lets seconds pass while the rows see one thing."""

    def __init__(self, rules=RULES, seen=HEALTHY, limits=None) -> None:
        self.rules = engine.with_limits(rules, limits or in_force(Limits(), 38.5))
        self.seen = seen
        self.now_s = 1024.0
        self.rows = {}
        self.judged = engine.Judged({}, (), (), (), ())
        self.log = []
        self.changes = []
        self.effects = []

    def see(self, seconds=CYCLE_S, **facts):
        """Gives what the last of these cycles came to."""
        seen = self.seen._replace(**facts)
        for _ in range(round(seconds / CYCLE_S)):
            self.now_s += CYCLE_S
            self.judged = engine.judge(self.rules, self.rows, seen, self.now_s)
            self.rows = self.judged.rows
            self.log += self.judged.changes
            self.changes += [(change.alarm_id, change.change) for change in self.judged.changes]
            self.effects += [effect for effect, _ in self.judged.effects]
        return self.judged

    def shows(self, alarm_id):
        return alarm_id in self.rows and self.rows[alarm_id].shown

    def shown(self):
        """The ids of what staff see."""
        quiet = {rule.alarm_id for rule, _ in self.rules if not rule.signals}
        return [name for name, row in self.rows.items() if row.shown and name not in quiet]

    def is_active(self, alarm_id):
        return alarm_id in self.rows and self.rows[alarm_id].active

    def happened(self, alarm_id):
        return [change for name, change in self.changes if name == alarm_id]

    @property
    def cap_pct(self):
        return min((cap_pct for cap_pct, _ in self.judged.caps), default=100.0)


@pytest.fixture
def monitor():
    """Makes a monitor; at first it sees a healthy patient in heat-up."""
    return Monitor


@pytest.fixture
def cooling():
    return COOLING


@pytest.fixture
def idle():
    return IDLE


@pytest.fixture
def healthy():
    return HEALTHY
