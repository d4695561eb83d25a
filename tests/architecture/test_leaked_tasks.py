"""The rule of tests/conftest.py that no test leaves an asyncio task behind."""

import pytest

from tests.architecture.tree import ROOT

LEAKS = """
import asyncio

async def test_that_leaks():
    test_that_leaks.kept = asyncio.create_task(asyncio.sleep(60), name="forgotten")

async def test_that_waits():
    await asyncio.create_task(asyncio.sleep(0))

async def test_that_cancels():
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()

def test_without_asyncio():
    pass
"""


@pytest.fixture
def outcome(pytester):
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    pytester.makeconftest((ROOT / "tests/conftest.py").read_text("utf-8"))
    pytester.makepyfile(LEAKS)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider")


def test_a_test_that_leaves_a_task_running_fails_by_the_name_of_the_task(outcome):
    outcome.assert_outcomes(passed=4, errors=1)
    outcome.stdout.fnmatch_lines(["*the test left tasks running: forgotten*"])
