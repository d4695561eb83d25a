"""What is wrong with a value of the configuration, a line each: where, which value, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from alarms.limits import Limits, problems
from thermod.errors import ConfigError

PREFIX: Final = "THERMOD__"  # of our environment variables: THERMOD__BROKER__PASSWORD
SECRETS: Final = (("broker", "password"), ("influx", "token"))

Document = Mapping[str, Any]
Location = tuple[int | str, ...]

# By pydantic's name for the error: what is wrong, what to do; in braces what pydantic knows.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("is missing", "Add it."),
    "greater_than": ("is not above {gt}", "Write more than {gt}."),
    "greater_than_equal": ("is below {ge}", "Write {ge} or more."),
    "less_than_equal": ("is above {le}", "Write {le} or less."),
    "finite_number": ("is not a finite number", "Write a number."),
    "float_type": ("is not a number", "Write a number, without quotes."),
    "float_parsing": ("is not a number", "Write a number, without quotes."),
    "int_type": ("is not a whole number", "Write a whole number, without quotes."),
    "int_parsing": ("is not a whole number", "Write a whole number, without quotes."),
    "int_from_float": ("is not a whole number", "Write a whole number."),
    "bool_type": ("is neither true nor false", "Write true or false, without quotes."),
    "bool_parsing": ("is neither true nor false", "Write true or false, without quotes."),
    "string_type": ("is not a text", "Write it in quotes."),
    "path_type": ("is not a path", "Write it in quotes."),
    "string_too_short": ("is empty", "Write something."),
    "string_too_long": ("is too long", "Write at most {max_length} signs."),
    "enum": ("is not known", "Write one of {expected}."),
    "literal_error": ("is not known", "Write one of {expected}."),
    "date_type": ("is not a date", "Write it as 2026-11-22."),
    "date_parsing": ("is not a date", "Write it as 2026-11-22."),
    "date_from_datetime_parsing": ("is not a date", "Write it as 2026-11-22."),
    "date_from_datetime_inexact": ("is more than a date", "Write it as 2026-11-22."),
    "too_long": ("has too many entries", "Write at most {max_length}."),
    "model_type": ("is not a section", "Write it below a heading of its own, in brackets."),
    "tuple_type": ("is not a list of sections", "Write each below a heading in double brackets."),
}
_PATTERNS: Final[Mapping[str, str]] = {
    "url": "Write it as http://127.0.0.1:8086 or https://….",
    "topic": "Write one MQTT topic, without #, +, $ and blanks.",
    "pointer": "Write it as /temperature or /sensors/0/value.",
}
_ID_PATTERN: Final = "Write 1 to 32 of a-z, 0-9 and hyphen, not beginning with a hyphen."


def refusal(path: Path, faults: Iterable[str]) -> ConfigError:
    """The one error for all of them."""
    lines = [f"\n  - {fault}" for fault in faults]
    counted = "1 fault" if len(lines) == 1 else f"{len(lines)} faults"
    return ConfigError(
        f"the configuration is refused for {counted}:{''.join(lines)}\n ",
        where=str(path),
        do="Nothing was started. Correct the file, then run `thermod config check`.",
    )


def explain(
    error: Mapping[str, Any], document: Document, keys_of: Callable[[tuple[str, ...]], list[str]]
) -> str:
    """One of pydantic's errors in the words of whoever wrote the file."""
    at: Location = error["loc"]
    kind, context = error["type"], error.get("ctx", {})
    place = where(at, document)
    if kind == "value_error":
        return f"{place}: {context['error']}. Correct it."
    if kind == "extra_forbidden":  # its value is not shown: a secret may have been misspelt
        do = did_you_mean(str(at[-1]), keys_of(tuple(n for n in at[:-1] if isinstance(n, str))))
        return f"{place} is not a known key. {do}"
    if kind == "string_pattern_mismatch":
        what, do = "is not of the right form", _PATTERNS.get(str(at[-1]), _ID_PATTERN)
    else:
        what, do = _WORDS.get(kind, (f"is refused: {error['msg']}", "Correct it."))
    hidden = kind == "missing" or at in SECRETS
    shown = "" if hidden else f" = {_shortened(error['input'])}"
    return f"{place}{shown} {what.format_map(context)}. {do.format_map(context)}"


def where(at: Location, document: Document) -> str:
    """Section and key as the file has them, entries of a list by their id."""
    path: list[str] = []
    headings: list[str] = []
    below: Any = document
    for name, following in zip(at, (*at[1:], None), strict=True):
        below = _below(below, name)
        if isinstance(name, int):
            named = below.get("id") if isinstance(below, Mapping) else None
            headings.append(f"[[{'.'.join(path)}]] {named or f'number {name + 1}'}")
        elif following is None:
            return " ".join((*headings, name))
        else:
            path.append(name)
            if isinstance(following, str):
                headings.append(f"[{'.'.join(path)}]")
    return " ".join(headings)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, or all of them."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."


def limits_of(section: object) -> tuple[Limits, list[str]]:
    """The limits that a file asks for; the built-in ones beside what is wrong with those."""
    if not isinstance(section, Mapping):
        return Limits(), ["limits is not a section. Write it below a heading [limits]."]
    values = {name: number_in(value, value) for name, value in section.items()}
    found = problems(values)
    if found:
        return Limits(), [f"[limits] {problem}" for problem in found]
    return Limits(**values), []


def secrets_in_file(document: Document) -> list[str]:
    """Secrets come from the environment: the file is shown, copied and shared."""
    found = []
    for section, key in SECRETS:
        if key in section_of(document, section):
            variable = f"{PREFIX}{section}__{key}".upper()
            found.append(f"[{section}] {key} is a secret. Move it into the variable {variable}.")
    return found


def unknown_variables(environment: Iterable[str], known: Iterable[str]) -> list[str]:
    """Variables that look like ours and name no section would be passed over in silence."""
    names = [f"{PREFIX}{name}".upper() for name in known]
    return [
        f"environment: {variable} is not a known variable. {did_you_mean(section, names)}"
        for variable in environment
        if variable.upper().startswith(PREFIX)
        and (section := "__".join(variable.upper().split("__")[:2])) not in names
    ]


def section_of(document: Document, name: str) -> Document:
    """The section as a mapping; an empty one if it is missing or something else."""
    section = document.get(name)
    return section if isinstance(section, Mapping) else {}


def number_in(value: object, otherwise: Any) -> Any:
    """The number that is there, also as a text from the environment; else the second value."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return otherwise
    try:
        return float(value)
    except (ValueError, OverflowError):
        return otherwise


def _below(document: Any, name: int | str) -> Any:
    if isinstance(name, int):
        return document[name] if isinstance(document, list) else None
    return document.get(name) if isinstance(document, Mapping) else None


def _shortened(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
