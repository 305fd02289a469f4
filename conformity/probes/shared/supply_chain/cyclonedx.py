"""Write a bill of materials in CycloneDX 1.6: packages, models, data sets and known vulnerabilities.

Source:
    OWASP CycloneDX 1.6 (ECMA-424), JSON schema.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformity.probes.shared.supply_chain.advisories import Vulnerability
from conformity.probes.shared.supply_chain.packages import Package, order
from conformity.probes.shared.supply_chain.severity import SEVERITIES, Severity

_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_NAMESPACE = uuid.UUID("6f6e1c4e-6d1b-5b0e-9a58-2f0c0c3b7a11")
_RATINGS = {"unrated": "unknown"}


@dataclass(frozen=True)
class Artefact:
    """A model or data set of the system."""

    id: str
    """A short name, unique among the artefacts."""
    name: str
    """What it is called."""
    kind: Literal["machine-learning-model", "data"]
    """What it is."""
    sha256: str | None = None
    """Its digest, in hexadecimal digits."""


def bill_of_materials(
    name: str,
    version: str | None,
    packages: Iterable[Package],
    artefacts: Iterable[Artefact] = (),
    vulnerabilities: Sequence[Vulnerability] = (),
) -> dict[str, Any]:
    """Return a bill of materials; the same parts give the same document.

    Args:
        name: the system.
        version: its edition.
        packages: the packages it is built of.
        artefacts: its models and data sets.
        vulnerabilities: what is known of the packages.
    """
    libraries = _unique([_library(one) for one in sorted(set(packages), key=order)])
    others = [_artefact(one) for one in sorted(set(artefacts), key=lambda one: (one.kind, one.id))]
    root: dict[str, Any] = {"type": "application", "bom-ref": "system", "name": name}
    if version:
        root["version"] = version
    components = [*others, *libraries]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": components,
        "dependencies": [{"ref": "system", "dependsOn": [one["bom-ref"] for one in components]}],
        "vulnerabilities": _known(vulnerabilities),
    }
    return {"serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, repr(document))}", **document}


def _library(one: Package) -> dict[str, Any]:
    """Return a package as a component; a digest is given where there is one file to which it can belong."""
    made: dict[str, Any] = {"type": "library", "bom-ref": one.purl, "name": one.name, "purl": one.purl}
    if one.version:
        made["version"] = one.version
    if len(one.digests) == 1:
        algorithm, _, digits = one.digests[0].partition(":")
        made["hashes"] = [{"alg": _ALGORITHMS[algorithm], "content": digits}]
    elif one.digests:
        made["properties"] = [{"name": "conformity:locked-file", "value": digest} for digest in one.digests]
    return made


def _unique(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return components, each reference once; of a package listed twice, the one with digests stands."""
    by_ref: dict[str, dict[str, Any]] = {}
    for one in sorted(components, key=len):
        by_ref[one["bom-ref"]] = one
    return [by_ref[ref] for ref in sorted(by_ref)]


def _artefact(one: Artefact) -> dict[str, Any]:
    """Return a model or data set as a component."""
    made: dict[str, Any] = {"type": one.kind, "bom-ref": f"{one.kind}:{one.id}", "name": one.name}
    if one.sha256:
        made["hashes"] = [{"alg": "SHA-256", "content": one.sha256}]
    return made


def _known(vulnerabilities: Sequence[Vulnerability]) -> list[dict[str, Any]]:
    """Return the vulnerabilities, each with all packages that it affects."""
    refs: dict[tuple[str, Severity], dict[str, Vulnerability]] = {}
    for one in vulnerabilities:
        refs.setdefault((one.id, one.severity), {})[one.package.purl] = one
    ordered = sorted(refs.items(), key=lambda item: (item[0][0], SEVERITIES.index(item[0][1])))
    return [
        {
            "id": ident,
            "ratings": [{"severity": _RATINGS.get(severity, severity)}],
            "affects": [_affected(ref, one) for ref, one in sorted(affected.items())],
        }
        for (ident, severity), affected in ordered
    ]


def _affected(ref: str, one: Vulnerability) -> dict[str, Any]:
    """Return what an advisory says of a package; where it does not tell, the version's status is unknown."""
    if one.decided:
        return {"ref": ref}
    return {"ref": ref, "versions": [{"version": str(one.package.version), "status": "unknown"}]}
