"""What rows of every family share."""

from __future__ import annotations

from typing import Final

from alarms.limits import Limits
from alarms.model import Priority

HIGH: Final = Priority.HIGH
MEDIUM: Final = Priority.MEDIUM
LOW: Final = Priority.LOW

# "Clears after 30 s at least 0.1 °C (core), 0.3 (skin), 1.0 (air) inside": SAFETY.md section 4
CLEAR_S: Final = 30.0
CORE_INSIDE_DELTA_C: Final = 0.1
SKIN_INSIDE_DELTA_C: Final = 0.3
AIR_INSIDE_DELTA_C: Final = 1.0

# "A loop that is not controlling is itself an alarm, within 5 s" (SAFETY.md section 7), and no
# sooner, for a link may be lost for 3 s without one (section 2). Less one cycle of 0.5 s.
NOT_CONTROLLING_S: Final = 4.5

# Who is not heard for as long as a lease lasts (3 s) is lost, and what was silenced sounds again
# (SAFETY.md H18): nobody may sit in a silence that hides that nothing is heard.
LINK_LOST_S: Final = 3.0

OPEN_THE_DOME: Final = "Open the lid, begin cooling, and check the patient."


def is_true(limits: Limits) -> float:
    """The limit of a row that judges a fact, False or True."""
    return 0.5
