"""Measure fairness from cells against Fairlearn.

Run on demand, not as a test: ``python tests/benchmarks/bench_fairness.py [GROUPS] [ROWS]``. The first
line times 12 rates of GROUPS groups (1,000 by default) from the entries of a tally, the next lines what
the probes make of them, intervals included, and Fairlearn's MetricFrame on the same weighted cells: that
of a tenth of the groups, times ten, since its time grows with the groups. The last lines time one
attribute over ROWS rows (200,000 by default): DuckDB and a probe from a Parquet file, and Fairlearn on
pandas rows read from it. Best of three for ours, in seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
from fairlearn import metrics
from sklearn.metrics import accuracy_score, precision_score

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.base import ProbeId
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Tally
from conformity.probes.fairness.comparison import rate_by_group
from conformity.probes.registry import load_probe
from conformity.probes.shared import rates
from conformity.probes.shared.cells import read_lattice
from tests.strategies import decision_table, joint_tally

TWELVE = (
    rates.SELECTION,
    rates.LABEL,
    rates.TRUE_POSITIVE,
    rates.FALSE_POSITIVE,
    rates.TRUE_NEGATIVE,
    rates.FALSE_NEGATIVE,
    rates.POSITIVE_VALUE,
    rates.NEGATIVE_VALUE,
    rates.FALSE_DISCOVERY,
    rates.FALSE_OMISSION,
    rates.ACCURACY,
    rates.MISSED,
)
PEERS = {
    "selection rate": metrics.selection_rate,
    "mean prediction": metrics.mean_prediction,
    "true positive rate": metrics.true_positive_rate,
    "false positive rate": metrics.false_positive_rate,
    "true negative rate": metrics.true_negative_rate,
    "false negative rate": metrics.false_negative_rate,
    "accuracy": accuracy_score,
    "precision": precision_score,
}
PROBES = ("error_rates", "group_contrasts", "inequality", "disparate_impact_ratio")


def main(groups: int, rows: int) -> None:
    """Print the times."""
    table, tally = decision_table("race"), cells(groups)
    ours = best_of_three(lambda: twelve(table, tally))
    print(f"{groups:,} groups x 12 rates from the tally's entries {ours:10.4f}")
    for name in PROBES:
        probe = load_probe(ProbeId(f"fairness/{name}"))
        taken = best_of_three(lambda probe=probe: probe.measure(table, (tally,)))  # type: ignore[misc]
        print(f"{groups:,} groups, probe {name:24} {taken:10.4f}")
    some = cells(max(groups // 10, 2))
    peer = 10 * once(lambda: by_fairlearn(some))
    per_metric = (peer / len(PEERS)) / (ours / len(TWELVE))
    print(
        f"{groups:,} groups x {len(PEERS)} metrics by Fairlearn      {peer:10.4f}  each {per_metric:,.0f} x"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        make(path, rows)
        fast = best_of_three(lambda: from_file(path))
        slow = once(lambda: on_rows(path))
    print(f"{rows:,} rows, file to selection rates and ratio  {fast:10.4f}")
    print(f"{rows:,} rows by Fairlearn                        {slow:10.4f}  {slow / fast:,.0f} x")


def cells(groups: int) -> Tally:
    """Return the tally of this many groups, the same every time."""
    random = np.random.default_rng(1)
    table = decision_table("race")
    entries = tuple(
        (f"g{group:05}", label, prediction, int(random.integers(30, 900)))
        for group in range(groups)
        for label in "01"
        for prediction in "01"
    )
    return Tally(spec=joint_tally(table), columns=("race", "label", "prediction", "rows"), entries=entries)


def twelve(table: TableSubject, tally: Tally) -> None:
    """Compute twelve rates of all groups, with their extremes."""
    groups = read_lattice(table, (tally,)).groups(0)
    for rate in TWELVE:
        rate_by_group(groups, rate)


def by_fairlearn(tally: Tally) -> None:
    """Compute Fairlearn's metrics on the weighted cells."""
    group, label, prediction, count = zip(*tally.entries, strict=True)
    metrics.MetricFrame(
        metrics=PEERS,
        y_true=np.array(label, dtype=np.int64),
        y_pred=np.array(prediction, dtype=np.int64),
        sensitive_features=np.array(group),
        sample_params={name: {"sample_weight": np.array(count)} for name in PEERS},
    )


def make(path: Path, rows: int) -> None:
    """Write a table of pseudo-random decisions, the same every time."""
    duckdb.connect().execute(
        "COPY (SELECT 'g' || hash(i) % 9 AS race, (hash(i + 1) % 10 < 4)::INT AS label, "
        f"(hash(i + 2) % 10 < 3)::INT AS prediction FROM range({rows}) r(i)) TO '{path}' (FORMAT parquet)"
    )


def from_file(path: Path) -> None:
    """Compute selection rates and their ratio from a file."""
    outcome = {"positive": (1,), "negative": (0,)}
    columns = (
        Column(name="race", roles=("protected",)),
        Column(name="label", roles=("label",), **outcome),
        Column(name="prediction", roles=("prediction",), **outcome),
    )
    table = decision_table("race").model_copy(update={"columns": columns})
    opened = DuckDBEngine().open(TableSource(path, "parquet"))
    for name in ("selection_rate", "disparate_impact_ratio"):
        probe = load_probe(ProbeId(f"fairness/{name}"))
        probe.measure(table, opened.tally(probe.tallies(table)))  # type: ignore[union-attr]


def on_rows(path: Path) -> None:
    """Compute selection rates and their ratio by Fairlearn on rows, reading included."""
    frame = duckdb.connect().execute(f"FROM '{path}'").df()
    found = metrics.MetricFrame(
        metrics=metrics.selection_rate,
        y_true=frame["label"],
        y_pred=frame["prediction"],
        sensitive_features=frame["race"],
    )
    found.ratio()


def once(work: Callable[[], object]) -> float:
    """Return how long work takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best_of_three(work: Callable[[], object]) -> float:
    """Return the shortest of three times, in seconds."""
    return min(once(work) for _ in range(3))


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["1000", "200000"][len(sys.argv) - 1 :])[:2]))
