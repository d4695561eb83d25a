"""Does what we send arrive? The dome echoes the number of the newest command it obeyed (H09).

A link can be whole from the dome to us and cut from us to the dome. The dome is then off by its own
clock; what is missing is that anybody is told.
"""

from __future__ import annotations

from typing import NamedTuple

from thermod.mailbox import NodeSeen

# After a longer silence the newest message may be one of a burst of old ones, and silence itself is
# another row's.
GAP_S_MAX = 1.5


class Echo(NamedTuple):
    """Up to which command the dome has answered."""

    epoch: int = 0
    seq: int = 0  # the highest command that it echoed in this epoch
    missing_s: float = 0.0  # time that its reports span since then
    seen_s: float | None = None  # when the newest of them arrived


def watch(echo: Echo, node: NodeSeen | None, epoch: int | None, controller_id: str) -> Echo:
    """Look at the newest report of the dome, while we command in `epoch`; None while we do not."""
    if epoch is None:
        return echo if echo == NO_ECHO else NO_ECHO
    if node is None or node.received_s == echo.seen_s:
        return echo if echo.epoch == epoch else Echo(epoch)
    if echo.epoch != epoch:
        return Echo(epoch, seen_s=node.received_s)
    ours = node.epoch == epoch and node.controller_id == controller_id
    if ours and node.command_seq > echo.seq:
        return Echo(epoch, node.command_seq, 0.0, node.received_s)
    passed_s = 0.0 if echo.seen_s is None else node.received_s - echo.seen_s
    if not 0.0 < passed_s <= GAP_S_MAX:
        passed_s = 0.0
    return Echo(epoch, echo.seq, echo.missing_s + passed_s, node.received_s)


NO_ECHO = Echo()
