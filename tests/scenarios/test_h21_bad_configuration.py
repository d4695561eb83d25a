"""H21: a configuration that would loosen a limit is refused whole, at the start, in words."""

from pathlib import Path

import pytest

from tests.scenarios.people import create, open_lines, start
from thermod.config import load
from thermod.errors import ConfigError
from thermod.guard import config as guard_config

EXAMPLES = Path(__file__).parents[2] / "deploy/examples"


@pytest.mark.parametrize(
    ("section", "option", "loose"),
    [
        ("limits", "core_cut_c", 39.6),
        ("limits", "skin_cut_c", 43.5),
        ("limits", "air_cut_c", 81.0),
        ("limits", "heat_span_cut_min", 300.0),
        ("limits", "core_cut_c", "nan"),
    ],
)
def test_h21_a_limit_above_its_ceiling_is_refused_by_name_bound_and_remedy(
    tmp_path, section, option, loose
):
    text = (EXAMPLES / "thermod.toml").read_text("utf-8")
    path = tmp_path / "thermod.toml"
    path.write_text(f"{text}\n[{section}]\n{option} = {loose}\n", "utf-8")
    with pytest.raises(ConfigError) as refusal:
        load(path)
    said = str(refusal.value)
    assert option in said
    assert section in said
    assert str(path) in said


def test_h21_the_guard_refuses_a_loosened_limit_of_its_own(tmp_path):
    text = (EXAMPLES / "guard.toml").read_text("utf-8")
    path = tmp_path / "guard.toml"
    path.write_text(f"{text}\n[limits]\ncore_temp_c_max = 39.6\n", "utf-8")
    with pytest.raises(guard_config.ConfigError, match="core_temp_c_max"):
        guard_config.load(path, {})


def test_h21_control_refuses_a_session_when_the_guards_limits_do_not_enclose_its_own(idle):
    guard = idle.guard
    idle.step()
    spoken = guard.look

    def look(now_s):
        for word in spoken(now_s):
            if hasattr(word, "limits"):
                tight = {**word.limits, "core_temp_c_max": 38.9}  # below control's cut-off
                word = word._replace(limits=tight)
            yield word

    guard.look = look
    create(idle)
    idle.run(8.0)
    assert "core_temp_c_max" in open_lines(idle)["guard"]
    start(idle)
    idle.run(2.0)
    assert idle.heater_w == 0.0
