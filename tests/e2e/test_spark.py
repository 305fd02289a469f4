"""An assessment counted by Spark has the evidence of one counted by the embedded engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import conformity, system


def _evidence(manifest: Path, engine: str) -> dict[str, Any]:
    """Return the evidence of an assessment with an engine."""
    pack = manifest.with_name(f"pack-{engine}")
    ran = conformity("assess", manifest, "-o", pack, "--formats", "json", "--engine", engine)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads((pack / "evidence.json").read_text("utf-8"))
    return found


def _seen(evidence: dict[str, Any]) -> dict[str, Any]:
    """Return what every step saw, with the digests of the tallies behind it."""
    kept = ("outcome", "reason", "measurements", "notes", "tallies")
    return {seen["step"]: {name: seen.get(name) for name in kept} for seen in evidence["observations"]}


@pytest.mark.spark
@pytest.mark.slow
def test_both_engines_give_the_same_evidence(tmp_path: Path) -> None:
    manifest = system(tmp_path)
    embedded, distributed = _evidence(manifest, "duckdb"), _evidence(manifest, "spark")
    assert _seen(distributed) == _seen(embedded)
    assert sum(seen["outcome"] == "measured" for seen in _seen(embedded).values()) > 5
    assert {one["name"] for one in distributed["software"]} - {
        one["name"] for one in embedded["software"]
    } == {"pyspark"}
    isolation = distributed["isolation"]
    assert any(line.startswith("No network: a connection") for line in isolation["guarantees"])
    assert any("Java process beside its worker" in line for line in isolation["gaps"])


def test_an_engine_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    ran = conformity("assess", system(tmp_path), "--engine", "flink")
    assert ran.code == 2
    assert "'flink' is not one of 'duckdb', 'spark'" in ran.err
