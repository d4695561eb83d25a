"""The configuration: read whole, shown again, or refused whole with every fault named."""

import os
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from alarms.limits import Limits, not_enclosed
from sensors.samples import ProbeSpec, Role
from thermod.config import load, show
from thermod.errors import ConfigError
from thermod.guard import config as guard_config

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "examples" / "thermod.toml"
CORE = '[[dome.probe]]\nid = "core-1"\nrole = "core"\nsite = "rectal"\nresolution_c = 0.01\n'
SKIN = '[[dome.probe]]\nid = "skin-1"\nrole = "skin"\nsite = "chest"\nresolution_c = 0.05\n'
AIR = '[[dome.probe]]\nid = "air-1"\nrole = "air"\nsite = "dome"\nresolution_c = 0.1\n'
HEAD = 'site = "clinic-a"\nstate_dir = "/var/lib/thermod"\n'
DOME = '[[dome]]\nid = "dome-1"\nrated_w = 2000\n'
GOOD = HEAD + DOME + CORE + SKIN + AIR
PROTOCOL = (
    '[[protocol]]\nid = "mine"\nversion = 1\ntitle = "Mine"\ntarget_c = 38.0\nhold_min = 30\n'
)


@pytest.fixture(autouse=True)
def no_variables_of_ours(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith("THERMOD__"):
            monkeypatch.delenv(name)


@pytest.fixture
def loaded(tmp_path):
    def load_text(text):
        (tmp_path / "thermod.toml").write_text(text, "utf-8")
        return load(tmp_path / "thermod.toml")

    return load_text


def refused(load_text, text):
    with pytest.raises(ConfigError) as refusal:
        load_text(text)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ("{ per_c = 0.9, per_c_s = 0.002 }", "per_c = 0.9 is not within 1 to 20"),
        ("{ per_c = 20.1, per_c_s = 0.05 }", "per_c = 20.1 is not within 1 to 20"),
        ("{ per_c = nan, per_c_s = 0.05 }", "per_c"),
        ("{ per_c = 12.0, per_c_s = 0.0 }", "per_c / per_c_s = inf s is not an integral time"),
        ("{ per_c = 12.0, per_c_s = -0.03 }", "per_c / per_c_s = inf s is not an integral time"),
        ("{ per_c = 12.0, per_c_s = 0.101 }", "per_c / per_c_s = 119 s is not an integral time"),
        ("{ per_c = 12.0, per_c_s = 0.0099 }", "per_c / per_c_s = 1212 s is not an integral time"),
        ("{ per_c = 12.0 }", "per_c_s"),
        ("{ per_c = 12.0, per_c_s = 0.03, derivative = 1.0 }", "derivative"),
    ],
)
def test_gains_that_no_dome_needs_are_refused(loaded, inner, said):
    assert said in refused(loaded, GOOD.replace(CORE, f"inner = {inner}\n{CORE}"))


def test_a_domes_own_gains_are_shown_again(loaded):
    config = loaded(GOOD.replace(CORE, f"inner = {{ per_c = 9.4, per_c_s = 0.022 }}\n{CORE}"))
    again = loaded(show(config))
    assert again == config
    assert again.domes[0].tuning(Limits()).inner.per_c == 9.4


def test_the_shipped_example_loads():
    config = load(EXAMPLE)
    assert (config.site, config.broker.port, config.gateway.port) == ("clinic-a", 1883, 8080)
    [dome] = config.domes
    assert (dome.id, dome.rated_w, dome.has_fan, dome.window_s) == ("dome-1", 2000.0, True, 1.0)
    assert dome.specs()[0] == ProbeSpec.of(
        "core-1", Role.CORE, "rectal", resolution_c=0.01, offset_c=0.02
    )
    assert [probe.role for probe in dome.probe] == ["core", "core", "skin", "skin", "air", "room"]
    assert config.limits == Limits()
    assert list(config.protocols) == [
        *("hold-45", "target-2", "retain", "slow-45"),
        "gentle-38",
    ]
    assert config.journal_path == Path("/var/lib/thermod/journal.db")


