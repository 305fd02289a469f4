"""Measure all evidence of a table against a bare scan: ``python tests/benchmarks/bench_evidence.py``.

Run on demand, not as a test. Makes a Parquet file of ``--rows`` rows (5 million by default) and twelve
columns, of every role that a column of decisions may have, and runs what a manifest makes of it: the plan's
steps, the tallies of all of them together, their sealing, and every probe. Printed are seconds on the wall
and of the processor, the latter's ratio to what DuckDB takes to read every value of the same columns, and the
peak memory of the process. Goals at 100 million rows: all evidence in 6 scans, fairness in 0.5 GiB.

With ``--each`` every domain and every probe is also measured alone, as if it had to scan for itself.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from conformity.model.plan import Step
from conformity.model.subject import TableSubject
from conformity.plan import plan_steps
from conformity.probes.registry import probe_specs
from conformity.sandbox.interface import Event, Located, MeasureJob, StepDone
from conformity.sandbox.tasks import do

COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "sex": ("CASE WHEN hash(n) % 2 = 0 THEN 'female' ELSE 'male' END", {"roles": ["protected"]}),
    "origin": ("'origin ' || floor(9 * u(n, 1) ** 2)::INTEGER", {"roles": ["protected"]}),
    "age": (
        "(17 + 74 * u(n, 2) * u(n, 3))::INTEGER",
        {"roles": ["protected", "quasi_identifier"], "edges": [25, 40, 60]},
    ),
    "region": ("floor(16 * u(n, 4) ** 2)::INTEGER", {"roles": ["quasi_identifier", "factor"]}),
    "schooling": ("floor(8 * u(n, 5) ** 2)::INTEGER", {"roles": ["quasi_identifier", "feature"]}),
    "income": ("floor(20000 + 80000 * u(n, 6) ** 2) / 2", {"roles": ["feature"]}),
    "tenure": ("floor(40 * u(n, 7))::INTEGER", {"roles": ["feature"]}),
    "diagnosis": ("'code ' || floor(9 * u(n, 8) ** 2)::INTEGER", {"roles": ["sensitive"]}),
    "label": ("(u(n, 9) < 0.3)::INTEGER", {"roles": ["label"], "positive": [1], "negative": [0]}),
    "prediction": (
        "(u(n, 10) < 0.3 + 0.1 * (n % 2))::INTEGER",
        {"roles": ["prediction"], "positive": [1], "negative": [0]},
    ),
    "score": ("u(n, 11)", {"roles": ["score"]}),
    "decided": ("DATE '2026-01-01' + (hash(n, 12) % 180)::INTEGER", {"roles": ["time"]}),
}
"""Each column, how it is made, and how a manifest declares it."""


CELLS = "cells"
"""Stands for the counts alone that rates of groups are made of."""


def subject(path: Path) -> TableSubject:
    """Return the table as a manifest would declare it."""
    columns = [{"name": name, **declared} for name, (_, declared) in COLUMNS.items()]
    common = {"kind": "table", "id": "decisions", "title": "Decisions", "purpose": "testing"}
    return TableSubject.model_validate(
        {**common, "path": path.name, "columns": columns, "produced_on": "2026-07-01"}
    )


def make(path: Path, rows: int) -> None:
    """Write the table, the same every time."""
    connection = duckdb.connect()
    connection.execute("CREATE MACRO u(n, seed) AS (hash(n, seed) % 1000000 / 1e6)")
    made = ", ".join(f"{expression} AS {name}" for name, (expression, _) in COLUMNS.items())
    connection.execute(f"COPY (SELECT {made} FROM range({rows}) AS numbers(n)) TO '{path}' (FORMAT parquet)")


def scan(path: Path, columns: Sequence[str]) -> float:
    """Return the processor seconds to read every value of some columns, the least of three."""
    read = ", ".join(f"bit_xor(hash({name}))" for name in columns)
    taken = []
    for _ in range(3):
        began = time.process_time()
        duckdb.connect().execute(f"SELECT {read} FROM read_parquet('{path}')").fetchall()
        taken.append(time.process_time() - began)
    return min(taken)


def measured(path: Path, wanted: Sequence[str]) -> None:
    """Measure the probes whose ids begin as wanted, and print seconds, peak MiB, and what did not measure."""
    table = subject(path)
    if CELLS in wanted:
        # Groups by one attribute, and by two that are crossed, as the rates of groups need them.
        columns = [
            column for column in table.columns if column.name in ("sex", "origin", "label", "prediction")
        ]
        table = table.model_copy(update={"columns": tuple(columns)})
        wanted = ["fairness/selection_rate"]
    steps = [step for step in _steps(table) if step.probe.startswith(tuple(wanted))]
    place = Located(subject=table, path=path)
    job = MeasureJob(steps=tuple(steps), targets=(place,), tables=(place,), seed=1, key="1" * 64)
    events: list[Event] = []
    wall, processor = time.perf_counter(), time.process_time()
    do(job, events.append)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    failed = [event.step for event in events if isinstance(event, StepDone) and event.outcome != "measured"]
    print(wall, processor, peak, ",".join(failed) or "-")


def _steps(table: TableSubject) -> list[Step]:
    """Return the steps of a table that can run."""
    return [step for step in plan_steps((table,), (), probe_specs()) if not step.blocked]


def apart(path: Path, *wanted: str) -> tuple[float, float, float, str]:
    """Measure in a process of its own; return wall and processor seconds, peak MiB, and what failed."""
    command = [sys.executable, __file__, "--measure", str(path), *wanted]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(answer[0]), float(answer[1]), float(answer[2]), answer[3]


def show(path: Path, bare: float, name: str, *wanted: str) -> None:
    """Print one line."""
    wall, processor, peak, failed = apart(path, *wanted)
    note = "" if failed == "-" else f"  did not measure: {failed}"
    print(f"{name:40} {wall:8.2f} {processor:8.2f} {processor / bare:6.1f} {peak:8.0f}{note}", flush=True)


def main(rows: int, each: bool) -> None:
    """Print a line for all evidence, one for each domain, and if asked for one for each probe."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.parquet"
        make(path, rows)
        bare = scan(path, list(COLUMNS))
        print(f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB; bare scan {bare:.2f} processor s")
        print(f"{'':40} {'wall s':>8} {'proc. s':>8} {'scans':>6} {'peak MiB':>8}", flush=True)
        cells = ("sex", "origin", "label", "prediction")
        show(path, scan(path, cells), "fairness cells, against their columns", CELLS)
        show(path, bare, "fairness section", "fairness/")
        show(path, bare, "all evidence", "")
        probes = [step.probe for step in _steps(subject(path))]
        domains = dict.fromkeys(probe.split("/")[0] + "/" for probe in probes)
        for wanted in (*domains, *probes) if each else ():
            show(path, bare, wanted, wanted)


if __name__ == "__main__":
    parser = ArgumentParser(description="Measure all evidence of a table against a bare scan.")
    parser.add_argument("--rows", type=lambda text: int(text.replace("_", "")), default=5_000_000)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--measure", nargs="+", metavar="PATH [PROBE]")
    asked = parser.parse_args()
    if asked.measure:
        measured(Path(asked.measure[0]), asked.measure[1:])
    else:
        main(asked.rows, asked.each)
