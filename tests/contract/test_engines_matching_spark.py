"""Personal data are found on Spark as they are by the embedded engine, entry by entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.identify import identified
from conformity.engines.interface import TableSource
from conformity.engines.patterns import patterns
from conformity.engines.spark import SparkEngine
from conformity.model.tally import PatternCounts
from tests.support.pii_values import FIRST, LAST

CARDS = [4111111111111111, 4012888888881881, 5555555555554444, 5105105105105100]


@pytest.mark.no_cover
@pytest.mark.spark
def test_spark_finds_what_the_embedded_engine_finds(spark: SparkEngine, tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    rows = 40
    parquet.write_table(
        pa.table(
            {
                "mail": [f" p{n}@example.com\n" if n % 3 else None for n in range(rows)],
                "note": [f"Grüße,\nplease ring +49 30 {901820 + n}." for n in range(rows)],
                "card": [CARDS[n % 4] for n in range(rows)],
                "born": [date(1950 + n, 3, 4) for n in range(rows)],
                "Vorname": [["Åsa", "Björn", "Łukasz", "Éva", "Anna", "O’Neil"][n % 6] for n in range(rows)],
                "c7": [f"{FIRST[n % 33]} {LAST[n % 27]}" for n in range(rows)],
                "told": [f"nahe {LAST[n % 26]}straße {n}, sagt {FIRST[n % 33]} Keller" for n in range(rows)],
                "lat": [48.8 + n / 777 for n in range(rows)],
                "pesel": ["44051401359", "02070803628", " 44051401358", "\u00a0"] * 10,
                "key": ["-----BEGIN" + f" PRIVATE KEY-----\nMII{n}" for n in range(rows)],
            }
        ),
        path,
    )
    source = TableSource(path, "auto")
    every = PatternCounts(patterns=tuple(patterns()))
    few = PatternCounts(patterns=("email", "phone"), sample=5)
    wanted = DuckDBEngine(threads=1).open(source).tally([every, few])
    assert spark.open(source).tally([every, few]) == wanted
    assert {one.column for one in identified(wanted[0])} >= {
        "mail",
        "note",
        "card",
        "born",
        "Vorname",
        "key",
        "c7",
        "told",
    }
