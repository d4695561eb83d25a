"""The judge's eyes and the judge: the truth file of the simulated domes, and what a run came to.

Only true heater power counts, on the boot clock, from the record that the simulator writes before
the next thing happens. No claim of control or guard is read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from thermod.sim.dome import DomeSpec
from thermod.sim.drill.fault import Expected, Fault, Since

HEAT_W_MIN = 0.05 * DomeSpec().heater_w_max  # true heat is clearly on before each injection
# A resting core reads within these; every bad sample of the drill lies outside, NaN included.
CORE_C_LEAST, CORE_C_MOST = 35.0, 39.0


class Fact(NamedTuple):
    """One line of the truth file, as far as a judge of heat-off needs it."""

    at_ns: int
    dome: str
    what: str  # "tick", "power" or "fault"
    heater_w: float
    contactors_closed: bool
    epoch: int
    silent: bool  # of a tick: it was counted, and not said
    core_c: tuple[float | None, ...]  # of a tick: what the core probes report
    refused: int = 0  # of a tick: messages that the node has refused since it was built


@dataclass(frozen=True, slots=True)
class Span:
    """What the drill did to one dome, and when: boot clock, ns."""

    injected_ns: int
    lifted_ns: int  # the fault was taken away; until then nothing may heat
    end_ns: int  # of the watch; a person acts only after it
    other_ns: int | None = None  # another control or guard than the first was heard
    struck_ns: int | None = None  # what hits the whole stack, where that is done last


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run at one dome came to."""

    fault: str
    dome: str
    heated: bool  # when the time began; if not, the run shows nothing
    heat_off_s: float | None  # None: heat was never off in the watch
    reheats: int
    healed: bool  # heat came back as the event table allows
    may_heal: bool  # it allows it, and has not come back yet
    late: bool = False  # heat was off, and later than this fault allows
    told_s: float | None = None  # after the injection all that must be told had been


class TruthReader:
    """Follows the growing truth file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts: dict[str, list[Fact]] = {}
        self._read_bytes = 0

    def follow(self) -> None:
        """Take in all whole lines that were added. Cheap: call it as often as you like."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read_bytes)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._read_bytes += len(whole)
        for line in whole.splitlines():
            fact = parsed(line)
            self.facts.setdefault(fact.dome, []).append(fact)

    def heater_w(self, dome: str) -> float:
        """True power as of the newest record, 0 before the first."""
        facts = self.facts.get(dome)
        return facts[-1].heater_w if facts else 0.0


def parsed(line: bytes) -> Fact:
    """One line of the truth file. Raises ValueError or KeyError for what the simulator never
    writes.
    """
    fields = json.loads(line)
    readings = fields.get("readings", {})
    return Fact(
        fields["mono_ns"],
        fields["dome"],
        fields["what"],
        fields["heater_w"],
        fields["contactors_closed"],
        fields["epoch"],
        fields.get("silent", False),
        tuple(temp_c for probe, temp_c in readings.items() if probe.startswith("core")),
        fields.get("refused", 0),
    )


def judge(fault: Fault, dome: str, span: Span, facts: Sequence[Fact]) -> Verdict:
    """`facts` are those of this dome, in order. Heat counts as off from the first record of 0 W."""
    since_ns = _since_ns(fault, span, facts)
    heated = _heater_w(facts, max(since_ns, span.injected_ns)) > 0.0
    watched = [fact for fact in facts if span.injected_ns <= fact.at_ns <= span.end_ns]
    off = next((fact for fact in watched if since_ns <= fact.at_ns and fact.heater_w == 0.0), None)
    if off is None or fault.expected is Expected.TOLD:
        return Verdict(fault.name, dome, heated, None, 0, healed=False, may_heal=False)
    after = [fact for fact in watched if fact.at_ns >= off.at_ns]
    came_back = list(_returns(after))
    heals_from_ns = off.at_ns if fault.expected is Expected.DIPS else span.lifted_ns
    allowed = [
        fact
        for fact in came_back
        if fault.heals and fact.at_ns > heals_from_ns and fact.epoch == off.epoch
    ]
    heat_off_s = (off.at_ns - since_ns) / 1e9
    return Verdict(
        fault.name,
        dome,
        heated,
        heat_off_s,
        reheats=len(came_back) - len(allowed),
        healed=bool(allowed),
        may_heal=fault.heals and not came_back,
        late=not heat_off_s <= fault.limit_s,
    )


def refusals(span: Span, facts: Sequence[Fact]) -> int:
    """How many messages the node has refused since the injection."""
    ticks = [fact for fact in facts if fact.what == "tick" and fact.at_ns <= span.end_ns]
    before = [fact.refused for fact in ticks if fact.at_ns <= span.injected_ns]
    return ticks[-1].refused - before[-1] if before else 0


def _since_ns(fault: Fault, span: Span, facts: Sequence[Fact]) -> int:
    """When the time begins. A sample that never came leaves the injection, the harder count."""
    if fault.since is Since.LAST_SAMPLE:
        said = [fact.at_ns for fact in facts if fact.at_ns <= span.lifted_ns and _is_sample(fact)]
        return said[-1] if said else span.injected_ns
    if fault.since is Since.BAD_SAMPLE:
        bad = (fact.at_ns for fact in facts if fact.at_ns >= span.injected_ns and _is_bad(fact))
        return next(bad, span.injected_ns)
    if fault.since is Since.OTHERS_WORD and span.other_ns is not None:
        return span.other_ns
    if span.struck_ns is not None and _heater_w(facts, span.struck_ns) > 0.0:
        return span.struck_ns
    return span.injected_ns


def _heater_w(facts: Sequence[Fact], at_ns: int) -> float:
    before = [fact.heater_w for fact in facts if fact.at_ns <= at_ns]
    return before[-1] if before else 0.0


def _is_sample(fact: Fact) -> bool:
    spoke = any(temp_c is not None for temp_c in fact.core_c)
    return fact.what == "tick" and not fact.silent and spoke


def _is_bad(fact: Fact) -> bool:
    return fact.what == "tick" and not any(
        temp_c is not None and CORE_C_LEAST <= temp_c <= CORE_C_MOST for temp_c in fact.core_c
    )


def _returns(facts: Iterable[Fact]) -> Iterable[Fact]:
    """Where heat comes back: true power leaves 0, or a contactor that had opened closes again, for
    a node closes it only when it may heat, and the regulator then begins with next to nothing.
    """
    opened = before = False
    for fact in facts:
        opened = opened or not fact.contactors_closed
        on = fact.heater_w > 0.0 or (opened and fact.contactors_closed)
        if on and not before:
            yield fact
        before = on
