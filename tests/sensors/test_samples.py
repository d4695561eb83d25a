"""A probe may be declared tighter than its role, never wider."""

from math import inf, nan

import pytest

from sensors.samples import BOUNDS, ProbeSpec, Role


@pytest.mark.parametrize(
    ("role", "low", "high"),
    [("core", 30, 43), ("skin", 15, 50), ("air", -10, 120), ("room", -10, 60)],
)
def test_a_probe_gets_the_whole_range_of_its_role_unless_told_otherwise(role, low, high):
    spec = ProbeSpec.of("p", Role(role), "here")
    assert (spec.temp_c_min, spec.temp_c_max) == (low, high)
    assert (spec.resolution_c, spec.offset_c, spec.age_s_max) == (0.01, 0.0, 2.5)


def test_a_range_may_be_tightened():
    spec = ProbeSpec("p", Role.CORE, "here", temp_c_min=34.0, temp_c_max=42.0)
    assert (spec.temp_c_min, spec.temp_c_max) == (34.0, 42.0)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("wide", [nan, inf, -inf, -300.0, 300.0])
@pytest.mark.parametrize("name", ["temp_c_min", "temp_c_max"])
def test_a_range_is_never_widened(role, name, wide):
    bounds = BOUNDS[role]
    limits = {"temp_c_min": bounds.temp_c_min, "temp_c_max": bounds.temp_c_max, name: wide}
    with pytest.raises(ValueError, match=f"'p-1': {name} is .* {role} probe allows"):
        ProbeSpec("p-1", role, "here", **limits)


@pytest.mark.parametrize(
    ("name", "worst"),
    [
        ("offset_c", 0.51), ("offset_c", -0.51), ("offset_c", nan),
        ("resolution_c", 0.11), ("resolution_c", 0.0), ("resolution_c", nan),
        ("age_s_max", 2.6), ("age_s_max", nan), ("age_s_max", -1.0), ("age_s_max", 0.0),
    ],
)  # fmt: skip
def test_what_a_core_probe_may_not_claim_is_refused_by_name(name, worst):
    with pytest.raises(ValueError, match=name):
        ProbeSpec.of("p", Role.CORE, "here", **{name: worst})


def test_an_empty_range_is_refused():
    with pytest.raises(ValueError, match="temp_c_min 40.0 must be below temp_c_max 40.0"):
        ProbeSpec("p", Role.CORE, "here", temp_c_min=40.0, temp_c_max=40.0)
