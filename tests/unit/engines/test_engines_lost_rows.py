"""No row of a text file is lost in silence: every file is read whole, or refused in one sentence."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformity.engines import readers, records
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.headers import Head
from conformity.engines.interface import TableSource
from conformity.engines.records import check_delimited, check_json_lines
from conformity.engines.translate import translated
from conformity.errors import DataError
from conformity.model.tally import MISSING, CategoryKey, CellCounts, ClassSizes
from tests.support.tables import Opener

ROWS = CellCounts(keys=())
HEAD = Head(delimiter=",", names=("a", "b"), kinds=("text", "text"))
LONG = "1" * 2_000_001
OPEN = "has a quotation mark that is not closed or not doubled; correct the file"
TOO_LONG = (
    "is longer than 2,000,000 bytes, the most that a row of text may have; shorten its cells, close its "
    "quotation marks, or hand in the table as Parquet"
)


def count(opened: Opener, content: str | bytes, name: str = "p.csv") -> int:
    """Return the number of rows of a file."""
    return int(opened(content, name).tally([ROWS])[0].entries[0][0])


def refusal(opened: Opener, content: str | bytes, name: str = "p.csv") -> str:
    """Return the sentence with which a file is refused when it is counted."""
    with pytest.raises(DataError) as caught:
        count(opened, content, name)
    return caught.value.message


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a,b\n1,2\n3,4", 2),
        ("a,b\n1,2\n\n\n3,4\n\n", 2),
        ("a,b\r\n1,2\r\n\r\n3,4\r\n", 2),
        ("a,b\r1,2\r3,4\r", 2),
        ('a,b\n"1\n\n1",2\n3,"4\r\n5"', 2),
        ('"a\nx",b\n1,2\n', 1),
        ("a,b\n1\0,2\n3,4\n", 2),
        ("a,b\n1,2,\n3,4,\n", 2),
        ('a,b\n5" pipe,2\n\n"x ""y""",4\n', 2),
        ('a,b\n "x\ny",4\n', 1),
        ("a,b", 0),
        ("a\n1\n\n2\n\n", 4),
        ('a\n5" pipe\n\n2', 3),
    ],
)
def test_unusual_but_whole_files_are_read_whole(opened: Opener, content: str, rows: int) -> None:
    assert count(opened, content) == rows
    assert count(opened, gzip.compress(content.encode()), "p.csv.gz") == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a,b\n1,2\n"3,4\n5,6\n', f"line 3 of p.csv {OPEN}"),
        ('a,b\n1,2\n3,"4', f"line 3 of p.csv {OPEN}"),
        ('a,b\n1,2\n"3"x,4\n5,6\n', f"line 3 of p.csv {OPEN}"),
        ("a,b\n1,2\n\0\0\0\0", "line 3 of p.csv has 1 cells where the header has 2; correct the file"),
        ("a,b\n1,2\n  \n3,4\n", "line 3 of p.csv has 1 cells where the header has 2; correct the file"),
        (
            "a,b\r\n1,2\n3,4\r\n",
            "p.csv mixes line ends, or has a quotation mark that is not closed or not doubled; save it with "
            "one kind of line end",
        ),
        (f"a,b\n1,2\n3,{LONG}\n5,6\n", f"line 3 of p.csv {TOO_LONG}"),
        ("a,b\n" + "1,2\n" * 300 + f'3,"{LONG}"\n5,6\n', f"line 302 of p.csv {TOO_LONG}"),
        (f"{LONG},b\n1,2\n", f"line 1 of p.csv {TOO_LONG}"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(opened: Opener, content: str, message: str) -> None:
    assert refusal(opened, content) == message


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz"])
def test_a_last_line_longer_than_the_buffer_is_not_dropped(opened: Opener, name: str) -> None:
    """DuckDB 2.0 reads 300 rows and says nothing: the rest is longer than its buffer of 32 MB."""
    content = ("a,b\n" + "1,2\n" * 300 + "1" * 33_000_000).encode()
    said = refusal(opened, gzip.compress(content, 1) if name.endswith("gz") else content, name)
    assert said == f"line 302 of {name} {TOO_LONG}"


def test_a_short_row_where_two_buffers_meet_is_not_dropped(opened: Opener) -> None:
    """DuckDB 2.0, in parallel, ends at a short row that begins 1 to 3 bytes behind 8,000,000."""
    content = "a,b\n" + "1234567,x\n" * 799_998 + "1" * 14 + ",x\n"
    assert len(content) == 8_000_001
    said = refusal(opened, content + "zz\n" + "1234567,x\n" * 10)
    assert said == "line 800001 of p.csv has 1 cells where the header has 2; correct the file"


@pytest.mark.no_cover
def test_long_text_within_quotes_is_not_taken_for_rows(opened: Opener) -> None:
    """DuckDB 2.0, in parallel, starts in the midst of such a cell and refuses the file."""
    cell = '"' + 'one, two\n\n3,4\nsaid ""no"", \n' * 2_000 + '"'
    assert count(opened, "a,b\n" + f"{cell},z\n" * 200) == 200


CELL = st.one_of(
    st.text("xy ", max_size=90),
    st.text('xy"', max_size=9),
    st.text('x\n",', max_size=40).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.sampled_from(["", "a", "b", '"open', "z" * 70, "z" * 300]),
)
LINES = st.lists(st.lists(CELL, min_size=1, max_size=3).map(",".join), max_size=8)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make every buffer so small that short files cross it; return where to write them."""
    monkeypatch.setattr(readers, "LONGEST_LINE", 64)
    monkeypatch.setattr(readers, "BUFFER", 256)
    monkeypatch.setattr(records, "_BLOCK", 7)
    return tmp_path / "p.csv"


@pytest.mark.no_cover
@settings(
    max_examples=60,
    deadline=None,
    # Each example overwrites the one file, and the small buffers are the same for all of them.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@example(["a,c", "b," + "x" * 50, "c,c", "xx", "xxxxx,a"], "\n", False)
@example([',x"', '"'], "\n", False)
@example([',x"', '"abc', "def"], "\n", True)
@example(["a,b"] * 9 + ["z" * 300 + ",c"], "\n", False)
def test_every_row_is_counted_or_the_file_is_refused(
    small: Path, lines: list[str], end: str, ended: bool
) -> None:
    """Rows are held against Python's own reader of such text, for DuckDB's buffers of 256 bytes."""
    text = end.join(["a,b", *lines]) + (end if ended else "")
    small.write_text(text, newline="")
    keys = tuple(CategoryKey(column=name) for name in "ab")
    try:
        (tally,) = (
            DuckDBEngine(threads=1, scratch=small.parent)
            .open(TableSource(small, "csv"))
            .tally([CellCounts(keys=keys)])
        )
    except DataError:
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    wanted = Counter(tuple(cell.strip() or MISSING for cell in row[:2]) for row in rows if row)
    wanted[("a", "b")] -= 1
    assert Counter({entry[:-1]: entry[-1] for entry in tally.entries}) == +wanted


def test_rows_are_checked_once_and_for_every_kind_of_tally(opened: Opener, tmp_path: Path) -> None:
    table = opened("a,b\n1,2\n")
    assert table.tally([]) == ()
    assert table.tally([ClassSizes()])[0].entries == ((1, 1),)
    assert table.tally([ROWS])[0].entries == ((1,),)
    late = opened('a,b\n1,2\n3,"4')
    with pytest.raises(DataError, match="quotation mark"):
        late.tally([ClassSizes()])
    with pytest.raises(DataError, match="quotation mark"):
        late.tally([ClassSizes()])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "p.csv has 1 rows, but only 7 of them can be read"),
        ("a,b\n1,2\n\n3\n", "line 4 of p.csv has 1 cells where the header has 2"),
        ("a,b\n1,2\n3,4,5\n", "line 3 of p.csv has 3 cells where the header has 2"),
        (f"a,b\n1,2\n3,{LONG}", f"line 3 of p.csv {TOO_LONG}"),
        pytest.param(
            'a,b\n1,2\n3,"' + "x\n" * 1_000_001 + '"\n',
            f"line 3 of p.csv {TOO_LONG}",
            marks=pytest.mark.no_cover,
            id="a million lines in quotation marks",
        ),
        ('a,b\n1,2\n"3"x,4\n', f"line 3 of p.csv {OPEN}"),
    ],
)
def test_where_rows_are_missing_the_cause_is_sought(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        check_delimited([path], HEAD, "p.csv", read=7)
    assert message in caught.value.message


def test_rows_of_all_files_are_counted(tmp_path: Path) -> None:
    for name, content in (("a.csv", "a,b\n1,2\n3,4"), ("b.csv", 'a,b\n5" x,6\n\n')):
        (tmp_path / name).write_text(content)
    paths = sorted(tmp_path.iterdir())
    check_delimited(paths, HEAD, "*.csv", read=3)
    with pytest.raises(DataError, match=r"^\*.csv has 3 rows, but only 2 of them can be read"):
        check_delimited(paths, HEAD, "*.csv", read=2)


def damaged(content: bytes) -> bytes:
    """Return ``content`` compressed, with a checksum that does not fit."""
    packed = bytearray(gzip.compress(content))
    packed[-6] ^= 1
    return bytes(packed)


@pytest.mark.parametrize("name", ["p.csv.gz", "p.jsonl.gz"])
def test_a_damaged_compressed_file_is_refused(opened: Opener, name: str) -> None:
    """DuckDB 2.0 does not look at the checksum."""
    content = b"a,b\n" + b"1,2\n" * 100_000 if "csv" in name else b'{"a":1}\n' * 100_000
    assert refusal(opened, damaged(content), name) == f"{name} cannot be read (BadGzipFile); check the file"
    for cut in (4, 9, 200):
        assert name in refusal(opened, gzip.compress(content)[:-cut], name)


def test_a_compressed_file_damaged_at_its_start_is_refused(opened: Opener) -> None:
    packed = bytearray(gzip.compress(b"a,b\n1,2\n"))
    packed[10] = 0xFF
    assert refusal(opened, bytes(packed), "p.csv.gz") == "p.csv.gz cannot be read (error); check the file"


@pytest.mark.parametrize("name", ["p.csv.gz", "p.jsonl.gz"])
def test_wrong_encoding_within_a_compressed_file_is_refused(opened: Opener, name: str) -> None:
    content = b"a,b\n" + b"1,2\n" * 100_000 + b"\xff,4\n"
    if "jsonl" in name:
        content = b'{"a":1}\n' * 100_000 + b'{"a":"\xff"}\n'
    assert "is not UTF-8 text" in refusal(opened, gzip.compress(content), name)


def test_words_quoted_from_the_file_are_not_taken_for_the_cause(opened: Opener) -> None:
    content = "a,b\n" + "1,2\n" * 300 + "this json is not utf-8 memory\n"
    assert refusal(opened, content) == (
        "line 302 of p.csv has 1 cells where the header has 2; correct the file"
    )
    shown = "CSV Error on Line: 7\nOriginal Line: json utf-8\nMaximum line size of 9 bytes exceeded.\n"
    with (
        pytest.raises(DataError, match=r"^line 7 of p.csv is longer than 2,000,000 bytes"),
        translated("p.csv"),
    ):
        raise OSError(shown)
    with pytest.raises(DataError, match=r"^a row of p.csv is longer than"), translated("p.csv"):
        raise OSError("please run with the single threaded reader (i.e., parallel = false)")


@pytest.mark.parametrize(
    ("content", "rows"), [('{"a":1}\n{"a":2}', 2), ('\n{"a":1}\r\n   \n{}\n', 2), ('  {"a":1}\n\n', 1)]
)
def test_json_objects_are_all_counted(opened: Opener, content: str, rows: int) -> None:
    assert count(opened, content, "p.jsonl") == rows


@pytest.mark.parametrize("tail", ['{"a":', '{"a":1', '{"a":"1', "\0\0", "true", '{"a":1}{"a":2}'])
def test_json_lines_cut_short_are_refused(opened: Opener, tail: str) -> None:
    assert refusal(opened, '{"a":1}\n' + tail, "p.jsonl") == (
        "p.jsonl is not JSON Lines, one JSON object with distinct keys on each line; correct the file"
    )


def test_a_line_with_null_is_no_row(opened: Opener) -> None:
    """DuckDB 2.0 takes it for an object with no keys."""
    assert refusal(opened, '{"a":1}\nnull\n', "p.jsonl") == (
        "line 2 of p.jsonl is not a JSON object; JSON Lines have one on each line"
    )


def test_a_json_object_that_is_too_long_is_refused(opened: Opener) -> None:
    assert refusal(opened, '{"a":1}\n{"a":"' + "1" * 40_000_000 + '"}\n', "p.jsonl") == (
        "p.jsonl has a line that is longer than 16 MiB, the most that a JSON object may have; shorten its "
        "values, or hand in the table as Parquet"
    )


def test_json_objects_that_are_not_read_are_missed(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"a":1}\n{"a":2}\n')
    with pytest.raises(DataError, match=r"^p.jsonl has 2 JSON objects, but only 1 of them can be read"):
        check_json_lines([path], "p.jsonl", read=1)


@pytest.mark.parametrize("cut", [1, 10, 400])
def test_a_parquet_file_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = tmp_path / "p.parquet"
    parquet.write_table(pa.table({"a": list(range(1000))}), path, row_group_size=100)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DataError, match=r"^p.parquet cannot be read as a table"):
        DuckDBEngine().open(TableSource(path, "auto")).tally([ROWS])
