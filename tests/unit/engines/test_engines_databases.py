"""Tables of DuckDB and SQLite files: read as they are, read-only, and refused in one sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.tally import CategoryKey, CellCounts, GridKey, Key, MissingCounts

PEOPLE = "CREATE TABLE people (sex VARCHAR, age INTEGER, score DOUBLE)"
ROWS = "INSERT INTO people VALUES ('f', 31, 0.1), ('m', NULL, 1.0), (' f ', 45, NULL)"


def make(path: Path, *statements: str) -> Path:
    """Write a database of the kind that the name tells, and return where."""
    if "duck" in path.name:
        with duckdb.connect(str(path)) as file:
            for statement in statements:
                file.execute(statement)
    else:
        with closing(sqlite3.connect(path)) as database, database:
            for statement in statements:
                database.execute(statement)
    return path


def opened(path: Path, table: str | None = None, form: str = "auto") -> DuckDBTable:
    """Return a table of a database."""
    return DuckDBEngine(threads=1).open(TableSource(path, form, table))


def entries(table: DuckDBTable, *keys: Key) -> tuple[tuple[str | int | float, ...], ...]:
    """Return the counts of rows by some keys."""
    return table.tally([CellCounts(keys=keys)])[0].entries


def columns(*names: str) -> Sequence[Key]:
    """Return the columns as they are."""
    return [CategoryKey(column=name) for name in names]


@pytest.mark.parametrize(
    "name", ["p.duckdb", "p.ddb-duck.db", "p.sqlite", "p.sqlite3", "p.db", "it's [1].db3"]
)
def test_the_only_table_of_a_database_is_read(tmp_path: Path, name: str) -> None:
    table = opened(make(tmp_path / name, PEOPLE, ROWS))
    assert [(column.name, column.kind) for column in table.columns()] == [
        ("sex", "text"),
        ("age", "integer"),
        ("score", "number"),
    ]
    assert entries(table, *columns("sex", "age")) == (("f", "31", 1), ("f", "45", 1), ("m", "(missing)", 1))
    grid = GridKey(column="score", low=0, high=1, bins=10)
    assert entries(table, grid) == (("(missing)", 1), ("1", 1), ("9", 1))
    assert table.tally([MissingCounts()])[0].entries == (("age", 1, 3), ("score", 1, 3), ("sex", 0, 3))


@pytest.mark.parametrize("name", ["p.duckdb", "p.sqlite"])
def test_one_of_several_tables_is_named(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name, PEOPLE, ROWS, 'CREATE TABLE "od""d; --" (x INTEGER)')
    assert entries(opened(path, "people")) == ((3,),)
    assert entries(opened(path, 'od"d; --')) == ((0,),)
    with pytest.raises(DataError) as caught:
        opened(path)
    assert caught.value.message == (f"{name} has several tables; name one in `table`: 'od\"d; --', 'people'")
    with pytest.raises(DataError, match=rf"{name} has no table 'People'; it has 'od"):
        opened(path, "People")


def test_tables_of_other_schemas_are_named_with_theirs(tmp_path: Path) -> None:
    path = make(
        tmp_path / "p.duckdb",
        "CREATE SCHEMA s",
        "CREATE TABLE t AS SELECT 1 AS a",
        "CREATE TABLE s.t AS FROM range(2)",
    )
    assert entries(opened(path, "s.t")) == ((2,),)
    with pytest.raises(DataError, match=r"has several tables; name one in `table`: 't', 's\.t'"):
        opened(path, "t")


def test_types_of_duckdb_are_kept(tmp_path: Path) -> None:
    path = make(
        tmp_path / "p.duckdb",
        """CREATE TABLE t AS SELECT 170141183460469231731687303715884105727 AS huge,
        1.50::DECIMAL(9, 2) AS exact, true AS flag, DATE '2026-07-01' AS day,
        'a'::ENUM('a', 'b') AS code, [1, 2] AS list,
        {'a': 1} AS record, TIMESTAMP '2026-07-01 12:00:00' AS at, NULL AS nothing""",
    )
    table = opened(path)
    kinds = ["integer", "number", "boolean", "date", "text", "other", "other", "date", "text"]
    assert [column.kind for column in table.columns()] == kinds
    names = ("huge", "exact", "flag", "day", "code", "list", "at", "nothing")
    assert entries(table, *columns(*names)) == (
        (
            "170141183460469231731687303715884105727",
            *("1.5", "true", "2026-07-01", "a", "[1, 2]", "2026-07-01 12:00:00", "(missing)", 1),
        ),
    )


@pytest.mark.parametrize("name", ["p.duckdb", "p.sqlite"])
def test_many_tables_are_not_all_listed(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name, *(f"CREATE TABLE t{n:02} (a INTEGER)" for n in range(12)))
    with pytest.raises(DataError, match=r"'t00', .*'t09' and others$"):
        opened(path)


@pytest.mark.parametrize("name", ["p.duckdb", "p.sqlite"])
def test_a_database_without_tables_is_refused(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name, "CREATE TABLE t (a INTEGER)", "DROP TABLE t")
    with pytest.raises(DataError, match=rf"^{name} holds no table; hand in a database that does$"):
        opened(path, "t")


@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
def test_what_is_no_database_is_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / "p.bin"
    path.write_bytes(b"rubbish " * 4096)
    with pytest.raises(DataError, match=r"^p\.bin cannot be read as a "):
        opened(path, "t", form)


def test_the_kind_of_a_db_file_is_told_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "p.db").write_bytes(b"rubbish " * 4)
    with pytest.raises(
        DataError, match=r"^p\.db is neither a SQLite nor a DuckDB database; state its `format`"
    ):
        opened(tmp_path / "p.db")


def test_several_databases_are_no_table(tmp_path: Path) -> None:
    for name in ("a.sqlite", "b.sqlite"):
        make(tmp_path / name, PEOPLE)
    with pytest.raises(DataError, match=r"names 2 database files; name one of them"):
        opened(tmp_path / "*.sqlite")


def test_a_table_is_only_named_in_a_database(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("a\n1\n")
    with pytest.raises(
        DataError, match=r"^p\.csv is no database, so that it has no table 't'; remove `table`$"
    ):
        opened(tmp_path / "p.csv", "t")


@pytest.mark.parametrize(
    ("name", "log"), [("p.duckdb", ".wal"), ("p.sqlite", "-wal"), ("p.sqlite", "-journal")]
)
def test_changes_that_wait_beside_a_database_are_not_overlooked(tmp_path: Path, name: str, log: str) -> None:
    path = make(tmp_path / name, PEOPLE, ROWS)
    (tmp_path / (name + log)).write_bytes(b"")
    assert entries(opened(path)) == ((3,),)
    (tmp_path / (name + log)).write_bytes(b"x")
    with pytest.raises(
        DataError, match=rf"^{name} has changes that are not in it yet \({name}{log}\); close it"
    ):
        opened(path)


@pytest.mark.parametrize("table", [None, "spy", "main.spy"])
def test_a_view_of_duckdb_is_refused(tmp_path: Path, table: str | None) -> None:
    path = make(tmp_path / "p.duckdb", "CREATE VIEW spy AS FROM duckdb_settings()")
    with pytest.raises(DataError) as caught:
        opened(path, table)
    assert caught.value.message == (
        "'spy' in p.duckdb is a view, which may show other things than the file holds; store its rows in a "
        "table, with CREATE TABLE ... AS"
    )


def test_a_view_beside_the_only_table_is_overlooked(tmp_path: Path) -> None:
    path = make(tmp_path / "p.duckdb", PEOPLE, ROWS, "CREATE VIEW women AS FROM people")
    assert entries(opened(path)) == ((3,),)
    with pytest.raises(DataError, match=r"has no table 'men'; it has 'people'$"):
        opened(path, "men")
    with pytest.raises(DataError, match=r"^'women' in p\.duckdb is a view"):
        opened(path, "women")


def test_a_computed_column_of_duckdb_is_refused(tmp_path: Path) -> None:
    """It is computed by the engine that reads it, and may show that engine's settings."""
    path = make(
        tmp_path / "p.duckdb",
        "CREATE TABLE t (a INTEGER, b VARCHAR GENERATED ALWAYS AS (current_setting('temp_directory')))",
        "INSERT INTO t VALUES (1)",
    )
    with pytest.raises(
        DataError, match=r"^column 'b' of 't' in p\.duckdb is computed when it is read; store"
    ):
        opened(path)


