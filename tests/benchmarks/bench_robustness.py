"""Measure the probes of robustness: ``python tests/benchmarks/bench_robustness.py [SIZES]``.

Run on demand, not as a test. Tries a random forest on a table of numbers and prints the time of each
probe, and whether a second run gives the same result. The sizes are rows,
features and trees: 10,000, 50 and 100 if not given.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from tests.support.robust_models import scratch, target

PROBES = ("robustness", "faulty_inputs", "evasion", "poisoning")


def main(rows: int, features: int, trees: int) -> None:
    """Print one line for each probe."""
    x, y = make_classification(rows, features, n_informative=features // 2, random_state=0)
    names = [f"f{k}" for k in range(features)]
    data = pd.DataFrame(x, columns=names).assign(y=y, sex=["f", "m"] * (rows // 2))
    model = RandomForestClassifier(trees, random_state=0).fit(data[names], data["y"])
    declared: list[dict[str, Any]] = [
        *({"name": name, "roles": ["feature"]} for name in names),
        {"name": "sex", "roles": ["protected"]},
        {"name": "y", "roles": ["label"], "positive": [1], "negative": [0]},
    ]
    with tempfile.TemporaryDirectory() as folder:
        given = target(Path(folder), data, declared, model, training=data)
        for name in PROBES:
            probe = importlib.import_module(f"conformity.probes.security.{name}.probe").PROBE
            results, times = [], []
            for _ in range(2):
                again = type(given)(**{**given.__dict__, "scratch": scratch(Path(folder))})
                began = time.perf_counter()
                results.append(probe.examine(again))
                times.append(time.perf_counter() - began)
            same = "the same twice" if results[0] == results[1] else "NOT the same twice"
            print(f"{name}: {min(times):.1f} s, {len(results[0].measurements)} measurements, {same}")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [10_000, 50, 100][len(numbers) :]))
