"""What the heater's meter adds to what the node claims. Without a meter it adds nothing."""

from __future__ import annotations

from thermod.conformance.seen import State

SETTLES_S = 1.0  # beyond the meter's window, as SAFETY.md has it for a heater stuck on
REST_SHARE_MAX = 0.05  # of the rated power, SAFETY.md: more is a heater that is on


class Meter:
    """Watches every state: power must be gone when the node has been off for long enough."""

    def __init__(self) -> None:
        self.rests = 0  # states in which power had to be gone
        self.worst_share_pct = 0.0  # of rated power, in those
        self._off_since_s: float | None = None
        self._boot_id = ""
        self._level_since: State | None = None  # the first state of the power that is now in force

    def see(self, state: State) -> None:
        """One more state. A boot forgets: the meter may show what was before it."""
        node = state.node
        level = self._level_since
        if level is None or not state.has_power(level.applied_pct):
            self._level_since = state
        if not state.is_off or node.boot_id != self._boot_id:
            self._boot_id = node.boot_id
            self._off_since_s = None
        if state.is_off and self._off_since_s is None:
            self._off_since_s = state.at_s
        if self._off_since_s is None or node.measured_w is None:
            return
        if state.at_s - self._off_since_s > node.window_s + SETTLES_S:
            self.rests += 1
            share_pct = 100.0 * abs(node.measured_w) / node.rated_w
            self.worst_share_pct = max(self.worst_share_pct, share_pct)

    def is_steady(self, state: State) -> bool:
        """The meter's whole window has seen the power that is in force, or there is no meter."""
        level = self._level_since
        if state.node.measured_w is None:
            return True
        return level is not None and state.at_s - level.at_s >= state.node.window_s

    def off_s(self, steady: State, last_on: State, first_off: State) -> float | None:
        """When power went, on our clock: the first mean without heat still holds a part of it.

        `steady` is from before the message or the silence that took the heat away. None without a
        meter, or when its window had not yet filled.
        """
        on_w, rest_w = steady.node.measured_w, first_off.node.measured_w
        if on_w is None or rest_w is None or not on_w > REST_SHARE_MAX * steady.node.rated_w:
            return None
        window_s = first_off.node.window_s
        off_s = first_off.at_s - window_s * (1.0 - rest_w / on_w)
        return min(max(off_s, last_on.at_s), first_off.at_s)
