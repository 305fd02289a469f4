"""Measure what tracking costs: ``python tests/benchmarks/bench_energy.py``.

Goal: at most 2 % of one processor over work of 60 s, start included. The work here sleeps, so that all
processor time is that of ``conformity track``. A second line leaves out the start.
"""

from __future__ import annotations

import resource
import subprocess
import sys

WORK_S = 60
GOAL = 0.02
TRACK = (sys.executable, "-m", "conformity", "track", "--country", "DEU", "--")


def spent_s(work_s: float) -> float:
    """Return the processor time of tracking work that sleeps, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*TRACK, "sleep", str(work_s)], check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the share of one processor; return 1 when the goal is missed."""
    start, whole = spent_s(0), spent_s(WORK_S)
    print(f"with start     {whole:.2f} s of {WORK_S} s, {whole / WORK_S:.2%}  goal {GOAL:.0%}")
    print(f"without start  {whole - start:.2f} s of {WORK_S} s, {(whole - start) / WORK_S:.2%}")
    return int(whole / WORK_S > GOAL)


if __name__ == "__main__":
    sys.exit(main())
