"""How long this would have taken on a quiet machine.

Neighbours of a shared machine make the same code take twice as long for minutes or hours, so a time
in µs says as much of them as of the code. A yardstick is a piece of work that never changes, in
plain Python like what is measured: small objects, calls and branches. It is laid beside the work
every few milliseconds, and what the work took is told in passes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from time import perf_counter_ns
from typing import Final

# One pass on the 2-core AMD EPYC virtual machine of 2026-11-22, on which a cycle without observer
# took 92 µs. Not seen there: found two days later from that same cycle, which took 3.46 passes (the
# median of five runs; 3.30 to 3.52) while the machine was 1.7 to 2.4 times slower.
PASS_US: Final = 26.6
TERMS: Final = 20
WINDOW: Final = 50  # pieces of work, each with its pass: neighbours come and go more slowly


def pass_ns(times: int = 1) -> float:
    """The median of so many passes, ns."""
    return median(_pass_ns() for _ in range(times))


def quiet_us(spent_ns: float, passed_ns: float) -> float:
    """What took `spent_ns` beside a pass of `passed_ns` takes so many µs on the quiet machine."""
    return spent_ns / passed_ns * PASS_US


def quiet_median_us(spent_ns: Sequence[float], passed_ns: Sequence[float]) -> float:
    """The median piece of work, each with the pass after it: window by window, so that an hour in
    which the machine is now quick and now slow does not mix both. Raises ValueError for nothing.
    """
    return median(
        quiet_us(median(spent_ns[at : at + WINDOW]), median(passed_ns[at : at + WINDOW]))
        for at in range(0, len(spent_ns), WINDOW)
    )


def _pass_ns() -> int:
    began_ns = perf_counter_ns()
    sum((Fraction(1, term) for term in range(1, TERMS)), Fraction(0))
    return perf_counter_ns() - began_ns
