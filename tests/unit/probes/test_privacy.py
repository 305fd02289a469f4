"""Privacy probes on tables counted by hand and by published definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.privacy.k_anonymity.probe import PROBE as K_ANONYMITY
from conformity.probes.registry import load_probe, probe_specs


def subject(**roles: str) -> TableSubject:
    """Return a table with columns bound to one role each."""
    columns: list[dict[str, Any]] = [{"name": name, "roles": [role]} for name, role in roles.items()]
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": "people",
            "title": "People",
            "path": "people.csv",
            "purpose": "testing",
            "columns": columns or [{"name": "any", "roles": ["feature"]}],
        }
    )


def probed(probe: TableProbe, table: TableSubject, tmp_path: Path, content: str) -> ProbeResult:
    """Return what a probe finds in a CSV file with this content; check that it is sorted."""
    path = tmp_path / "people.csv"
    path.write_text(content)
    tallies = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(probe.tallies(table))
    result = probe.measure(table, tallies)
    keys = [(one.metric, one.by, one.group) for one in result.measurements]
    assert keys == sorted(set(keys))
    return result


def values(result: ProbeResult) -> dict[str, Result]:
    """Return the results of the whole table by metric."""
    return {str(one.metric): one.result for one in result.measurements if not one.by}


def shares(result: ProbeResult) -> dict[tuple[str, str], Result]:
    """Return the results per column and pattern."""
    return {(one.by[0], one.group[0]): one.result for one in result.measurements if one.by}


QUASI = subject(zip="quasi_identifier", born="quasi_identifier")
# Sweeney (2002), figure 2, shows a table of k = 2 with classes of 2, 3, 2, 2, 2 rows over race, birth
# year, sex and truncated ZIP; here the classes are the same, over two columns.
SWEENEY = [2, 3, 2, 2, 2]


def classes(sizes: list[int]) -> str:
    """Return a CSV file with classes of these sizes over two columns, and one that differs always."""
    rows = [f"z{number},{1960 + number}" for number, size in enumerate(sizes) for _ in range(size)]
    return "zip,born,id\n" + "".join(f"{row},{line}\n" for line, row in enumerate(rows))


def test_k_of_a_published_table(tmp_path: Path) -> None:
    found = values(probed(K_ANONYMITY, QUASI, tmp_path, classes(SWEENEY)))
    assert found == {
        "k_anonymity": Count(value=2, unit="rows"),
        "equivalence_classes": Count(value=5, unit="classes"),
        "unique_share": Scalar(value=0, unit="1", n=11),
        "share_below_5": Scalar(value=1, unit="1", n=11),
        "share_below_11": Scalar(value=1, unit="1", n=11),
        "highest_risk": Scalar(value=0.5, unit="1", n=11),
        "average_risk": Scalar(value=5 / 11, unit="1", n=11),
        "k_anonymity_wildcard": Count(value=2, unit="rows"),
        "unique_share_wildcard": Scalar(value=0, unit="1", n=11),
    }


def test_limits_of_small_classes_are_exclusive(tmp_path: Path) -> None:
    found = values(probed(K_ANONYMITY, QUASI, tmp_path, classes([1, 4, 5, 10, 11])))
    assert found["unique_share"] == Scalar(value=1 / 31, unit="1", n=31)
    assert found["share_below_5"] == Scalar(value=5 / 31, unit="1", n=31)
    assert found["share_below_11"] == Scalar(value=20 / 31, unit="1", n=31)
    assert found["k_anonymity"] == Count(value=1, unit="rows")


def test_a_missing_quasi_identifier_is_a_value_of_its_own(tmp_path: Path) -> None:
    """A peer drops rows with a single missing quasi-identifier and reports k = 2 here, not 1."""
    result = probed(K_ANONYMITY, QUASI, tmp_path, "zip,born\na,1\na,1\n,2\nb,3\nb,3\n")
    assert values(result)["k_anonymity"] == Count(value=1, unit="rows")
    assert len(result.notes) == 1
    assert "Some cells are missing in 'zip'" in result.notes[0]
    grouped = probed(K_ANONYMITY, QUASI, tmp_path, "zip,born\n,1\n ,1\n")
    assert isinstance(values(grouped)["k_anonymity"], NotAvailable)


def test_declared_edges_do_not_hide_exact_values(tmp_path: Path) -> None:
    column = {"name": "age", "roles": ["quasi_identifier"], "edges": [30]}
    table = subject().model_copy(update={"columns": ()})
    table = TableSubject.model_validate({**table.model_dump(), "columns": [column]})
    found = values(probed(K_ANONYMITY, table, tmp_path, "age,x\n20,a\n29,a\n29,b\n31,a\n31,b\n"))
    assert found["k_anonymity"] == Count(value=1, unit="rows")
    assert found["equivalence_classes"] == Count(value=3, unit="classes")


def test_a_blank_quasi_identifier_cannot_make_k_look_large(tmp_path: Path) -> None:
    result = probed(K_ANONYMITY, QUASI, tmp_path, "zip,born\n,1\n,1\n,1\n")
    found = values(result)
    assert len(found) == 9
    for one in found.values():
        assert isinstance(one, NotAvailable)
        assert one.why == "not_collected"
        assert "'zip'" in one.reason
        assert one.n == 3


def test_nothing_to_measure_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="no column of 'people' has the role `quasi_identifier`"):
        K_ANONYMITY.tallies(subject())
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        probed(K_ANONYMITY, QUASI, tmp_path, "zip,born\n")


@pytest.mark.parametrize("name", ["k_anonymity"])
def test_measurements_are_the_declared_metrics(name: str, tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == f"privacy/{name}"]
    probe: Any = load_probe(spec.id)
    content = "zip,born,mail\na,1,a@example.com\na,1,b@example.com\n"
    result = probed(probe, QUASI, tmp_path, content)
    assert {one.metric for one in result.measurements} == {metric.id for metric in spec.metrics}
    units = {metric.id: metric.unit for metric in spec.metrics}
    for one in result.measurements:
        assert isinstance(one.result, Count | Scalar)
        assert one.result.unit == units[one.metric]
