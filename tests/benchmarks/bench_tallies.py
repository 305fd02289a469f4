"""Measure tallies against a bare scan: ``python tests/benchmarks/bench_tallies.py [ROWS]``.

Run on demand, not as a test. Makes a Parquet file of ROWS rows (10 million by default) with ten
columns in a temporary folder, and prints the best of three times in seconds, the ratio to the time in
which DuckDB reads the same columns, and the peak memory of the process. The last line counts as many
classes as there are rows with 256 MiB for data, so that most of them lie in the scratch folder.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    GridKey,
    Key,
    MissingCounts,
    OutcomeKey,
    PatternCounts,
    Sums,
    TallySpec,
    Term,
)

SEX, RACE, SCHOOL = (CategoryKey(column=name) for name in ("sex", "race", "school"))
AGE = BinKey(column="age", edges=(25, 40, 60))
OUTCOMES: tuple[Key, ...] = tuple(
    OutcomeKey(column=name, positive=(1,), negative=(0,)) for name in ("label", "prediction")
)
WAGES = tuple(
    Term(columns=columns)
    for columns in (("wage",), ("guess",), ("wage", "wage"), ("guess", "guess"), ("wage", "guess"))
)
CASES: dict[str, tuple[tuple[str, ...], list[TallySpec]]] = {
    "fairness: sex, race, sex x race": (
        ("sex", "race", "label", "prediction"),
        [CellCounts(keys=(*keys, *OUTCOMES)) for keys in ((SEX,), (RACE,), (SEX, RACE))],
    ),
    "fairness with age bins": (
        ("sex", "age", "label", "prediction"),
        [CellCounts(keys=(SEX, AGE, *OUTCOMES))],
    ),
    "missing cells by sex": (
        ("sex", "race", "age", "school", "label", "prediction"),
        [MissingCounts(), MissingCounts(by=(SEX,))],
    ),
    "k-anonymity": (
        ("sex", "race", "age", "school"),
        [ClassSizes(keys=(SEX, RACE, SCHOOL, CategoryKey(column="age")))],
    ),
    "scores by sex, 1,024 bins": (
        ("sex", "label", "score"),
        [CellCounts(keys=(SEX, OUTCOMES[0], GridKey(column="score", low=0, high=1, bins=1024)))],
    ),
    "sums for errors by sex": (
        ("sex", "wage", "guess"),
        [Sums(keys=(SEX,), terms=(*WAGES, Term(kind="distance", columns=("wage", "guess"))))],
    ),
    "all of these cells and sums": (
        ("sex", "race", "age", "school", "label", "prediction", "score", "wage", "guess"),
        [
            *(CellCounts(keys=(*keys, *OUTCOMES)) for keys in ((SEX,), (RACE,), (SEX, RACE), (SEX, AGE))),
            CellCounts(keys=(SEX, OUTCOMES[0], GridKey(column="score", low=0, high=1, bins=1024))),
            Sums(keys=(SEX,), terms=WAGES),
            MissingCounts(by=(SEX,)),
        ],
    ),
    "a slice in 64 of distinct rows": (
        ("born", "sex"),
        [ClassSizes(keys=(CategoryKey(column="born"), SEX), one_in=64)],
    ),
    "e-mail and card patterns": (
        ("sex", "race", "age", "school", "label", "prediction"),
        [PatternCounts(patterns=("email", "payment_card"))],
    ),
}


def main(rows: int) -> None:
    """Print one line for each case."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        make(path, rows)
        print(
            f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB", f"{'':9} scan  tallies ratio  peak MiB"
        )
        for name, (columns, specs) in CASES.items():
            report(path, name, columns, specs, DuckDBEngine(), best_of_three)
        spilling = [ClassSizes(keys=(CategoryKey(column="born"), SEX))]
        few = DuckDBEngine(memory_mb=256)
        report(path, "distinct rows within 256 MiB", ("born", "sex"), spilling, few, once)


def report(
    path: Path,
    name: str,
    columns: tuple[str, ...],
    specs: Sequence[TallySpec],
    engine: DuckDBEngine,
    clock: Callable[[Callable[[], object]], float],
) -> None:
    """Print the times of one case."""
    bare = best_of_three(lambda: scan(path, columns))
    table = engine.open(TableSource(path, "auto"))
    ours = clock(lambda: table.tally(specs))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:34} {bare:7.3f} {ours:7.3f} {ours / bare:5.1f} {peak:8.0f}")


def make(path: Path, rows: int) -> None:
    """Write a table of pseudo-random people, the same every time."""
    duckdb.connect().execute(
        f"""COPY (SELECT
            CASE WHEN hash(n) % 2 = 0 THEN 'female' ELSE 'male' END AS sex,
            'race ' || hash(n, 1) % 9 AS race,
            (17 + hash(n, 2) % 74)::INTEGER AS age,
            'school ' || hash(n, 3) % 24 AS school,
            (hash(n, 4) % 3 = 0)::INTEGER AS label,
            (hash(n, 5) % 4 = 0)::INTEGER AS prediction,
            hash(n, 6) % 1000000 / 1e6 AS score,
            hash(n, 7) % 10000000 / 100 AS wage,
            hash(n, 8) % 10000000 / 100 AS guess,
            n AS born
        FROM range({rows}) AS numbers(n)) TO '{path}' (FORMAT parquet)"""
    )


def scan(path: Path, columns: tuple[str, ...]) -> None:
    """Read every value of the columns.

    Hashes are combined because DuckDB answers counts and extremes from the file's footer, unread.
    """
    read = ", ".join(f"bit_xor(hash({name}))" for name in columns)
    duckdb.connect().execute(f"SELECT {read} FROM read_parquet('{path}')").fetchall()


def once(work: Callable[[], object]) -> float:
    """Return a wall-clock time, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best_of_three(work: Callable[[], object]) -> float:
    """Return the shortest of three wall-clock times, in seconds."""
    return min(once(work) for _ in range(3))


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 10_000_000)
