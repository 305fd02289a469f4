"""A table beside a population: counted by hand, weighed, and judged with intervals that hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, CellCounts, Tally
from conformity.probes.data_quality.representativeness.population import beside
from conformity.probes.data_quality.representativeness.probe import PROBE, _across
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs

SEX, CITY = {"name": "sex", "roles": ["protected"]}, {"name": "city", "roles": ["protected"]}
AGE = {"name": "age", "roles": ["protected"], "edges": [30]}
PEOPLE = {"name": "people", "roles": ["weight"]}
Found = dict[tuple[str, tuple[str, ...], tuple[str, ...]], Result]


def subject(purpose: str, *columns: dict[str, Any], name: str = "", crossed: int = 2) -> TableSubject:
    """Return a table with this purpose."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": name or purpose,
            "title": purpose.title(),
            "path": f"{purpose}.csv",
            "purpose": purpose,
            "columns": columns,
            "crossed": crossed,
        }
    )


def compared(folder: Path, table: TableSubject, reference: TableSubject, *contents: str) -> ProbeResult:
    """Return what the probe finds in CSV files with these contents, the table's first."""
    tallies = {}
    for name, specs in PROBE.asks(table, [reference]).items():
        path = folder / f"{name}.csv"
        path.write_text(contents[name == reference.id])
        tallies[name] = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(specs)
    return PROBE.compare(table, [reference], tallies)


def found(result: ProbeResult) -> Found:
    """Return the results by metric, columns and group; check that they are sorted and unique."""
    keys = [(one.metric, one.by, one.group) for one in result.measurements]
    assert keys == sorted(set(keys))
    return {(str(one.metric), one.by, one.group): one.result for one in result.measurements}


def scalar(result: Result) -> Scalar:
    """Return a result that must be a number."""
    assert isinstance(result, Scalar)
    return result


def rows(header: str, **counts: int) -> str:
    """Return a CSV file with lines repeated; ``_`` in a name stands for a comma."""
    lines = [line.replace("_", ",") for line, count in counts.items() for _ in range(count)]
    return "\n".join([header, *lines]) + "\n"


TRAINING = rows("sex", f=60, m=140)


def test_distances_and_ratios_by_hand(tmp_path: Path) -> None:
    population = "sex,people\nf,300\nf,250.5\nm,549.5\n"
    result = compared(
        tmp_path, subject("training", SEX), subject("reference", SEX, PEOPLE), TRAINING, population
    )
    values = found(result)
    # 550.5 of 1,100 are women, 0.300 of the table: half of 2 * |0.3 - 0.500454...|
    expected = 550.5 / 1100 - 0.3
    distance = scalar(values["representation_total_variation", ("sex",), ()])
    assert distance.value == pytest.approx(expected)
    assert distance.n == 200
    assert distance.interval is not None
    assert distance.interval.low < expected < distance.interval.high
    women = scalar(values["representation_ratio", ("sex",), ("f",)])
    assert women.value == pytest.approx(0.3 / (550.5 / 1100))
    assert women.n == 100
    assert women.interval is not None
    # Wilson for 60 of 200 (statsmodels 0.24071, 0.36681), by the population's share.
    assert women.interval.low == pytest.approx(0.24071 / (550.5 / 1100), abs=1e-4)
    assert women.interval.high == pytest.approx(0.36681 / (550.5 / 1100), abs=1e-4)
    lowest = scalar(values["lowest_representation_ratio", ("sex",), ()])
    assert lowest.value == women.value
    assert lowest.interval is not None
    assert lowest.interval.low < women.interval.low  # it holds for both groups at once
    assert lowest.interval.high > women.interval.high
    assert scalar(values["representation_chi_square_p", ("sex",), ()]).value < 1e-7
    assert scalar(values["representation_psi", ("sex",), ()]).value > 0.1
    assert 0 < scalar(values["representation_jensen_shannon", ("sex",), ()]).value < 0.1
    assert result.notes == (
        "The population is 'Reference' (reference), by the weights in 'people'; it is taken as free of "
        "error.",
        "sex: least represented is 'f'.",
    )


def test_rows_count_where_there_is_no_weight(tmp_path: Path) -> None:
    reference = subject("reference", SEX)
    values = found(compared(tmp_path, subject("training", SEX), reference, TRAINING, rows("sex", f=3, m=7)))
    for metric, expected in (("total_variation", 0), ("jensen_shannon", 0), ("psi", 0), ("chi_square_p", 1)):
        assert scalar(values[f"representation_{metric}", ("sex",), ()]).value == pytest.approx(expected)


def test_groups_of_one_table_only(tmp_path: Path) -> None:
    content = rows("sex,a", f_1=60, m_1=1, x_1=11, **{"_1": 9})
    population = rows("sex", f=6, m=3, d=1)
    result = compared(tmp_path, subject("training", SEX), subject("reference", SEX), content, population)
    values = found(result)
    # 60, 1, 0 of 81 rows beside 0.6, 0.3, 0.1; the other 20, blank ones too, are outside the population.
    assert scalar(values["representation_total_variation", ("sex",), ()]).value == pytest.approx(
        (60 / 81 - 0.6 + 0.3 - 1 / 81 + 0.1 + 20 / 81) / 2
    )
    p_value = values["representation_chi_square_p", ("sex",), ()]
    assert isinstance(p_value, NotAvailable)
    assert p_value.why == "undefined"
    # Only f would have 30 rows.
    assert [group for metric, _, group in values if metric == "representation_ratio"] == [("f",)]
    assert "sex: least represented is 'f'. 2 smaller groups of the population are not judged." in result.notes
    assert "sex: 20 rows are in groups that the reference does not have." in result.notes


