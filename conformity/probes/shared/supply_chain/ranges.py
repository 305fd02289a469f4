"""Whether a version is affected, by what an advisory in the format of OSV says of one package.

Source:
    OSV schema 1.7, evaluation of ``affected`` (ranges and versions).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EVALUATED = ("ECOSYSTEM", "SEMVER")
"""Ranges of versions; those of the type GIT are of commits, which no list of packages names."""


def is_affected(version: str, part: Mapping[str, Any]) -> bool:
    """Tell whether a version is listed, or lies in a range."""
    wanted = version_of(version)
    listed = part.get("versions") or []
    if version in listed or any(version_of(str(one)) == wanted for one in listed):
        return True
    ranges = part.get("ranges") or []
    return any(_in_range(wanted, one) for one in ranges if one.get("type") in _EVALUATED)


def says_nothing(part: Mapping[str, Any]) -> bool:
    """Tell whether there is nothing to hold a version against: no version, and no range but of commits.

    Such a part affects nothing that could be shown; it must not be read as affecting nothing.
    """
    ranges = part.get("ranges") or []
    return not part.get("versions") and not any(one.get("type") in _EVALUATED for one in ranges)


def fixes(part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the versions in which a vulnerability is mended."""
    spans = [span for span in part.get("ranges") or [] if span.get("type") in _EVALUATED]
    events = [event for span in spans for event in span.get("events") or []]
    return tuple(sorted({str(event["fixed"]) for event in events if "fixed" in event}))


def version_of(text: str | None) -> Any:
    """Return a version that can be compared, or None.

    Source:
        PEP 440; numbers of three parts with a suffix (npm) are read as far as that allows.
    """
    from packaging.version import Version

    try:
        return None if text is None else Version(text)
    except ValueError:  # no version, or one with a number of thousands of digits
        return None


def _in_range(version: Any, span: Mapping[str, Any]) -> bool:
    """Tell whether a version lies in a range: after its introduction, before its mending."""
    inside = False
    events = [(key, str(value)) for event in span.get("events") or [] for key, value in event.items()]
    for kind, text in sorted(events, key=_when):
        bound = version_of("0.dev0" if text == "0" else text)
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

    bound = version_of("0.dev0" if event[1] == "0" else event[1])
    return (bound or Version("0.dev0"), event[0] != "introduced")
