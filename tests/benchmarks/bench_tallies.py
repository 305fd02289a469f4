"""Measure tallies against a bare scan: ``python tests/benchmarks/bench_tallies.py [--rows N] [--distinct]``.

Run on demand, not as a test. Makes a Parquet file of N rows (10 million by default) with ten columns in a
temporary folder, and prints the best of three times in seconds on the wall and of the processor, the latter's
ratio to what DuckDB takes to read the same columns, and the peak memory of the process.

With ``--distinct`` the rows are people of nearly as many combinations of postcode, date of birth and sex as
there are rows. Their classes are counted exactly within 2 GiB, most of them in the scratch folder, and from
one slice in 64 within 0.3 GiB, each in a process of its own, whose peak memory is printed; and so is the
error of the slice in the share of unique rows.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
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
            f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB", f"{'':9} wall s  proc. s ratio  peak MiB"
        )
        for name, (columns, specs) in CASES.items():
            _, bare = best_of_three(lambda columns=columns: scan(path, columns))  # type: ignore[misc] # bound now
            table = DuckDBEngine().open(TableSource(path, "auto"))
            wall, processor = best_of_three(lambda table=table, specs=specs: table.tally(specs))  # type: ignore[misc] # bound now
            print(f"{name:34} {wall:8.3f} {processor:8.3f} {processor / bare:5.1f} {peak():8.0f}")


def distinct(rows: int) -> None:
    """Print one line for each way to count nearly as many classes as there are rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        make_distinct(path, rows)
        print(
            f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB",
            f"{'':9} wall s  proc. s  peak MiB  unique",
        )
        shares = []
        for one_in, memory_mb in ((1, 1400), (64, 128)):
            command = [sys.executable, __file__, "--count", str(path), str(one_in), str(memory_mb)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            wall, processor, most, unique, of = map(float, answer)
            shares.append(unique / of)
            name = "exact" if one_in == 1 else f"a slice in {one_in}"
            print(f"{name:34} {wall:8.2f} {processor:8.2f} {most:8.0f} {unique * one_in:14,.0f}")
        print(f"error of the share of unique rows: {abs(shares[1] / shares[0] - 1):.4%}")


def count_classes(path: Path, one_in: int, memory_mb: int) -> None:
    """Print the seconds, the peak memory in MiB, the unique rows, and the rows, of one count of classes."""
    keys = tuple(CategoryKey(column=name) for name in ("zip", "born", "sex"))
    engine = DuckDBEngine(memory_mb=memory_mb)
    began, processor = time.perf_counter(), time.process_time()
    (tally,) = engine.open(TableSource(path, "auto")).tally([ClassSizes(keys=keys, one_in=one_in)])
    took = time.perf_counter() - began, time.process_time() - processor
    sizes = {int(size): int(classes) for size, classes in tally.entries}
    print(*took, peak(), sizes.get(1, 0), sum(size * classes for size, classes in sizes.items()))


def peak() -> float:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_distinct(path: Path, rows: int) -> None:
    """Write people, of whom few share postcode, date of birth and sex, the same every time."""
    duckdb.connect().execute(
        f"""COPY (SELECT
            (10000 + hash(n, 1) % 90000)::INTEGER AS zip,
            DATE '1930-01-01' + (hash(n, 2) % 29000)::INTEGER AS born,
            CASE WHEN hash(n) % 2 = 0 THEN 'female' ELSE 'male' END AS sex
        FROM range({rows}) AS numbers(n)) TO '{path}' (FORMAT parquet)"""
    )


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


def best_of_three(work: Callable[[], object]) -> tuple[float, float]:
    """Return the shortest of three times on the wall and of the processor, in seconds."""
    walls, processors = [], []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


if __name__ == "__main__":
    parser = ArgumentParser(description="Measure tallies against a bare scan.")
    parser.add_argument("--rows", type=lambda text: int(text.replace("_", "")), default=10_000_000)
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--count", nargs=3, metavar=("PATH", "ONE_IN", "MEMORY_MB"))
    asked = parser.parse_args()
    if asked.count:
        count_classes(Path(asked.count[0]), int(asked.count[1]), int(asked.count[2]))
    elif asked.distinct:
        distinct(asked.rows)
    else:
        main(asked.rows)
