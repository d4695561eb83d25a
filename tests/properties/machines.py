"""How long a state machine is run: a second in `make test`, for as long as it takes in a soak."""

from __future__ import annotations

from hypothesis import settings


def bounded(examples: int, steps: int) -> settings:
    """So many courses of so many steps, the same ones each time; `--hypothesis-profile=soak` runs
    far more, longer ones, and others each time.
    """
    if settings.get_current_profile_name() == "soak":
        return settings(stateful_step_count=2 * steps)
    return settings(max_examples=examples, stateful_step_count=steps, derandomize=True)