def test_a_view_of_sqlite_reads_tables_and_nothing_of_the_engine(tmp_path: Path) -> None:
    path = make(
        tmp_path / "p.sqlite",
        PEOPLE,
        ROWS,
        "CREATE VIEW women AS SELECT age FROM people WHERE trim(sex) = 'f'",
        "CREATE VIEW spy AS SELECT * FROM pragma_database_list",
        "CREATE VIEW loader AS SELECT load_extension('x')",
    )
    assert entries(opened(path, "main.women")) == ((2,),)
    for table in ("spy", "loader"):
        with pytest.raises(DataError, match=r"^p\.sqlite cannot be read as a SQLite database"):
            opened(path, table)


def test_a_hostile_database_reaches_nothing_else_and_changes_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    path = make(
        tmp_path / "p.duckdb",
        PEOPLE,
        f"CREATE VIEW spy AS FROM read_csv('{secret}', columns={{'a': 'VARCHAR'}}, auto_detect=false)",
    )
    before = path.read_bytes()
    table = opened(path, "people")
    connection = table._keep[0]
    for statement in (
        "FROM source.spy",
        f"FROM read_text('{secret}')",
        f"ATTACH '{secret}' AS other",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        "INSTALL sqlite",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/']",
        "INSERT INTO source.people VALUES ('f', 1, 1)",
    ):
        with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
            connection.execute(statement)
    assert entries(table) == ((0,),)
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["p.duckdb", "secret.csv"]


