"""What must hold between values: ids differ, each role has a probe, protocols fit the limits.

This looks at plain values as they were read, so that a wrong value elsewhere hides none of it. A
value that is itself wrong is passed over: `config_faults` tells of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from alarms.limits import Limits
from controllers.protocol import BUILT_IN, Protocol
from thermod.config_faults import Document, number_in, section_of

NEEDED_ROLES: Final = ("core", "skin", "air")  # heat needs a good probe of each
PROVEN_ROLES: Final = ("core", "skin")  # a foreign probe without a tick is never the only one


def relations(document: Document, limits: Limits) -> list[str]:
    """Every relation that does not hold, a line each."""
    domes, protocols = entries(document, "dome"), entries(document, "protocol")
    found = [*_twice("[[dome]]", "id", domes), *_twice("[[protocol]]", "id", protocols)]
    if document.get("dome") == []:
        found.append("there is no dome. Add a [[dome]].")
    found += _twice(
        "[[dome.probe]]", "topic", [e for dome in domes for e in entries(dome, "probe")]
    )
    for dome in domes:
        found += _probe_faults(dome)
    for entry in protocols:
        found += _protocol_faults(entry, limits)
    if not protocols and all(misfit(each, limits) for each in BUILT_IN):
        found.append("no protocol fits the [limits]. Add a [[protocol]] with a lower target_c.")
    names = [section_of(document, name).get("process", name) for name in ("control", "gateway")]
    if names[0] == names[1]:
        found.append(f"[control] and [gateway] process = {names[0]!r} twice. Give each its own.")
    return found


def misfit(protocol: Protocol, limits: Limits) -> str | None:
    """Why a protocol cannot run under these limits, or None."""
    return _misfit(protocol.target_c, protocol.hold_min, protocol.ramp_c_per_min or 0.0, limits)


def entries(section: Document, name: str) -> list[Document]:
    """The entries of a list of sections, as far as they are sections."""
    found = section.get(name)
    return [e for e in found if isinstance(e, Mapping)] if isinstance(found, list) else []


def _probe_faults(dome: Document) -> list[str]:
    place, probes = f"[[dome]] {dome.get('id', '?')}", entries(dome, "probe")
    found = _twice(f"{place} [[dome.probe]]", "id", probes)
    for role in NEEDED_ROLES:
        of_role = [probe for probe in probes if probe.get("role") == role]
        if not of_role:
            found.append(f'{place} has no {role} probe. Add a [[dome.probe]] with role = "{role}".')
        elif role in PROVEN_ROLES and all("topic" in probe for probe in of_role):
            found.append(
                f"{place} has only foreign {role} probes, whose freshness nothing proves."
                f" Add a {role} probe that the dome's node reads."
            )
    return found


def _protocol_faults(entry: Document, limits: Limits) -> list[str]:
    name = entry.get("id", "?")
    found = [
        f"[[protocol]] {name} is built in. Choose another id."
        for built_in in BUILT_IN
        if built_in.protocol_id == name
    ]
    target_c, hold_min, ramp_c_per_min = (
        number_in(entry.get(key), 0.0) for key in ("target_c", "hold_min", "ramp_c_per_min")
    )
    why = _misfit(target_c, hold_min, ramp_c_per_min, limits)
    return [*found, f"[[protocol]] {name} {why}"] if why else found


def _misfit(target_c: float, hold_min: float, ramp_c_per_min: float, limits: Limits) -> str | None:
    if target_c > limits.core_keep_c:
        bound = f"[limits] core_keep_c = {limits.core_keep_c}"
        return f"target_c = {target_c} lies above {bound}. Lower the target or raise the limit."
    if ramp_c_per_min > limits.core_rise_keep_c_per_min:
        bound = f"[limits] core_rise_keep_c_per_min = {limits.core_rise_keep_c_per_min}"
        return f"ramp_c_per_min = {ramp_c_per_min} lies above {bound}. Lower the ramp."
    if hold_min + limits.hold_over_off_min > limits.hold_cut_min:
        bound = f"[limits] hold_cut_min = {limits.hold_cut_min}"
        return f"hold_min = {hold_min} does not leave {limits.hold_over_off_min} min below {bound}."
    return None


def _twice(place: str, key: str, sections: Iterable[Mapping[str, Any]]) -> list[str]:
    counted = Counter(s[key] for s in sections if isinstance(s.get(key), str))
    return [
        f'{place} {key} = "{value}" stands {count} times. Give each its own.'
        for value, count in counted.items()
        if count > 1
    ]
