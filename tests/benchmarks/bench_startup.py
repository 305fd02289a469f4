"""Measure how much processor time the short commands take: ``python tests/benchmarks/bench_startup.py``.

Goals: ``--version`` at most 40 ms, ``--help`` at most 130 ms. Machines differ, so each is also given as a
multiple of starting Python with nothing to do. Run on demand; CI checks what is imported instead
(``tests/contract/test_startup.py``), which no busy neighbour can change.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

GOALS_MS = {"--version": 40, "--help": 130}
RUNS = 15


def cpu_ms(command: list[str]) -> float:
    """Return the median processor time of a command in milliseconds, user and system together."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.append(spent * 1000)
    return statistics.median(times)


def main() -> int:
    """Print one line a command; return 1 when a goal is missed."""
    bare = cpu_ms([sys.executable, "-c", ""])
    print(f"{'bare Python':12} {bare:6.0f} ms")
    missed = 0
    for option, goal in GOALS_MS.items():
        spent = cpu_ms([str(Path(sys.executable).parent / "conformity"), option])
        print(f"{option:12} {spent:6.0f} ms  {spent / bare:4.1f} x bare Python  goal {goal} ms")
        missed += spent > goal
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
