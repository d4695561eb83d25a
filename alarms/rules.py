"""Every row: each condition that thermod alarms on or takes heat away for, of SAFETY.md section 4
and beyond.

A row's condition is `not (value <= limit)`. A fact is a row with limit 0.5 over False or True. To
add an alarm, add a row to its family in `alarms/rows/`; README.md has all of them in one table.
"""

from __future__ import annotations

from typing import Final

from alarms.model import Rule
from alarms.rows import core, heater_and_dome, ourselves, skin_and_air, times

# The order is that of the alarms raised in one cycle: the cause stands before what it brings about.
RULES: Final[tuple[Rule, ...]] = (
    *core.TEMPERATURE,
    *core.RISE,
    *core.PROBES,
    *skin_and_air.SKIN,
    *skin_and_air.AIR,
    *times.HEAT,
    *times.CARE,
    *heater_and_dome.HEATER,
    *heater_and_dome.DOME,
    *ourselves.PEOPLE_AND_GUARD,
    *ourselves.PROCESS,
)
