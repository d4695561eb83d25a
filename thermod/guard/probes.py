"""The probes of a dome, each by its own newest sample. Nothing is averaged and nothing replaced."""

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from thermod.guard.limits import FAULT_VALUES_C, RANGES_C
from thermod.guard.rise import RiseWatch
from thermod.guard.specs import ProbeSpec
from thermod.guard.times import (
    OVER_REMEMBERED_S,
    PROBE_AGE_S_MAX,
    READING_LAG_TICKS_MAX,
    TWICE_WITHIN_S,
)


class RoleView(NamedTuple):
    """All probes of one role, at one moment."""

    age_s: float | None  # newest good sample of a probe that may be relied on; None: there is none
    bad: bool  # a probe's newest sample came lately and cannot be used
    temp_c: float | None  # the hottest of the newest samples in range, good or not
    over_samples: int  # samples at the limit, in a row or within 3 s, over all probes


class Probe:
    """One probe: its newest usable sample, and whether a worse one came after it."""

    __slots__ = (
        *("probe_id", "role", "rise", "temp_c", "temp_s", "seq", "tick", "bad_s"),
        *("_over_samples", "_over_s", "_was_lower_since"),
        *("is_foreign", "relied_on", "_offset_c", "_low_c", "_high_c"),
    )

    def __init__(self, spec: ProbeSpec) -> None:
        self.probe_id = spec.probe_id
        self.role = spec.role
        self.rise = RiseWatch()
        self.is_foreign = spec.topic is not None
        # without a tick nothing shows how old a reading is: never the only core or skin probe
        self.relied_on = spec.role == "air" or not self.is_foreign
        self._offset_c = spec.offset_c
        self._low_c, self._high_c = RANGES_C[spec.role]
        self.temp_c = 0.0
        self.temp_s = -inf  # when the newest usable sample came
        self.seq = -1
        self.tick = 0
        self.bad_s = -inf  # when an unusable one came after it, or -inf
        self._over_samples = 0  # at the limit, in a row or within 3 s
        self._over_s = -inf  # the last of them
        self._was_lower_since = False

    def refuses(self, seq: int, tick: int, newest_tick: int) -> str | None:
        """Why a sample is not newer than what is known. None: it is."""
        if seq == self.seq:
            return "reading_repeated"
        if seq < self.seq:
            return "reading_late"
        if not -READING_LAG_TICKS_MAX <= newest_tick - tick <= READING_LAG_TICKS_MAX:
            return "reading_old_tick"
        return None

    def take(self, raw_temp_c: float, limit_c: float, now_s: float) -> bool:
        """The newest sample. False: it cannot be used."""
        temp_c = raw_temp_c + self._offset_c
        if raw_temp_c in FAULT_VALUES_C or not self._low_c <= temp_c <= self._high_c:
            self.bad_s = now_s
            return False
        self.temp_c = temp_c
        self.temp_s = now_s
        self.bad_s = -inf
        if temp_c < limit_c:
            self._was_lower_since = True
        else:
            self._over_samples = self.over_samples(now_s) + 1
            self._over_s = now_s
            self._was_lower_since = False
        return True

    def over_samples(self, now_s: float) -> int:
        """Samples at the limit, up to now. A lower one ends the row; two within 3 s are two."""
        if self._was_lower_since and not now_s - self._over_s <= TWICE_WITHIN_S:
            return 0
        return self._over_samples

    def restart(self) -> None:
        """The dome booted: its counters start anew. What was measured stays true."""
        self.seq = -1


def role_view(probes: Iterable[Probe], newest_tick: int, now_s: float) -> RoleView:
    """What the probes of one role say together: the freshest good one, the hottest, the worst."""
    age_s: float | None = None
    temp_c: float | None = None
    bad = False
    over_samples = 0
    for probe in probes:
        sample_age_s = now_s - probe.temp_s
        if sample_age_s <= OVER_REMEMBERED_S:  # silent or not: a lost signal clears no limit
            over_samples += probe.over_samples(now_s)
            if temp_c is None or not probe.temp_c <= temp_c:
                temp_c = probe.temp_c
        if probe.bad_s != -inf:
            bad = bad or now_s - probe.bad_s <= PROBE_AGE_S_MAX
        elif (
            probe.relied_on
            and (probe.is_foreign or newest_tick - probe.tick <= READING_LAG_TICKS_MAX)
            and (age_s is None or sample_age_s < age_s)
        ):
            age_s = sample_age_s
    return RoleView(age_s, bad, temp_c, over_samples)
