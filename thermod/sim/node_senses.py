"""What a dome node senses by itself, without a message from anybody: air too hot, heater stuck."""

# SAFETY.md §4: "commanded 0 for > window + 1 s, and measured > 5 % of rated for 3 s"
STUCK_ON_SHARE = 0.05
STUCK_ON_SETTLES_S = 1.0
STUCK_ON_FOR_S = 3.0

THERMOSTAT_HYSTERESIS_DELTA_C = 10.0  # a bimetal switch recloses well below where it opens


class Thermostat:
    """A hard-wired switch that feels the dome's air itself; `opens_c` None: there is none."""

    def __init__(self, opens_c: float | None) -> None:
        self._opens_c = opens_c
        self.is_open = False

    def feel(self, air_temp_c: float | None) -> None:
        """Open at `opens_c`, reclose well below. None: nobody models the air, nothing changes."""
        if self._opens_c is None or air_temp_c is None:
            return
        if not (air_temp_c < self._opens_c):
            self.is_open = True
        elif air_temp_c < self._opens_c - THERMOSTAT_HYSTERESIS_DELTA_C:
            self.is_open = False


class StuckHeater:
    """Is power measured at a heater that has been off for long enough to measure nothing?

    Once stuck it stays so until `forgive`: an open contactor takes the evidence away.
    """

    def __init__(self, rated_w: float, window_s: float) -> None:
        self._measured_w_max = STUCK_ON_SHARE * rated_w
        self._settles_s = window_s + STUCK_ON_SETTLES_S
        self.forgive()

    def forgive(self) -> None:
        """Judge anew from here: at boot, and when a person has opened a new epoch."""
        self.is_stuck = False
        self._since_s: float | None = None

    def watch(self, now_s: float, measured_w: float | None, off_since_s: float | None) -> None:
        """`off_since_s` is None while heat is on, `measured_w` where nothing measures it."""
        is_off = off_since_s is not None and now_s - off_since_s > self._settles_s
        if not is_off or measured_w is None or measured_w <= self._measured_w_max:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        elif now_s - self._since_s >= STUCK_ON_FOR_S:
            self.is_stuck = True
