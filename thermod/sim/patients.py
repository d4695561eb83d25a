"""The detailed patients as plants: a case of `population.py` with JOS-3's body, our dome and
probes.

`nominal` and `hard` are factories as PLANTS.md describes them. PATIENTS.md says what the figures
are worth. Simulation.
"""

from __future__ import annotations

from dataclasses import replace

from thermod.sim import population
from thermod.sim.dome import Dome
from thermod.sim.jos3_body import Jos3Body
from thermod.sim.plant import PROBES, DomePlant
from thermod.sim.population import Case
from thermod.sim.probes import ProbeSpec


def nominal(seed: int) -> DomePlant:
    """An ordinary patient; seed 0 is the nominal one."""
    return patient(population.nominal(seed), f"nominal-{seed}", seed)


def hard(seed: int) -> DomePlant:
    """One with two of `population.CORNERS`, which its name tells."""
    case = population.hard(seed)
    return patient(case, f"hard-{seed}: {', '.join(case.corners)}", seed)


def patient(case: Case, name: str, seed: int) -> DomePlant:
    """Any case as a plant. `seed` is that of the probes' noise."""
    dome = Dome(case.dome, case.room_temp_c, case.room_vapour_kpa)
    dome.heater_gain = case.heater_gain
    specs = {probe_id: _probe(case, probe_id, spec) for probe_id, spec in PROBES.items()}
    return DomePlant(name, Jos3Body(case.person), dome, specs, seed)


def _probe(case: Case, probe_id: str, spec: ProbeSpec) -> ProbeSpec:
    lag_s = case.core_probe_lag_s if spec.role == "core" else spec.lag_s
    return replace(spec, lag_s=lag_s, bias_delta_c=case.bias_delta_c.get(probe_id, 0.0))
