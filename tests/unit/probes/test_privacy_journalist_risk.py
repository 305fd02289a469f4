"""Linkage with a reference: published examples, counts by hand, and estimates from samples of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.hashes import without_hashes
from conformity.engines.interface import TableSource
from conformity.model.measurement import NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.journalist_risk.linkage import linked, results_of, too_few
from conformity.probes.privacy.journalist_risk.probe import PROBE
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.sketches import Sketch

ZIP = {"name": "zip", "roles": ["quasi_identifier"]}
AGE = {"name": "age", "roles": ["quasi_identifier"]}
FEATURES = ({"name": "zip", "roles": ["feature"]}, {"name": "age", "roles": ["feature"]})


def subject(purpose: str, *columns: dict[str, Any], name: str = "") -> TableSubject:
    """Return a table with this purpose."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": name or purpose,
            "title": purpose.title(),
            "path": f"{purpose}.csv",
            "purpose": purpose,
            "columns": columns,
        }
    )


TABLE, REFERENCE = subject("testing", ZIP, AGE), subject("reference", *FEATURES)


def classes(sizes: dict[str, int]) -> str:
    """Return a CSV file with so many rows of each age in one place."""
    rows = [f"85535,{age}\n" for age, count in sizes.items() for _ in range(count)]
    return "zip,age\n" + "".join(rows)


def compared(folder: Path, table: str, reference: str, subject_: TableSubject = TABLE) -> ProbeResult:
    """Return what the probe finds in two CSV files."""
    contents = {"testing": table, "reference": reference}
    tallies = {}
    for name, specs in PROBE.asks(subject_, [REFERENCE]).items():
        path = folder / f"{name}.csv"
        path.write_text(contents[name])
        tallies[name] = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(specs)
    return PROBE.compare(subject_, [REFERENCE], without_hashes(tallies))


def found(result: ProbeResult) -> dict[str, Result]:
    """Return the results by metric."""
    assert [one.metric for one in result.measurements] == sorted(one.metric for one in result.measurements)
    return {str(one.metric): one.result for one in result.measurements}


def values(results: dict[str, Result]) -> dict[str, float]:
    """Return the numbers by metric."""
    return {metric: result.value for metric, result in results.items() if isinstance(result, Scalar)}


def test_published_example_of_delta_presence(tmp_path: Path) -> None:
    """Desfontaines, "Delta-presence, for when being in the dataset is sensitive".

    5, 5, 10, 10 and 20 people of one place by age; 5 and 1 of them are in the table, which is 5-map, yet
    everybody between 10 and 19 is surely in it. Tenfold here, so that there are enough rows.
    """
    people = {"10-19": 50, "20-29": 50, "30-39": 100, "40-49": 100, "50-": 200}
    measured = values(found(compared(tmp_path, classes({"10-19": 50, "40-49": 10}), classes(people))))
    assert measured["delta_presence_highest"] == 1
    assert measured["delta_presence_lowest"] == 0
    assert measured["journalist_highest_risk"] == 1 / 50
    assert measured["outside_reference_share"] == 0


def test_published_example_of_presence_in_every_class(tmp_path: Path) -> None:
    """Nergiz, Atzori and Clifton (2007): with 2 of 3, 1 of 3 and 2 of 3 people delta is (1/3, 2/3)."""
    measured = values(
        found(
            compared(
                tmp_path,
                classes({"a": 20, "b": 10, "c": 20}),
                classes({"a": 30, "b": 30, "c": 30}),
            )
        )
    )
    assert measured["delta_presence_highest"] == pytest.approx(2 / 3)
    assert measured["delta_presence_lowest"] == pytest.approx(1 / 3)


def test_risks_counted_by_hand(tmp_path: Path) -> None:
    """El Emam (2013), chapter 16: 1 / min F; the larger of J / sum F and mean f / F; rows by 1 / F."""
    table = classes({"a": 2, "b": 4, "c": 24, "d": 10})
    result = compared(tmp_path, table, classes({"a": 4, "b": 10, "c": 1000, "d": 11, "e": 9}))
    measured = found(result)
    marketer = (2 / 4 + 4 / 10 + 24 / 1000 + 10 / 11) / 40
    assert values(measured) == pytest.approx(
        {
            "delta_presence_highest": 10 / 11,
            "delta_presence_lowest": 0,
            "journalist_average_risk": marketer,
            "journalist_highest_risk": 0.25,
            "journalist_share_below_11": 6 / 40,
            "journalist_share_below_5": 2 / 40,
            "marketer_risk": marketer,
            "outside_reference_share": 0,
        }
    )
    for metric in ("marketer_risk", "journalist_share_below_5"):
        share = measured[metric]
        assert isinstance(share, Scalar)
        assert share.interval is not None
        assert (share.interval.low, share.interval.high) == (share.value, share.value)
    assert result.notes == (
        "An attacker is taken to know the people of 'Reference' (reference) by 'age', 'zip'; each of its "
        "rows is one of them.",
    )
    # Where many classes are of few people, classes by people is the larger: 40 / 79 and 40 / 40 / 1.
    single = {f"x{n}": 1 for n in range(39)}
    few = values(found(compared(tmp_path, classes({**single, "y": 40}), classes({**single, "y": 40}))))
    assert few["journalist_average_risk"] == pytest.approx(40 / 79)
    assert few["marketer_risk"] == pytest.approx(40 / 79)


