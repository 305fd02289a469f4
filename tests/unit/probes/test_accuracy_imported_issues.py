"""Scan reports of Giskard: issues are counted, and their texts stay where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import ConformityError, DataError
from conformity.model.measurement import Count
from conformity.probes.interface import NotMeasurableError, ProbeResult
from tests.support.imports import DATA, STRANGE, damaged, examined, real, record, written
from tests.support.robust_models import of_metric, order

PROBE = "accuracy/imported_issues"


def found(path: Path, **fields: Any) -> ProbeResult:
    """Return what is found in a file."""
    return examined(PROBE, record(path, "giskard", **fields))


def count(seen: ProbeResult, metric: str, *detector: str) -> int:
    """Return one count."""
    one = of_metric(seen, metric)[("detector",) if detector else (), detector]
    assert isinstance(one, Count)
    return one.value


def test_a_report_that_giskard_wrote() -> None:
    """Giskard 2.19.2 on a model that is worse for one group: four major issues and two minor ones."""
    seen = found(DATA / "giskard" / "scan.json", written_version="2.19.2", produced_on="2026-11-23")
    levels = ("issues", "major_issues", "medium_issues", "minor_issues")
    assert [count(seen, f"imported_{level}") for level in levels] == [6, 4, 0, 2]
    assert count(seen, "imported_detector_issues", "OverconfidenceDetector") == 2
    assert count(seen, "imported_detector_issues", "DataLeakageDetector") == 0
    assert seen.notes[0].endswith("Giskard; version: 2.19.2; day of its run: 2026-11-23.")
    assert seen.notes[1] == "What the file itself does not say of version or day is the provider's word."
    assert seen.notes[2].startswith("Detectors without an issue: DataLeakageDetector, EthicalBiasDetector")
    assert "income" not in repr(seen)
    assert order(seen.measurements) == sorted(order(seen.measurements))


def test_a_level_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="an issue of a level that is not known"):
        found(written(tmp_path, {"D": {"major": ["a"], "critical": ["b", "c"]}}))


def test_where_every_detector_found_something_nothing_is_said_of_silent_ones(tmp_path: Path) -> None:
    assert len(found(written(tmp_path, {"D": {"major": ["a"]}})).notes) == 1


def test_a_report_without_detectors_looked_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
        found(written(tmp_path, {}))


@pytest.mark.parametrize(
    "data", [[], {"D": []}, {"D": {"major": 3}}, {"D": {"major": [1]}}, {str(k): {} for k in range(201)}]
)
def test_what_is_no_scan_report_is_refused(tmp_path: Path, data: Any) -> None:
    with pytest.raises(DataError, match="is no scan report of Giskard"):
        found(written(tmp_path, data))


def test_a_damaged_file_is_refused_and_never_breaks_the_probe(tmp_path: Path) -> None:
    for data in [*damaged(real("giskard/scan.json")), *STRANGE]:
        try:
            found(written(tmp_path, data))
        except (ConformityError, NotMeasurableError):
            continue
