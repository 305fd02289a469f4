"""Every format opens, and everything that is not a table is refused in one sentence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.interface import TableSource
from conformity.engines.translate import translated
from conformity.errors import DataError
from conformity.model.tally import CategoryKey, CellCounts, ClassSizes, MissingCounts, TallySpec
from tests.support.tables import Opener

ROWS = CellCounts(keys=())


def entries(table: DuckDBTable, *names: str) -> tuple[tuple[str | int | float, ...], ...]:
    """Return the counts of rows by some columns."""
    return table.tally([CellCounts(keys=tuple(CategoryKey(column=name) for name in names))])[0].entries


def refusal(opened: Opener, *content: Any) -> str:
    """Return the sentence with which a file is refused, at the latest when it is counted."""
    with pytest.raises(DataError) as caught:
        opened(*content).tally([ROWS, MissingCounts()])
    message = caught.value.message
    assert "\n" not in message
    assert len(message) < 300
    return message


PEOPLE = pa.table({"sex": ["f", "m", "f"], "age": [31, None, 45], "ok": [True, False, True]})


def test_the_engine_names_its_version() -> None:
    assert DuckDBEngine().name == f"duckdb {duckdb.__version__}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", "sex,age\nf,31\nm,\nf,45\n"),
        ("p.csv", "sex;age\r\nf;31\r\nm;\r\nf;45"),
        ("p.csv", "\ufeffsex|age\nf|31\nm|\nf|45\n"),
        ("p.csv", '"sex","age"\n"f","31"\n"m",""\n"f",45\n'),
        ("p.tsv", "sex\tage\nf\t31\nm\t \nf\t45\n"),
        ("p.jsonl", '{"sex":"f","age":31}\n{"sex":"m","age":null}\n{"age":45,"sex":"f"}\n'),
        ("p.ndjson", '{"sex":"f","age":31}\n{"sex":"m"}\n{"age":"45","sex":"f"}\n'),
    ],
)
def test_text_formats_give_the_same_counts(opened: Opener, name: str, content: str) -> None:
    table = opened(content, name)
    assert [column.name for column in table.columns()] == ["sex", "age"]
    assert entries(table, "sex", "age") == (("f", "31", 1), ("f", "45", 1), ("m", "(missing)", 1))


def test_a_compressed_csv_is_read(opened: Opener) -> None:
    table = opened(gzip.compress(b"sex,age\nf,31\n"), "p.csv.gz")
    assert entries(table, "sex", "age") == (("f", "31", 1),)


def test_a_declared_format_overrides_the_name(opened: Opener) -> None:
    assert entries(opened("sex\nf\n", "p.txt", "csv"), "sex") == (("f", 1),)


def test_parquet_and_arrow_keep_their_types(tmp_path: Path) -> None:
    parquet.write_table(PEOPLE, tmp_path / "p.parquet")
    feather.write_feather(PEOPLE, tmp_path / "p.arrow")
    for name in ("p.parquet", "p.arrow"):
        table = DuckDBEngine().open(TableSource(tmp_path / name, "auto"))
        assert [column.kind for column in table.columns()] == ["text", "integer", "boolean"]
        assert entries(table, "ok", "age") == (
            ("false", "(missing)", 1),
            ("true", "31", 1),
            ("true", "45", 1),
        )


def test_kinds_of_arrow_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "code": pa.array(["a", "b"]).dictionary_encode(),
            "price": pa.array([1.5, float("nan")]),
            "day": pa.array([0, 1], pa.date32()),
            "at": pa.array([0, 1], pa.timestamp("us")),
            "exact": pa.array([1, 2], pa.decimal128(5, 2)),
            "list": pa.array([[1], [2]]),
            "bytes": pa.array([b"a", b"b"]),
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    opened = DuckDBEngine().open(TableSource(tmp_path / "t.parquet", "auto"))
    kinds = [column.kind for column in opened.columns()]
    assert kinds == ["text", "number", "date", "date", "number", "other", "other"]
    assert entries(opened, "price") == (("(missing)", 1), ("1.5", 1))
    assert entries(opened, "exact", "list") == (("1", "[1]", 1), ("2", "[2]", 1))


def test_kinds_of_text_columns(opened: Opener) -> None:
    content = (
        "code,whole,real,flag,day,mixed,blank\n01,0,1.5,TRUE,2026-07-01,1,\n02,-7,.5,false,2026-07-02,x,\n"
    )
    kinds = [column.kind for column in opened(content).columns()]
    assert kinds == ["text", "integer", "number", "boolean", "date", "text", "text"]


def test_kinds_of_json_values(opened: Opener) -> None:
    line = {"i": 1, "n": 1.5, "b": True, "d": "2026-07-01", "t": "x", "o": {"z": 1}, "null": None}
    table = opened(json.dumps(line) + "\n", "p.jsonl")
    assert [column.kind for column in table.columns()] == [
        "integer",
        "number",
        "boolean",
        "date",
        "text",
        "other",
        "text",
    ]


def test_a_folder_of_parquet_is_one_table(tmp_path: Path) -> None:
    (tmp_path / "year").mkdir()
    (tmp_path / "_temporary").mkdir()
    parquet.write_table(PEOPLE, tmp_path / "year" / "a.parquet")
    parquet.write_table(PEOPLE.select(["ok", "age", "sex"]), tmp_path / "year" / "b.parquet")
    parquet.write_table(PEOPLE, tmp_path / "_temporary" / "c.parquet")
    for path in (tmp_path, tmp_path / "year" / "*.parquet"):
        table = DuckDBEngine().open(TableSource(path, "auto"))
        assert entries(table, "sex") == (("f", 4), ("m", 2))


def test_several_csv_files_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sex,age\nf,1\n")
    (tmp_path / "b.csv").write_text("sex,age\nm,2\n")
    table = DuckDBEngine().open(TableSource(tmp_path / "*.csv", "auto"))
    assert entries(table, "sex") == (("f", 1), ("m", 1))


def test_files_with_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sex,age\nf,1\n")
    (tmp_path / "b.csv").write_text("age,sex\n2,m\n")
    parquet.write_table(PEOPLE, tmp_path / "a.parquet")
    parquet.write_table(PEOPLE.drop_columns(["age"]), tmp_path / "b.parquet")
    for pattern in ("*.csv", "*.parquet"):
        with pytest.raises(DataError, match=r"^b\.\w+ has other columns than a\."):
            DuckDBEngine().open(TableSource(tmp_path / pattern, "auto"))
    with pytest.raises(DataError, match=r"several formats \(csv, parquet\)"):
        DuckDBEngine().open(TableSource(tmp_path / "[ab].*", "auto"))


def test_a_path_with_brackets_is_taken_literally(tmp_path: Path) -> None:
    (tmp_path / "run [1]").mkdir()
    for name in ("run [1]/a*?[x].csv", "run [1]/b.csv"):
        (tmp_path / name).write_text("sex\nf\n")
    table = DuckDBEngine().open(TableSource(tmp_path / "run [1]" / "a*?[x].csv", "auto"))
    assert entries(table) == ((1,),)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / ".hidden.parquet").write_bytes(b"x")
    cases = {
        "nothing.csv": "there is no file nothing.csv; check the path of the table",
        "*.csv": "no file matches *.csv; check the pattern",
        "folder": "the folder folder has no Parquet files (*.parquet); name the data file itself",
    }
    for name, message in cases.items():
        with pytest.raises(DataError) as caught:
            DuckDBEngine().open(TableSource(tmp_path / name, "auto"))
        assert caught.value.message == message


def test_a_folder_is_only_read_as_parquet(tmp_path: Path) -> None:
    parquet.write_table(PEOPLE, tmp_path / "a.parquet")
    with pytest.raises(DataError, match="is a folder; only a folder of Parquet"):
        DuckDBEngine().open(TableSource(tmp_path, "csv"))


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.jsonl", "p.parquet", "p.arrow"])
def test_an_empty_file_is_refused(opened: Opener, name: str) -> None:
    assert refusal(opened, "", name) == f"{name} is empty (0 bytes); hand in the table"


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.jsonl", "p.parquet", "p.arrow", "p.csv.gz"])
def test_binary_rubbish_is_refused(opened: Opener, name: str) -> None:
    assert name in refusal(opened, bytes(range(256)) * 40, name)


@pytest.mark.parametrize("name", ["p.txt", "p.xlsx", "p", "p.parquet.gz"])
def test_an_unknown_format_is_refused(opened: Opener, name: str) -> None:
    assert f"the format of {name} cannot be told from its name; state `format`" in refusal(opened, "x", name)


def test_an_unknown_declared_format_is_refused(opened: Opener) -> None:
    assert "there is no format 'xlsx'" in refusal(opened, "x", "p.csv", "xlsx")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3\n", "line 3 of people.csv has 1 cells where the header has 2; correct the file"),
        ("a,b\n1,2,3\n", "line 2 of people.csv has 3 cells where the header has 2; correct the file"),
        ("a,b,a\n1,2,3\n", "people.csv has two columns named 'a'; rename one of them"),
        ("\n1,2\n", "the first line of people.csv is blank; it must hold the columns' names"),
        ("a,b\0\n1,2\n", "people.csv is not a text file; state its `format` or hand in delimited text"),
        (b"a,b\n1,\xff\xe9\n", "people.csv is not UTF-8 text; save it with the encoding UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "people.csv is not UTF-8 text; save it with the encoding UTF-8"),
    ],
)
def test_damaged_csv_is_refused(opened: Opener, content: str | bytes, message: str) -> None:
    assert refusal(opened, content) == message


def test_mixed_encodings_far_down_are_refused(opened: Opener) -> None:
    content = b"name,n\n" + b"M\xc3\xbcller,1\n" * 60_000 + b"M\xfcller,1\n"
    message = refusal(opened, content)
    assert "UTF-8" in message
    assert "ller" not in message


@pytest.mark.parametrize("header", ['"a,b\n1,2\n', '"a"x,b\n1,2\n'])
def test_a_header_with_broken_quotes_is_refused(opened: Opener, header: str) -> None:
    assert "people.csv has a header that is not delimited text" in refusal(opened, header)


def test_broken_quotes_further_down_are_refused(opened: Opener) -> None:
    assert "people.csv" in refusal(opened, 'a,b\n1,2\n"x,2\n3,4\n')


def test_a_compressed_file_cut_short_is_refused(opened: Opener) -> None:
    cut = gzip.compress(b"a,b\n")[:12]
    assert "p.csv.gz cannot be read (EOFError)" in refusal(opened, cut, "p.csv.gz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a":1}\nnot json\n', "is not JSON Lines"),
        ("[1,2]\n", "is not JSON Lines"),
        ('{"a":1}\n5\n', "is not JSON Lines"),
        ('{"a":1,"a":2}\n', "is not JSON Lines"),
        (b'{"a":"\xff"}\n', "is not UTF-8 text"),
        ('{"Sex":"a"}\n{"sex":"b"}\n', "keys that differ only in upper and lower case"),
    ],
)
def test_damaged_json_lines_are_refused(opened: Opener, content: str | bytes, message: str) -> None:
    assert message in refusal(opened, content, "p.jsonl")


def test_damaged_parquet_is_refused(opened: Opener) -> None:
    assert "p.parquet cannot be read as a table" in refusal(opened, b"PAR1 rubbish PAR1", "p.parquet")


@pytest.mark.parametrize("name", ["p.parquet", "p.arrow"])
def test_duplicate_column_names_are_refused(tmp_path: Path, name: str) -> None:
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    if name == "p.parquet":
        parquet.write_table(twice, tmp_path / name)
    else:
        with pa.OSFile(str(tmp_path / name), "wb") as sink, pa.ipc.new_file(sink, twice.schema) as writer:
            writer.write_table(twice)
    with pytest.raises(
        DataError, match=rf"{name} has two columns (named 'a'|of the same name); rename one of"
    ):
        DuckDBEngine().open(TableSource(tmp_path / name, "auto"))


HOSTILE = ['a "b"', "x'; DROP TABLE t; --", "a.b", "Sex", "sex", "c0", "ünï", "$1", "a\\b"]


def test_hostile_column_names_are_names(tmp_path: Path) -> None:
    table = pa.table({name: pa.array([f"v{n}"]) for n, name in enumerate(HOSTILE)})
    parquet.write_table(table, tmp_path / "p.parquet")
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    (tmp_path / "p.csv").write_text(f"{quoted}\n{','.join(f'v{n}' for n in range(len(HOSTILE)))}\n")
    feather.write_feather(table, tmp_path / "p.arrow")
    for name in ("p.parquet", "p.csv", "p.arrow"):
        opened = DuckDBEngine().open(TableSource(tmp_path / name, "auto"))
        assert [column.name for column in opened.columns()] == HOSTILE
        for n, column in enumerate(HOSTILE):
            assert entries(opened, column) == ((f"v{n}", 1),)


def test_hostile_json_keys_are_names(opened: Opener) -> None:
    keys = [name for name in HOSTILE if name != "sex"]
    table = opened(json.dumps({key: f"v{n}" for n, key in enumerate(keys)}) + "\n", "p.jsonl")
    for n, key in enumerate(keys):
        assert entries(table, key) == ((f"v{n}", 1),)


def test_a_nameless_column_gets_a_name(opened: Opener) -> None:
    assert [column.name for column in opened(",a\n0,x\n").columns()] == ["(column 1)", "a"]


@pytest.mark.no_cover
def test_hundreds_of_columns_are_counted(opened: Opener) -> None:
    names = [f"col{n}" for n in range(500)]
    row = ",".join("x" for _ in names)
    table = opened(f"{','.join(names)}\n{row}\n{row}\n{row[:-1]}\n")
    missing, classes = table.tally([MissingCounts(), ClassSizes()])
    assert len(missing.entries) == 500
    assert ("col499", 1, 3) in missing.entries
    assert classes.entries == ((1, 1), (2, 1))


@pytest.mark.parametrize("name", ["p.csv", "p.parquet", "p.arrow"])
def test_a_table_without_rows_gives_empty_tallies(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    empty = PEOPLE.slice(0, 0)
    if name == "p.csv":
        path.write_text("sex,age,ok\n")
    elif name == "p.parquet":
        parquet.write_table(empty, path)
    else:
        feather.write_feather(empty, path)
    by_sex = CategoryKey(column="sex")
    specs: list[TallySpec] = [ROWS, CellCounts(keys=(by_sex,))]
    specs += [MissingCounts(), MissingCounts(by=(by_sex,)), ClassSizes()]
    found = [tally.entries for tally in DuckDBEngine().open(TableSource(path, "auto")).tally(specs)]
    assert found == [((0,),), (), (("age", 0, 0), ("ok", 0, 0), ("sex", 0, 0)), (), ()]


def test_a_missing_column_is_answered_with_the_nearest(opened: Opener) -> None:
    table = opened("Gender,age_group\nf,1\n")
    for asked, near in (
        ("gender", "'Gender'"),
        ("age group", "'age_group'"),
        ("xyz", "its first columns are"),
    ):
        with pytest.raises(DataError, match=rf"people.csv has no column '{asked}'; .*{near}"):
            entries(table, asked)


def test_only_the_tables_files_can_be_reached(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    connection = DuckDBEngine()._connect((tmp_path / "p.csv",))
    for query in (
        f"FROM read_csv('{secret}')",
        "FROM read_csv('http://127.0.0.1:9/x.csv')",
        "INSTALL httpfs",
        "LOAD httpfs",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        "SET enable_external_access = true",
        "SET memory_limit = '90GB'",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(query)
    assert not (tmp_path / "out.csv").exists()


def test_limits_and_scratch_are_used(tmp_path: Path) -> None:
    connection = DuckDBEngine(scratch=tmp_path, memory_mb=300, threads=1)._connect(())
    names = "'memory_limit', 'temp_directory', 'threads'"
    query = f"SELECT name, value FROM duckdb_settings() WHERE name IN ({names})"
    settings = dict(connection.execute(query).fetchall())
    assert settings["memory_limit"] == "300.0 MiB"
    assert Path(settings["temp_directory"]).resolve() == tmp_path.resolve()
    assert settings["threads"] == "1"


def test_too_little_memory_is_said_in_words() -> None:
    for error in (duckdb.OutOfMemoryException("could not allocate"), pa.ArrowMemoryError("memory")):
        message = r"p.csv needs more memory.*CONFORMITY_WORKER_MEMORY_MB"
        with pytest.raises(DataError, match=message), translated("p.csv"):
            raise error


def test_a_file_that_vanishes_is_said_in_words(opened: Opener, tmp_path: Path) -> None:
    table = opened("a\n1\n")
    (tmp_path / "people.csv").unlink()
    with pytest.raises(DataError, match=r"people.csv cannot be read as a table"):
        table.tally([ROWS])