def test_what_the_example_shows_in_comments_loads_too(loaded):
    lines = EXAMPLE.read_text("utf-8").splitlines()
    keys = tuple(f"# {key}" for key in ("[", "url", "org", "bucket", "skin_", "presence_", "tls_"))
    text = "\n".join(line.removeprefix("# ") if line.startswith(keys) else line for line in lines)
    config = loaded(text)
    assert config.influx.bucket == "thermod"
    assert config.limits.presence_warn_min == 15.0
    assert config.broker.tls_ca_file == "/etc/thermod/ca.pem"


def test_the_least_that_must_be_said_gets_the_documented_defaults(loaded):
    config = loaded(GOOD)
    assert (config.broker.host, config.broker.password_text) == ("127.0.0.1", None)
    assert (config.control.process, config.gateway.process) == ("control", "gateway")
    assert config.influx is None
    assert config.journal.max_mb == 8192


def test_a_file_may_tighten_limits(loaded):
    config = loaded(GOOD + "[limits]\nskin_off_c = 41.5\n")
    assert config.limits == Limits(skin_off_c=41.5)


def test_the_shipped_examples_of_control_and_guard_fit_each_other():
    ours, theirs = load(EXAMPLE), guard_config.load(EXAMPLE.with_name("guard.toml"), {})
    assert theirs.site == ours.site
    assert theirs.process not in (ours.control.process, ours.gateway.process)
    assert [dome.dome_id for dome in theirs.domes] == [dome.id for dome in ours.domes]
    for dome, watched in zip(ours.domes, theirs.domes, strict=True):
        assert [(each.probe_id, each.role, each.offset_c) for each in watched.probes] == [
            (probe.id, probe.role, probe.offset_c) for probe in dome.probe
        ]
        assert [(p.topic, p.codec) for p in watched.probes if p.topic] == [
            (p.topic, p.codec) for p in dome.probe if p.topic
        ]
    assert not_enclosed(ours.limits, asdict(theirs.limits)) == ()


