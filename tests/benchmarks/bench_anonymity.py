"""Measure anonymity against a bare scan: ``python tests/benchmarks/bench_anonymity.py [--rows ROWS...]``.

Run on demand, not as a test. For 1 and 10 million rows by default it makes a Parquet file of coded values
with about 24,000 classes over five quasi-identifiers, and prints the best of three times on the wall, the
processor time, and both as ratios to the time in which DuckDB reads the same columns. Last comes a table of
as many rows as Adult has, 32,561, for whose 15,093 classes pyCANON took 50.8 s (nine measures, two cores).
"""

from __future__ import annotations

import resource
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, ClassSizes, Diversity, TallySpec
from conformity.probes.interface import TableProbe
from conformity.probes.privacy.attribute_disclosure.probe import PROBE as DISCLOSURE
from conformity.probes.privacy.k_anonymity.probe import PROBE as K_ANONYMITY
from conformity.probes.privacy.population_risk.probe import PROBE as POPULATION
from conformity.probes.privacy.quasi_identifiers.probe import PROBE as QUASI

QUASI_IDENTIFIERS = ("age", "sex", "race", "schooling", "marital")
KEYS = tuple(CategoryKey(column=name) for name in QUASI_IDENTIFIERS)
PEERS_SECONDS = 50.8


def subject() -> TableSubject:
    """Return the table as a manifest would declare it."""
    columns: list[dict[str, Any]] = [
        {"name": name, "roles": ["quasi_identifier"]} for name in QUASI_IDENTIFIERS
    ]
    columns.append({"name": "diagnosis", "roles": ["sensitive"]})
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": "people",
            "title": "People",
            "path": "people.parquet",
            "purpose": "testing",
            "columns": columns,
            "sampling_fraction": 0.1,
        }
    )


def cases() -> dict[str, list[TallySpec]]:
    """Return what is asked of the engine, by name."""
    ordered = Diversity(keys=KEYS, sensitive="score", ordered=True)
    return {
        "k alone": [ClassSizes(keys=KEYS)],
        "k, and without each": list(K_ANONYMITY.tallies(subject())),
        "l, t, alpha, beta, delta": list(DISCLOSURE.tallies(subject())),
        "all, one sensitive column": _asked(K_ANONYMITY, DISCLOSURE, POPULATION),
        "ordered t of 99 numbers": [ordered],
        "proposal of quasi-identifiers": list(QUASI.tallies(subject())),
    }


def _asked(*probes: TableProbe) -> list[TallySpec]:
    """Return the tallies that probes need together."""
    return [spec for probe in probes for spec in probe.tallies(subject())]


def make(path: Path, rows: int, schools: int = 8) -> None:
    """Write a table of pseudo-random people, skewed as people are, the same every time."""
    uniform = [f"(hash(n, {number}) % 1000000 / 1e6)" for number in range(8)]
    duckdb.connect().execute(
        f"""COPY (SELECT
            (17 + 74 * {uniform[0]} * {uniform[1]})::INTEGER AS age,
            ({uniform[2]} < 0.52)::INTEGER AS sex,
            floor(5 * {uniform[3]} ** 3)::INTEGER AS race,
            floor({schools} * {uniform[4]} ** 2)::INTEGER AS schooling,
            floor(4 * {uniform[5]} ** 2)::INTEGER AS marital,
            floor(9 * {uniform[6]} ** 2)::INTEGER AS diagnosis,
            floor(99 * {uniform[7]} ** 2)::INTEGER AS score
        FROM range({rows}) AS numbers(n)) TO '{path}' (FORMAT parquet)"""
    )


def scan(path: Path) -> None:
    """Read every value of the quasi-identifiers and the sensitive column."""
    read = ", ".join(f"bit_xor(hash({name}))" for name in (*QUASI_IDENTIFIERS, "diagnosis"))
    duckdb.connect().execute(f"SELECT {read} FROM read_parquet('{path}')").fetchall()


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Return the shortest of three times on the wall and of the processor, in seconds."""
    walls, processors = [], []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def compare(path: Path) -> None:
    """Print one line for each case."""
    bare = best(lambda: scan(path))
    print(f"{'bare scan':30} {bare[0]:8.3f} {bare[1]:8.3f}")
    for name, specs in cases().items():
        table = DuckDBEngine().open(TableSource(path, "auto"))
        ours = best(lambda table=table, specs=specs: table.tally(specs))  # type: ignore[misc] # bound now
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ratios = f"{ours[0] / bare[0]:6.1f} {ours[1] / bare[1]:6.1f}"
        print(f"{name:30} {ours[0]:8.3f} {ours[1]:8.3f} {ratios} {peak:8.0f}")


def adult(path: Path) -> None:
    """Print the time of all probes over a table like Adult."""
    make(path, 32_561, schools=24)

    def work() -> None:
        table = DuckDBEngine().open(TableSource(path, "auto"))
        for probe in (K_ANONYMITY, DISCLOSURE):
            probe.measure(subject(), table.tally(probe.tallies(subject())))

    seconds, _ = best(work)
    table = DuckDBEngine().open(TableSource(path, "auto"))
    (tally,) = table.tally([ClassSizes(keys=KEYS)])
    classes = sum(int(number) for _, number in tally.entries)
    times = PEERS_SECONDS / seconds
    print(
        f"32,561 rows, {classes:,} classes: {seconds:.3f} s; the peer took {PEERS_SECONDS} s, "
        f"{times:.0f} times as long"
    )


def main(sizes: list[int]) -> None:
    """Print a table for each number of rows, and the comparison with the peer."""
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            path = Path(folder) / f"{rows}.parquet"
            make(path, rows)
            print(f"{rows:,} rows {'wall s':>26} {'proc. s':>8} {'ratios':>13} {'peak MiB':>8}")
            compare(path)
        adult(Path(folder) / "adult.parquet")


if __name__ == "__main__":
    parser = ArgumentParser(description="Measure anonymity against a bare scan.")
    sizes = [1_000_000, 10_000_000]
    parser.add_argument("--rows", type=lambda text: int(text.replace("_", "")), nargs="+", default=sizes)
    main(parser.parse_args().rows)
