"""Rows for a model to predict come from every kind of table, with numbers as numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from conformity.engines.first_rows import first_rows
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.subject import Column, TableSubject
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.model_files.loading import load_rows

COLUMNS = ("exact", "code", "n")
EXPECTED: list[tuple[float, str | None, int]] = [(0.5, "a", 3), (1.25, "01", 1), (2.0, None, 2)]


def duckdb_file(folder: Path) -> Path:
    """Return a DuckDB file with three rows."""
    path = folder / "t.duckdb"
    with duckdb.connect(str(path)) as file:
        file.execute("CREATE TABLE t (n INTEGER, other TEXT, exact DECIMAL(9, 2), code TEXT)")
        file.execute("INSERT INTO t VALUES (3, 'x', 0.5, 'a'), (1, 'y', 1.25, '01'), (2, 'z', 2, NULL)")
    return path


def sqlite_file(folder: Path) -> Path:
    """Return a SQLite file with the same rows."""
    path = folder / "t.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (n, other, exact, code)")
        database.execute("INSERT INTO t VALUES (3, 'x', 0.5, 'a'), (1, 'y', 1.25, '01'), (2, 'z', 2, NULL)")
    return path


def partitioned(folder: Path) -> Path:
    """Return a folder whose folders' names hold a column, with the same rows."""
    for exact, code, n in EXPECTED:
        (folder / "t" / f"n={n}").mkdir(parents=True)
        parquet.write_table(
            pa.table({"exact": [exact], "code": pa.array([code], pa.string())}),
            folder / "t" / f"n={n}" / "rows.parquet",
        )
    return folder / "t"


@pytest.mark.parametrize("make", [duckdb_file, sqlite_file, partitioned])
def test_rows_of_databases_and_partitions_are_those_of_the_table(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    source = TableSource(make(tmp_path), "auto")
    rows = first_rows(source, COLUMNS, 10)
    assert list(rows.columns) == list(COLUMNS)
    assert rows["exact"].dtype.kind == "f"
    assert rows["n"].dtype.kind == "i"
    found = [tuple(None if cell != cell else cell for cell in row) for row in rows.itertuples(index=False)]
    # Folders are read in the order of their names, tables in that of their rows.
    assert found == (sorted(EXPECTED, key=lambda row: row[2]) if make is partitioned else EXPECTED)
    assert first_rows(source, ["n"], 2)["n"].tolist() == [row[2] for row in found][:2]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^t\.duckdb has no column 'absent'"):
        first_rows(TableSource(duckdb_file(tmp_path), "auto"), ["absent"], 1)


def _table(path: str) -> TableSubject:
    """Return a table with two features."""
    features = tuple(Column(name=name, roles=("feature",)) for name in ("n", "exact"))
    return TableSubject(
        id=SubjectId("t"), title="T", path=path, kind="table", purpose="testing", columns=features
    )


@pytest.mark.parametrize("make", [duckdb_file, sqlite_file, partitioned])
def test_a_model_is_given_the_rows_of_any_table(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    rows = load_rows(_table("t"), make(tmp_path), also=["code"])
    assert list(rows.columns) == ["n", "exact", "code"]
    assert sorted(rows["n"].tolist()) == [1, 2, 3]
    assert rows["exact"].sum() == 3.75


def test_a_database_table_without_rows_is_not_measurable(tmp_path: Path) -> None:
    path = tmp_path / "empty.duckdb"
    with duckdb.connect(str(path)) as file:
        file.execute("CREATE TABLE t (n INTEGER, exact DOUBLE)")
    with pytest.raises(NotMeasurableError, match="the table t has no rows"):
        load_rows(_table("empty.duckdb"), path)
