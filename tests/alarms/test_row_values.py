"""What a row makes of a cycle where it is more than one field of it."""

import pytest

from alarms.model import Seen
from alarms.rows import times


@pytest.mark.parametrize(("hold_min", "counted_min"), [(0.0, 120.0), (0.01, 0.0), (45.0, 0.0)])
def test_a_heat_up_counts_until_the_hold_has_begun_and_then_for_nothing(hold_min, counted_min):
    for rule in times.HEAT:
        if rule.alarm_id.startswith("heat_up"):
            assert rule.value(Seen(hold_min=hold_min, heat_up_min=120.0)) == counted_min
