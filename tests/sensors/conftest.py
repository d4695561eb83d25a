"""A bedside in pretend time: probes that read what a test says, and one cycle after another."""

from __future__ import annotations

import pytest

from sensors.picture import SensorMemory, read
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role

REFUSED = "refused at the edge"


class Bedside:
    """Probes send every `sample_s`, cycles look every `cycle_s`; a test may change both."""

    def __init__(self, *specs: ProbeSpec, start_s: float = 1024.0, cycle_s: float = 0.5) -> None:
        self.specs = specs
        self.memory = SensorMemory.at_boot(specs)
        self.now_s = start_s
        self.cycle_s = cycle_s
        self.sample_s = dict.fromkeys((spec.probe_id for spec in specs), 0.5)
        self.tick_lag = dict.fromkeys((spec.probe_id for spec in specs), 0)
        self.frozen = set()
        self.expects = lambda now_s: None
        self.newest = {}
        self.picture = None
        self._sources = {}
        self._seq = dict.fromkeys((spec.probe_id for spec in specs), 0)
        self._due_s = dict.fromkeys((spec.probe_id for spec in specs), start_s)

    def reads(self, **sources):
        """What a probe sends from now on: a number, a function of time, REFUSED or None (nothing).
        `rectal_1=37.0` is the probe `rectal-1`."""
        self._sources |= {name.replace("_", "-"): source for name, source in sources.items()}

    def run(self, seconds=0.0, *, minutes=0.0):
        """Cycle for so long; gives the picture of every cycle."""
        pictures = []
        until_s = self.now_s + seconds + 60.0 * minutes
        while self.now_s < until_s:
            self.now_s += self.cycle_s
            self._send()
            self.memory, self.picture = read(
                self.specs, self.memory, self.newest, self.now_s, self.expects(self.now_s)
            )
            pictures.append(self.picture)
        return pictures

    def sends(self, probe_id, source):
        """One message between two cycles, out of turn."""
        self._take(probe_id, source, self.now_s + 0.5 * self.cycle_s)

    def sleeps(self, seconds):
        """The host is suspended: no cycle, no message."""
        self.now_s += seconds

    def __getitem__(self, probe_id):
        return self.picture.probes[probe_id]

    def _send(self):
        for probe_id in self._seq:
            if self.now_s < self._due_s[probe_id]:
                continue
            self._due_s[probe_id] = self.now_s + self.sample_s[probe_id]
            source = self._sources.get(probe_id)
            self._take(probe_id, source(self.now_s) if callable(source) else source, self.now_s)

    def _take(self, probe_id, value, received_s):
        if value is None:
            return
        if value == REFUSED:
            self.newest[probe_id] = Rejection(probe_id, "not a number", received_s)
            return
        if probe_id not in self.frozen:
            self._seq[probe_id] += 1
        self.newest[probe_id] = ProbeSample(
            probe_id, self._seq[probe_id], self.tick_lag[probe_id], value, received_s
        )


@pytest.fixture
def bedside():
    """Makes a bedside from specs."""
    return Bedside


@pytest.fixture
def core():
    """Makes the spec of a core probe."""
    return lambda name, site="rectum", **more: ProbeSpec.of(name, Role.CORE, site, **more)


@pytest.fixture
def refused():
    return REFUSED


@pytest.fixture
def one(bedside, core):
    """A bedside with one core probe that has read 37.0 °C for 90 s."""
    made = bedside(core("rectal-1"))
    made.reads(rectal_1=37.0)
    made.run(90)
    return made


@pytest.fixture
def two(bedside, core):
    """A bedside with two core probes of one site, 0.1 °C apart, that have read so for 90 s."""
    made = bedside(core("rectal-1"), core("rectal-2"))
    made.reads(rectal_1=37.0, rectal_2=37.1)
    made.run(90)
    return made