def test_rows_outside_the_reference_keep_the_prosecutors_risk(tmp_path: Path) -> None:
    table = classes({"a": 30, "b": 3, "c": 7})
    measured = found(compared(tmp_path, table, classes({"a": 60, "c": 6})))
    assert values(measured)["outside_reference_share"] == pytest.approx(10 / 40)
    assert values(measured)["journalist_highest_risk"] == 1 / 3
    assert values(measured)["journalist_share_below_5"] == pytest.approx(3 / 40)
    for metric in ("delta_presence_highest", "delta_presence_lowest"):
        result = measured[metric]
        assert isinstance(result, NotAvailable)
        assert "rows of the table are not in the reference" in result.reason


def test_only_common_columns_are_compared(tmp_path: Path) -> None:
    table = subject("testing", ZIP, AGE, {"name": "job", "roles": ["quasi_identifier"]})
    content = classes({"a": 40}).replace("\n", ",x\n").replace("age,x", "age,job", 1)
    result = compared(tmp_path, content, classes({"a": 80}), table)
    assert values(found(result))["journalist_highest_risk"] == 1 / 80
    assert result.notes[0].endswith("The reference lacks 'job'.")


def test_blank_columns_and_few_rows_give_no_numbers(tmp_path: Path) -> None:
    for content, why in ((classes({"a": 29}), "too_few_cases"), (classes({"": 40}), "not_collected")):
        measured = found(compared(tmp_path, content, classes({"a": 50})))
        assert len(measured) == 8
        for result in measured.values():
            assert isinstance(result, NotAvailable)
            assert result.why == why
    with pytest.raises(NotMeasurableError, match="'reference' is blank in every row of 'age'"):
        compared(tmp_path, classes({"a": 40}), classes({"": 40}))
    for contents in ((classes({}), classes({"a": 1})), (classes({"a": 1}), classes({}))):
        with pytest.raises(NotMeasurableError, match="has no rows"):
            compared(tmp_path, *contents)


def test_there_must_be_one_list_of_people() -> None:
    with pytest.raises(NotMeasurableError, match="no tables have the purpose `reference`"):
        PROBE.asks(TABLE, [])
    with pytest.raises(NotMeasurableError, match="2 tables have the purpose `reference`"):
        PROBE.asks(TABLE, [REFERENCE, subject("reference", *FEATURES, name="other")])
    with pytest.raises(NotMeasurableError, match="'reference' is the reference"):
        PROBE.asks(REFERENCE, [TABLE])
    with pytest.raises(NotMeasurableError, match="are weighted, so that they do not list people"):
        PROBE.asks(TABLE, [subject("reference", *FEATURES, {"name": "w", "roles": ["weight"]})])
    with pytest.raises(NotMeasurableError, match="no `quasi_identifier` of 'testing' is bound"):
        PROBE.asks(TABLE, [subject("reference", {"name": "job", "roles": ["feature"]})])


def sketches(rows: dict[int, int], people: dict[int, int], keep: int) -> tuple[Sketch, Sketch]:
    """Return the smallest ``keep`` hashes of classes of a table and of a reference."""
    made = []
    for counts in (rows, people):
        kept = {f"{value:08d}": counts[value] for value in sorted(counts)[:keep]}
        made.append(Sketch(len(counts), sum(counts.values()), kept))
    return made[0], made[1]


@pytest.mark.no_cover
def test_samples_of_classes_cover_the_truth_and_leave_the_worst_open() -> None:
    draw = np.random.default_rng(7)
    tries, covered, shares = 200, 0, 0
    for _ in range(tries):
        sizes = draw.geometric(0.08, 5000)
        found_rows = draw.binomial(sizes, 0.3)
        people = dict(enumerate(sizes.tolist()))
        rows = {value: n for value, n in enumerate(found_rows.tolist()) if n}
        truth = results_of(linked(*sketches(rows, people, 5000)))
        sampled = linked(*sketches(rows, people, 600))
        assert not sampled.all_compared
        found_ = results_of(sampled)
        for metric in ("delta_presence_highest", "journalist_highest_risk", "journalist_average_risk"):
            assert isinstance(found_[metric], NotAvailable)
        covered += _covers(found_["marketer_risk"], truth["marketer_risk"])
        shares += _covers(found_["journalist_share_below_5"], truth["journalist_share_below_5"])
    # The share keeps its 95 %; the mean of a risk spreads less than a share, so that its limits are wide.
    assert 0.93 <= shares / tries <= 1
    assert covered / tries >= 0.98


def _covers(estimate: Result, truth: Result) -> bool:
    """Tell whether an interval holds the number that all classes give."""
    assert isinstance(estimate, Scalar)
    assert isinstance(truth, Scalar)
    assert estimate.interval is not None
    assert estimate.interval.low <= estimate.value <= estimate.interval.high
    return estimate.interval.low <= truth.value <= estimate.interval.high


def test_a_sample_of_few_classes_tells_nothing() -> None:
    rows = {n: 50 for n in range(100)}
    assert too_few(linked(*sketches(rows, rows, 31))) is None
    few = too_few(linked(*sketches(rows, rows, 30)))
    assert isinstance(few, NotAvailable)
    assert few.why == "too_few_cases"


def test_journalist_risk_measures_what_it_declares(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/journalist_risk"]
    assert load_probe(spec.id) is PROBE
    measured = found(compared(tmp_path, classes({"a": 40}), classes({"a": 80})))
    assert set(measured) == {str(metric.id) for metric in spec.metrics}
    estimates = {str(metric.id) for metric in spec.metrics if metric.extent == "estimate"}
    for metric, result in measured.items():
        assert isinstance(result, Scalar)
        assert (result.interval is not None) == (metric in estimates)
