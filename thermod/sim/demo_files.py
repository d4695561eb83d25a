"""The files that the demo's processes read: both configurations, the broker's, first latches, one
access key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from thermod.clock import BootClock
from thermod.gateway.keys import create_key
from thermod.guard import state_file
from thermod.latches import Kept, KeptDome, LatchFile
from thermod.sim.plant import PROBES

DEMO_SITE = "demo-clinic"
LOOPBACK = "127.0.0.1"

BROKER = """\
id = 0

[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 1048576
max_segment_count = 4

[v5.1]
name = "v5"
listen = "{host}:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = 65536
max_inflight_count = 200
dynamic_filters = true
"""


def write_files(folder: Path, broker_port: int, page_port: int, domes: Sequence[str]) -> str:
    """Write all of them into `folder` and return an access key for the page."""
    broker = BROKER.format(host=LOOPBACK, port=broker_port)
    (folder / "broker.toml").write_text(broker)
    (folder / "thermod.toml").write_text(_thermod(folder, broker_port, page_port, domes))
    (folder / "guard.toml").write_text(_guard(folder, broker_port, domes))
    LatchFile(folder / "latches.json").save(Kept({dome: KeptDome() for dome in domes}))
    state_file.create(folder, list(domes))
    return create_key(folder, role="admin", label="demo")


def _thermod(folder: Path, broker_port: int, page_port: int, domes: Sequence[str]) -> str:
    today = datetime.fromtimestamp(BootClock().wall_ms() / 1000.0, UTC).date()
    due = today + timedelta(days=365)
    lines = [
        f'site = "{DEMO_SITE}"',
        f'state_dir = "{folder}"',
        f'[broker]\nhost = "{LOOPBACK}"\nport = {broker_port}',
        f'[gateway]\nhost = "{LOOPBACK}"\nport = {page_port}',
    ]
    for dome in domes:
        lines.append(f'[[dome]]\nid = "{dome}"\nrated_w = 2000.0')
        for probe_id, spec in PROBES.items():
            lines.append(
                f'[[dome.probe]]\nid = "{probe_id}"\nrole = "{spec.role}"\n'
                f'site = "{_site(spec.role)}"\nresolution_c = 0.01\n'
                f"calibrated_on = {today - timedelta(days=1)}\ndue = {due}"
            )
    return "\n".join(lines) + "\n"


def _guard(folder: Path, broker_port: int, domes: Sequence[str]) -> str:
    lines = [
        f'site = "{DEMO_SITE}"',
        f'state_dir = "{folder}"',
        f'[broker]\nhost = "{LOOPBACK}"\nport = {broker_port}',
    ]
    for dome in domes:
        lines.append(f'[[dome]]\nid = "{dome}"')
        for probe_id, spec in PROBES.items():
            lines.append(f'[[dome.probe]]\nid = "{probe_id}"\nrole = "{spec.role}"')
    return "\n".join(lines) + "\n"


def _site(role: str) -> str:
    return "rectal" if role == "core" else role
