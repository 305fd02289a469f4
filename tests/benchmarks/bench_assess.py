"""Measure how long the credit sample takes from manifest to PDF: ``python tests/benchmarks/bench_assess.py``.

Goal: a standard run in at most 15 s on two cores, once everything is set up and the sample's data are there.
The time without documents says where it goes; a full run measures some three times as much. Run on demand.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL_S = 15
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "credit"


def timed(*command: str) -> tuple[float, float]:
    """Return the seconds that a command takes, on the wall and of the processor."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print one line a run; return 1 when the goal is missed."""
    subprocess.run([sys.executable, str(SAMPLE / "make.py")], check=True, stderr=subprocess.DEVNULL)
    assess = [sys.executable, "-m", "conformity", "assess", str(SAMPLE / "conformity.yaml")]
    missed = False
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        for depth in ("standard", "full"):
            wall, cpu = timed(
                *assess, "--depth", depth, "--formats", "json", "-o", f"{folder}/{depth}-record"
            )
            print(f"{depth + ', judged':22} {wall:5.1f} s  {cpu:5.1f} CPU-s")
            wall, cpu = timed(*assess, "--depth", depth, "-o", f"{folder}/{depth}-report")
            against = f"{wall / GOAL_S:4.2f} x the goal of a standard run, {GOAL_S} s"
            print(f"{depth + ', HTML and PDF':22} {wall:5.1f} s  {cpu:5.1f} CPU-s  {against}")
            missed = missed if depth == "full" else wall > GOAL_S
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
