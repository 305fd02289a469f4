"""Rows that occur in training too: counted by hand, and estimated from sketches with known coverage."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.hashes import without_hashes
from conformity.engines.interface import TableSource
from conformity.model.base import SubjectId
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import RowHashes
from conformity.probes.data_quality.overlap.common_rows import overlap
from conformity.probes.data_quality.overlap.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs
from conformity.probes.shared.sketches import Sketch, read_sketch

Counts = npt.NDArray[np.int64]

LABEL = {"name": "y", "roles": ["label"], "positive": [1], "negative": [0]}
PREDICTION = {"name": "p", "roles": ["prediction"], "positive": [1], "negative": [0]}
FEATURES = ({"name": "a", "roles": ["feature"]}, {"name": "b", "roles": ["protected"]})
IDENTITY = {"name": "id", "roles": ["direct_identifier"]}


def subject(name: str, purpose: str, *columns: dict[str, Any]) -> TableSubject:
    """Return a table with this purpose."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": name,
            "title": name,
            "path": f"{name}.csv",
            "purpose": purpose,
            "columns": columns or (IDENTITY, *FEATURES, LABEL),
        }
    )


TEST, TRAIN = subject("test", "testing", IDENTITY, *FEATURES, LABEL, PREDICTION), subject("train", "training")


def compared(folder: Path, table: TableSubject, files: dict[TableSubject, str]) -> ProbeResult:
    """Return what the probe finds in CSV files with these contents."""
    others = tuple(one for one in files if one is not table)
    tallies = {}
    for name, specs in PROBE.asks(table, others).items():
        (content,) = (text for one, text in files.items() if one.id == name)
        path = folder / f"{name}.csv"
        path.write_text(content)
        tallies[name] = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(specs)
    return PROBE.compare(table, others, without_hashes(tallies))


def found(result: ProbeResult) -> dict[str, Result]:
    """Return the results by metric."""
    assert [one.metric for one in result.measurements] == sorted(one.metric for one in result.measurements)
    return {str(one.metric): one.result for one in result.measurements}


TRAINING = "id,a,b,y\n1,x,1.0,1\n2,x,1,0\n3,z,2,1\n4,w,,0\n"
TESTING = "id,a,b,y,p\n7,x,1,1,1\n8, z ,2.00,0,0\n9,w,,0,1\n10,new,3,1,1\n11,x,01,1,0\n"


def test_rows_in_both_tables_are_counted(tmp_path: Path) -> None:
    result = compared(tmp_path, TEST, {TEST: TESTING, TRAIN: TRAINING})
    values = found(result)
    # All but 10 occur in training; 8 with another label, which is no part of the case.
    assert values["overlap_rows"] == Count(value=4, unit="rows")
    share = values["overlap_share"]
    assert isinstance(share, Scalar)
    assert (share.value, share.n) == (0.8, 5)
    assert share.interval is not None
    assert (share.interval.low, share.interval.high) == (0.8, 0.8)
    assert share.interval.method == "complete comparison: nothing is estimated"
    assert result.notes[0] == "Compared in 2 columns that are bound in both tables: 'a', 'b'."
    assert result.notes[1].startswith("Within training, fewer than 10 rows of fewer than 10 rows repeat")


def test_rows_of_any_training_table_count(tmp_path: Path) -> None:
    second = subject("more", "training")
    files = {TEST: TESTING, TRAIN: TRAINING, second: "id,a,b,y\n1,new,3.0,0\n"}
    values = found(compared(tmp_path, TEST, files))
    assert values["overlap_rows"] == Count(value=5, unit="rows")


def test_a_label_in_one_table_only_does_not_matter(tmp_path: Path) -> None:
    unlabelled = subject("train", "training", *FEATURES)
    values = found(compared(tmp_path, TEST, {TEST: TESTING, unlabelled: TRAINING}))
    assert values["overlap_rows"] == Count(value=4, unit="rows")


@pytest.mark.parametrize(
    ("table", "others", "reason"),
    [
        (TRAIN, (TEST,), "is for training"),
        (subject("people", "reference"), (TRAIN,), "is for reference"),
        (TEST, (), "no table has the purpose `training`"),
        (TEST, (subject("train", "training", LABEL, IDENTITY),), "no column that describes a case"),
        (
            TEST,
            (subject("train", "training", {"name": "z", "roles": ["feature"]}),),
            "no column that describes",
        ),
    ],
)
def test_what_cannot_be_compared(table: TableSubject, others: tuple[TableSubject, ...], reason: str) -> None:
    with pytest.raises(NotMeasurableError, match=reason):
        PROBE.asks(table, others)


