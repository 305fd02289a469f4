"""Bills of materials: the rules of CycloneDX 1.6 that its schema states for the parts that are written."""

from __future__ import annotations

import json
import re
from typing import Any

from conformity.probes.shared.supply_chain.advisories import Vulnerability
from conformity.probes.shared.supply_chain.cyclonedx import Artefact, bill_of_materials
from conformity.probes.shared.supply_chain.packages import Package
from conformity.probes.shared.supply_chain.structured import json_packages

_PACKAGES = [
    Package("PyPI", "numpy", "2.4.6", (f"sha256:{'a' * 64}",)),
    Package("PyPI", "numpy", "2.4.6"),
    Package("npm", "@a/b", "1.0", (f"sha512:{'b' * 128}", f"sha256:{'c' * 64}")),
    Package("other", "own thing", None),
]
_ARTEFACTS = [
    Artefact("model", "The model", "machine-learning-model", "d" * 64),
    Artefact("train", "Training data", "data"),
]
_KNOWN = [
    Vulnerability(_PACKAGES[0], "CVE-1", "critical"),
    Vulnerability(_PACKAGES[2], "CVE-1", "critical"),
    Vulnerability(_PACKAGES[2], "CVE-2", "unrated"),
]


def _bill() -> dict[str, Any]:
    """Return a bill of materials with everything in it."""
    return bill_of_materials("System", "1.0", _PACKAGES, _ARTEFACTS, _KNOWN)


def test_the_document_keeps_the_rules_of_the_schema() -> None:
    """Source: bom-1.6.schema.json: required fields, closed vocabularies, patterns, unique references."""
    bill = _bill()
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", bill["serialNumber"]
    )
    allowed = {"$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components"}
    assert set(bill) <= allowed | {"dependencies", "vulnerabilities"}
    everything = [bill["metadata"]["component"], *bill["components"]]
    kinds = {"application", "library", "machine-learning-model", "data"}
    for one in everything:
        assert one["type"] in kinds
        assert one["name"]
        for digest in one.get("hashes", []):
            lengths = {"SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
            assert re.fullmatch(r"[a-f0-9]+", digest["content"])
            assert len(digest["content"]) == lengths[digest["alg"]]
    refs = [one["bom-ref"] for one in everything]
    assert len(set(refs)) == len(refs)
    for edge in bill["dependencies"]:
        assert {edge["ref"], *edge["dependsOn"]} <= set(refs)
    ratings = {"critical", "high", "medium", "low", "info", "none", "unknown"}
    for known in bill["vulnerabilities"]:
        assert {rating["severity"] for rating in known["ratings"]} <= ratings
        assert {affected["ref"] for affected in known["affects"]} <= set(refs)


def test_the_same_parts_give_the_same_bytes() -> None:
    again = bill_of_materials("System", "1.0", _PACKAGES[::-1], _ARTEFACTS[::-1], _KNOWN)
    assert json.dumps(again) == json.dumps(_bill())
    assert bill_of_materials("Other", None, [])["serialNumber"] != _bill()["serialNumber"]
    assert "version" not in bill_of_materials("Other", None, [])["metadata"]["component"]


def test_packages_come_back_from_a_bill() -> None:
    found = {(one.ecosystem, one.name, one.version) for one in json_packages(_bill())}
    assert found == {("PyPI", "numpy", "2.4.6"), ("npm", "@a/b", "1.0"), ("other", "own thing", None)}


def test_vulnerabilities_name_all_that_they_affect() -> None:
    first, second = _bill()["vulnerabilities"]
    assert first["affects"] == [{"ref": "pkg:npm/%40a/b@1.0"}, {"ref": "pkg:pypi/numpy@2.4.6"}]
    assert second["ratings"] == [{"severity": "unknown"}]
