"""What the guard knows of the dome node itself: its boot, its tick, its lid and its fan."""

from collections import deque
from math import inf

from thermod.guard.heard import NodeSeen
from thermod.guard.times import DOME_SILENT_S, HEARD_S

BOOT_ID_UNKNOWN = "0" * 16  # on the wire before the node was heard
STRAYS_MIN = 3  # of another boot within 5 s: after a reboot one or two may still be under way


class NodeWatch:
    """The newest `node/state`, and whether what comes next is newer."""

    def __init__(self, has_lid_switch: bool) -> None:
        self.boot_id = BOOT_ID_UNKNOWN
        self.tick = 0
        self.newest: NodeSeen | None = None
        self.seen_s = -inf
        self._is_readable = True
        self._old_boot_ids: deque[str] = deque(maxlen=8)
        self._strays_s: deque[float] = deque(maxlen=STRAYS_MIN)  # when the last of them came
        self._has_lid_switch = has_lid_switch
        self._has_fan = False
        self._stopped_since_s: float | None = None

    def refuses(self, node: NodeSeen, now_s: float) -> str | None:
        """Why a message is not newer than what is known. None: it is, or what is known has been
        silent for so long that it may have been somebody else who said it.
        """
        is_same_boot = node.boot_id == self.boot_id
        if is_same_boot and node.tick > self.tick:
            return None
        if not is_same_boot and node.boot_id not in self._old_boot_ids:
            return None
        if not now_s - self.seen_s <= DOME_SILENT_S:
            return None
        if is_same_boot:
            return "node_late"
        self._strays_s.append(now_s)
        return "node_old_boot"

    def take(self, node: NodeSeen, now_s: float) -> bool:
        """The newest message. True: it does not go on from the one before; the node has booted."""
        has_booted = node.boot_id != self.boot_id or not node.tick > self.tick
        if node.boot_id != self.boot_id:
            self._old_boot_ids.append(self.boot_id)
            self.boot_id = node.boot_id
        self.tick = node.tick
        self.newest = node
        self.seen_s = now_s
        self._is_readable = True
        self._watch_fan(node.fan_running, now_s)
        return has_booted

    def other_was_heard(self, now_s: float) -> bool:
        """Does another node speak as this dome, beside the one that is believed?"""
        return len(self._strays_s) == STRAYS_MIN and now_s - self._strays_s[0] <= HEARD_S

    def unreadable(self) -> None:
        """The newest message could not be read: what it said of the probes is unknown."""
        self._is_readable = False

    def age_s(self, now_s: float) -> float | None:
        """Of the newest message. None: there is none, or it could not be read."""
        return now_s - self.seen_s if self._is_readable and self.newest is not None else None

    @property
    def lid_is_closed(self) -> bool:
        """Known to be: a broken switch is no closed lid, but a dome may have no switch."""
        if self.newest is None:
            return False
        lid = self.newest.lid
        return lid == "closed" or (lid == "unknown" and not self._has_lid_switch)

    @property
    def fan_stopped_s(self) -> float | None:
        """For how long; 0 while it runs, or where there is none. None: not known."""
        if self.newest is None:
            return None
        return 0.0 if self._stopped_since_s is None else self.seen_s - self._stopped_since_s

    def _watch_fan(self, running: bool | None, now_s: float) -> None:
        """Null means a dome without a fan, unless the same dome has shown one before."""
        self._has_fan = self._has_fan or running is not None
        if running or not self._has_fan:
            self._stopped_since_s = None
        elif self._stopped_since_s is None:
            self._stopped_since_s = now_s
