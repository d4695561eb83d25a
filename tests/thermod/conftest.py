"""The moments of a session that the scenarios begin at, for the parts that look at a cycle."""

from tests.scenarios.conftest import cooling, course, heating, holding, idle

__all__ = ["cooling", "course", "heating", "holding", "idle"]
