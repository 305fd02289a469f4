"""Distinction and separation of columns, on ARX's table and on small ones counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.probes.interface import NotMeasurableError
from conformity.probes.privacy.quasi_identifiers.probe import MOST_COLUMNS, PROBE
from conformity.probes.registry import load_probe, probe_specs
from tests.support.anonymity import bound, content, numbers, results, subject
from tests.support.privacy_tables import probed

# ARX, TestRiskQuasiIdentifiers: five people, with distinction and separation calculated by hand there.
FIVE = content(
    "age,sex,state", [(20, "F", "CA"), (30, "F", "CA"), (40, "F", "TX"), (20, "M", "NY"), (40, "M", "CA")]
)


@pytest.mark.parametrize(
    ("column", "distinction", "separation"), [("sex", 0.4, 0.6), ("state", 0.6, 0.7), ("age", 0.6, 0.8)]
)
def test_published_values(tmp_path: Path, column: str, distinction: float, separation: float) -> None:
    table = subject(*bound(age="feature", sex="protected", state="feature"))
    measured = numbers(probed(PROBE, table, tmp_path, FIVE), column)
    assert measured["distinction"] == distinction
    assert measured["separation"] == separation


def test_pairs_are_told_by_their_best(tmp_path: Path) -> None:
    """By hand: sex and state leave two equal rows; age with either tells all rows apart."""
    table = subject(*bound(age="feature", sex="quasi_identifier", state="feature"))
    result = probed(PROBE, table, tmp_path, FIVE)
    assert results(result, "sex")["unique_share_in_pair"] == Scalar(value=1, unit="1", n=5)
    assert results(result, "sex")["unique_share_alone"] == Scalar(value=0, unit="1", n=5)
    assert results(result, "age")["unique_share_alone"] == Scalar(value=0.2, unit="1", n=5)
    # Age alone makes one row in five unique, and so does state, so that no pair is proposed beside them.
    assert results(result)["undeclared_identifying_columns"] == Count(value=2, unit="columns")
    assert "the most telling first: 'state'; 'age'." in result.notes[0]


def test_a_pair_is_proposed_where_no_column_is(tmp_path: Path) -> None:
    rows = [(first, second) for first in "ab" for second in "xy"]
    table = subject(*bound(one_="feature", two="feature"))
    result = probed(PROBE, table, tmp_path, content("one_,two", rows))
    assert results(result)["undeclared_identifying_columns"] == Count(value=2, unit="columns")
    assert "'one_' × 'two'" in result.notes[0]


def test_what_is_bound_already_is_not_proposed(tmp_path: Path) -> None:
    table = subject(*bound(age="quasi_identifier", sex="feature"))
    rows = [(number, "f") for number in range(30)]
    result = probed(PROBE, table, tmp_path, content("age,sex", rows))
    assert results(result)["undeclared_identifying_columns"] == Count(value=0, unit="columns")
    assert result.notes == ()


def test_a_column_alone_has_no_pair_and_a_row_no_separation(tmp_path: Path) -> None:
    result = probed(PROBE, subject(*bound(age="feature")), tmp_path, content("age", [(1,)]))
    measured = results(result, "age")
    assert isinstance(measured["unique_share_in_pair"], NotAvailable)
    assert isinstance(measured["separation"], NotAvailable)
    assert measured["distinction"] == Scalar(value=1, unit="1", n=1)


def test_columns_beyond_the_most_are_told(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(MOST_COLUMNS + 2)]
    roles = dict.fromkeys(names, "feature")
    roles[names[-1]] = "quasi_identifier"
    table = subject(*bound(**roles))
    assert len(PROBE.tallies(table)) == MOST_COLUMNS * (MOST_COLUMNS + 1) // 2
    result = probed(PROBE, table, tmp_path, content(",".join(names), [["x"] * len(names)] * 2))
    assert results(result, names[-1])["distinction"] == Scalar(value=0.5, unit="1", n=2)
    assert results(result, names[MOST_COLUMNS - 1]) == {}
    assert result.notes == (f"Of the bound columns, {MOST_COLUMNS} were examined and 2 were not.",)


def test_quasi_identifiers_need_columns_and_rows(tmp_path: Path) -> None:
    name = {"name": "name", "roles": ["direct_identifier", "feature"]}
    with pytest.raises(NotMeasurableError, match="no column of 'people' has one of the roles"):
        PROBE.tallies(subject(name))
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        probed(PROBE, subject(*bound(age="feature")), tmp_path, content("age", []))


def test_quasi_identifiers_measure_what_they_declare(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/quasi_identifiers"]
    assert load_probe(spec.id) is PROBE
    result = probed(PROBE, subject(*bound(age="feature", sex="protected")), tmp_path, FIVE)
    assert {one.metric for one in result.measurements} == {metric.id for metric in spec.metrics}
