"""What came of a check, as values for a program and as words for a person."""

from __future__ import annotations

from typing import Any

from thermod.conformance.run import Run
from thermod.conformance.verdict import Off, Outcome, Result


def as_json(dome: str, run: Run) -> dict[str, Any]:
    """Every requirement with its outcome, and the seconds until heat was off where it is timed."""
    return {
        "dome": dome,
        "boot_id": run.bench.state.node.boot_id,
        "power_pct": run.bench.power_pct,
        "seconds": round(run.lasted_s, 1),
        "heated_s": round(run.bench.heat_s, 1),
        "conforms": run.conforms,
        "requirements": [_row(result) for result in run.results],
    }


def off_text(off: Off | None) -> str:
    """Within one tick of the bus, and where the meter puts it in there."""
    if off is None:
        return ""
    low, high = off.after_s_min, off.after_s_max
    seen = f"≤ {high:.2f}" if low == 0.0 else f"{low:.2f}-{high:.2f}"
    return seen if off.meter_s is None else f"{seen}, meter {off.meter_s:.2f}"


def summary(run: Run) -> str:
    """One line: how many of each."""
    counts = dict.fromkeys(Outcome, 0)
    for result in run.results:
        counts[result.outcome] += 1
    told = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
    return f"{told}; {run.lasted_s:.0f} s, {run.bench.heat_s:.0f} s of them with heat"


def _row(result: Result) -> dict[str, Any]:
    requirement, off = result.requirement, result.off
    return {
        "requirement": requirement.name,
        "section": requirement.section,
        "text": requirement.text,
        "outcome": result.outcome.value,
        "seen": result.text,
        "off_s": None if off is None else _off(off),
        "repeats": result.repeats,
    }


def _off(off: Off) -> dict[str, float | None]:
    return {
        "min": round(off.after_s_min, 3),
        "max": round(off.after_s_max, 3),
        "meter": None if off.meter_s is None else round(off.meter_s, 3),
    }
