"""Reproduce the sample packs on both engines: ``python -m tests.benchmarks.reproduce_samples [SAMPLE ...]``.

Run on demand, not as a test: Spark takes minutes. Each sample is computed again from its sealed tallies, then
from its data on DuckDB and on Spark; printed is how many pieces of evidence came out in which way, how many
tallies are the same, entry by entry, and the seconds it took. It ends with 1 when anything differs.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from samples.common.script import run
from samples.make_reports import REPORTS, SAMPLES
from tests.support.cases import conformity


def main(names: Sequence[str]) -> int:
    """Reproduce the samples named, or all, and return 1 when anything differs."""
    worst = 0
    for name in names or SAMPLES:
        if run(SAMPLES[name], []):
            return 1
        home = SAMPLES[name].home
        worst = max(worst, _told(name, "tallies"))
        worst = max(worst, _told(name, "duckdb", "--data", home))
        worst = max(worst, _told(name, "spark", "--data", home, "--engine", "spark"))
    return worst


def _told(name: str, way: str, *options: str | Path) -> int:
    """Reproduce one sample in one way, print a line, and return whether anything differs."""
    began = time.monotonic()
    ran = conformity("reproduce", REPORTS / name, *options, "--no-documents", "--json")
    found = ran.json()
    outcomes = Counter(one["outcome"] for one in found["items"])
    tallies = found["tallies"]["identical"] if found["tallies"] else 0
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{name:10} {way:8} {told}; {tallies} tallies the same; {time.monotonic() - began:.0f} s")
    return int(ran.code != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
