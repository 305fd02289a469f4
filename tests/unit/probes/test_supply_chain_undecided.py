"""What an advisory does not tell is never read as not affected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformity.model.base import SubjectId
from conformity.model.measurement import Count
from conformity.model.subject import DependenciesSubject
from conformity.probes.interface import Target
from conformity.probes.security.vulnerabilities.probe import PROBE
from conformity.probes.shared.supply_chain.advisories import Vulnerability, named_in, vulnerabilities
from conformity.probes.shared.supply_chain.cyclonedx import bill_of_materials
from conformity.probes.shared.supply_chain.packages import Package
from conformity.probes.shared.supply_chain.severity import score_of, severity_of

NUMPY = Package("PyPI", "numpy", "1.0")
EVENTS = [{"introduced": "0"}, {"fixed": "ab1"}]
COMMITS = {"type": "GIT", "repo": "https://host/numpy/numpy.git", "events": EVENTS}
BELOW_2 = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}
FROM_2 = {"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}]}
NAMED = {"ecosystem": "PyPI", "name": "numpy"}


def found(*parts: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return which advisories stand, one for each part, and whether they decide; all have one alias."""
    entries = [{"id": f"A-{k}", "aliases": ["CVE-1"], "affected": [part]} for k, part in enumerate(parts)]
    return [(one.id, one.decided) for one in vulnerabilities([NUMPY], entries)]


def about(*ranges: dict[str, Any], package: dict[str, str] | None = NAMED, **more: Any) -> dict[str, Any]:
    """Return what an advisory says of a package."""
    return {
        **({"package": package} if package else {}),
        **({"ranges": list(ranges)} if ranges else {}),
        **more,
    }


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        pytest.param([about(COMMITS)], [("A-0", False)], id="commits alone"),
        pytest.param([about()], [("A-0", False)], id="no version at all"),
        pytest.param([about(COMMITS, package=None)], [("A-0", False)], id="a repository of that name"),
        pytest.param([about({**COMMITS, "repo": "https://host/other"}, package=None)], [], id="another one"),
        pytest.param([about(COMMITS, BELOW_2)], [("A-0", True)], id="both"),
        pytest.param([about(COMMITS, FROM_2)], [], id="both, and not affected"),
        pytest.param([about(COMMITS, versions=["1.0"])], [("A-0", True)], id="listed"),
        pytest.param([about(BELOW_2, package={"purl": "pkg:pypi/NumPy"})], [("A-0", True)], id="by URL"),
        pytest.param([about(package={"purl": "pkg:pypi/numpy"})], [("A-0", False)], id="by URL alone"),
        pytest.param([about(BELOW_2, package={"name": "numpy"})], [("A-0", True)], id="no ecosystem"),
        pytest.param([about(BELOW_2, package={**NAMED, "ecosystem": "Go"})], [], id="another ecosystem"),
        pytest.param([about(BELOW_2, package={"purl": "pkg:"})], [], id="a URL of nothing"),
        pytest.param([about(COMMITS, package=None), about(FROM_2)], [], id="another tells that not"),
        pytest.param([about(COMMITS, package=None), about(BELOW_2)], [("A-1", True)], id="another tells"),
    ],
)
def test_what_is_not_told_stays_open(parts: list[dict[str, Any]], wanted: list[tuple[str, bool]]) -> None:
    """Source: OSV schema 1.7; commits stand in no list of packages, so that they decide nothing."""
    assert found(*parts) == wanted


def test_a_name_may_be_of_any_ecosystem_that_is_known() -> None:
    assert named_in({"package": {"name": "a_b"}}) == (("PyPI", "a-b"), ("npm", "a_b"))
    assert named_in({"ranges": [{"type": "GIT", "repo": "https://host/x/a_b.git/"}]}) == (
        ("PyPI", "a-b"),
        ("npm", "a_b"),
    )


def test_open_questions_are_counted_apart_and_named(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("numpy==1.0\npandas==3.0\n", encoding="utf-8")
    entries = [
        {"id": "GIT-1", "affected": [{"ranges": [COMMITS]}]},
        {"id": "GIT-2", "affected": [{"ranges": [{**COMMITS, "repo": "https://host/other"}]}]},
        *({"id": f"OPEN-{k:02}", "affected": [{"package": NAMED}]} for k in range(25)),
    ]
    (tmp_path / "a.json").write_text(json.dumps(entries), encoding="utf-8")
    subject = DependenciesSubject(id=SubjectId("d"), title="D", path="d", kind="dependencies")
    result = PROBE.examine(Target(subject=subject, path=tmp_path, tables={}, scratch=tmp_path, seed=1))
    counts = {str(m.metric): m.result.value for m in result.measurements if isinstance(m.result, Count)}
    assert (counts["undecided_vulnerabilities"], counts["vulnerabilities"]) == (26, 0)
    assert result.notes[0].startswith(
        "Not told by their advisories, which list no versions: numpy (GIT-1), numpy (OPEN-00)"
    )
    assert result.notes[0].endswith("numpy (OPEN-18) and 6 more.")
    assert result.notes[1].startswith("Advisories that name no package: 2; ")


def test_a_bill_says_that_the_status_of_a_version_is_unknown() -> None:
    """Source: CycloneDX 1.6, ``affectedStatus``."""
    open_one = Vulnerability(NUMPY, "GIT-1", "unrated", decided=False)
    (known,) = bill_of_materials("S", None, [NUMPY], (), [open_one])["vulnerabilities"]
    assert known["affects"] == [
        {"ref": "pkg:pypi/numpy@1.0", "versions": [{"version": "1.0", "status": "unknown"}]}
    ]


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        # FIRST, CVSS v4.0 Examples: CVE-2022-41741, CVE-2020-3549. Then the two ends of the scale.
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0),
    ],
)
def test_vectors_of_version_4_are_scored(vector: str, score: float) -> None:
    assert score_of(vector) == score


@pytest.mark.parametrize(
    "vector",
    [
        "", "CVSS:4.0/", "CVSS:4.0/AV:N", "CVSS:5.0/AV:N", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "9.8",
        "CVSS:4.0/AV:X/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
        "CVSS:3.1" + "/AV:N" * 100, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", "CVSS:3.1/AV/AC:L",
    ],
)  # fmt: skip
def test_what_is_no_vector_has_no_score_and_not_zero(vector: str) -> None:
    assert score_of(vector) is None
    assert severity_of({"severity": [{"type": "CVSS_V4", "score": vector}]}) == "unrated"
