"""Does the heater do what it is told? Measured power against the command, in both directions."""

from __future__ import annotations

from typing import NamedTuple

from alarms.limits import Limits
from thermod.mailbox import NodeSeen

TABLE = Limits()  # SAFETY.md section 4; a site may tighten it
WEAK_SHARE = 0.60  # of the commanded power
WEAK_FROM_PCT = 10.0  # below, the share of a small command says nothing
RECLOSE_GRACE_S = 15.0  # contactors that have opened stay open for at least 10 s: CONTRACT.md
# The dome reports each half second. After a longer silence its newest message may be one of a burst
# of old ones, or the way may be slow: what it shows may be the last lease running out, 3 s long.
GAP_S_MAX = 1.5
LEASE_S = 3.0


class Balance(NamedTuple):
    """Timers in seconds; each starts again when its condition is gone."""

    off_s: float | None = 0.0  # commanded nothing for this long; None while heat is commanded
    stuck_on_s: float = 0.0
    mismatch_s: float = 0.0
    weak_s: float = 0.0
    open_s: float = 0.0  # a contactor has been open for this long
    seen_s: float | None = None  # when the newest message of the dome arrived
    old_s: float = 0.0  # for so long what arrives may have been measured before a silence


def watch(
    balance: Balance,
    node: NodeSeen | None,
    *,
    command_pct: float,
    gain: float,
    dt_s: float,
    limits: Limits = TABLE,
) -> Balance:
    """Let `dt_s` pass under the command. Only a new measurement moves the timers, by the time since
    the one before: silence is another row's, and a cycle that came late proves nothing.
    """
    was_off_s = balance.off_s
    off_s = None if command_pct > 0.0 else 0.0 if was_off_s is None else was_off_s + dt_s
    if node is None or node.measured_w is None or node.received_s == balance.seen_s:
        return balance._replace(off_s=off_s)
    if balance.seen_s is None or not 0.0 < node.received_s - balance.seen_s <= GAP_S_MAX:
        return Balance(off_s, seen_s=node.received_s, old_s=LEASE_S + node.window_s)
    passed_s = node.received_s - balance.seen_s
    if balance.old_s > 0.0:
        return Balance(off_s, seen_s=node.received_s, old_s=balance.old_s - passed_s)
    share = node.measured_w / node.rated_w
    expected = command_pct / 100.0 * gain
    settled = off_s is not None and off_s > node.window_s + 1.0
    stuck = settled and not 100.0 * share <= limits.stuck_on_cut_pct
    open_s = 0.0 if all(node.contactors_closed) else balance.open_s + passed_s
    can_heat = open_s == 0.0 or open_s > RECLOSE_GRACE_S
    error_pct = 100.0 * abs(share - expected)
    differs = can_heat and off_s is None and not error_pct <= limits.power_error_warn_pct
    weak = can_heat and command_pct >= WEAK_FROM_PCT and not share >= WEAK_SHARE * expected
    return Balance(
        off_s,
        balance.stuck_on_s + passed_s if stuck else 0.0,
        balance.mismatch_s + passed_s if differs else 0.0,
        balance.weak_s + passed_s if weak else 0.0,
        open_s,
        node.received_s,
    )
