"""The files of this repository, by the rules that bind them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

from tests.architecture.rules import imported_modules

ROOT = Path(__file__).resolve().parent.parent.parent
PURE_PACKAGES = ("sensors", "controllers", "alarms")
PACKAGES = ("thermod", *PURE_PACKAGES)


@cache
def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text("utf-8"), filename=name)


def python_files(*folders: str) -> list[str]:
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def shipped_files() -> list[str]:
    return python_files(*PACKAGES)


def files_below_the_cycle() -> list[str]:
    """thermod/cycle.py and what it imports of thermod, however far down."""
    found: set[str] = set()
    waiting = ["thermod.cycle"]
    while waiting:
        name = file_of(waiting.pop())
        if name is not None and name not in found:
            found.add(name)
            waiting += [each for node in ast.walk(parsed(name)) for each in imported_modules(node)]
    return sorted(found)


def file_of(module: str) -> str | None:
    """Where a module of thermod lies; None for other modules, and for names inside a module."""
    stem = module.replace(".", "/")
    if not module.startswith("thermod."):
        return None
    return next(
        (name for name in (f"{stem}.py", f"{stem}/__init__.py") if (ROOT / name).is_file()), None
    )


def pure_files() -> list[str]:
    return sorted({*python_files(*PURE_PACKAGES), *files_below_the_cycle()})


def tracked_files() -> list[str]:
    """What a commit holds or is about to: git's list, less what is ignored or gone."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())
