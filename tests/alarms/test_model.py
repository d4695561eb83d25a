"""The words that alarms are made of."""

import pytest

from alarms.model import CAP_PCT, PROBES, During, Effect, Priority, Rule, Seen


def test_who_has_seen_nothing_says_so():
    """No default stands for a reading, a probe or a patient that is not there."""
    for name, default in Seen._field_defaults.items():
        assert default in (None, 0, False, "") or default.startswith("no "), name


def test_the_graver_sorts_higher_and_the_narrower_later():
    assert Priority.LOW < Priority.MEDIUM < Priority.HIGH
    assert During.ALWAYS < During.UNDER_WAY < During.FROM_HEATING < During.HEATING


def test_every_effect_says_how_much_power_it_leaves():
    assert {
        Effect.NONE: 100.0,
        Effect.CAP_50: 50.0,
        Effect.CAP_30: 30.0,
        **dict.fromkeys(
            (Effect.HEAT_OFF, Effect.END_HEATING, Effect.PAUSE, Effect.INTERRUPT, Effect.TRIP), 0.0
        ),
    } == CAP_PCT


@pytest.mark.parametrize(
    "name",
    [
        *("core_probe_highest", "core_probes_bad", "skin_probe_highest", "skin_probes_bad"),
        *("skin_dose_site", "air_probe_highest", "air_probes_bad"),
    ],
)
def test_a_probe_that_the_text_names_is_in_the_log_too(name):
    rule = Rule("x", lambda _: 1.0, lambda _: 0.0, Priority.LOW, f"{{{name}}} speaks", "-")
    assert rule.probe(Seen(**{name: "probe-7"})) == "probe-7"
    assert name in PROBES
