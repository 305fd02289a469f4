"""Which packages are affected by which advisory, in the format of OSV; nothing is fetched.

Source:
    OSV schema 1.7, ``affected[].package`` and evaluation of ``affected``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformity.probes.shared.supply_chain.packages import (
    Ecosystem,
    ListingError,
    Package,
    from_purl,
    normal,
    order,
)
from conformity.probes.shared.supply_chain.ranges import fixes, is_affected, says_nothing, version_of
from conformity.probes.shared.supply_chain.severity import SEVERITIES, Severity, severity_of

_ECOSYSTEMS: dict[str, Ecosystem] = {"pypi": "PyPI", "npm": "npm"}


@dataclass(frozen=True)
class Vulnerability:
    """An advisory that affects a package, or of which that cannot be told."""

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
    decided: bool = True
    """Whether the advisory tells that the version is affected; else it speaks of commits alone."""


def comparable(package: Package) -> bool:
    """Tell whether a package's version can be held against an advisory."""
    return package.ecosystem in ("PyPI", "npm") and version_of(package.version) is not None


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


def named_in(part: Mapping[str, Any]) -> tuple[tuple[Ecosystem, str], ...]:
    """Return the packages that a part of an advisory may be about, by ecosystem and name.

    By its name, in each ecosystem if it names none; else by its package URL. Where it names neither, a
    package that is called as one of its source repositories may be meant.

    Args:
        part: an entry of ``affected``.
    """
    named = part.get("package") or {}
    said = str(named.get("ecosystem") or "").partition(":")[0].lower()
    kinds = [kind for key, kind in _ECOSYSTEMS.items() if said in (key, "")]
    if kinds and named.get("name"):
        return tuple((kind, normal(kind, str(named["name"]))) for kind in kinds)
    if named:
        found = _of_purl(str(named.get("purl", "")))
        return () if found is None else ((found.ecosystem, found.name),)
    repositories = {str(span["repo"]) for span in part.get("ranges") or [] if span.get("repo")}
    called = {one.rstrip("/").rpartition("/")[2].removesuffix(".git") for one in repositories}
    return tuple((kind, normal(kind, one)) for one in sorted(called) for kind in kinds)


def _of_purl(purl: str) -> Package | None:
    """Return the package of a package URL; None where it is none, or names nothing."""
    try:
        return from_purl(purl)
    except ListingError:
        return None


def vulnerabilities(
    packages: Iterable[Package], advisories: Iterable[Mapping[str, Any]]
) -> tuple[Vulnerability, ...]:
    """Return which advisory affects which package, or may, each vulnerability of a package once.

    Of an advisory that does not tell whether a version is affected, another one for the same vulnerability
    may tell that it is not.

    Args:
        packages: the packages; those without a version that can be compared match nothing.
        advisories: entries in the format of OSV; withdrawn ones count for nothing.
    """
    by_name: dict[tuple[str, str], list[Package]] = {}
    for one in sorted(set(packages), key=order):
        if comparable(one):
            by_name.setdefault((one.ecosystem, one.name), []).append(one)
    found = [match for entry in advisories for match in _matches(dict(entry), by_name)]
    spared = {name for one, affects in found if affects is False for name in _names(one)}
    return merged(
        one for one, affects in found if affects or (affects is None and spared.isdisjoint(_names(one)))
    )


def _names(one: Vulnerability) -> set[tuple[Package, str]]:
    """Return all names of a vulnerability of a package."""
    return {(one.package, name) for name in (one.id, *one.aliases)}


def _matches(
    entry: dict[str, Any], by_name: Mapping[tuple[str, str], list[Package]]
) -> Iterator[tuple[Vulnerability, bool | None]]:
    """Yield the packages that one advisory is about; whether it affects them, or None if it does not tell."""
    affected = entry.get("affected")
    if entry.get("withdrawn") or not isinstance(affected, list):
        return
    for part in affected:
        if not isinstance(part, dict):
            continue
        for package in (one for name in named_in(part) for one in by_name.get(name, [])):
            affects = None if says_nothing(part) else is_affected(str(package.version), part)
            one = Vulnerability(
                package=package,
                id=str(entry.get("id")),
                severity=severity_of({**entry, "severity": part.get("severity") or entry.get("severity")}),
                aliases=tuple(sorted(str(alias) for alias in entry.get("aliases") or [])),
                fixed_in=fixes(part),
                decided=affects is not None,
            )
            yield one, affects


def merged(found: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Return each vulnerability of a package once, under its first name; the worst severity stands.

    What one advisory tells, another need not: where one of them decides, that stands.

    Args:
        found: what affects what; advisories that share a name are of the same vulnerability.
    """
    kept: list[Vulnerability] = []
    seen: set[tuple[Package, str]] = set()
    for one in sorted(
        found, key=lambda v: (not v.decided, order(v.package), SEVERITIES.index(v.severity), v.id)
    ):
        names = _names(one)
        if names.isdisjoint(seen):
            kept.append(one)
        seen |= names
    return tuple(kept)
