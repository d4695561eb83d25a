"""The alarm engine against a plain model of it, whatever values come and whatever people do.

The model keeps the whole course of each row and works out from it, each time anew, what a reader of
SAFETY.md sections 4 and 7 would: it shares no state and no step with the engine.
"""

from __future__ import annotations

from math import nan

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alarms import people
from alarms.engine import judge, with_limits
from alarms.limits import Limits
from alarms.model import During, Effect, Priority, Rule, Seen
from tests.properties.machines import bounded

STEP_S = 0.5
PAUSE_S = 120.0


def row(name, limit, effect, **more):
    """One row that judges the minutes of presence, a plain number that may be unknown."""
    return Rule(
        name,
        lambda s: s.core_temp_c,
        lambda _: limit,
        Priority.HIGH,
        "{value}",
        "-",
        effect,
        **more,
    )


ROWS = (
    row("warn", 38.7, Effect.NONE, for_s=1.0, inside_delta=0.1, inside_s=2.0),
    row("off", 38.9, Effect.HEAT_OFF, inside_delta=0.1, inside_s=2.0),
    row("quiet", 38.8, Effect.CAP_30, signals=False, for_s=0.5),
    row("cut", 39.0, Effect.TRIP, inside_delta=0.1, inside_s=1.0),
    row("slow cut", 38.6, Effect.TRIP, for_s=2.0, during=During.FROM_HEATING),
    row("kept", 38.75, Effect.PAUSE, latches=True, during=During.HEATING, for_s=1.0),
)
RULES = with_limits(ROWS, Limits())
CAPS = {Effect.NONE: 100.0, Effect.CAP_30: 30.0}
NAMES = [each.alarm_id for each in ROWS]


class Course:
    """One row as its story: (time, value, stage), and what people did to it when."""

    def __init__(self, of: Rule) -> None:
        self.of = of
        self.story: list[tuple[float, float | None, During]] = []
        self.reset_at: set[float] = set()  # looks before which a person reset it

    def standing(self) -> tuple[bool, bool, bool]:
        """Does the condition run, is it active, is it latched? From the beginning, each time."""
        of, limit = self.of, self.of.limit(Limits())
        began_s: float | None = None
        active = latched = False
        inside_since_s: float | None = None
        for at_s, value, stage in self.story:
            if at_s in self.reset_at:
                latched = False
            stays = of.during is During.FROM_HEATING and active and stage >= During.UNDER_WAY
            if not (stage >= of.during or stays):
                began_s, active, inside_since_s = None, False, None
                continue
            beyond = value is not None and not value <= limit
            inside = value is not None and value <= limit - of.inside_delta
            if beyond:
                began_s = at_s if began_s is None else began_s
                inside_since_s = None
            elif value is not None and not active:
                began_s = None
            elif inside:
                inside_since_s = at_s if inside_since_s is None else inside_since_s
            elif value is not None:
                inside_since_s = None
            if began_s is not None and at_s - began_s >= of.for_s:
                active = True
                latched = latched or of.latches or of.effect is Effect.TRIP
            since_s = inside_since_s if inside and active else None
            if since_s is not None and at_s - since_s >= of.inside_s:
                began_s, active, inside_since_s = None, False, None
        return began_s is not None, active, latched


class Alarms(RuleBasedStateMachine):
    """Half a second a look; between two looks people may do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0
        self.rows = {}
        self.judged = None
        self.courses = {each.alarm_id: Course(each) for each in ROWS}
        self.stage = During.HEATING
        self.reset_now: set[str] = set()
        self.paused_s: dict[str, float] = {}

    @rule(
        value=st.sampled_from([None, nan, 38.0, 38.55, 38.65, 38.72, 38.79, 38.85, 38.95, 39.05]),
        looks=st.integers(1, 6),
    )
    def read(self, value, looks):
        for _ in range(looks):
            self._look(value)

    @rule(stage=st.sampled_from([During.ALWAYS, During.UNDER_WAY, During.HEATING]))
    def move_on(self, stage):
        self.stage = stage

    @rule(name=st.sampled_from(NAMES))
    def acknowledge(self, name):
        before = self._heat()
        rows = people.acknowledge(self.rows, name, "nurse-1")
        assert (rows is None) is not self._is_shown(name)
        self.rows = self.rows if rows is None else rows
        assert self._heat() == before

    @rule(name=st.sampled_from(NAMES))
    def pause_audio(self, name):
        before = self._heat()
        rows = people.pause_audio(self.rows, name, self.now_s)
        assert (rows is None) is not self._is_shown(name)
        if rows is not None:
            self.rows = rows
            self.paused_s[name] = self.now_s
        assert self._heat() == before

    @precondition(lambda self: self.rows)
    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    def reset(self, names):
        may = all(self._may_be_reset(name) for name in names)
        rows, refused = people.reset(self.rows, names)
        assert (refused is None) is may
        if may:
            self.rows = rows
            self.reset_now |= set(names)

    @invariant()
    def rows_stand_as_the_model_says(self):
        for name, course in self.courses.items():
            runs, active, latched = self._standing(course, name)
            found = self.rows.get(name)
            assert (found is not None and found.since_s is not None) is runs, name
            assert (found is not None and found.active) is active, name
            assert (found is not None and found.latched) is latched, name

    @invariant()
    def no_pause_lasts_longer_than_120_s(self):
        for name, found in self.rows.items():
            until_s = found.audio_paused_until_s
            if until_s is not None:
                assert until_s <= self.paused_s[name] + PAUSE_S

    def _look(self, value):
        self.now_s += STEP_S
        for name, course in self.courses.items():
            course.story.append((self.now_s, value, self.stage))
            if name in self.reset_now:
                course.reset_at.add(self.now_s)
        self.reset_now = set()
        seen = Seen(
            core_temp_c=value,
            heating_phase=self.stage >= During.HEATING,
            under_way=self.stage >= During.UNDER_WAY,
        )
        before = self.rows
        self.judged = judge(RULES, before, seen, self.now_s)
        self.rows = dict(self.judged.rows)
        shown = {name for name in NAMES if self._is_shown(name)}
        assert {pct for pct, _ in self.judged.caps} == {
            CAPS.get(self.courses[name].of.effect, 0.0)
            for name in shown
            if self.courses[name].of.effect is not Effect.NONE
        }
        assert set(self.judged.latches) == {
            name
            for name, each in self.rows.items()
            if each.latched and self.courses[name].of.effect not in CAPS
        }
        told = {each.alarm_id for each in self.judged.changes if each.change == "raised"}
        began = {n for n in NAMES if self._active(self.rows, n) and not self._active(before, n)}
        assert told == began

    def _standing(self, course, name):
        runs, active, latched = course.standing()
        return runs, active, latched and name not in self.reset_now

    def _may_be_reset(self, name):
        runs, active, latched = self._standing(self.courses[name], name)
        return latched and not runs and not active

    def _is_shown(self, name):
        _, active, latched = self._standing(self.courses[name], name)
        return active or latched

    def _heat(self):
        return [(n, each.active, each.latched, each.since_s) for n, each in self.rows.items()]

    @staticmethod
    def _active(rows, name):
        return name in rows and rows[name].active


def test_the_engine_stands_where_a_plain_model_stands_whatever_values_come():
    run_state_machine_as_test(Alarms, settings=bounded(examples=40, steps=25))