def test_sqlite_cells_are_read_as_they_are_written(tmp_path: Path) -> None:
    """SQLite keeps any value in any column; a numeric key meets it, and nothing is turned into null."""
    path = make(
        tmp_path / "p.sqlite",
        "CREATE TABLE t (n INTEGER, code TEXT, b BLOB)",
        "INSERT INTO t VALUES (1, '01', x'00ff'), (0.25, '1', NULL), ('Mary Ann', '01', '')",
        "INSERT INTO t VALUES (1.0, NULL, NULL)",
    )
    table = opened(path)
    assert [column.kind for column in table.columns()] == ["text", "text", "text"]
    assert entries(table, *columns("n")) == (("0.25", 1), ("1", 2), ("Mary Ann", 1))
    assert entries(table, *columns("code")) == (("(missing)", 1), ("01", 2), ("1", 1))
    assert entries(table, *columns("b")) == (("(missing)", 3), ("00ff", 1))
    with pytest.raises(
        DataError, match=r"column 'n' of p\.sqlite must hold numbers, but 1 of its cells do not"
    ):
        entries(table, GridKey(column="n", low=0, high=1, bins=2))


def test_more_rows_than_a_batch_are_all_read(tmp_path: Path) -> None:
    path = make(
        tmp_path / "p.sqlite",
        "CREATE TABLE t (n)",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 50001) "
        "INSERT INTO t SELECT n FROM r",
    )
    assert entries(opened(path)) == ((50_001,),)


def test_sqlite_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = make(
        tmp_path / "p.sqlite", "CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES (CAST(x'4dfc' AS TEXT))"
    )
    with pytest.raises(DataError, match=r"^p\.sqlite has text that is not UTF-8; save it with the encoding"):
        opened(path)


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    for name in ("p.duckdb", "p.sqlite"):
        path = make(tmp_path / name, PEOPLE, *[ROWS] * 2000)
        content = bytearray(path.read_bytes())
        content[8192:] = b"\xff" * len(content[8192:])
        path.write_bytes(content)
        with pytest.raises(DataError, match=rf"^{name} cannot be read as a "):
            entries(opened(path), *columns("sex", "age"))
