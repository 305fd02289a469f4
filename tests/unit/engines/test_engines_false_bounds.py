"""Files whose footers state bounds that their values do not keep: refused, never counted wrongly."""

from __future__ import annotations

import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.tally import CategoryKey, ClassSizes, Diversity, TallySpec

FLAG, CODE = CategoryKey(column="flag"), CategoryKey(column="code")
ROWS = 4000


def written(path: Path, stated: int) -> Path:
    """Write rows whose greatest code is 300, and a footer that states another greatest code."""
    columns = {"flag": [1, 0, 1, 0], "code": [0, 0, 1, 300], "seen": [0, 1, 1, 0]}
    table = {name: pa.array(values * (ROWS // 4), pa.int32()) for name, values in columns.items()}
    pq.write_table(pa.table(table), path)
    data = path.read_bytes()
    (length,) = struct.unpack("<I", data[-8:-4])
    body, footer = data[: -8 - length], data[-8 - length :]
    assert struct.pack("<i", 300) in footer
    path.write_bytes(body + footer.replace(struct.pack("<i", 300), struct.pack("<i", stated)))
    return path


SPECS: dict[str, list[TallySpec]] = {
    # As digits, the code 300 of a flag would be the code 0 of the next one.
    "sizes": [ClassSizes(keys=(FLAG, CODE))],
    "sizes of fewer columns": [ClassSizes(keys=(FLAG, CODE)), ClassSizes(keys=(CODE,))],
    "diversity": [Diversity(keys=(FLAG, CODE), sensitive="seen")],
    "labels": [Diversity(keys=(FLAG, CODE), sensitive="seen", shares=False)],
}


@pytest.mark.parametrize("name", SPECS)
def test_values_beyond_the_stated_bounds_are_refused(name: str, tmp_path: Path) -> None:
    table = DuckDBEngine().open(TableSource(written(tmp_path / "rows.parquet", stated=299), "auto"))
    with pytest.raises(DataError, match=r"rows\.parquet states bounds .* write the file anew"):
        table.tally(SPECS[name])


def test_values_within_the_stated_bounds_are_counted(tmp_path: Path) -> None:
    table = DuckDBEngine().open(TableSource(written(tmp_path / "rows.parquet", stated=300), "auto"))
    (tally,) = table.tally(SPECS["sizes"])
    assert tally.entries == ((ROWS // 4, 4),)