# What is put into the file → words that its refusal must hold.
BAD = {
    "an unknown key": (
        HEAD + "[broker]\nprot = 1883\n",
        "[broker] prot is not a known key.",
        "port",
    ),
    "an unknown section": (GOOD + "[brokr]\nport = 1\n", "brokr is not a known key.", "broker?"),
    "an unknown key of a probe": (
        GOOD + "ofset_c = 0.1\n",
        "[[dome]] dome-1 [[dome.probe]] air-1 ofset_c is not a known key.",
        "Did you mean offset_c?",
    ),
    "an unknown limit": (
        GOOD + "[limits]\ncore_of_c = 38.8\n",
        "[limits] core_of_c",
        "core_off_c?",
    ),
    "no site": (GOOD.replace('site = "clinic-a"\n', ""), "site is missing.", "Add it."),
    "no heater power": (
        GOOD.replace("rated_w = 2000\n", ""),
        "[[dome]] dome-1 rated_w is missing.",
    ),
    "no dome": (HEAD, "dome is missing."),
    "an empty list of domes": ("dome = []\n" + HEAD, "there is no dome."),
    "a site that is no id": (
        GOOD.replace("clinic-a", "Clinic A"),
        "site = 'Clinic A' is not of the right form.",
        "1 to 32 of a-z",
    ),
    "a dome that is no id": (GOOD.replace("dome-1", "dome/1"), "'dome/1'", "1 to 32 of a-z"),
    "a process that is no id": (GOOD + '[control]\nprocess = "-"\n', "[control] process = '-'"),
    "a probe that is no id": (GOOD.replace("core-1", "x" * 33), "xxx' is not of the right form."),
    "a port too high": (
        GOOD + "[broker]\nport = 99999\n",
        "[broker] port = 99999 is above 65535.",
        "Write 65535 or less.",
    ),
    "a port in words": (GOOD + '[broker]\nport = "mqtt"\n', "port = 'mqtt' is not a whole number."),
    "true for a number": (GOOD + "[broker]\nport = true\n", "[broker] port", "true or false"),
    "NaN watts": (GOOD.replace("2000", "nan"), "rated_w = nan is not", "number"),
    "infinite watts": (GOOD.replace("2000", "inf"), "rated_w = inf is"),
    "no watts": (GOOD.replace("2000", "0"), "rated_w = 0 is not above 0", "more than 0"),
    "a NaN offset": (GOOD + "offset_c = nan\n", "offset_c = nan is not a finite number."),
    "a large offset": (
        GOOD.replace('"rectal"\n', '"rectal"\noffset_c = 2.0\n'),
        "[[dome]] dome-1 [[dome.probe]] core-1: ",
        "offset_c is 2.0",
        "-0.5 to 0.5",
    ),
    "no resolution": (GOOD.replace("resolution_c = 0.1\n", ""), "air-1 resolution_c is missing."),
    "a role that is none": (
        GOOD.replace('"air"', '"lung"'),
        "role = 'lung' is not known.",
        "'core', 'skin', 'air' or 'room'",
        "dome-1 has no air probe.",
    ),
    "no core probe": (HEAD + DOME + SKIN + AIR, "[[dome]] dome-1 has no core probe.", "Add"),
    "no skin probe": (HEAD + DOME + CORE + AIR, "[[dome]] dome-1 has no skin probe."),
    "no air probe": (HEAD + DOME + CORE + SKIN, "[[dome]] dome-1 has no air probe."),
    "a dome without probes": (HEAD + DOME, "no core probe", "no skin probe", "no air probe"),
    "one dome id twice": (
        GOOD + DOME + CORE + SKIN + AIR,
        '[[dome]] id = "dome-1" stands 2 times.',
    ),
    "one probe id twice": (GOOD + CORE, '[[dome.probe]] id = "core-1" stands 2 times.'),
    "one topic twice": (
        GOOD
        + 'topic = "a/b"\ncodec = "number"\n'
        + SKIN.replace("skin-1", "skin-2")
        + 'topic = "a/b"\ncodec = "number"\n',
        'topic = "a/b" stands 2 times.',
    ),
    "a limit above its ceiling": (
        GOOD + "[limits]\ncore_cut_c = 40.0\n",
        "[limits] core_cut_c = 40.0 lies above the hard ceiling 39.5.",
        "Write 39.0 or less.",
    ),
    "a limit loosened": (
        GOOD + "[limits]\ncore_off_c = 38.95\n",
        "[limits] core_off_c = 38.95 is looser than the built-in 38.9",
        "Write 38.9 or less.",
    ),
    "limits out of order": (
        GOOD + "[limits]\nskin_off_c = 40.9\n",
        "[limits] skin_off_c = 40.9 must lie above skin_warn_c = 41.0.",
        "Lower skin_warn_c too.",
    ),
    "a NaN limit": (
        GOOD + "[limits]\nair_off_c = nan\n",
        "[limits] air_off_c = nan is not a positive",
    ),
    "a limit in words": (
        GOOD + '[limits]\nair_off_c = "low"\n',
        "air_off_c = low is not a number.",
    ),
    "a negative limit": (GOOD + "[limits]\ncore_age_off_s = -1\n", "core_age_off_s = -1.0 is not"),
    "limits that are no section": ("limits = 3\n" + GOOD, "limits is not a section."),
    "a section that is none": (
        'broker = "127.0.0.1"\n' + GOOD,
        "broker = '127.0.0.1' is not a section.",
    ),
    "one dome for a list": (
        HEAD + '[dome]\nid = "dome-1"\nrated_w = 2000\n',
        "is not a list of sections",
        "double brackets",
    ),
    "a target too high": (
        GOOD + PROTOCOL.replace("38.0", "38.7"),
        "[[protocol]] mine target_c = 38.7 is above 38.6.",
    ),
    "a target above a tightened limit": (
        GOOD + PROTOCOL + "[limits]\ncore_keep_c = 37.9\n",
        "[[protocol]] mine target_c = 38.0 lies above [limits] core_keep_c = 37.9.",
    ),
    "a ramp too steep": (
        GOOD + PROTOCOL + "ramp_c_per_min = 0.04\n",
        "[[protocol]] mine ramp_c_per_min = 0.04 is above 0.038.",
    ),
    "a ramp above a tightened limit": (
        GOOD + PROTOCOL + "ramp_c_per_min = 0.03\n[limits]\ncore_rise_keep_c_per_min = 0.02\n",
        "mine ramp_c_per_min = 0.03 lies above [limits] core_rise_keep_c_per_min = 0.02.",
    ),
    "a hold beyond a tightened cut-off": (
        GOOD + PROTOCOL + "[limits]\nhold_cut_min = 30\n",
        "hold_min = 30.0 does not leave 5.0 min below [limits] hold_cut_min = 30.0.",
    ),
    "limits that leave no protocol": (GOOD + "[limits]\ncore_keep_c = 38.0\n", "no protocol fits"),
    "minutes at target beyond the hold": (
        GOOD + PROTOCOL.replace("30", "3") + "at_target_min = 5\n",
        "mine: at_target_min = 5.0 is more than hold_min = 3.0",
    ),
    "too many minutes at target": (
        GOOD + PROTOCOL + "at_target_min = 15\n",
        "mine at_target_min = 15 is above 10.",
    ),
    "a built-in protocol again": (
        GOOD + PROTOCOL.replace("mine", "hold-45"),
        "hold-45 is built in.",
    ),
    "one protocol twice": (GOOD + PROTOCOL + PROTOCOL, '[[protocol]] id = "mine" stands 2 times.'),
    "a hold in words": (
        GOOD + PROTOCOL.replace("30", '"long"'),
        "mine hold_min = 'long' is not a number.",
    ),
    "a date that is none": (
        GOOD + 'calibrated_on = "last June"\n',
        "calibrated_on = 'last June' is not a date.",
        "2026-11-22",
    ),
    "a calibration due before it was made": (
        GOOD + "calibrated_on = 2026-06-01\ndue = 2025-06-01\n",
        "air-1: due = 2025-06-01 is not after calibrated_on = 2026-06-01.",
    ),
    "a calibration of no day": (GOOD + "due = 2027-06-01\n", "air-1: ", "calibrated_on is missing"),
    "a topic without a codec": (GOOD + 'topic = "a"\n', "air-1: ", "only together"),
    "a codec without a topic": (GOOD + 'codec = "number"\n', "air-1: ", "only together"),
    "a pointer without json": (GOOD + 'pointer = "/t"\n', "air-1: ", "need each other"),
    "json without a pointer": (GOOD + 'topic = "a"\ncodec = "json"\n', "air-1: ", "/temperature"),
    "a topic of ours": (GOOD + 'topic = "thermod/v1/a"\ncodec = "number"\n', "air-1: ", "is ours"),
    "only a foreign core probe": (
        HEAD + DOME + CORE + 'topic = "a"\ncodec = "number"\n' + SKIN + AIR,
        "dome-1 has only foreign core probes",
        "node",
    ),
    "a topic with a wildcard": (
        GOOD + 'topic = "a/#"\ncodec = "number"\n',
        "topic = 'a/#' is not",
        "without #, +",
    ),
    "a codec that is none": (
        GOOD + 'topic = "a"\ncodec = "senml"\n',
        "codec = 'senml' is not known.",
    ),
    "a folder that depends on where we start": (
        GOOD.replace("/var/lib/thermod", "state"),
        'state_dir: "state" does not begin with /',
    ),
    "a database address that is none": (
        GOOD + '[influx]\nurl = "influx"\n',
        "[influx] url = 'influx'",
    ),
    "a database without an address": (GOOD + "[influx]\n", "[influx] url is missing."),
    "one process name for two": (
        GOOD + '[gateway]\nprocess = "control"\n',
        "[control] and [gateway] process = 'control' twice.",
    ),
    "no TOML": (HEAD + "[broker\n", "not TOML", "line 3, column 8"),
    "a key twice": (HEAD + HEAD, "not TOML", "line 3"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_words_that_help(loaded, tmp_path, case):
    text, *words = BAD[case]
    message = refused(loaded, text)
    for each in (*words, str(tmp_path / "thermod.toml"), "thermod config check"):
        assert each in message


def test_every_fault_is_named_in_one_refusal(loaded):
    message = refused(
        loaded,
        GOOD.replace("2000", "-1").replace("clinic-a", "?")
        + "[broker]\nprot = 1\nport = 0\n"
        + "[limits]\ncore_cut_c = 50\nskin_of_c = 1\n"
        + DOME
        + CORE
        + CORE,
    )
    expected = (
        *(
            "site = '?'",
            "rated_w = -1",
            "prot is not",
            "port = 0 is below 1",
            "core_cut_c = 50.0 lies",
        ),
        *("skin_of_c", '"dome-1" stands 2', '"core-1" stands 2', "no skin probe", "no air probe"),
    )
    for each in expected:
        assert each in message
    assert "refused for 10 faults" in message


def test_a_missing_file_says_where_it_was_looked_for_and_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match=r"no such file \[.*gone\.toml\]\. Copy deploy/examples"):
        load(tmp_path / "gone.toml")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "thermod.toml").write_bytes(b'site = "\xff"')
    with pytest.raises(ConfigError, match="not TOML"):
        load(tmp_path / "thermod.toml")


