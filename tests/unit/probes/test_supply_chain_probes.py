"""Packages and their known vulnerabilities, with known answers from CVSS and OSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.measurement import Count, NotAvailable
from conformity.model.subject import DependenciesSubject, PromptLogSubject
from conformity.probes.interface import FileProbe, NotMeasurableError, ProbeResult, Target
from conformity.probes.security.dependencies.probe import PROBE as DEPENDENCIES
from conformity.probes.security.vulnerabilities.probe import PROBE as VULNERABILITIES
from conformity.probes.shared.supply_chain.advisories import vulnerabilities
from conformity.probes.shared.supply_chain.packages import Package
from conformity.probes.shared.supply_chain.severity import band, score_of, severity_of

_WORST = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def run(probe: FileProbe, path: Path) -> ProbeResult:
    """Return what a probe finds; ``security/dependencies`` and ``security/vulnerabilities`` alike."""
    subject = DependenciesSubject(id=SubjectId("s"), kind="dependencies", title="S", path=path.name)
    return probe.examine(Target(subject=subject, path=path, tables={}, scratch=path.parent, seed=1))


def values(result: ProbeResult) -> dict[str, int | None]:
    """Return the counts by metric; None where there is none."""
    return {
        str(m.metric): m.result.value if isinstance(m.result, Count) else None for m in result.measurements
    }


def advisory(ident: str, name: str = "numpy", **more: Any) -> dict[str, Any]:
    """Return an advisory that affects every version below 2.0."""
    span = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}
    part = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [span]}
    return {"id": ident, "modified": "2026-11-01T10:00:00Z", "affected": [part], **more}


@pytest.mark.parametrize(
    ("vector", "score", "name"),
    [
        # Examples of FIRST, CVSS v3.1 Examples document: CVE-2013-1937, CVE-2014-3566, CVE-2016-1645,
        # CVE-2015-8252, CVE-2014-0160.
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "medium"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1, "low"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 8.8, "high"),
        (_WORST, 9.8, "critical"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5, "high"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, "critical"),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:C/C:N/I:N/A:N", 0.0, "none"),
    ],
)
def test_base_scores_are_those_of_the_standard(vector: str, score: float, name: str) -> None:
    found = score_of(vector)
    assert found == score
    assert band(found) == name


def test_a_severity_comes_from_the_vector_else_from_the_word() -> None:
    assert score_of("CVSS:3.1/AV:N") is None
    assert score_of("CVSS:4.0/AV:N") is None
    words = {"database_specific": {"severity": "MODERATE"}}
    assert severity_of({"severity": [{"type": "CVSS_V3", "score": _WORST}], **words}) == "critical"
    assert severity_of({"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}], **words}) == "medium"
    assert severity_of({"severity": 1}) == "unrated"


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}, {"fixed": "1.2"}], ["0.1", "1.2rc1", "1.1.9"], ["1.2", "1.10"]),
        ([{"introduced": "1.0"}, {"last_affected": "1.2"}], ["1.0", "1.2"], ["0.9", "1.2.1"]),
        (
            [{"fixed": "1.2"}, {"introduced": "1.0"}, {"introduced": "2.0"}],
            ["1.1", "2.0", "3"],
            ["1.2", "1.9"],
        ),
        ([{"introduced": "1.0"}, {"limit": "2.0"}], ["1.5"], ["2.0"]),
        ([{"introduced": "0"}, {"fixed": "not a version"}], ["1.0"], []),
        ([], [], ["1.0"]),
    ],
)
def test_ranges_are_evaluated_as_osv_says(
    events: list[dict[str, str]], inside: list[str], outside: list[str]
) -> None:
    """Source: OSV schema, evaluation; 1.10 comes after 1.2 in PEP 440."""
    part = {
        "package": {"ecosystem": "PyPI", "name": "x"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    packages = [Package("PyPI", "x", version) for version in inside + outside]
    found = vulnerabilities(packages, [{"id": "A", "affected": [part]}])
    assert sorted(str(one.package.version) for one in found) == sorted(inside)


def test_listed_versions_match_however_they_are_written() -> None:
    part = {"package": {"ecosystem": "PyPI:x", "name": "X_y"}, "versions": ["1.0"]}
    found = vulnerabilities([Package("PyPI", "x-y", "1.0.0")], [{"id": "A", "affected": [part]}])
    assert [one.id for one in found] == ["A"]


def test_what_does_not_speak_of_the_package_does_not_match() -> None:
    numpy = [
        Package("PyPI", "numpy", "1.0"),
        Package("PyPI", "numpy", None),
        Package("conda", "numpy", "1.0"),
    ]
    nothing: list[dict[str, Any]] = [
        advisory("A", withdrawn="2026-01-01"),
        advisory("B", name="pandas"),
        {"id": "C", "affected": 1},
        {"id": "D", "affected": [1, {"package": {"ecosystem": "Go", "name": "numpy"}, "versions": ["1.0"]}]},
    ]
    assert vulnerabilities(numpy, nothing) == ()


def test_vulnerabilities_are_counted_once_and_by_severity(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("numpy==1.0\npandas==3.0\nscipy>=1\n", encoding="utf-8")
    entries = [
        advisory("GHSA-1", aliases=["CVE-1"], severity=[{"type": "CVSS_V3", "score": _WORST}]),
        advisory("PYSEC-1", aliases=["CVE-1"]),
        advisory("GHSA-2", database_specific={"severity": "LOW"}),
        advisory("GHSA-3"),
    ]
    (tmp_path / "a.json").write_text(json.dumps(entries), encoding="utf-8")
    result = run(VULNERABILITIES, tmp_path)
    assert values(result) == {
        "critical_vulnerabilities": 1,
        "high_vulnerabilities": 0,
        "low_vulnerabilities": 1,
        "medium_vulnerabilities": 0,
        "undecided_vulnerabilities": 0,
        "unmatched_dependencies": 1,
        "unrated_vulnerabilities": 1,
        "vulnerabilities": 3,
        "vulnerable_dependencies": 1,
    }
    assert result.notes[0] == "numpy 1.0: GHSA-1 (critical); mended in 2.0."
    assert result.notes[-1] == "Advisories read: 4; the newest was changed on 2026-11-01."


def test_without_advisories_there_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("numpy==1.0\n", encoding="utf-8")
    result = run(VULNERABILITIES, tmp_path)
    assert result.notes == ()
    for measurement in result.measurements:
        assert isinstance(measurement.result, NotAvailable)
        assert measurement.result.why == "not_collected"


def test_a_report_of_pip_audit_counts(tmp_path: Path) -> None:
    report = {
        "dependencies": [
            {
                "name": "Flask",
                "version": "0.5",
                "vulns": [
                    {"id": f"PYSEC-{n}", "fix_versions": ["1.0"], "aliases": [f"CVE-{n}"], "description": "x"}
                    for n in range(25)
                ],
            },
            {"name": "jinja2", "version": "3.1.6", "vulns": []},
            {"name": "own", "skip_reason": "not on the index"},
        ]
    }
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    result = run(VULNERABILITIES, path)
    found = values(result)
    assert (found["vulnerabilities"], found["unrated_vulnerabilities"]) == (25, 25)
    assert (found["vulnerable_dependencies"], found["unmatched_dependencies"]) == (1, 1)
    assert "And 5 more vulnerabilities." in result.notes
    assert result.notes[-1].startswith("pip-audit gives no severities")
    assert values(run(DEPENDENCIES, path))["dependencies"] == 3


def test_packages_are_counted(tmp_path: Path) -> None:
    lines = [f"p{n}>=1" for n in range(25)] + ["a==1", f"b==2 --hash=sha256:{'a' * 64}"]
    path = tmp_path / "requirements.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = run(DEPENDENCIES, path)
    assert values(result) == {
        "dependencies": 27,
        "undigested_dependencies": 1,
        "unpinned_dependencies": 25,
    }
    assert result.notes[0].endswith("and 5 more.")
    assert result.notes[1] == "Without a digest: a."


@pytest.mark.parametrize("probe", [DEPENDENCIES, VULNERABILITIES])
def test_nothing_listed_is_nothing_measured(tmp_path: Path, probe: FileProbe) -> None:
    path = tmp_path / "r.txt"
    path.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(NotMeasurableError, match="lists no package"):
        run(probe, path)
    log = PromptLogSubject(id=SubjectId("p"), title="Log", path="p", kind="prompt_log")
    with pytest.raises(DataError, match="is no list of packages"):
        probe.examine(Target(subject=log, path=path, tables={}, scratch=tmp_path, seed=1))
