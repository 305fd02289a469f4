"""``conformity.assess`` from Python: frames, files and manifests, and what a notebook shows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import conformity
from conformity.errors import ConformityError, PathError, UsageError
from tests.support.counted_here import counted_here

ROWS = {
    "sex": ["f", "m"] * 60,
    "label": [1, 1, 0, 0] * 30,
    "decided": [1, 1, 0, 1] * 30,
}
ROLES: dict[str, Any] = {
    "label": "label",
    "prediction": "decided",
    "protected": ["sex"],
    "positive": [1],
    "negative": [0],
}


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count tables in this process: how workers are started is not what is tested here."""
    with counted_here():
        yield


def selection_rates(report: conformity.Report) -> dict[str, float]:
    """Return the selection rate of each group."""
    rows = report.measurements().query("metric == 'selection_rate' and by == 'sex'")
    return dict(zip(rows["group"], rows["value"], strict=True))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_frame_in_memory_is_assessed(make: Any) -> None:
    report = conformity.assess(make(ROWS), **ROLES)
    assert selection_rates(report) == {"f": 0.5, "m": 1.0}
    assert report.summary.counts.met == 0
    assert "0 met" in repr(report)
    assert "in memory" in report.summary.system


def test_a_file_is_assessed_and_its_pack_kept_only_when_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "people.csv"
    pd.DataFrame(ROWS).to_csv(data, index=False)
    report = conformity.assess(data, tmp_path / "pack", title="People", **ROLES)
    assert selection_rates(report) == {"f": 0.5, "m": 1.0}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pack", "people.csv"]
    assert (tmp_path / "pack" / "report.html").read_text("utf-8") == report.html
    assert report.summary.system.startswith("People")


def test_a_file_is_assessed_wherever_it_lies_unless_a_root_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data" / "people.csv"
    data.parent.mkdir()
    pd.DataFrame(ROWS).to_csv(data, index=False)
    assert selection_rates(conformity.assess(str(data), **ROLES)) == {"f": 0.5, "m": 1.0}
    monkeypatch.setenv("CONFORMITY_ROOT", str(tmp_path / "data"))
    assert selection_rates(conformity.assess(str(data), **ROLES)) == {"f": 0.5, "m": 1.0}
    assert selection_rates(conformity.assess(pd.DataFrame(ROWS), **ROLES)) == {"f": 0.5, "m": 1.0}
    (tmp_path / "elsewhere.csv").write_text(data.read_text())
    with pytest.raises(PathError, match="does not lie inside"):
        conformity.assess(tmp_path / "elsewhere.csv", **ROLES)
    with pytest.raises(PathError, match="does not lie inside"):
        conformity.assess(data, tmp_path / "pack", **ROLES)
    with pytest.raises(PathError) as raised:
        conformity.assess("mysql://user:secret@host/db", **ROLES)
    assert "secret" not in str(raised.value)


def test_a_manifest_is_assessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame(ROWS).to_csv(tmp_path / "people.csv", index=False)
    monkeypatch.chdir(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "conformity", "init", "people.csv", "-o", "conformity.yaml"], check=True
    )
    report = conformity.assess("conformity.yaml")
    assert report.assessment.manifest.subjects[0].path == "people.csv"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["conformity.yaml", "people.csv"]


def test_a_notebook_shows_the_report_in_a_frame_without_scripts() -> None:
    shown = conformity.assess(pd.DataFrame(ROWS), **ROLES)._repr_html_()
    assert shown.startswith('<iframe sandbox="" ')
    assert shown.count("<") == 2, "the document inside is escaped"
    assert "Verdicts by article" in shown


@pytest.mark.parametrize(
    ("data", "roles", "error", "message"),
    [
        ("nowhere.csv", ROLES, PathError, "there is nothing at nowhere.csv"),
        (["not", "a", "frame"], ROLES, ConformityError, "a list is not a data frame"),
        (pd.DataFrame(ROWS), {}, UsageError, "Name at least one column"),
        (pd.DataFrame(ROWS), {"protected": ["gender"]}, ConformityError, "no column 'gender'"),
        (pd.DataFrame({"sex": [1, "a"]}), {"protected": ["sex"]}, ConformityError, "the data frame"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    data: Any, roles: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        conformity.assess(data, **roles)


def test_importing_the_package_imports_no_library() -> None:
    asked = "print(conformity.__version__, 'pandas' in sys.modules, 'pydantic' in sys.modules)"
    code = f"import sys, conformity; {asked}"
    seen = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert seen.split()[1:] == ["False", "False"]


def test_there_is_nothing_else_to_import() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'asses'"):
        _ = conformity.asses
