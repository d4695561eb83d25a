"""guard.toml at its edges: what is just allowed, what is not, and what is meant when unsaid."""

from __future__ import annotations

import tomllib
from math import inf, nan

import pytest

from thermod.guard.config import ConfigError, read

BASE = """
site = "clinic-1"
state_dir = "/var/lib/guard"
broker = { host = "h" }

[[dome]]
id = "dome-1"
probe = [
    { id = "core-1", role = "core" },
    { id = "skin-1", role = "skin" },
    { id = "air-1", role = "air" },
]
"""


def config(**changes):
    """The file, parsed, with other entries at its top."""
    return read({**tomllib.loads(BASE), **changes}, "guard.toml", {}, "00")


def probe(role="room", **more):
    """The config's view of one more probe."""
    dome = tomllib.loads(BASE)["dome"][0]
    dome["probe"].append({"id": "extra-1", "role": role, **more})
    return config(dome=[dome]).domes[0].probes[-1]


@pytest.mark.parametrize(("entry", "low", "high"), [("port", 1, 65535), ("keepalive_s", 1, 30)])
def test_the_broker_s_numbers_lie_within_their_bounds(entry, low, high):
    for value in (low, high):
        assert getattr(config(broker={"host": "h", entry: value}).broker, entry) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ConfigError, match=rf"{entry} is {value} .*Write {low}…{high}"):
            config(broker={"host": "h", entry: value})


def test_what_is_not_said_of_the_broker_is_what_the_page_says():
    broker = config().broker
    assert (broker.port, broker.keepalive_s, broker.ca_file) == (1883, 5, None)
    assert config(broker={"host": "h", "ca_file": "/etc/ca.pem"}).broker.ca_file == "/etc/ca.pem"


def test_a_password_comes_from_one_place():
    with pytest.raises(ConfigError, match="Give one of them"):
        config(broker={"host": "h", "password_env": "A", "password_file": "/b"})


@pytest.mark.parametrize(
    ("role", "offset_c_max"), [("core", 0.5), ("skin", 1.0), ("air", 3.0), ("room", 3.0)]
)
def test_an_offset_corrects_a_probe_and_opens_no_way_around_a_limit(role, offset_c_max):
    """H21."""
    for offset_c in (offset_c_max, -offset_c_max, 0):
        assert probe(role, offset_c=offset_c).offset_c == offset_c
    for offset_c in (offset_c_max + 0.001, -offset_c_max - 0.001):
        with pytest.raises(ConfigError, match=f"at most {offset_c_max} °C are corrected"):
            probe(role, offset_c=offset_c)
    assert probe(role).offset_c == 0.0


@pytest.mark.parametrize(
    ("offset_c", "what"),
    [(True, "not a number"), ("0.1", "not a number"), (nan, "finite"), (inf, "finite")],
)
def test_an_offset_is_a_number(offset_c, what):
    with pytest.raises(ConfigError, match=what):
        probe(offset_c=offset_c)


@pytest.mark.parametrize("entry", ["broker", "limits"])
@pytest.mark.parametrize("value", [7, "x", [{}]])
def test_a_table_is_a_table(entry, value):
    with pytest.raises(ConfigError, match=rf"{entry} is not a table .*Write \[{entry}\]"):
        config(**{entry: value})


@pytest.mark.parametrize("value", [7, {}, ["x"], [{"id": "dome-1"}, 7]])
def test_a_list_of_tables_is_one(value):
    with pytest.raises(ConfigError, match=r"dome is not a list of tables .*Write \[\[dome\]\]"):
        config(dome=value)


def test_a_fault_says_in_which_of_several_tables_it_is():
    first = tomllib.loads(BASE)["dome"][0]
    with pytest.raises(ConfigError, match=r"\[\[dome\]\] no. 2"):
        config(dome=[first, {"id": "Dome 2"}])


@pytest.mark.parametrize(("lid_switch", "has_one"), [(None, True), (True, True), (False, False)])
def test_a_dome_has_a_lid_switch_unless_it_says_that_it_has_none(lid_switch, has_one):
    dome = tomllib.loads(BASE)["dome"][0]
    said = {} if lid_switch is None else {"lid_switch": lid_switch}
    assert config(dome=[{**dome, **said}]).domes[0].has_lid_switch is has_one


@pytest.mark.parametrize("length", [1, 256])
def test_a_foreign_topic_is_a_plain_one(length):
    assert len(probe(topic="t" * length).topic) == length


@pytest.mark.parametrize("topic", ["", "t" * 257, "a/+", "a/#", "$SYS/x", "a\0", "thermod/v1/x"])
def test_a_foreign_topic_is_no_filter_and_none_of_ours(topic):
    with pytest.raises(ConfigError, match="without wildcards and outside thermod/"):
        probe(topic=topic)


def test_a_number_is_read_plainly_unless_a_codec_is_named():
    assert (probe(topic="a/b").codec, probe(topic="a/b", codec="number").codec) == ("number",) * 2
    with pytest.raises(ConfigError, match=r"codec is 'xml' .*Write one of number, json"):
        probe(topic="a/b", codec="xml", pointer="/a")


@pytest.mark.parametrize("more", [{"codec": "json"}, {"pointer": "/a"}])
def test_a_probe_of_the_dome_itself_has_neither_codec_nor_pointer(more):
    with pytest.raises(ConfigError, match="without a topic"):
        probe(**more)


def test_one_foreign_core_probe_beside_one_of_the_dome_is_right():
    assert probe("core", topic="a/b").topic == "a/b"