def test_secrets_come_from_the_environment(loaded, monkeypatch):
    monkeypatch.setenv("THERMOD__BROKER__PASSWORD", "hunter2")
    monkeypatch.setenv("THERMOD__INFLUX__TOKEN", "t0k3n")
    config = loaded(GOOD + '[influx]\nurl = "http://127.0.0.1:8086"\n')
    assert (config.broker.password_text, config.influx.token_text) == ("hunter2", "t0k3n")
    for text in (show(config), repr(config), str(config)):
        assert "hunter2" not in text
        assert "t0k3n" not in text


@pytest.mark.parametrize(("section", "key"), [("broker", "password"), ("influx", "token")])
def test_a_secret_in_the_file_is_refused_and_not_repeated(loaded, section, key):
    url = 'url = "http://127.0.0.1:1"\n' if section == "influx" else ""
    message = refused(loaded, GOOD + f'[{section}]\n{key} = "hunter2"\n{url}')
    assert f"THERMOD__{section.upper()}__{key.upper()}" in message
    assert "hunter2" not in message


def test_a_secret_under_a_misspelt_name_is_not_repeated(loaded):
    message = refused(loaded, GOOD + '[broker]\npasword = "hunter2"\n')
    assert "Did you mean password?" in message
    assert "hunter2" not in message


