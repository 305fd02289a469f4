"""Measure the search for personal data: ``python tests/benchmarks/bench_pii.py [TEXTS]``.

Run on demand, not as a test. Makes a Parquet file of TEXTS texts (1 million by default, about 110 bytes
each, one in a hundred with an e-mail address) beside a column of e-mail addresses, one of whole numbers and
one of categories, and prints the best of three times: the bare scan (``strlen``), the quick search alone, the
whole tally, and how many texts a second are tried against all patterns and checked. Speeds are given by
wall-clock time, and by processor time as if both threads had a core to themselves.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.interface import TableSource
from conformity.engines.patterns import NETS, patterns
from conformity.engines.screening import cells_with, screen, text_of_cell
from conformity.engines.trying import tried
from conformity.model.tally import PatternCounts

SPEC = PatternCounts(patterns=tuple(patterns()))
THREADS = 2


def main(texts: int) -> None:
    """Print one line for each part of the work."""
    with tempfile.TemporaryDirectory() as folder:
        for name, expression in COLUMNS.items():
            path = Path(folder) / f"{name}.parquet"
            make(path, name, expression, texts)
            size = measured(path)
            table = DuckDBEngine(threads=THREADS).open(TableSource(path, "auto"))
            show(f"{name}: bare scan", best_of_three(lambda path=path: scan(path)), size)  # type: ignore[misc]
            if name != "number":
                show(f"{name}: one quick search", best_of_three(lambda table=table: quick(table)), size)  # type: ignore[misc]
            show(f"{name}: screening", best_of_three(lambda table=table: screening(table)), size)  # type: ignore[misc]
            show(f"{name}: whole tally", best_of_three(lambda table=table: table.tally([SPEC])), size)  # type: ignore[misc]
    every = [one for one in patterns().values() if one.within]
    for what, text in TRIED.items():
        # Each time other texts, since some of what is found in a text is remembered for a while.
        batches = iter(
            [text.format(n=n) for n in range(at, at + _TRIED)] for at in range(0, 3 * _TRIED, _TRIED)
        )
        wall, busy = best_of_three(lambda batches=batches: list(tried(next(batches), every)))  # type: ignore[misc]
        print(
            f"{what}, tried against all patterns: {_TRIED / wall:,.0f} texts/s, "
            f"{_TRIED / busy:,.0f} by processor time"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


TRIED = {
    "numbers": "call me at +49 30 9{n:05} or write to p{n}@example.com, thanks",
    "names": "Dear Anna Keller, your order {n} went to Kerkstraat {n} on Monday",
}
"""Texts that are tried against the patterns: those with numbers, and those that lists are looked up for."""

_TRIED = 1000
"""How many of them at a time."""

COLUMNS = {
    "text": (
        "'the delivery number ' || hash(n) % 1000 || ' was late and the box arrived damaged so please "
        "refund my order as soon as ' || "
        "CASE WHEN n % 100 = 0 THEN 'ok p' || n || '@example.com' ELSE 'possible' END"
    ),
    "mail": "'person' || n || '@example.com'",
    "number": "10000000000 + hash(n) % 80000000000",
    "category": "CASE WHEN hash(n) % 2 = 0 THEN 'female' ELSE 'male' END",
}


def make(path: Path, name: str, expression: str, rows: int) -> None:
    """Write a table of one column, the same every time."""
    duckdb.connect().execute(
        f"COPY (SELECT {expression} AS {name} FROM range({rows}) AS numbers(n)) TO '{path}' (FORMAT parquet)"
    )


def measured(path: Path) -> float:
    """Return the size of the column's text, in MB."""
    (row,) = duckdb.connect().execute(f"SELECT sum(strlen(COLUMNS(*)::VARCHAR)) FROM '{path}'").fetchall()
    return float(row[0]) / 1e6


def scan(path: Path) -> None:
    """Read every value."""
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute(f"SELECT sum(strlen(COLUMNS(*)::VARCHAR)) FROM '{path}'").fetchall()


def quick(table: DuckDBTable) -> None:
    """Search every text with the one expression of all nets."""
    found = text_of_cell(0).str.contains("|".join(NETS[net] for net in sorted(NETS)))
    cells_with(table.named, [(0, found)])


def screening(table: DuckDBTable) -> None:
    """Find the suspect columns."""
    screen(table.named, tuple(patterns().values()))


def show(what: str, times: tuple[float, float], size: float) -> None:
    """Print the wall-clock time, the processor time, and the speed by each."""
    wall, busy = times
    print(
        f"{what:28} {wall:7.3f} s {size / wall:8,.0f} MB/s {busy:7.2f} s {size / busy * THREADS:8,.0f} MB/s"
    )


def best_of_three(work: Callable[[], object]) -> tuple[float, float]:
    """Return the shortest of three wall-clock times and of three processor times, in seconds."""
    walls, busy = [], []
    for _ in range(3):
        began, before = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - began)
        busy.append(max(time.process_time() - before, 0.001))
    return min(walls), min(busy)


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 1_000_000)
