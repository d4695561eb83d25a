"""Granted, withheld or over: the life of a permission inside one epoch."""

from typing import NamedTuple

from thermod.guard.times import HEAL_ANSWERS_MIN, HEAL_S, HEAL_SAMPLES_MIN, WITHHELD_S_MAX


class Proofs(NamedTuple):
    """How many signs of life there have been at all; healing counts those since things hold."""

    core_samples: int
    right_answers: int


class Permission:
    """Withheld heals by itself when everything has held for 3 s. Over is over."""

    __slots__ = ("_held_since_s", "_proofs_before", "_withheld_since_s", "granted", "is_over")

    def __init__(self) -> None:
        self.granted = False
        self.is_over = True
        self._withheld_since_s = 0.0
        self._held_since_s: float | None = None  # since when everything has held
        self._proofs_before = Proofs(0, 0)  # at that moment

    def begin(self) -> None:
        """A new epoch, granted: whoever begins it has seen that everything holds."""
        self.granted = True
        self.is_over = False

    def end(self) -> None:
        """Nothing brings this epoch back."""
        self.granted = False
        self.is_over = True

    def withhold(self, since_s: float) -> None:
        """Not now; and the 3 s start anew."""
        if self.granted:
            self.granted = False
            self._withheld_since_s = since_s
        self._held_since_s = None

    def look(self, all_holds: bool, proofs: Proofs, now_s: float) -> None:
        """Judge this moment."""
        if self.is_over:
            return
        if not all_holds:
            self.withhold(now_s)
        elif self.granted:
            return
        elif self._held_since_s is None:
            self._held_since_s = now_s
            self._proofs_before = proofs
        else:
            self.granted = (
                now_s - self._held_since_s >= HEAL_S
                and proofs.core_samples - self._proofs_before.core_samples >= HEAL_SAMPLES_MIN
                and proofs.right_answers - self._proofs_before.right_answers >= HEAL_ANSWERS_MIN
            )

    def was_withheld_too_long(self, now_s: float) -> bool:
        """After a minute somebody has to look."""
        if self.is_over or self.granted:
            return False
        return not now_s - self._withheld_since_s <= WITHHELD_S_MAX