def test_pairs_and_bins(tmp_path: Path) -> None:
    content = rows("sex,age", f_20=50, f_40=50, m_20=50, m_40=50)
    population = rows("sex,age", f_29=2, f_30=3, m_20=3, m_77=2)
    table, reference = (
        subject("testing", SEX, AGE),
        subject("reference", SEX, {"name": "age", "roles": ["feature"]}),
    )
    values = found(compared(tmp_path, table, reference, content, population))
    assert scalar(values["representation_total_variation", ("sex",), ()]).value == pytest.approx(0)
    assert scalar(values["representation_total_variation", ("age",), ()]).value == pytest.approx(0)
    assert scalar(values["representation_total_variation", ("sex", "age"), ()]).value == pytest.approx(0.1)
    assert scalar(values["lowest_representation_ratio", ("sex", "age"), ()]).value == pytest.approx(
        0.25 / 0.3
    )
    assert {group for metric, by, group in values if len(by) == 2} == {()}
    alone = compared(tmp_path, subject("testing", SEX, AGE, crossed=1), reference, content, population)
    assert {by for _, by, _ in found(alone)} == {("sex",), ("age",)}


@pytest.mark.parametrize(
    ("content", "why", "reason"),
    [
        (rows("sex", f=20), "too_few_cases", "fewer than 30 rows"),
        (rows("sex", female=20, male=20), "undefined", "no group of the table occurs in the reference"),
    ],
)
def test_what_cannot_be_said(tmp_path: Path, content: str, why: str, reason: str) -> None:
    population = rows("sex", f=5, m=5)
    values = found(
        compared(tmp_path, subject("training", SEX), subject("reference", SEX), content, population)
    )
    assert len(values) == 5
    for result in values.values():
        assert isinstance(result, NotAvailable)
        assert result.why == why
        assert result.reason.startswith(reason)


def test_a_population_of_many_small_groups_is_not_judged(tmp_path: Path) -> None:
    population = "sex\n" + "".join(f"g{n}\n" for n in range(50))
    result = compared(
        tmp_path, subject("training", SEX), subject("reference", SEX), rows("sex", g1=100), population
    )
    lowest = found(result)["lowest_representation_ratio", ("sex",), ()]
    assert isinstance(lowest, NotAvailable)
    assert lowest.why == "too_few_cases"


@pytest.mark.parametrize(
    ("content", "population", "reason"),
    [
        ("sex\n", "sex,people\nf,1\n", "'training' has no rows"),
        (TRAINING, "sex,people\n", "'reference' has no rows, or no weight"),
        (TRAINING, "sex,people\nf,0\n", "'reference' has no rows, or no weight"),
        (TRAINING, "sex,people\nf,5\nm,-1\n", "weights of 'reference' are negative"),
    ],
)
def test_an_empty_table_or_population(tmp_path: Path, content: str, population: str, reason: str) -> None:
    reference = subject("reference", SEX, PEOPLE)
    with pytest.raises(NotMeasurableError, match=reason):
        compared(tmp_path, subject("training", SEX), reference, content, population)


def test_rows_without_weight_are_told(tmp_path: Path) -> None:
    reference = subject("reference", SEX, PEOPLE)
    result = compared(tmp_path, subject("training", SEX), reference, TRAINING, "sex,people\nf,3\nm,7\nm,\n")
    assert "fewer than 10 rows of the reference have no weight and are left out." in result.notes
    assert scalar(found(result)["representation_total_variation", ("sex",), ()]).value == pytest.approx(0)


@pytest.mark.parametrize(
    ("table", "others", "reason"),
    [
        (subject("reference", SEX), (), "is the reference"),
        (subject("training", SEX), (subject("testing", SEX),), "no table has the purpose `reference`"),
        (
            subject("training", SEX),
            (subject("reference", SEX), subject("reference", SEX, name="second")),
            "2 tables have the purpose `reference`",
        ),
        (subject("training", SEX), (subject("reference", CITY),), "no `protected` column of 'training'"),
    ],
)
def test_nothing_to_compare_with(table: TableSubject, others: tuple[TableSubject, ...], reason: str) -> None:
    with pytest.raises(NotMeasurableError, match=reason):
        PROBE.asks(table, others)


def test_intervals_hold_the_truth() -> None:
    random = np.random.default_rng(11)
    population = np.array([0.4, 0.3, 0.2, 0.1])
    drawn_from = np.array([0.5, 0.25, 0.17, 0.08])
    spec = CellCounts(keys=(CategoryKey(column="sex"),))
    names = ("a", "b", "c", "d")
    everybody = tuple((name, int(1000 * share)) for name, share in zip(names, population, strict=True))
    covered = {"representation_total_variation": 0, "lowest_representation_ratio": 0}
    truths = {"representation_total_variation": 0.1, "lowest_representation_ratio": 0.08 / 0.1}
    for counts in random.multinomial(400, drawn_from, size=500):
        entries = tuple((name, int(n)) for name, n in zip(names, counts, strict=True))
        table, reference = (
            Tally(spec=spec, columns=("sex", "rows"), entries=one) for one in (entries, everybody)
        )
        groups = beside(("sex",), table, reference, "reference")
        across = _across(groups, np.flatnonzero(groups.population * 400 >= 30))
        for metric, truth in truths.items():
            interval = scalar(across[metric]).interval
            assert interval is not None
            covered[metric] += interval.low <= truth <= interval.high
    assert all(count >= 0.95 * 500 for count in covered.values())


def test_measurements_are_the_declared_metrics(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "data_quality/representativeness"]
    assert load_probe(spec.id) is PROBE
    result = compared(
        tmp_path, subject("training", SEX), subject("reference", SEX), TRAINING, rows("sex", f=1, m=1)
    )
    assert {metric for metric, _, _ in found(result)} == {metric.id for metric in spec.metrics}
