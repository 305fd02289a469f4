"""Read bills of materials in SPDX: documents of 2.3, and graphs of 3.0 in JSON-LD.

Source:
    SPDX 2.3 (ISO/IEC 5962), clause 7, and its JSON schema; SPDX 3.0.1, profiles Core and Software.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformity.probes.shared.supply_chain.packages import ListingError, Package, from_purl, package, texts

_SPDX_2 = ("SPDX-2.2", "SPDX-2.3")
_SPDX_3 = "3.0"


def spdx_2(data: dict[str, Any]) -> Iterator[Package]:
    """Yield the packages of a document of SPDX 2, without the one that it describes.

    Raises:
        ListingError: it is of another version.
    """
    if data["spdxVersion"] not in _SPDX_2:
        raise ListingError(
            f"it is in a version of SPDX that is not read; known are {', '.join(_SPDX_2)} and 3.0"
        )
    listed = data.get("packages") or []
    described = data.get("documentDescribes") or [
        one.get("relatedSpdxElement")
        for one in data.get("relationships") or []
        if one.get("relationshipType") == "DESCRIBES"
    ]
    for entry in listed:
        # Where a document describes one thing of several, that is the project itself.
        if len(described) == 1 < len(listed) and entry.get("SPDXID") == described[0]:
            continue
        purls = [
            one for one in texts(entry.get("externalRefs"), "referenceLocator") if one.startswith("pkg:")
        ]
        digests = _digests(entry.get("checksums"), "algorithm", "checksumValue")
        yield _package(purls[0] if purls else "", entry.get("name"), entry.get("versionInfo"), digests)


def spdx_3(data: dict[str, Any]) -> Iterator[Package]:
    """Yield the packages of a graph of SPDX 3, without the ones that its bill of materials is of.

    Raises:
        ListingError: it is of another version, or no graph of SPDX.
    """
    graph = data["@graph"]
    versions = {str(one.get("specVersion")) for one in graph if one.get("type") == "CreationInfo"}
    if not versions or not all(one == _SPDX_3 or one.startswith(f"{_SPDX_3}.") for one in versions):
        raise ListingError("it is no graph of SPDX 3.0; known are SPDX 2.2, 2.3 and 3.0")
    listed = [one for one in graph if one.get("type") == "software_Package"]
    roots = {
        root
        for one in graph
        if one.get("type") == "software_Sbom"
        for root in one.get("rootElement") or []
        if isinstance(root, str)
    }
    own = roots if any(one.get("spdxId") not in roots for one in listed) else set()
    for entry in listed:
        if entry.get("spdxId") not in own:
            purl, digests = _purl_of(entry), _digests(entry.get("verifiedUsing"), "algorithm", "hashValue")
            yield _package(purl, entry.get("name"), entry.get("software_packageVersion"), digests)


def _purl_of(entry: dict[str, Any]) -> str:
    """Return the package URL of a package of SPDX 3; empty where it has none."""
    given = entry.get("software_packageUrl")
    if isinstance(given, str):
        return given
    named = [one for one in entry.get("externalIdentifier") or [] if isinstance(one, dict)]
    purls = [one.get("identifier") for one in named if one.get("externalIdentifierType") == "packageUrl"]
    return next((one for one in purls if isinstance(one, str)), "")


def _digests(listed: Any, algorithm: str, digits: str) -> list[str]:
    """Return digests under the two keys of one version of SPDX."""
    return [
        f"{str(one.get(algorithm)).replace('-', '')}:{one.get(digits)}"
        for one in listed or []
        if isinstance(one, dict)
    ]


def _package(purl: str, name: object, version: object, digests: list[str]) -> Package:
    """Return a package by its package URL, else by its name."""
    found = from_purl(purl, version)
    if found is None:
        return package("other", name, version, digests)
    return package(found.ecosystem, found.name, found.version, digests)
