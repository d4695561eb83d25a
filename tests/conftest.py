"""Rules that hold for every test, and the fixtures that many share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import Phase, settings

pytest_plugins = ["pytester", "tests.servers"]

# A busy machine is slow, not wrong; the blob lets anyone repeat a failure.
settings.register_profile("thermod", deadline=None, print_blob=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=1000)
# `make mutate` asks only whether a test fails: the same examples each time, and nothing shrunk.
settings.register_profile(
    "mutation",
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("thermod")


@pytest.fixture(autouse=True)
def no_task_left_running(request: pytest.FixtureRequest) -> None:
    """An asyncio test that leaves a task behind fails: what nobody awaits, nobody stops."""
    if request.node.get_closest_marker("asyncio") is not None:
        request.getfixturevalue("_tasks_left_by_the_test")


@pytest.fixture
async def _tasks_left_by_the_test() -> AsyncIterator[None]:
    """Set up before the test's own fixtures and torn down after them, on the same event loop."""
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    if left:
        names = ", ".join(sorted(f"{task.get_name()} ({task.get_coro()})" for task in left))
        pytest.fail(f"the test left tasks running: {names}", pytrace=False)
