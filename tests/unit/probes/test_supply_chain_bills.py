"""Bills of materials that other programs wrote: CycloneDX, SPDX 2.3 and 3.0, and a report of pip-audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.measurement import Count
from conformity.model.subject import DependenciesSubject
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.security.dependencies.probe import PROBE
from conformity.probes.shared.imported.origin import Origin
from conformity.probes.shared.supply_chain.origins import origins_of
from conformity.probes.shared.supply_chain.reading import read_software
from tests.support.imports import DATA, real, written

SHA512 = (
    "sha512:7d9e5268b88b567b309726ae253d1ef538cfe5348a4b96fa4eab0ee048a53f4adabb3e05be9ffa45ffefc2f8fdd042f2"
    "98bf452c5b188dda842e1d2352c74808"
)


def listed(path: Path) -> list[tuple[str, str, str | None, int]]:
    """Return ecosystem, name, version and number of digests of all packages."""
    found = read_software(path).packages
    return [(one.ecosystem, one.name, one.version, len(one.digests)) for one in found]


def examined(path: Path) -> ProbeResult:
    """Return what the probe of dependencies finds."""
    subject = DependenciesSubject(id=SubjectId("s"), kind="dependencies", title="S", path=path.name)
    return PROBE.examine(Target(subject, path, {}, path.parent, 1))


@pytest.mark.parametrize("name", ["cyclonedx/npm.cdx.json", "spdx/spdx23.json"])
def test_bills_that_npm_wrote(name: str) -> None:
    """The same project in both forms, without the project itself, and with the digests of its packages."""
    assert listed(DATA / name) == [("npm", "rates-table", "1.2.0", 1), ("npm", "round-off", "0.3.1", 1)]
    assert read_software(DATA / name).packages[0].digests == (SHA512,)


def test_who_wrote_a_bill_is_told() -> None:
    assert examined(DATA / "cyclonedx" / "npm.cdx.json").notes == (
        "The list of packages was written by another program: npm cli; version: 11.17.0; on: 2026-11-23.",
    )
    assert (
        examined(DATA / "spdx" / "spdx23.json")
        .notes[0]
        .endswith("npm/cli-11.17.0; version: not stated; on: 2026-11-23.")
    )


def test_a_graph_of_spdx_3() -> None:
    """The classes of SPDX 3.0.1 wrote it: three packages beside the root, one without version."""
    path = DATA / "spdx" / "spdx3.json"
    assert listed(path) == [
        ("PyPI", "jinja2", "2.11.2", 1),
        ("PyPI", "markupsafe", "1.1.1", 0),
        ("other", "inhouse", None, 0),
    ]
    seen = {str(one.metric): one.result for one in examined(path).measurements}
    assert seen["unpinned_dependencies"] == Count(value=1, unit="packages")
    assert seen["undigested_dependencies"] == Count(value=1, unit="packages")


def test_package_urls_of_spdx_3_may_stand_among_identifiers(tmp_path: Path) -> None:
    data = real("spdx/spdx3.json")
    for one in data["@graph"]:
        if purl := one.pop("software_packageUrl", None):
            one["externalIdentifier"] = [
                {"externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a"},
                {"externalIdentifierType": "packageUrl", "identifier": purl},
            ]
    path = written(tmp_path, data)
    assert [one[:2] for one in listed(path)][:2] == [("PyPI", "jinja2"), ("PyPI", "markupsafe")]


def test_a_root_that_stands_alone_is_a_package(tmp_path: Path) -> None:
    data = real("spdx/spdx23.json")
    data["packages"] = data["packages"][:1]
    assert listed(written(tmp_path, data)) == [("npm", "loan-page", "1.0.0", 0)]
    graph = real("spdx/spdx3.json")
    graph["@graph"] = [
        one for one in graph["@graph"] if one["type"] != "software_Package" or one["name"] == "loans"
    ]
    assert listed(written(tmp_path, graph)) == [("other", "loans", "1.0.0", 0)]
    several = real("spdx/spdx23.json")
    several["documentDescribes"] = [one["SPDXID"] for one in several["packages"]]
    assert len(listed(written(tmp_path, several))) == 3


def test_what_describes_may_be_a_relationship(tmp_path: Path) -> None:
    data = real("spdx/spdx23.json")
    del data["documentDescribes"]
    assert len(listed(written(tmp_path, data))) == 2


def _of_version(version: str) -> dict[str, Any]:
    """Return a graph of another version of SPDX."""
    data: dict[str, Any] = real("spdx/spdx3.json")
    data["@graph"][0]["specVersion"] = version
    return data


@pytest.mark.parametrize(
    "data",
    [
        real("spdx/spdx23.json") | {"spdxVersion": "SPDX-1.2"},
        _of_version("4.0.0"),
        _of_version("30.1"),
        {"@graph": []},
        {"@graph": [3]},
        real("cyclonedx/npm.cdx.json") | {"specVersion": "2.0"},
    ],
)
def test_other_versions_are_refused(tmp_path: Path, data: Any) -> None:
    with pytest.raises(DataError):
        read_software(written(tmp_path, data))


def test_a_report_that_pip_audit_wrote() -> None:
    """pip-audit 2.10.1 asked a server of ours that knows one vulnerability."""
    found = read_software(DATA / "pip_audit" / "audit.json")
    assert [(one.id, one.package.name, one.fixed_in) for one in found.reported] == [
        ("CVE-2026-0001", "jinja2", ("3.1.6",))
    ]
    assert len(found.audited) == 2
    assert found.origins == ()


def test_origins_are_read_in_the_forms_there_are() -> None:
    components = {"components": [{"group": "g", "name": "n", "version": "1"}, {"version": "2"}]}
    new = {"bomFormat": "CycloneDX", "metadata": {"tools": components, "timestamp": "2026-01-02T00:00:00Z"}}
    assert origins_of(new) == (Origin("g n", "1", "2026-01-02"),)
    graph = [{"type": "Tool", "name": "t"}, {"type": "CreationInfo", "created": "2026-01-02T00:00:00Z"}]
    assert origins_of({"@graph": graph}) == (Origin("t", None, "2026-01-02"),)
    assert origins_of({"spdxVersion": "SPDX-2.3", "creationInfo": {"creators": 3}}) == ()
    assert origins_of({"dependencies": []}) == ()
    assert origins_of([]) == ()
