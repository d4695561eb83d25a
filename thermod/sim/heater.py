"""The heater circuit as it truly is: contactors, SSR, meter, and what can be wrong with them.

The SSR's time-proportioning window is modelled by its average, so power is duty times rating. It is
gone at once when the SSR goes off, which is what a time-to-off is measured by; the meter averages
over the window and so shows it later.
"""

from collections import deque


class Heater:
    """True electrical power, its energy, and the meter's view. Time is handed in and only grows."""

    def __init__(self, rated_w: float, window_s: float, now_s: float) -> None:
        self.rated_w = rated_w
        self.window_s = window_s
        self.ssr_welded = False  # conducts whatever is commanded, as long as contactors are closed
        self.contactors_welded = False  # stay closed whatever is commanded
        self.output_share = 1.0  # 0.7: a weak heater; 0.0: a dead one
        self.power_w = 0.0  # true power, now
        self.energy_j = 0.0  # since the beginning, up to the last `switch`
        self._points = deque([(now_s, 0.0)])  # (time, energy), just more than one window back

    def switch(self, heater_pct: float, contactors_closed: bool, now_s: float) -> bool:
        """Account for the power until now, then apply this. True if the true power changes."""
        before_s, _ = self._points[-1]
        if now_s > before_s:
            self.energy_j += self.power_w * (now_s - before_s)
            self._points.append((now_s, self.energy_j))
            while len(self._points) > 2 and self._points[1][0] <= now_s - self.window_s:
                self._points.popleft()
        duty = 1.0 if self.ssr_welded else heater_pct / 100.0
        is_fed = contactors_closed or self.contactors_welded
        power_w = duty * self.rated_w * self.output_share if is_fed else 0.0
        changed = power_w != self.power_w
        self.power_w = power_w
        return changed

    def measured_w(self) -> float:
        """The meter: mean power over the window that ended with the last `switch`."""
        (first_s, first_j), (end_s, end_j) = self._points[0], self._points[-1]
        begin_s, begin_j = end_s - self.window_s, first_j
        if begin_s > first_s:
            second_s, second_j = self._points[1]
            begin_j += (second_j - first_j) * (begin_s - first_s) / (second_s - first_s)
        return (end_j - begin_j) / self.window_s
