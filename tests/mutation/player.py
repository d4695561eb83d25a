"""Plays mutants against the tests, each in a process forked from one that has collected them all.

A mutant inside a function is put into the live function, so it costs little more than the tests
that reach it. One that acts when its module is imported (a table, a constant, a default, or a
function that is called then) gets a fresh import and a fresh collection.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.util
import inspect
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.mutation.ledger import SURVIVED, UNCHANGED
from tests.mutation.processes import Child, Jobs, give_time_for_a_test
from tests.mutation.reach import Calls, Place, Reach, Tracer, place_of
from tests.mutation.subject import Subject, live_functions

FAILED_MAX = 5  # tests of real time may fail on a busy machine; more than a few are a fault
FAR_S = 2.0  # of tests in other folders, for one mutant
KILLERS_FIRST = 3
FRESH_TEST_S = 2.0  # what a test may usually take, where it is not known
FRESH = ("-x", "-q", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=0")

Todo = tuple[Subject, str]  # and the key of one of its mutants


class Player:
    """A plugin that takes the place of pytest's own loop over the tests."""

    def __init__(
        self,
        todo: Sequence[Todo],
        *,
        near: Callable[[str], tuple[str, ...]],
        options: Sequence[str],
        until_s: float,
        jobs: int,
        kept_reach: Path,
        found: Callable[[Subject, str, str], None],
    ) -> None:
        """`near`: folders and files with the tests of a file, the nearest first. `found` hears of
        each mutant which test noticed it, or `SURVIVED`. `kept_reach`: what an earlier run has
        learnt of this very tree, or where to write it down.
        """
        self._todo = list(todo)
        self._near = near
        self._options = tuple(options)
        self._until_s = until_s
        self._jobs = Jobs(jobs)
        self._found = found
        self._kept_reach = kept_reach
        self._killers: dict[str, list[str]] = {}  # by scope: what noticed earlier mutants of it
        self._items: dict[str, pytest.Item] = {}
        self._reach = Reach({}, {})
        self._calls = Calls()
        self._called_at_import: set[Place] = set()
        self._functions: dict[CodeType, list[FunctionType]] = {}

    def run(self, arguments: Sequence[str]) -> None:
        """Collect the tests that `arguments` name, and play."""
        with self._calls:
            pytest.main([*self._options, *arguments], plugins=[self])

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._calls.__exit__()
        self._called_at_import = self._calls.reached
        if session.testsfailed:
            return False  # they could not be collected: pytest says so
        session.config._tmp_path_factory.getbasetemp()  # one for all children
        self._reach = self._learn(session)
        failed = self._reach.failed
        self._items = {each.nodeid: each for each in session.items if each.nodeid not in failed}
        self._try_without_mutant()
        self._functions = live_functions()
        self._session = session
        gc.freeze()  # children then share this memory
        for number, (subject, key) in enumerate(self._todo):
            if time.monotonic() > self._until_s:
                break
            while self._jobs.is_full:
                self._hear()
            child = self._jobs.start(str(number))
            if child is not None:
                self._play(child, subject, key)
        while not self._jobs.is_empty:
            self._hear()
        return True

    def _hear(self) -> None:
        name, told = self._jobs.wait()
        subject, key = self._todo[int(name)]
        if told in self._items:
            for where in (_scope(key), subject.path):
                killers = self._killers.setdefault(where, [])
                killers[:] = [told, *(each for each in killers if each != told)]
        self._found(subject, key, told)

    def _learn(self, session: pytest.Session) -> Reach:
        """Run all tests once in a child, and see what each reaches."""
        path, jobs = self._kept_reach, Jobs(1)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            child = jobs.start("reach")
            if child is not None:
                tracer = Tracer(self._calls, path)
                session.config.pluginmanager.register(tracer)
                for item, following in _pairs(session.items):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                tracer.write()
                child.end("")
            jobs.wait()
        reach = Reach.load(path)
        for nodeid in sorted(reach.failed):
            print(f"left out, it fails without any mutant: {nodeid}", flush=True)
        if len(reach.failed) > FAILED_MAX:
            path.unlink()
            raise pytest.UsageError("too many tests fail without any mutant")
        return reach

    def _try_without_mutant(self) -> None:
        """Does a fresh import by itself make tests fail? Then it would prove nothing."""
        jobs, subject = Jobs(1), self._todo[0][0]
        child = jobs.start(subject.path)
        if child is not None:
            near = [each for each in self._items if each.startswith(self._near(subject.path))]
            child.end(self._run_fresh(subject, subject.original, near) or "")
        _, failed = jobs.wait()
        if failed:
            raise pytest.UsageError(f"imported anew and without any mutant: {failed}")

    # --- in the child -----------------------------------------------------------------------------

    def _play(self, child: Child, subject: Subject, key: str) -> None:
        code = subject.mutated(key)
        if subject.is_unchanged(code):
            child.end(UNCHANGED)
        changed = subject.changed_function(code)
        if changed is None or place_of(changed[0]) in self._called_at_import:
            name = _scope(key).partition(" | ")[2].partition(".")[0]
            near = self._near(subject.path)
            own = [
                each
                for each in self._items
                if each.startswith(near[0]) or (each.startswith(near) and self._uses(each, name))
            ]
            users = self._reach.of(_users(name, self._functions))
            if not users:  # only other constants are made of it: any test near it may know
                users = [each for each in self._items if each.startswith(near)]
            chosen = self._chosen(subject, key, [*own, *users])
            child.end(self._run_fresh(subject, code, chosen) or SURVIVED)
        old, new = changed
        for function in self._functions.get(old, ()):
            function.__code__ = new
        chosen = self._chosen(subject, key, self._reach.of([old]))
        child.end(self._run_collected(chosen) or SURVIVED)

    def _uses(self, nodeid: str, name: str) -> bool:
        """Does this test itself use a constant or a class of this name?"""
        function = getattr(self._items[nodeid], "function", None)
        return function is not None and name in _names(inspect.unwrap(function).__code__)

    def _run_collected(self, nodeids: Sequence[str]) -> str | None:
        """The first of these tests that fails."""
        for item, following in _pairs([self._items[nodeid] for nodeid in nodeids]):
            give_time_for_a_test(self._reach.seconds[item.nodeid])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._session.testsfailed:
                return item.nodeid
        return None

    def _run_fresh(self, subject: Subject, code: CodeType, nodeids: Sequence[str]) -> str | None:
        """Import all anew, with `code` as the subject's module; the first test that fails.

        To collect costs more than to run, so what noticed others of this file goes before the rest.
        """
        _forget_modules_below(Path.cwd())
        sys.meta_path.insert(0, _Finder(subject.module, code))
        killers = self._killers.get(subject.path, [])[:KILLERS_FIRST]
        for group in (killers, [each for each in nodeids if each not in killers]):
            chosen = _Chosen(group)
            if not group:
                continue
            exit_code = pytest.main([*self._options, *FRESH, *chosen.files], plugins=[chosen])
            if exit_code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                return chosen.failed or f"(it cannot be imported: exit {int(exit_code)})"
        return None

    def _chosen(self, subject: Subject, key: str, reaching: Iterable[str]) -> list[str]:
        """What is tried of the tests that reach it: first what noticed its neighbours, then all
        near it, and of the others the quickest, as many as fit `FAR_S`.
        """
        near: list[str] = []
        far: list[str] = []
        left_s = FAR_S
        for nodeid in reaching:
            if nodeid.startswith(self._near(subject.path)):
                near.append(nodeid)
            elif self._reach.seconds[nodeid] <= left_s:
                left_s -= self._reach.seconds[nodeid]
                far.append(nodeid)
        return list(dict.fromkeys([*self._killers.get(_scope(key), []), *near, *far]))