@pytest.mark.parametrize("empty", [TEST, TRAIN])
def test_an_empty_table_is_not_measurable(tmp_path: Path, empty: TableSubject) -> None:
    files = {TEST: TESTING, TRAIN: TRAINING}
    files[empty] = files[empty].splitlines()[0] + "\n"
    with pytest.raises(NotMeasurableError, match=f"'{empty.id}' has no rows"):
        compared(tmp_path, TEST, files)


def test_measurements_are_the_declared_metrics(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "data_quality/overlap"]
    assert load_probe(spec.id) is PROBE
    values = found(compared(tmp_path, TEST, {TEST: TESTING, TRAIN: TRAINING}))
    assert set(values) == {metric.id for metric in spec.metrics}


def sketch(rows: dict[int, int], most: int) -> Sketch:
    """Return the sketch of rows given as hash and times."""
    kept = dict(sorted(rows.items())[:most])
    return Sketch(len(rows), sum(rows.values()), {f"{value:015d}": n for value, n in kept.items()})


def test_too_small_samples_give_no_estimate() -> None:
    # Training's 5 smallest hashes reach to 4, so that 4 rows of the other table can be compared.
    few = overlap(sketch(dict.fromkeys(range(100), 1), 100), [sketch(dict.fromkeys(range(1000), 1), 5)])
    for result in few:
        assert isinstance(result, NotAvailable)
        assert result.why == "too_few_cases"


def test_an_estimate_by_hand() -> None:
    # Hashes 0..99 of 200 are kept here and all there; every second one is in training, and twice here.
    here = sketch({n: 2 - n % 2 for n in range(200)}, 100)
    rows, share = overlap(here, [sketch(dict.fromkeys(range(0, 200, 2), 1), 200)])
    assert isinstance(share, Scalar)
    assert isinstance(rows, Scalar)
    assert share.value == pytest.approx(2 / 3)
    assert (rows.unit, rows.n) == ("rows", 150)
    assert rows.value == pytest.approx(200)
    # Effective size 150^2 / (50 * 4 + 50) = 90, of which 60 are shared; Wilson's limits are
    # (60 + z^2 / 2 -+ z sqrt(60 * 30 / 90 + z^2 / 4)) / (90 + z^2).
    assert share.interval is not None
    assert rows.interval is not None
    assert share.interval.low == pytest.approx(0.564223, abs=1e-6)
    assert share.interval.high == pytest.approx(0.755465, abs=1e-6)
    assert rows.interval.high == pytest.approx(300 * share.interval.high)


def drawn(hashes: Counts, times: Counts, most: int) -> Sketch:
    """Return the sketch of rows given as hashes and times, which is quicker than :func:`sketch`."""
    first = np.argsort(hashes)[:most]
    kept = zip(hashes[first].tolist(), times[first].tolist(), strict=True)
    return Sketch(len(hashes), int(times.sum()), {f"{value:015d}": n for value, n in kept})


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("here", "there", "most_here", "most_there", "shared"),
    [(3000, 5000, 200, 10_000, 0.3), (3000, 20_000, 10_000, 800, 0.1), (4000, 4000, 300, 200, 0.02)],
)
def test_intervals_hold_the_truth(
    here: int, there: int, most_here: int, most_there: int, shared: float
) -> None:
    random = np.random.default_rng(here + there)
    covered = 0
    both = int(shared * here)
    for _ in range(400):
        hashes = random.choice(10**6, here + there - both, replace=False)
        times = 1 + random.poisson(0.5, here)
        training = np.concatenate([hashes[:both], hashes[here:]])
        _, share = overlap(
            drawn(hashes[:here], times, most_here), [drawn(training, np.ones_like(training), most_there)]
        )
        assert isinstance(share, Scalar)
        assert share.interval is not None
        truth = times[:both].sum() / times.sum()
        covered += share.interval.low <= truth <= share.interval.high
    assert covered >= 0.93 * 400


def test_the_estimate_from_files_is_near_the_count(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    tables = {}
    for name, first in (("test", 0), ("train", 1000)):
        path = tmp_path / f"{name}.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["a", "b"])
            writer.writerows((f"row {n}", n / 8) for n in random.permutation(np.arange(first, first + 2000)))
        spec = RowHashes(columns=("a", "b"), most=400)
        tables[SubjectId(name)] = DuckDBEngine(threads=2).open(TableSource(path, "auto")).tally([spec])
    ranked = without_hashes(tables)
    by_rank, by_hash = (
        overlap(read_sketch(found[SubjectId("test")][0]), [read_sketch(found[SubjectId("train")][0])])
        for found in (ranked, tables)
    )
    assert by_rank == by_hash
    share = by_rank[1]
    assert isinstance(share, Scalar)
    assert share.interval is not None
    assert share.interval.low <= 0.5 <= share.interval.high
