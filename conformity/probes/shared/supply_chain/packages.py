"""Packages as values, however they were listed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

Ecosystem = Literal["PyPI", "npm", "conda", "other"]
"""Where a package comes from, in the words of OSV."""

_RUNS = re.compile(r"[-_.]+")
_PURL_TYPES: dict[Ecosystem, str] = {"PyPI": "pypi", "npm": "npm", "conda": "conda", "other": "generic"}
_ECOSYSTEMS: dict[str, Ecosystem] = {"pypi": "PyPI", "npm": "npm", "conda": "conda"}


class ListingError(Exception):
    """A list of packages cannot be read; the text says why."""


@dataclass(frozen=True)
class Package:
    """One package as it was listed."""

    ecosystem: Ecosystem
    """Where it comes from."""
    name: str
    """Its name, normalised."""
    version: str | None
    """The exact version; None where the list leaves it open."""
    digests: tuple[str, ...] = ()
    """SHA-256, SHA-384 or SHA-512 digests of its files, as ``algorithm:digits``, sorted."""

    @property
    def purl(self) -> str:
        """The package URL.

        Source:
            package-url/purl-spec, PURL-TYPES.
        """
        version = f"@{quote(self.version, safe='')}" if self.version else ""
        return f"pkg:{_PURL_TYPES[self.ecosystem]}/{quote(self.name, safe='/')}{version}"


def order(package: Package) -> tuple[str, str, str, tuple[str, ...]]:
    """Return where a package stands among others."""
    return (package.ecosystem, package.name, package.version or "", package.digests)


def package(
    ecosystem: Ecosystem, name: object, version: object, digests: list[str] | tuple[str, ...] = ()
) -> Package:
    """Return a package.

    Args:
        ecosystem: where it comes from.
        name: its name, as written.
        version: its exact version; anything but a text is none.
        digests: digests as ``algorithm:digits``; weak ones are left out.

    Raises:
        ListingError: it has no name.
    """
    if not isinstance(name, str) or not name.strip():
        raise ListingError("a package has no name")
    if (
        not name.strip().isprintable()
        or not ((isinstance(version, str) and version.strip()) or "").isprintable()
    ):
        raise ListingError("the name or version of a package cannot be printed")
    exact = version.strip() if isinstance(version, str) and version.strip() else None
    strong = {one.lower() for one in digests if one.lower().startswith(("sha256:", "sha384:", "sha512:"))}
    return Package(ecosystem, normal(ecosystem, name.strip()), exact, tuple(sorted(strong)))


def normal(ecosystem: Ecosystem, name: str) -> str:
    """Return the name by which a package is known.

    Source:
        PEP 503, normalized names.
    """
    return _RUNS.sub("-", name).lower() if ecosystem == "PyPI" else name


def from_purl(purl: str, version: object = None) -> Package | None:
    """Return the package of a package URL, or None when it is none."""
    from urllib.parse import unquote

    if not purl.startswith("pkg:"):
        return None
    kind, _, rest = purl.removeprefix("pkg:").partition("/")
    path = rest.partition("#")[0].partition("?")[0]
    name, at, exact = path.rpartition("@")
    return package(
        _ECOSYSTEMS.get(kind.lower(), "other"),
        unquote(name if at else path),
        unquote(exact) if at else version,
    )


def texts(value: Any, key: str) -> list[str]:
    """Return the texts under a key of a list of objects."""
    if not isinstance(value, list):
        return []
    return [one[key] for one in value if isinstance(one, dict) and isinstance(one.get(key), str)]
