"""What can go wrong: something expected, which says what to do, or a bug of ours, which ends it."""

from __future__ import annotations

from collections.abc import Callable


class ThermodError(Exception):
    """Something expected went wrong: what happened, where to look, what to do."""

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(f"{what} [{where}]. {do}")
        self.what = what
        self.where = where
        self.do = do

    def __reduce__(self) -> tuple[Callable[..., ThermodError], tuple[object, ...]]:
        """Arguments by keyword would be lost on the way home from a worker process."""
        return _again, (type(self), self.what, self.where, self.do)


class ConfigError(ThermodError):
    """The configuration is refused whole. `what` names every fault in it, one a line."""


class InvariantBroken(Exception):
    """A bug of ours. Nobody catches it: the process ends, and the lease and the guard take heat."""


def require(holds: bool, invariant: str) -> None:
    """Unlike `assert`, this survives `python -O`."""
    if not holds:
        raise InvariantBroken(invariant)


def _again(kind: type[ThermodError], what: str, where: str, do: str) -> ThermodError:
    return kind(what, where=where, do=do)
