"""Folders whose names are columns, and compressed text."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.tally import CategoryKey, CellCounts
from tests.support.tables import Opener


def write(root: Path, folder: str, **columns: list[object]) -> None:
    """Write a Parquet file into a folder."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(columns), root / folder / "part.parquet")


def opened_at(path: Path) -> DuckDBTable:
    """Return the table at a path."""
    return DuckDBEngine(threads=1).open(TableSource(path, "auto"))


def entries(table: DuckDBTable, *names: str) -> tuple[tuple[str | int | float, ...], ...]:
    """Return the counts of rows by some columns."""
    return table.tally([CellCounts(keys=tuple(CategoryKey(column=name) for name in names))])[0].entries


@pytest.mark.parametrize("pattern", ["", "region=*/year=*/*.parquet", "region=*/*/part.parquet"])
def test_folder_names_are_columns(tmp_path: Path, pattern: str) -> None:
    # What lies above the table is no part of it.
    root = tmp_path / "owner=me" / "data"
    write(root, "region=01/year=2024", sex=["f", "m"], Sex=[1, 2])
    write(root, "region=a%20b/year=2024", sex=["f"], Sex=[1])
    write(root, "region=__HIVE_DEFAULT_PARTITION__/year=2025", sex=["m"], Sex=[1])
    table = opened_at(root / pattern if pattern else root)
    assert [(column.name, column.kind) for column in table.columns()] == [
        ("sex", "text"),
        ("Sex", "integer"),
        ("region", "text"),
        ("year", "text"),
    ]
    assert entries(table, "region", "year", "sex") == (
        ("(missing)", "2025", "m", 1),
        ("01", "2024", "f", 1),
        ("01", "2024", "m", 1),
        ("a b", "2024", "f", 1),
    )
    assert entries(table, "Sex") == (("1", 3), ("2", 1))


def test_one_file_below_such_a_folder_has_its_own_columns_only(tmp_path: Path) -> None:
    write(tmp_path, "year=2024", sex=["f"])
    table = opened_at(tmp_path / "year=2024" / "part.parquet")
    assert [column.name for column in table.columns()] == ["sex"]


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (
            ("year=2024", "month=03"),
            r"the files of data lie in folders that stand for other columns \('month'; 'year'\)",
        ),
        (("year=2024", "other"), r"stand for other columns \(none; 'year'\); lay them out in one way"),
        (("year=1/year=2",), r"the folders of data name a column twice \('year', 'year'\); rename one"),
        (("sex=f",), "data has two columns named 'sex'; rename one of them"),
    ],
)
def test_folders_that_do_not_fit_are_refused(tmp_path: Path, folders: tuple[str, ...], message: str) -> None:
    for folder in folders:
        write(tmp_path / "data", folder, sex=["f"])
    with pytest.raises(DataError, match=message):
        opened_at(tmp_path / "data")


def zstandard(content: bytes) -> bytes:
    """Return ``content`` compressed."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


CSV, TSV, LINES = b"sex,age\nf,31\nm,\n", b"sex\tage\nf\t31\nm\t\n", b'{"sex":"f","age":31}\n{"sex":"m"}\n'


@pytest.mark.parametrize(("name", "content"), [("p.csv", CSV), ("p.tsv", TSV), ("p.jsonl", LINES)])
def test_compressed_text_is_read(opened: Opener, name: str, content: bytes) -> None:
    for ending, packed in (("gz", gzip.compress(content)), ("zst", zstandard(content))):
        table = opened(packed, f"{name}.{ending}")
        assert entries(table, "sex", "age") == (("f", "31", 1), ("m", "(missing)", 1))
    form = name.removeprefix("p.")
    assert entries(opened(zstandard(content), "p.ZST", form), "sex") == (("f", 1), ("m", 1))


@pytest.mark.parametrize("name", ["p.csv.zst", "p.jsonl.zst"])
def test_damaged_zstandard_is_refused(opened: Opener, name: str) -> None:
    content = b"a,b\n" + b"1,2\n" * 100_000 if "csv" in name else b'{"a":1}\n' * 100_000
    whole = zstandard(content)
    for damaged in (whole[:-3], whole[:12], b"rubbish", whole[:20] + b"\xff" * 8 + whole[28:]):
        with pytest.raises(DataError, match=name):
            entries(opened(damaged, name))


@pytest.mark.parametrize(("name", "form"), [("p.csv.bz2", "auto"), ("p.csv.xz", "csv"), ("p.zip", "auto")])
def test_other_compression_is_refused(opened: Opener, name: str, form: str) -> None:
    """DuckDB reads a file compressed with bzip2 as a table without rows, and says nothing."""
    with pytest.raises(DataError) as caught:
        opened(bz2.compress(CSV), name, form)
    assert caught.value.message == (
        f"{name} is compressed in a way that cannot be read; compress it with gzip (.gz) or Zstandard "
        "(.zst), or hand in the file itself"
    )
