"""guard.toml is read whole or refused whole, with what is wrong, where, and what to do. (H21)"""

from __future__ import annotations

import pytest

from thermod.guard.config import ConfigError, load
from thermod.guard.limits import CEILINGS, FLOORS, TABLE, Limits, tightened
from thermod.guard.specs import Broker, DomeSpec

GOOD = """
site = "clinic-1"
state_dir = "/var/lib/thermod-guard"

[broker]
host = "127.0.0.1"

[[dome]]
id = "dome-1"

[[dome.probe]]
id = "core-1"
role = "core"
offset_c = -0.1

[[dome.probe]]
id = "skin-1"
role = "skin"

[[dome.probe]]
id = "air-1"
role = "air"
topic = "lab/air"
codec = "json"
pointer = "/temperature"
"""


@pytest.fixture
def read(tmp_path):
    def read(text, environment=None):
        path = tmp_path / "guard.toml"
        path.write_text(text, "utf-8")
        return load(path, environment or {})

    return read


def test_a_good_file_is_read_whole(read):
    config = read(GOOD)
    assert config.client_id == "thermod-clinic-1-guard"
    assert config.limits == Limits()
    assert config.broker.port == 1883
    (dome,) = config.domes
    assert [(probe.probe_id, probe.role) for probe in dome.probes] == [
        ("core-1", "core"),
        ("skin-1", "skin"),
        ("air-1", "air"),
    ]
    assert dome.probes[0].offset_c == -0.1
    assert dome.probes[2].pointer == "/temperature"
    assert dome.has_lid_switch
    assert len(config.sha256) == 64


def test_what_is_built_without_a_file_means_what_a_file_means_that_does_not_say_it():
    broker = Broker("127.0.0.1")
    assert (broker.port, broker.keepalive_s) == (1883, 5)
    assert DomeSpec("dome-1", ()).has_lid_switch is True


def test_one_process_guards_several_domes(read):
    text = GOOD + GOOD[GOOD.index("[[dome]]") :].replace("dome-1", "dome-2").replace("lab/", "x/")
    assert [dome.dome_id for dome in read(text).domes] == ["dome-1", "dome-2"]


def test_probes_in_one_foreign_message_share_its_topic(read):
    two = """
[[dome.probe]]
id = "room-1"
role = "room"
topic = "lab/air"
codec = "json"
pointer = "/room"
"""
    assert [probe.pointer for probe in read(GOOD + two).domes[0].probes[2:]] == [
        "/temperature",
        "/room",
    ]
    with pytest.raises(ConfigError, match="there twice"):
        read(GOOD + two.replace("/room", "/temperature"))


def test_a_file_may_tighten_limits(read):
    config = read(GOOD + "[limits]\ncore_temp_c_max = 39.0\nair_temp_c_max = 76\n")
    assert config.limits.core_temp_c_max == 39.0
    assert config.limits.air_temp_c_max == 76.0
    assert config.limits.skin_temp_c_max == TABLE.skin_temp_c_max


def test_a_password_comes_from_the_environment_and_is_not_shown(read):
    config = read(
        GOOD.replace('host = "127.0.0.1"', 'host = "b"\nuser = "g"\npassword_env = "SECRET"'),
        {"SECRET": "hush"},
    )
    assert config.broker.password == "hush"
    assert "hush" not in repr(config)


def test_a_password_may_come_from_a_file(read, tmp_path):
    (tmp_path / "secret").write_text("hush\n", "utf-8")
    text = GOOD.replace('host = "127.0.0.1"', f'host = "b"\npassword_file = "{tmp_path}/secret"')
    assert read(text).broker.password == "hush"


