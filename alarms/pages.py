"""The runbook: a page for each alarm, made of its row and of what people know about it.

Limits, delays, priority, effect and latch come from the row, the rest from `alarms/advice/`. The
files in `alarms/runbook/` are written by `thermod alarms pages` and never by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from alarms import engine
from alarms.advice import core, core_probes, heater_and_dome, ourselves, skin_and_air, times
from alarms.advice.gateway import OWN, OwnAlarm
from alarms.advice.model import Advice
from alarms.limits import Limits, in_force
from alarms.model import During, Effect, Rule
from alarms.rows.ourselves import latched_at_boot
from alarms.rules import RULES

TARGET_C: Final = 38.5  # the default target, at which the pages show the limits in force
NOT_A_DEVICE: Final = "Research and engineering use only; not a certified medical device."
BEFORE_ALL: Final = (
    "Before any page: look at the patient, talk to them. Opening the lid and pressing STOP are"
    " always right."
)
ADVICE: Final[Mapping[str, Advice]] = {
    **core.ADVICE,
    **core_probes.ADVICE,
    **skin_and_air.ADVICE,
    **times.ADVICE,
    **heater_and_dome.ADVICE,
    **ourselves.ADVICE,
}
EFFECT: Final[Mapping[Effect, str]] = {
    Effect.NONE: "None on heat.",
    Effect.CAP_50: "Power at most 50 %.",
    Effect.CAP_30: "Power at most 30 %.",
    Effect.HEAT_OFF: "Heat is off, and returns by itself when this is over.",
    Effect.END_HEATING: "Heating has ended for this session.",
    Effect.PAUSE: "Heat is off, the session is paused; a person resumes.",
    Effect.INTERRUPT: "Heat is off, the session is interrupted; a person resumes, with a reason.",
    Effect.TRIP: "Heat is off, the session has tripped; a person resets, then resumes.",
}
DURING: Final[Mapping[During, str]] = {
    During.ALWAYS: "always",
    During.UNDER_WAY: "from the first heat until the session is closed",
    During.FROM_HEATING: "begins in heat-up or hold, then judged until the session is closed",
    During.HEATING: "in heat-up and hold",
}


class Page(NamedTuple):
    """One alarm's page, before it becomes Markdown or HTML."""

    alarm_id: str
    priority: str  # "high", "medium", "low" or "quiet"
    say: str
    do: str
    facts: tuple[tuple[str, str], ...]
    advice: Advice
    heat: str  # what the row does to heat, a sentence


class _Gap(str):
    """Stands in a text for what is not known before the alarm."""

    def __format__(self, how: str) -> str:
        return str(self)


class _Gaps(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return _Gap("…")


def pages() -> Iterator[Page]:
    """A page for each row, then for each alarm of the gateway."""
    for rule, limit in engine.with_limits(RULES, in_force(Limits(), TARGET_C)):
        yield _page(rule, limit, ADVICE[rule.alarm_id])
    for own in OWN:
        yield _own_page(own)


def page_of(alarm_id: str) -> Page | None:
    """The page of one alarm; None if there is no such alarm."""
    return next((page for page in pages() if page.alarm_id == alarm_id), None)


def _page(rule: Rule, limit: float, advice: Advice) -> Page:
    latches = rule.latches or rule.trips
    facts = (
        ("raised", _raised(rule, limit)),
        ("gone", _gone(rule, limit) + ("; shown until a person resets it" if latches else "")),
        ("judged", DURING[rule.during]),
        ("told", "yes" if rule.signals else "no: it acts by itself, and another alarm tells"),
    )
    say = rule.say.format_map(_Gaps(limit=limit))
    priority = rule.priority.name.lower() if rule.signals else "quiet"
    return Page(rule.alarm_id, priority, say, rule.do, facts, advice, EFFECT[rule.effect])


def _raised(rule: Rule, limit: float) -> str:
    if rule.value is latched_at_boot:
        return "when the process starts"
    after = f", for {rule.for_s:g} s" if rule.for_s else ", at once"
    return f"above {limit:g} {rule.unit}{after}" if rule.unit else f"when this is so{after}"


def _gone(rule: Rule, limit: float) -> str:
    after = f", for {rule.inside_s:g} s" if rule.inside_s else ""
    if not rule.unit:
        return f"when this is no longer so{after}"
    return f"at {limit - rule.inside_delta:g} {rule.unit} or below{after}"


def _own_page(own: OwnAlarm) -> Page:
    facts = (
        ("raised", own.raised),
        ("gone", "by itself, when that is over; it cannot be acknowledged or silenced"),
        ("judged", "always, by the gateway"),
        ("told", "yes"),
    )
    priority = own.priority.name.lower()
    heat = "None on heat: the gateway holds no authority over it."
    return Page(own.alarm_id, priority, own.say, own.do, facts, own.advice, heat)


def markdown(page: Page) -> str:
    """The page as a file of `alarms/runbook/`."""
    meaning, impact, diagnosis, mitigation = page.advice
    return "\n".join(
        (
            f"# {page.alarm_id}",
            "",
            f"{page.priority.capitalize()} priority. {NOT_A_DEVICE}",
            "",
            f"> {page.say}",
            ">",
            f"> **{page.do}**",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {text} |" for name, text in page.facts),
            "",
            *("## Meaning", "", meaning, ""),
            *("## Impact", "", f"{page.heat} {impact}", ""),
            *("## Diagnosis", "", *_numbered(diagnosis), ""),
            *("## Mitigation", "", *_numbered(mitigation), ""),
        )
    )


def _numbered(steps: tuple[str, ...]) -> Iterator[str]:
    return (f"{number}. {step}" for number, step in enumerate(steps, start=1))


INDEX_HEAD: Final = f"""# Runbook: a page for each alarm

**{BEFORE_ALL}**

Each page says what the alarm means, what it does to heat and patient, what to look at and what to
do. `thermod alarms pages` writes them from the rows in `alarms/rows/` and the words in
`alarms/advice/`; a test holds them equal. Limits are the defaults at a target of {TARGET_C} °C: the
alarm's own text names the limit in force. `thermod alarms show core_hot` prints a page.
{NOT_A_DEVICE}

| alarm | priority | raised | gone | heat | judged |
|---|---|---|---|---|---|"""


def index() -> str:
    """`alarms/runbook/README.md`: all alarms at a glance, each with the way to its page."""
    lines = [INDEX_HEAD]
    for page in pages():
        raised, gone, judged, _ = (text for _, text in page.facts)
        cells = (f"[{page.alarm_id}]({page.alarm_id}.md)", page.priority, raised, gone)
        heat = page.heat.removesuffix(".")
        lines.append(f"| {' | '.join(cells)} | {heat} | {judged} |")
    return "\n".join((*lines, ""))


def files() -> dict[str, str]:
    """Every file of `alarms/runbook/` by name, with its text."""
    return {"README.md": index(), **{f"{page.alarm_id}.md": markdown(page) for page in pages()}}
