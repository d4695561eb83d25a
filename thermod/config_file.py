"""Reading `thermod.toml` as plain values, and laying the environment over them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thermod.errors import ConfigError


def read(path: Path) -> dict[str, Any]:
    """The file as plain values. Raises ConfigError if there is none or it is not TOML."""
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError as problem:
        do = "Copy deploy/examples/thermod.toml there, or name another file."
        raise ConfigError("there is no such file", where=str(path), do=do) from problem
    except OSError as problem:
        do = "Check the file's owner and rights."
        what = f"the file cannot be read: {problem.strerror}"
        raise ConfigError(what, where=str(path), do=do) from problem
    except ValueError as problem:  # not UTF-8, or not TOML
        do = "Correct it, then run `thermod config check`."
        what = f"the file is not TOML: {problem}"
        raise ConfigError(what, where=str(path), do=do) from problem


def merged(document: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two documents as one, section by section; where both have a key `over` wins."""
    both = dict(document)
    for name, value in over.items():
        below = both.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            value = merged(below, value)
        both[name] = value
    return both
