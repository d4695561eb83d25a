"""Which test runs which function, and how long it takes: learnt once, from a traced run of all.

And which functions run when modules are imported: there a mutant may have its effect before any
test begins.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

Place = tuple[str, int]  # file below the root, and first line of the function


class Reach:
    """Tests by the functions that they run, and the seconds of each."""

    def __init__(
        self,
        places: dict[str, list[Place]],
        seconds: dict[str, float],
        failed: Iterable[str] = (),
    ) -> None:
        self.seconds = seconds
        self.failed = frozenset(failed)  # without any mutant: they prove nothing
        self._tests: dict[Place, list[str]] = {}
        for nodeid, reached in places.items():
            for place in () if nodeid in self.failed else reached:
                self._tests.setdefault((place[0], place[1]), []).append(nodeid)

    def of(self, functions: Iterable[CodeType]) -> list[str]:
        """The tests that run any of them, the quickest first."""
        found = {test for code in functions for test in self._tests.get(place_of(code), ())}
        return sorted(found, key=self.seconds.__getitem__)

    @staticmethod
    def load(path: Path) -> Reach:
        return Reach(*json.loads(path.read_text("utf-8")))


class Calls:
    """While it is entered, `reached` collects our functions that are called, those of tests not."""

    def __init__(self) -> None:
        self.reached: set[Place] = set()
        self._root = str(Path.cwd()) + "/"
        self._tests = self._root + "tests/"
        self._known: dict[CodeType, Place | None] = {}

    def __enter__(self) -> None:
        self.reached = set()
        sys.settrace(self._called)

    def __exit__(self, *exception: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code not in self._known:
            is_ours = code.co_filename.startswith(self._root)
            is_test = code.co_filename.startswith(self._tests)
            self._known[code] = place_of(code) if is_ours and not is_test else None
        place = self._known[code]
        if place is not None:
            self.reached.add(place)


class Tracer:
    """A plugin that writes down what each test reaches."""

    def __init__(self, calls: Calls, path: Path) -> None:
        self._calls = calls
        self._path = path
        self._places: dict[str, list[Place]] = {}
        self._seconds: dict[str, float] = {}
        self._failed: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        began_s = time.process_time()
        with self._calls:
            yield
        self._seconds[item.nodeid] = round(time.process_time() - began_s, 4)
        self._places[item.nodeid] = sorted(self._calls.reached)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report.nodeid)

    def write(self) -> None:
        learnt = [self._places, self._seconds, self._failed]
        self._path.write_text(json.dumps(learnt), "utf-8")


def place_of(code: CodeType) -> Place:
    return code.co_filename.removeprefix(str(Path.cwd()) + "/"), code.co_firstlineno
