"""What a row cannot know of itself: the words of its runbook page."""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """For whoever stands before an alarm, also at night and for the first time.

    Limits, delays and effects come from the row: these words name no limit, so that none is out of
    date. `diagnosis` and `mitigation` are in the order in which to do them.
    """

    meaning: str
    impact: str  # on patient and session, beyond what the row's effect says
    diagnosis: tuple[str, ...]
    mitigation: tuple[str, ...]
