"""Which packages are affected by which advisory, in the format of OSV; nothing is fetched.

Source:
    OSV schema 1.7, evaluation of ``affected`` (ranges and versions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformity.probes.shared.supply_chain.packages import Ecosystem, Package, normal, order
from conformity.probes.shared.supply_chain.severity import SEVERITIES, Severity, severity_of

_ECOSYSTEMS: dict[str, Ecosystem] = {"pypi": "PyPI", "npm": "npm"}


@dataclass(frozen=True)
class Vulnerability:
    """An advisory that affects a package."""

    package: Package
    """The package."""
    id: str
    """The advisory."""
    severity: Severity
    """How severe it is."""
    aliases: tuple[str, ...] = ()
    """Other names of the same vulnerability."""
    fixed_in: tuple[str, ...] = ()
    """Versions in which it is mended, where the advisory names them."""


def comparable(package: Package) -> bool:
    """Tell whether a package's version can be held against an advisory."""
    return package.ecosystem in ("PyPI", "npm") and _version(package.version) is not None


def is_sound(entry: object) -> bool:
    """Tell whether an advisory is written as its format asks, so far as it is used."""
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return False
    return _are(entry.get("affected"), _is_sound_part) and _are(entry.get("aliases") or [], _is_text)


def _is_sound_part(part: dict[str, Any]) -> bool:
    """Tell whether what an advisory says of one package is written as its format asks."""
    if not isinstance(part, dict) or not isinstance(part.get("package") or {}, dict):
        return False
    return _are(part.get("versions") or [], _is_text) and _are(part.get("ranges") or [], _is_span)


def _is_span(span: object) -> bool:
    """Tell whether a range is one: a list of events."""
    return isinstance(span, dict) and _are(span.get("events") or [], lambda one: isinstance(one, dict))


def _is_text(value: object) -> bool:
    """Tell whether a value is a text."""
    return isinstance(value, str)


def _are(values: object, sound: Callable[[Any], bool]) -> bool:
    """Tell whether a value is a list, all of which is sound."""
    return isinstance(values, list) and all(sound(one) for one in values)


def vulnerabilities(
    packages: Iterable[Package], advisories: Iterable[Mapping[str, Any]]
) -> tuple[Vulnerability, ...]:
    """Return which advisory affects which package, each vulnerability of a package once.

    Args:
        packages: the packages; those without a version that can be compared match nothing.
        advisories: entries in the format of OSV; withdrawn ones count for nothing.
    """
    by_name: dict[tuple[str, str], list[Package]] = {}
    for one in sorted(set(packages), key=order):
        if comparable(one):
            by_name.setdefault((one.ecosystem, one.name), []).append(one)
    found = [match for entry in advisories for match in _matches(dict(entry), by_name)]
    return merged(found)


def _matches(
    entry: dict[str, Any], by_name: Mapping[tuple[str, str], list[Package]]
) -> Iterator[Vulnerability]:
    """Yield the packages that one advisory affects."""
    affected = entry.get("affected")
    if entry.get("withdrawn") or not isinstance(affected, list):
        return
    for part in affected:
        named = part.get("package") if isinstance(part, dict) else None
        if not isinstance(named, dict):
            continue
        ecosystem = _ECOSYSTEMS.get(str(named.get("ecosystem")).partition(":")[0].lower())
        if ecosystem is None:
            continue
        for package in by_name.get((ecosystem, normal(ecosystem, str(named.get("name")))), []):
            if _is_affected(str(package.version), part):
                yield Vulnerability(
                    package=package,
                    id=str(entry.get("id")),
                    severity=severity_of(
                        {**entry, "severity": part.get("severity") or entry.get("severity")}
                    ),
                    aliases=tuple(sorted(str(alias) for alias in entry.get("aliases") or [])),
                    fixed_in=_fixes(part),
                )


def merged(found: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Return each vulnerability of a package once, under its first name; the worst severity stands.

    Args:
        found: what affects what; advisories that share a name are of the same vulnerability.
    """
    kept: list[Vulnerability] = []
    seen: set[tuple[Package, str]] = set()
    for one in sorted(found, key=lambda v: (order(v.package), SEVERITIES.index(v.severity), v.id)):
        names = {(one.package, name) for name in (one.id, *one.aliases)}
        if names.isdisjoint(seen):
            kept.append(one)
        seen |= names
    return tuple(kept)


def _is_affected(version: str, part: Mapping[str, Any]) -> bool:
    """Tell whether a version is listed, or lies in a range."""
    wanted = _version(version)
    listed = part.get("versions") or []
    if version in listed or any(_version(str(one)) == wanted for one in listed):
        return True
    ranges = part.get("ranges") or []
    return any(_in_range(wanted, one) for one in ranges if one.get("type") in ("ECOSYSTEM", "SEMVER"))


def _in_range(version: Any, span: Mapping[str, Any]) -> bool:
    """Tell whether a version lies in a range: after its introduction, before its mending."""
    inside = False
    events = [(key, str(value)) for event in span.get("events") or [] for key, value in event.items()]
    for kind, text in sorted(events, key=_when):
        bound = _version("0.dev0" if text == "0" else text)
        if bound is None:
            # From where on cannot be told, so it counts from the first version on.
            inside = inside or kind == "introduced"
            continue
        if kind == "introduced" and version >= bound:
            inside = True
        elif (kind in ("fixed", "limit") and version >= bound) or (
            kind == "last_affected" and version > bound
        ):
            inside = False
    return inside


def _when(event: tuple[str, str]) -> Any:
    """Return where an event stands among the others of its range."""
    from packaging.version import Version

    bound = _version("0.dev0" if event[1] == "0" else event[1])
    return (bound or Version("0.dev0"), event[0] != "introduced")


def _fixes(part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the versions in which a vulnerability is mended."""
    events = [event for span in part.get("ranges") or [] for event in span.get("events") or []]
    return tuple(sorted({str(event["fixed"]) for event in events if "fixed" in event}))


def _version(text: str | None) -> Any:
    """Return a version that can be compared, or None.

    Source:
        PEP 440; numbers of three parts with a suffix (npm) are read as far as that allows.
    """
    from packaging.version import Version

    try:
        return None if text is None else Version(text)
    except ValueError:  # no version, or one with a number of thousands of digits
        return None
