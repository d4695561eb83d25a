"""The epoch number and the latches of a dome, and their way to the disk."""

from collections.abc import Collection
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
        self.dome_id = dome_id
        self.epoch = kept.epoch  # the last one used
        self.latches = kept.latches
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

    def use_epoch(self, number: int, now_s: float) -> bool:
        """True: this number is safe on disk and is ours now. False: it must not be used."""
        if not self._save_alone(number, self.latches, now_s):
            return False
        self.epoch = number
        return True

    def clear(self, names: list[str], now_s: float) -> bool:
        """True: these latches are gone, on disk and here. False: they stand."""
        left = tuple(name for name in self.latches if name not in names)
        if not self._save_alone(self.epoch, left, now_s):
            return False
        self.latches = left
        return True

    @property
    def has_changed(self) -> bool:
        """Is there something that the disk does not know?"""
        return self._must_save or self._tallies.changed

    def is_due(self, now_s: float) -> bool:
        """Must that be written now? A latch at once, dose and span once a minute."""
        if self._tallies.changed and now_s - self._saved_s >= SAVED_EVERY_S:
            self._must_save = True
        return self._must_save and now_s >= self._not_before_s

    def kept(self, now_s: float) -> Kept:
        """What there is to write."""
        return Kept(self.epoch, self.latches, self._tallies.kept(now_s))

    def written(self, is_safe: bool, now_s: float) -> None:
        """It is on the disk, or it could not be written and must be tried again."""
        self._must_save = not is_safe
        self._saved_s = now_s
        self._not_before_s = -inf if is_safe else now_s + RETRY_S

    def _save_alone(self, epoch: int, latches: tuple[str, ...], now_s: float) -> bool:
        """For what a person has just asked for: it must be on the disk before it counts."""
        kept = Kept(epoch, latches, self._tallies.kept(now_s))
        is_safe = self._store.save({self.dome_id: kept})
        self._must_save = not is_safe
        return is_safe


def keep(keepers: Collection[Keeper], store: Store, now_s: float) -> list[Keeper]:
    """One write for all that changed, as soon as one of them must. Returns those it failed for."""
    if not any(keeper.is_due(now_s) for keeper in keepers):
        return []
    changed = [keeper for keeper in keepers if keeper.has_changed]
    is_safe = store.save({keeper.dome_id: keeper.kept(now_s) for keeper in changed})
    for keeper in changed:
        keeper.written(is_safe, now_s)
    return [] if is_safe else changed
