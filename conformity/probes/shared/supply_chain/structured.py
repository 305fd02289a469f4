"""Read lists of packages that have structure: lock files in TOML and JSON, bills of materials, environments.

Source:
    uv, Poetry and PDM: their lock files; PEP 751 (pylock.toml); Pipenv (Pipfile.lock); npm
    (package-lock.json); pip (list, inspect); pip-audit; CycloneDX 1.6; SPDX 2.3 and 3.0.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformity.probes.shared.supply_chain.packages import ListingError, Package, from_purl, package, texts
from conformity.probes.shared.supply_chain.spdx import spdx_2, spdx_3

_SRI = {"sha256": 64, "sha384": 96, "sha512": 128}


def toml_packages(data: dict[str, Any]) -> Iterator[Package]:
    """Yield the packages of ``uv.lock``, ``poetry.lock``, ``pdm.lock`` or ``pylock.toml``.

    Raises:
        ListingError: there is none in it.
    """
    listed = data.get("package") or data.get("packages")
    if not isinstance(listed, list):
        raise ListingError("it is no lock file that is known")
    for entry in listed:
        if not isinstance(entry, dict):
            raise ListingError("a package is not written plainly")
        source = entry.get("source")
        if isinstance(source, dict) and {"virtual", "editable", "directory"} & set(source):
            continue  # the project itself
        yield package("PyPI", entry.get("name"), entry.get("version"), _toml_digests(entry))


def _toml_digests(entry: dict[str, Any]) -> list[str]:
    """Return the digests of a package's files."""
    sdist = entry.get("sdist")
    files = [*(entry.get("wheels") or []), *(entry.get("files") or []), *([sdist] if sdist else [])]
    named = [one.get("hashes", {}) for one in files if isinstance(one, dict)]
    return texts(files, "hash") + [
        f"{algorithm}:{digest}" for one in named if isinstance(one, dict) for algorithm, digest in one.items()
    ]


def json_packages(data: Any) -> Iterator[Package]:
    """Yield the packages of any list in JSON that is known.

    Raises:
        ListingError: it is none that is known.
    """
    if isinstance(data, list):
        yield from _named(data)
    elif not isinstance(data, dict):
        raise ListingError("it is no list of packages that is known")
    elif data.get("bomFormat") == "CycloneDX":
        yield from _cyclonedx(data)
    elif "spdxVersion" in data:
        yield from spdx_2(data)
    elif isinstance(data.get("@graph"), list):
        yield from spdx_3(data)
    elif "_meta" in data and "default" in data:
        yield from _pipfile(data)
    elif "lockfileVersion" in data:
        yield from _npm(data)
    elif isinstance(data.get("installed"), list):
        yield from _named([one.get("metadata", {}) for one in data["installed"]])
    elif isinstance(data.get("dependencies"), list):
        yield from _named(data["dependencies"])
    else:
        raise ListingError("it is no list of packages that is known")


def _named(entries: list[Any]) -> Iterator[Package]:
    """Yield packages that have a name and a version, as pip and pip-audit list them."""
    for entry in entries:
        if not isinstance(entry, dict):
            raise ListingError("a package is not written plainly")
        yield package("PyPI", entry.get("name"), entry.get("version"))


def _cyclonedx(data: dict[str, Any]) -> Iterator[Package]:
    """Yield the packages of a bill of materials in CycloneDX, with those inside others.

    Raises:
        ListingError: it is of a version that is not known.
    """
    if not str(data.get("specVersion", "1.")).startswith("1."):
        raise ListingError(
            "it is in a version of CycloneDX that is not read; known are those from 1.2 to 1.7"
        )
    waiting = list(data.get("components") or [])
    while waiting:
        entry = waiting.pop()
        if not isinstance(entry, dict):
            raise ListingError("a component is not written plainly")
        waiting.extend(entry.get("components") or [])
        found = from_purl(str(entry.get("purl", "")), entry.get("version"))
        digests = [
            f"{str(one.get('alg')).replace('-', '')}:{one.get('content')}"
            for one in entry.get("hashes") or []
        ]
        if found is not None:
            yield package(found.ecosystem, found.name, found.version, digests)
        elif entry.get("type") in ("library", "framework", "application"):
            yield package("other", entry.get("name"), entry.get("version"), digests)


def _pipfile(data: dict[str, Any]) -> Iterator[Package]:
    """Yield the packages of ``Pipfile.lock``."""
    for section in ("default", "develop"):
        for name, entry in (data.get(section) or {}).items():
            version = str(entry.get("version", ""))
            exact = version.removeprefix("==") if version.startswith("==") else None
            yield package("PyPI", name, exact, list(entry.get("hashes") or []))


def _npm(data: dict[str, Any]) -> Iterator[Package]:
    """Yield the packages of ``package-lock.json``, version 2 or 3."""
    for path, entry in (data.get("packages") or {}).items():
        if path and not entry.get("link"):
            name = entry.get("name") or path.rpartition("node_modules/")[2]
            yield package("npm", name, entry.get("version"), _integrity(entry.get("integrity")))


def _integrity(value: object) -> list[str]:
    """Return the digests of a subresource integrity text."""
    import base64
    import binascii

    found = []
    for one in value.split() if isinstance(value, str) else []:
        algorithm, _, encoded = one.partition("-")
        try:
            digits = base64.b64decode(encoded, validate=True).hex()
        except binascii.Error:
            continue
        if _SRI.get(algorithm) == len(digits):
            found.append(f"{algorithm}:{digits}")
    return found