def test_the_environment_wins_over_the_file_and_is_judged_alike(loaded, monkeypatch):
    text = GOOD + '[broker]\nhost = "10.0.0.1"\nport = 1884\n'
    monkeypatch.setenv("THERMOD__BROKER__PORT", "1885")
    monkeypatch.setenv("thermod__limits__skin_off_c", "41.5")
    config = loaded(text)
    assert (config.broker.host, config.broker.port) == ("10.0.0.1", 1885)
    assert config.limits.skin_off_c == 41.5

    monkeypatch.setenv("THERMOD__BROKER__PORT", "0")
    monkeypatch.setenv("THERMOD__LIMITS__SKIN_OFF_C", "60")
    message = refused(loaded, text)
    assert "[broker] port = '0' is below 1." in message
    assert "skin_off_c = 60.0 lies above the hard ceiling 43.0" in message


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("THERMOD__BROKR__PASSWORD", "x", "Did you mean THERMOD__BROKER?"),
        ("THERMOD__BROKER__PASWORD", "x", "[broker] pasword is not a known key."),
        ("THERMOD__DOME", "dome-1", "JSON"),
    ],
)
def test_a_variable_that_means_nothing_is_refused(loaded, monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    assert words in refused(loaded, GOOD)


def test_a_list_of_sections_from_the_environment_is_judged_like_one_from_the_file(
    loaded, monkeypatch
):
    monkeypatch.setenv("THERMOD__DOME", '[{"id": "d", "rated_w": 1}, {"id": "d", "rated_w": 1}]')
    message = refused(loaded, HEAD)
    assert 'id = "d" stands 2 times' in message
    assert "no core probe" in message


def test_what_is_shown_loads_again_as_the_same_configuration(loaded, monkeypatch):
    monkeypatch.setenv("THERMOD__BROKER__PASSWORD", "hunter2")
    awkward = r'''title = "A \"quoted\" \\ title, 38 °C 𝄞"'''
    text = EXAMPLE.read_text("utf-8").replace('title = "Bring', awkward + '#"')
    config = loaded(text)
    shown = show(config)
    assert f"# sha256 {config.sha256}" in shown
    assert "# password = ********" in shown
    assert "core_cut_c = 39.0" in shown
    assert loaded(shown) == config
    assert show(loaded(shown)) == shown


def test_the_hash_follows_every_value_but_not_the_secrets_or_the_layout(loaded, monkeypatch):
    plain = loaded(GOOD).sha256
    assert loaded("# a comment\n" + GOOD + "[broker]\nport = 1883\n").sha256 == plain
    assert loaded(GOOD + "[limits]\nskin_off_c = 41.5\n").sha256 != plain
    assert loaded(GOOD.replace("2000", "2001")).sha256 != plain
    monkeypatch.setenv("THERMOD__BROKER__PASSWORD", "hunter2")
    assert loaded(GOOD).sha256 == plain


def test_nothing_of_it_can_be_changed_later(loaded):
    config = loaded(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        config.broker.port = 1
    with pytest.raises(TypeError):
        config.protocols["hold-45"] = None
    with pytest.raises(AttributeError):
        config.limits.core_cut_c = 45.0


def test_a_built_in_protocol_that_the_limits_forbid_is_not_offered(loaded):
    config = loaded(GOOD + PROTOCOL + "[limits]\ncore_keep_c = 38.2\n")
    assert list(config.protocols) == ["mine"]


@pytest.mark.parametrize(
    ("today", "problems"),
    [
        (date(2026, 5, 31), 5),
        (date(2026, 6, 1), 0),
        (date(2027, 6, 1), 0),
        (date(2027, 6, 2), 5),
    ],
)
def test_calibrations_hold_from_their_day_to_the_day_they_are_due(today, problems):
    [dome] = load(EXAMPLE).domes
    assert len(dome.calibration_problems(today)) == problems


def test_a_probe_without_a_calibration_is_named(loaded):
    [dome] = loaded(GOOD).domes
    assert "core-1: no calibration is on file" in dome.calibration_problems(date(2026, 6, 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    ["true", "0", "-1", "nan", "inf", "9" * 400, '""', '"x"', "[]", "[[]]", "{}", "2026-01-01"],
)
def test_whatever_stands_for_a_value_the_answer_is_a_configuration_or_a_refusal(loaded, value):
    lines = EXAMPLE.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if " = " in line and not line.startswith("#"):
            changed = [*lines[:number], f"{line.split(' = ')[0]} = {value}", *lines[number + 1 :]]
            try:
                assert show(loaded("\n".join(changed)))
            except ConfigError:
                continue


@pytest.mark.slow
def test_reading_the_configuration_loads_no_web_or_database_package():
    code = (
        "import sys, thermod.config;"
        "print(*{name.split('.')[0] for name in sys.modules}"
        " & {'fastapi', 'starlette', 'uvicorn', 'influxdb_client', 'aiohttp', 'plotly', 'numpy'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "")
