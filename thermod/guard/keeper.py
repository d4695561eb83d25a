"""The epoch number and the latches of one dome, and their way to the disk."""

from math import inf
from typing import Final

from thermod.guard.kept import Kept, Store
from thermod.guard.tally import SAVED_EVERY_S, Tallies

RETRY_S: Final = 5.0  # after a failed write


class Keeper:
    """What must outlive the process. What it cannot write down it does not use."""

    def __init__(
        self, dome_id: str, kept: Kept, store: Store, tallies: Tallies, now_s: float
    ) -> None:
        self.epoch = kept.epoch  # the last one used
        self.latches = kept.latches
        self._dome_id = dome_id
        self._store = store
        self._tallies = tallies
        self._must_save = False
        self._saved_s = now_s
        self._not_before_s = -inf

    def latch(self, name: str) -> None:
        """In force at once; written down by `keep`, after the revoke was sent."""
        if name not in self.latches:
            self.latches = (*self.latches, name)
            self._must_save = True

    def use_epoch(self, number: int) -> bool:
        """True: this number is safe on disk and is ours now. False: it must not be used."""
        if not self._save(number, self.latches):
            return False
        self.epoch = number
        return True

    def clear(self, names: list[str]) -> bool:
        """True: these latches are gone, on disk and here. False: they stand."""
        left = tuple(name for name in self.latches if name not in names)
        if not self._save(self.epoch, left):
            return False
        self.latches = left
        return True

    def keep(self, now_s: float) -> bool:
        """Write down what changed, if anything. False: it could not be written."""
        if self._tallies.changed and now_s - self._saved_s >= SAVED_EVERY_S:
            self._must_save = True
        if not self._must_save or now_s < self._not_before_s:
            return True
        self._saved_s = now_s
        if self._save(self.epoch, self.latches):
            return True
        self._not_before_s = now_s + RETRY_S
        return False

    def _save(self, epoch: int, latches: tuple[str, ...]) -> bool:
        is_safe = self._store.save(self._dome_id, Kept(epoch, latches, self._tallies.kept()))
        self._must_save = not is_safe
        return is_safe
