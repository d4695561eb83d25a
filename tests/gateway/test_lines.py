"""A row becomes the same lines whenever it is asked, and no text in it can break a line."""

import math

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.thermod.journal_rows import ALARM, CYCLE, EVENT
from thermod.gateway.forward import lines_of
from thermod.gateway.lines import alarm_line, cycle_lines, event_line, is_wanted, line
from thermod.journal_read import Stored

BEFORE = (CYCLE.phase, CYCLE.alarms)


def test_a_cycle_becomes_control_health_and_a_line_for_each_probe():
    assert list(cycle_lines(CYCLE)) == [
        "thermod_control,site=clinic-a,dome=dome-1 "
        "target_c=38.5,setpoint_c=38.1,core_temp_c=37.612,core_slope_c_per_min=0.02,skin_temp_c=38.9,air_temp_c=52.0,forecast_c=38.2,"
        "air_setpoint_c=55.0,wanted_pct=60.0,power_pct=41.0,applied_pct=41.0,measured_w=820.0,"
        'cycle=9021i,epoch=7i,phase="heat_up",heat="permitted",'
        'because="the probes differ by 0.6 °C; forecast 38.52 °C",alarms="core_spread,core_warn",'
        'session_id="s-1",controller_id="c-77aa" 1795000000000',
        "thermod_health,site=clinic-a,dome=dome-1 cycle_ms=0.9,overruns=0i 1795000000000",
        "thermod_temperature,site=clinic-a,dome=dome-1,sensor=core-1,role=core "
        'temp_c=37.612,good=1.0,status="good" 1795000000000',
    ]


def test_a_probe_without_a_value_is_there_without_a_temperature():
    probes = orjson.dumps({"core-1": ["core", "out", None]}).decode()
    *_, probe = cycle_lines(CYCLE._replace(probes=probes))
    assert probe.split(" ")[1] == 'good=0.0,status="out"'


def test_an_alarm_and_an_event_become_one_line_each():
    assert alarm_line(ALARM) == (
        "thermod_alarm,site=clinic-a,dome=dome-1,alarm=core_high,priority=high,change=raised "
        'active=1.0,text="Core temperature is above its limit",reading=39.1,limit=38.9,'
        'unit="°C",probe="core-1" 1795000000000'
    )
    assert event_line(18, EVENT) == (
        "thermod_session,site=clinic-a,dome=dome-1,kind=phase,slot=2 happened=1.0,cycle=9021i,"
        'text="heat_up begins",by="nurse-7",session_id="s-1" 1795000000000'
    )


@pytest.mark.parametrize(
    ("change", "active"), [("raised", "1.0"), ("cleared", "0.0"), ("reset", "0.0")]
)
def test_an_alarm_that_is_over_counts_as_zero(change, active):
    assert f" active={active}," in alarm_line(ALARM._replace(change=change))


def test_events_of_one_kind_in_one_cycle_do_not_overwrite_each_other():
    heads = {event_line(row_id, EVENT).split(" ")[0] for row_id in range(100, 116)}
    assert len(heads) == 16


def test_a_whole_number_of_degrees_stays_a_float():
    control = next(iter(cycle_lines(CYCLE._replace(core_temp_c=38, power_pct=0))))
    assert "core_temp_c=38.0," in control
    assert "power_pct=0.0," in control


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, None])
def test_a_field_without_a_number_is_left_out(number):
    assert "core_temp_c=" not in next(iter(cycle_lines(CYCLE._replace(core_temp_c=number))))


def test_the_session_is_never_a_tag():
    for text in (*cycle_lines(CYCLE), alarm_line(ALARM), event_line(1, EVENT)):
        assert "s-1" not in text.split(" ")[0]


def test_every_second_cycle_is_wanted_and_each_that_changes_something():
    assert is_wanted(CYCLE._replace(cycle=2), BEFORE)
    assert not is_wanted(CYCLE._replace(cycle=3), BEFORE)
    assert is_wanted(CYCLE._replace(cycle=3, phase="hold"), BEFORE)
    assert is_wanted(CYCLE._replace(cycle=3, alarms=""), BEFORE)
    assert is_wanted(CYCLE._replace(cycle=3), None)


def test_thinning_looks_at_each_domes_own_row_before():
    rows = [
        Stored(1, CYCLE._replace(cycle=2)),
        Stored(2, CYCLE._replace(cycle=2, dome="dome-2", phase="hold")),
        Stored(3, CYCLE._replace(cycle=3)),
        Stored(4, CYCLE._replace(cycle=3, dome="dome-2", phase="hold")),
        Stored(5, CYCLE._replace(cycle=5, dome="dome-2")),
    ]
    before = {}
    lines = [text for text in lines_of(rows, before) if text.startswith("thermod_control")]
    assert [text.split(",cycle=")[1].split("i")[0] for text in lines] == ["2", "2", "5"]
    assert before == {"dome-1": BEFORE, "dome-2": BEFORE}


@given(st.text(max_size=30), st.text(max_size=30))
@example("\\\n", "")
@example("\\ ", "\\")
def test_no_text_can_break_out_of_its_place(tag, field):
    """Read back by the format's own rules: a tag ends at an unescaped comma or space."""
    text = line("m", {"a": tag, "b": "x"}, {"f": field, "g": 1.0}, 7)
    assert "\n" not in text
    assert "\r" not in text
    tags, fields, at_ms = split_unescaped(text)
    assert at_ms == "7"
    assert tags.endswith(",b=x")
    assert fields.endswith(",g=1.0")


def split_unescaped(text):
    """At spaces that are neither escaped nor quoted."""
    parts, quoted, escaped = [""], False, False
    for character in text:
        if not escaped and not quoted and character == " ":
            parts.append("")
            continue
        if not escaped and character == '"' and len(parts) == 2:
            quoted = not quoted
        escaped = character == "\\" and not escaped
        parts[-1] += character
    return parts


def test_the_journal_has_no_column_of_cycles_that_was_forgotten():
    left_out = {"inputs", "at_ms", "site", "dome", "probes", "cycle_ms", "overruns"}
    control = next(iter(cycle_lines(CYCLE._replace(room_temp_c=22.0))))
    for name in set(CYCLE._fields) - left_out:
        assert f"{name}=" in control, name