def swap(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


CORE_1 = 'id = "core-1"\nrole = "core"\noffset_c = -0.1'
WRONG = {
    "no toml": "site = ",
    "no utf-8": "site = '\udcff'",
    "unknown key at the top": 'colour = "blue"\n' + GOOD,
    "unknown key of the broker": swap("[[dome]]", "qos = 1\n\n[[dome]]"),
    "unknown key of a dome": swap('id = "dome-1"', 'id = "dome-1"\nname = "x"'),
    "unknown key of a probe": swap(CORE_1, CORE_1 + "\nmaximum = 3"),
    "unknown limit": GOOD + "[limits]\ncore_max = 39.0\n",
    "no site": swap('site = "clinic-1"', ""),
    "bad site": swap('"clinic-1"', '"Clinic 1"'),
    "bad process": 'process = "a/b"\n' + GOOD,
    "no state_dir": swap('state_dir = "/var/lib/thermod-guard"', ""),
    "no broker": swap('[broker]\nhost = "127.0.0.1"', ""),
    "port too high": swap("[[dome]]", "port = 65536\n\n[[dome]]"),
    "port is true": swap("[[dome]]", "port = true\n\n[[dome]]"),
    "keepalive too long": swap("[[dome]]", "keepalive_s = 31\n\n[[dome]]"),
    "two passwords": swap("[[dome]]", 'password_env = "A"\npassword_file = "b"\n\n[[dome]]'),
    "password not set": swap("[[dome]]", 'password_env = "NOT_THERE"\n\n[[dome]]'),
    "password file not there": swap("[[dome]]", 'password_file = "/not/there"\n\n[[dome]]'),
    "no dome": GOOD[: GOOD.index("[[dome]]")],
    "dome is no list": swap("[[dome]]", "[dome]").replace("[[dome.probe]]", "[dome.probe]"),
    "bad dome id": swap('"dome-1"', '"-"'),
    "dome twice": GOOD + GOOD[GOOD.index("[[dome]]") :].replace("lab/", "x/"),
    "bad probe id": swap('"core-1"', '"core_1"'),
    "probe twice": swap('"skin-1"', '"core-1"'),
    "no core probe": swap(CORE_1, 'id = "core-1"\nrole = "skin"'),
    "no skin probe": swap('role = "skin"', 'role = "core"'),
    "no air probe": swap('role = "air"', 'role = "room"'),
    "unknown role": swap('role = "skin"', 'role = "toe"'),
    "offset is nan": swap("offset_c = -0.1", "offset_c = nan"),
    "offset is inf": swap("offset_c = -0.1", "offset_c = inf"),
    "offset too large": swap("offset_c = -0.1", "offset_c = -0.6"),
    "offset is a text": swap("offset_c = -0.1", 'offset_c = "0"'),
    "offset is true": swap("offset_c = -0.1", "offset_c = true"),
    "only core probe is foreign": swap(CORE_1, CORE_1 + '\ntopic = "lab/core"'),
    "codec without topic": swap(CORE_1, CORE_1 + '\ncodec = "number"'),
    "unknown codec": swap('codec = "json"', 'codec = "xml"'),
    "json without pointer": swap('pointer = "/temperature"', ""),
    "number with pointer": swap('codec = "json"', 'codec = "number"'),
    "pointer is none": swap('"/temperature"', '"temperature"'),
    "topic has a wildcard": swap('"lab/air"', '"lab/+"'),
    "topic is ours": swap('"lab/air"', '"thermod/v1/clinic-1/dome-1/stop"'),
    "lid_switch is a text": swap('id = "dome-1"', 'id = "dome-1"\nlid_switch = "no"'),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_refused(read, tmp_path, what):
    path = tmp_path / "guard.toml"
    path.write_bytes(WRONG[what].encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert "guard.toml" in str(refused.value)  # where
    assert str(refused.value).endswith(".")  # and what to do


def test_the_error_names_the_thing_the_place_and_the_remedy(read):
    with pytest.raises(ConfigError) as refused:
        read(GOOD + "[limits]\ncore_temp_c_max = 39.5\n")
    text = str(refused.value)
    assert "core_temp_c_max is 39.5" in text
    assert "39.2" in text
    assert "guard.toml: [limits]" in text
    assert "Write a lower value" in text


def test_a_file_that_is_not_there_is_a_config_error_too(tmp_path):
    with pytest.raises(ConfigError, match="nowhere.toml"):
        load(tmp_path / "nowhere.toml", {})


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CEILINGS)
def test_no_limit_can_be_loosened_by_a_file(name):
    above = getattr(TABLE, name) + 0.001
    with pytest.raises(ValueError, match=name):
        tightened({name: above})


@pytest.mark.parametrize("name", CEILINGS)
def test_no_limit_passes_its_hard_ceiling_or_its_floor_from_anywhere(name):
    for value in (CEILINGS[name] + 0.001, FLOORS[name] - 0.001, float("nan"), float("inf"), -1.0):
        with pytest.raises(ValueError, match="limits|must lie"):
            Limits(**{name: value})


@pytest.mark.parametrize("name", CEILINGS)
def test_the_built_in_table_lies_within_its_ceilings(name):
    assert FLOORS[name] < getattr(TABLE, name) <= CEILINGS[name]


def test_the_table_is_the_one_of_the_safety_page():
    """SAFETY.md §4, columns "guard trip (L1)" and "hard ceiling", typed in a second time."""
    assert Limits() == Limits(39.2, 0.7, 0.07, 60.0, 43.0, 15.0, 78.0, 210.0)
    assert dict(CEILINGS) == {
        **{"core_temp_c_max": 39.5, "core_rise_c_per_min_max": 0.08, "core_age_s_max": 60.0},
        **{"skin_temp_c_max": 43.0, "skin_dose_cem43_min_max": 21.0, "air_temp_c_max": 80.0},
        **{"heat_span_min_max": 240.0, "core_over_target_delta_c_max": 0.9},
    }


def test_limits_out_of_order_are_refused():
    with pytest.raises(ValueError, match="out of order"):
        tightened({"skin_temp_c_max": 39.0})


@pytest.mark.parametrize(
    ("target_c", "limit_c"), [(None, 39.2), (38.6, 39.2), (38.5, 39.2), (38.0, 38.7), (37.0, 37.7)]
)
def test_the_core_limit_follows_a_lower_target(target_c, limit_c):
    assert Limits().core_limit_c(target_c) == pytest.approx(limit_c)
