"""Train the model of the credit sample: ``python train.py data/train.csv``; it writes ``model.joblib`` here.

It needs nothing else of this repository, so that an assessment can run it in a worker and measure what
training takes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

SEED = 20_260_727
"""Seed of the split and of the model."""

FEATURES = (
    "LIMIT_BAL",
    *("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"),
    *(f"BILL_AMT{month}" for month in range(1, 7)),
    *(f"PAY_AMT{month}" for month in range(1, 7)),
)
"""What the model sees: the limit and six months of payments; no attribute of the person."""


def fit(train: pd.DataFrame) -> RandomForestClassifier:
    """Return a random forest fitted on ``train``; one thread, so that sums have one order."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        n_estimators=150, max_depth=9, min_samples_leaf=20, random_state=SEED, n_jobs=1
    )
    return model.fit(train[list(FEATURES)], train["default"])


def save(model: RandomForestClassifier, path: Path) -> None:
    """Write a model; the same model gives the same bytes."""
    import joblib

    joblib.dump(model, path, protocol=5)


def main(table: Path) -> int:
    """Train on a table, write the model into the present folder, and return 0."""
    import pandas as pd

    save(fit(pd.read_csv(table)), Path("model.joblib"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
