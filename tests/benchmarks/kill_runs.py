"""Kill workers and servers of runs at random moments on both databases, and print what they were doing.

``python -m tests.benchmarks.kill_runs [KILLS [SEED [LANES]]]``; lanes are places of their own, at one time.
Every run is asked for by a server that is killed while it asks; then one or two workers that have it are
killed. Each run is checked when it has ended: done, done once, its pack whole in both places, nothing beside.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.support.run_kills import trials
from tests.support.servers import postgres, run_sql


def main() -> None:
    """Run the kills and print the counts."""
    given = [int(text) for text in sys.argv[1:]]
    kills, seed, lanes = [*given, *(200, 20_261_123, 2)[len(given) :]]
    start = time.monotonic()
    found: dict[str, Counter[str]] = {"SQLite": Counter(), "PostgreSQL": Counter()}
    with tempfile.TemporaryDirectory() as name, postgres() as server, ThreadPoolExecutor(2 * lanes) as pool:
        results: list[tuple[str, Future[Counter[str]]]] = []
        for lane in range(lanes):
            run_sql(server, f"CREATE DATABASE lane_{lane}")
            url = f"postgresql://boss:boss-password@127.0.0.1:{server.port}/lane_{lane}"
            for database, address in ("SQLite", None), ("PostgreSQL", url):
                folder = Path(name) / f"{database}-{lane}"
                folder.mkdir()
                part = kills // (2 * lanes)
                results.append((database, pool.submit(trials, folder, address, part, seed + len(results))))
        for database, result in results:
            found[database] += result.result()
    _print(found)
    print(f"Nothing lost, nothing done twice, nothing half there. {time.monotonic() - start:.0f} s")


def _print(found: dict[str, Counter[str]]) -> None:
    """Print how many workers were killed in which stage."""
    rows = sorted({name for counts in found.values() for name in counts})
    print(f"{'killed while':<22}" + "".join(f"{database:>12}" for database in found))
    for row in rows:
        print(f"{row:<22}" + "".join(f"{counts[row]:>12}" for counts in found.values()))


if __name__ == "__main__":
    main()
