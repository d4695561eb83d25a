"""Does measured heat follow what was allowed? (H14, and the bounds of scope `test`)"""

from math import inf

from thermod.guard.heard import NodeSeen
from thermod.guard.times import (
    HEAT_POWER_MIN,
    LEASE_S,
    NODE_AGE_S_MAX,
    STUCK_POWER_MAX,
    STUCK_S_MIN,
    STUCK_SETTLES_S,
    TEST_HEAT_S_MAX,
    TEST_POWER_MAX,
    TEST_POWER_S_MAX,
)


class HeaterWatch:
    """Times are arrival times. What comes after a silence may be old, and show no more than the
    last lease running out.
    """

    def __init__(self, now_s: float) -> None:
        self.stuck_on = False
        self.heats_unasked = False  # by the newest message, which may be old
        self._zero_since_s: float | None = now_s  # since when it must be off; None: it may heat
        self._unasked_since_s: float | None = None
        self._seen_s = -inf
        self._old_until_s = -inf  # what arrives may have been measured before a silence
        self.epoch_opens()

    def epoch_opens(self) -> None:
        """Heat is counted anew."""
        self.heat_s = 0.0  # in this epoch
        self._strong_since_s: float | None = None

    def allowed(self, heat: bool, now_s: float) -> None:
        """May it heat now: is the permit granted, and a power above 0 commanded?"""
        if heat:
            self._zero_since_s = self._unasked_since_s = None
        elif self._zero_since_s is None:
            self._zero_since_s = now_s

    def take(self, node: NodeSeen, now_s: float) -> bool:
        """What the node measured. True: there is heat."""
        dt_s = now_s - self._seen_s
        if not dt_s <= NODE_AGE_S_MAX:
            self._unasked_since_s = self._strong_since_s = None
            self._old_until_s = now_s + LEASE_S + node.window_s
            dt_s = 0.0
        self._seen_s = now_s
        power = power_fraction(node)
        is_hot = node.measured_w is not None and not power <= STUCK_POWER_MAX
        must_be_off = _lasted(self._zero_since_s, now_s) > node.window_s + STUCK_SETTLES_S
        self.heats_unasked = is_hot and must_be_off
        # From the cut: what came before was asked for, and 5 s later open contactors hide the rest.
        is_proof = is_hot and self._zero_since_s is not None and not now_s < self._old_until_s
        self._unasked_since_s = _since(self._unasked_since_s, is_proof, now_s)
        self._strong_since_s = _since(self._strong_since_s, not power <= TEST_POWER_MAX, now_s)
        self.stuck_on = must_be_off and _lasted(self._unasked_since_s, now_s) >= STUCK_S_MIN
        is_heating = not power <= HEAT_POWER_MIN
        if is_heating:
            self.heat_s += dt_s
        return is_heating

    def is_past_a_test(self, now_s: float) -> bool:
        """Scope `test` is for seconds of little heat, before the patient lies under the dome."""
        if not self.heat_s <= TEST_HEAT_S_MAX:
            return True
        return not _lasted(self._strong_since_s, now_s) <= TEST_POWER_S_MAX


def power_fraction(node: NodeSeen) -> float:
    """Of rated power. Where nothing measures it, the node's own word has to do."""
    if node.measured_w is None:
        return node.applied_pct / 100.0
    return node.measured_w / node.rated_w


def _since(since_s: float | None, holds: bool, now_s: float) -> float | None:
    if not holds:
        return None
    return now_s if since_s is None else since_s


def _lasted(since_s: float | None, now_s: float) -> float:
    return 0.0 if since_s is None else now_s - since_s