def _users(name: str, functions: Iterable[CodeType]) -> list[CodeType]:
    """The functions that name a constant or a class."""
    return [code for code in functions if name in _names(code)]


def _names(code: CodeType) -> set[str]:
    """Every global name that a function uses, also inside functions of its own."""
    inner = (_names(each) for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*inner)


def _pairs(items: Sequence[pytest.Item]) -> Iterable[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _scope(key: str) -> str:
    return key.rpartition(" | ")[0]


def _forget_modules_below(root: Path) -> None:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(str(root) + os.sep) and not name.startswith("tests.mutation"):
            del sys.modules[name]


class _Chosen:
    """A plugin that runs these tests in this order, stops one that hangs, and remembers which
    failed first.
    """

    def __init__(self, nodeids: Sequence[str]) -> None:
        self.failed: str | None = None
        self._order = {nodeid: number for number, nodeid in enumerate(nodeids)}

    @property
    def files(self) -> list[str]:
        return list(dict.fromkeys(nodeid.partition("::")[0] for nodeid in self._order))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(chosen, key=lambda item: self._order[item.nodeid])

    def pytest_runtest_logstart(self) -> None:
        give_time_for_a_test(FRESH_TEST_S)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from code that stands in no file."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name, self._code = name, code

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._code.co_filename, loader=self)

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)
