"""What one guard process looks after, as frozen values. `config.py` reads them from a file."""

from dataclasses import dataclass, field

from thermod.guard.limits import Limits


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """One probe. With a `topic` it is foreign: it has no tick, so its freshness is unproven."""

    probe_id: str
    role: str  # core, skin, air or room
    offset_c: float = 0.0  # added to what it says
    topic: str | None = None
    codec: str = "number"  # of a foreign probe: number or json
    pointer: str = ""  # RFC 6901, into the json


@dataclass(frozen=True, slots=True)
class DomeSpec:
    """One dome. Without a lid switch a lid that is `unknown` counts as closed."""

    dome_id: str
    probes: tuple[ProbeSpec, ...]
    has_lid_switch: bool = True


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and who we are to it."""

    host: str
    port: int = 1883
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None  # TLS when given
    keepalive_s: int = 5  # a frozen broker is noticed within about 1.5 times this


@dataclass(frozen=True, slots=True)
class GuardConfig:
    """Everything that guard.toml says."""

    site: str
    process: str
    state_dir: str
    broker: Broker
    limits: Limits
    domes: tuple[DomeSpec, ...]
    sha256: str  # of the file

    @property
    def client_id(self) -> str:
        """One per identity: a second process with it takes over, and this one must then end."""
        return f"thermod-{self.site}-{self.process}"
