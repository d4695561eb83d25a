"""Plain values as TOML text. The standard library reads TOML but does not write it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any


def toml(document: Mapping[str, Any], secrets: Mapping[str, Mapping[str, bool]]) -> str:
    """The document as text. `secrets` says, by section and key, which are set; none is shown."""
    return "\n".join(_section(document, (), secrets)) + "\n"


def _section(
    section: Mapping[str, Any], path: tuple[str, ...], secrets: Mapping[str, Mapping[str, bool]]
) -> Iterator[str]:
    below = {name: each for name, each in section.items() if _has_own_heading(each)}
    for name, value in section.items():
        if name not in below:
            yield f"{name} = {_value(value)}"
    for name, is_set in secrets.get(".".join(path), {}).items():
        yield f"# {name} = {'********' if is_set else 'not set'} (from the environment)"
    for name, each in below.items():
        heading = ".".join((*path, name))
        for part in each if isinstance(each, tuple) else (each,):
            yield f"\n[[{heading}]]" if isinstance(each, tuple) else f"\n[{heading}]"
            yield from _section(part, (*path, name), secrets)


def _has_own_heading(value: object) -> bool:
    """Sections and lists of sections."""
    return isinstance(value, Mapping | tuple)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case date():
            return value.isoformat()
        case _:
            return json.dumps(str(value), ensure_ascii=False)  # TOML's basic strings escape alike
