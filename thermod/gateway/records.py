"""Reading the journal off the event loop. It opens the file anew for each question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from thermod.gateway.problems import NO_RECORD, Problem
from thermod.journal_read import JournalReader, JournalUnreadable

T = TypeVar("T")


class Records:
    """The journal, as the gateway reads it. `error` says why the last question failed."""

    def __init__(self, path: Path) -> None:
        self.error = ""
        self._reader = JournalReader(path)

    async def ask(self, question: Callable[[JournalReader], T]) -> T:
        """Raises JournalUnreadable."""
        try:
            answer = await asyncio.to_thread(question, self._reader)
        except JournalUnreadable as error:
            self.error = error.what
            raise
        self.error = ""
        return answer

    async def ask_for_people(self, question: Callable[[JournalReader], T]) -> T:
        """The same, for a route: raises Problem."""
        try:
            return await self.ask(question)
        except JournalUnreadable as error:
            raise Problem(NO_RECORD, error.what, do=error.do) from error
