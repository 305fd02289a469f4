"""One contract for every engine: the same table gives the same tallies, entry by entry."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.frame import open_frame
from conformity.engines.interface import Table, TableSource
from conformity.engines.spark import SparkEngine
from conformity.errors import DataError
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    MissingCounts,
    Tally,
    TallySpec,
)
from tests.support.engine_tables import OF_PEOPLE, OUTCOME, PEOPLE, TABLES, write

SPARK = pytest.param("spark", marks=pytest.mark.spark)
ENGINES = ["pandas", "polars", "arrow", SPARK]
LARGE = ("people", "typed", "wide")
"""Tables of which so much is asked that tracing takes long; the others run the same code."""

Opens = Callable[[str, Path], Table]


@pytest.fixture
def opens(request: pytest.FixtureRequest) -> Opens:
    """Return a function that opens a Parquet file with an engine of a name."""

    def _open(engine: str, path: Path) -> Table:
        import pyarrow.parquet as parquet

        if engine == "duckdb":
            return DuckDBEngine(threads=1).open(TableSource(path, "auto"))
        if engine == "spark":
            started: SparkEngine = request.getfixturevalue("spark")
            return started.open(TableSource(path, "auto"))
        return open_frame(_frame(engine, parquet.read_table(path)), DuckDBEngine(threads=1))

    return _open


def _frame(library: str, table: Any) -> Any:
    """Return an Arrow table as a frame of a library; Arrow's types are kept, so that nothing is turned."""
    if library == "pandas":
        import pandas as pd

        return table.to_pandas(types_mapper=pd.ArrowDtype)
    if library == "polars":
        import polars as pl

        return pl.from_arrow(table)
    return table


def _key(name: str) -> tuple[CategoryKey]:
    """Return the key of one column."""
    return (CategoryKey(column=name),)


def _marks(engine: str, name: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a comparison of an engine on the table called ``name``."""
    marks = [pytest.mark.spark] if engine == "spark" else []
    return [*marks, pytest.mark.no_cover] if name in LARGE else marks


def _asked(table: Table, name: str) -> dict[str, Tally]:
    """Return the tallies that are asked of the table called ``name``, by what they count."""
    return {f"{n} {tally.spec!r}": tally for n, tally in enumerate(table.tally(TABLES[name][1]))}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Tally]]:
    """Return a function that gives what the embedded engine counts in a table, which is counted once."""
    folder = tmp_path_factory.mktemp("embedded")

    @cache
    def _counted(name: str) -> dict[str, Tally]:
        path = write(TABLES[name][0], folder / f"{name}.parquet")
        return _asked(DuckDBEngine(threads=1).open(TableSource(path, "auto")), name)

    return _counted


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        pytest.param(engine, name, marks=_marks(engine, name))
        for engine, name in itertools.product(["pandas", "polars", "arrow", "spark"], TABLES)
    ],
)
def test_every_engine_gives_the_tallies_of_the_embedded_one(
    opens: Opens, embedded: Callable[[str], dict[str, Tally]], tmp_path: Path, engine: str, name: str
) -> None:
    path = write(TABLES[name][0], tmp_path / "t.parquet")
    wanted = embedded(name)
    found = _asked(opens(engine, path), name)
    assert [key for key in wanted if found[key] != wanted[key]] == []
    assert len(wanted) == len(TABLES[name][1])


@pytest.mark.spark
@pytest.mark.parametrize("file", ["t.csv", "t.tsv", "t.jsonl", "t.arrow"])
def test_spark_reads_every_format_as_the_embedded_engine_does(
    opens: Opens, tmp_path: Path, file: str
) -> None:
    path = write(PEOPLE, tmp_path / file)
    embedded, distributed = opens("duckdb", path), opens("spark", path)
    assert distributed.columns() == embedded.columns()
    specs = [spec for spec in OF_PEOPLE if isinstance(spec, CellCounts | MissingCounts | ClassSizes)]
    assert distributed.tally(specs) == embedded.tally(specs)


SEXES = {"(missing)": 3, "f": 4, "M": 1, "m": 1, 'q"x': 1, "a,b": 1, "two\nlines": 1, "ü": 1, "名": 1}


@pytest.mark.spark
def test_spark_reads_folders_that_stand_for_columns(opens: Opens, tmp_path: Path) -> None:
    for place in ("y=2024/s=a%20b", "y=2024/s=__HIVE_DEFAULT_PARTITION__", "y=01/s=b"):
        (tmp_path / "x=1" / "t" / place).mkdir(parents=True)
        write(PEOPLE, tmp_path / "x=1" / "t" / place / "p [1].parquet")
    embedded, distributed = (opens(engine, tmp_path / "x=1" / "t") for engine in ("duckdb", "spark"))
    specs: list[TallySpec] = [
        CellCounts(keys=tuple(CategoryKey(column=name) for name in ("y", "s", "sex"))),
        MissingCounts(),
    ]
    assert distributed.tally(specs) == embedded.tally(specs)
    assert [column.name for column in distributed.columns()][-2:] == ["y", "s"]


@pytest.mark.spark
def test_spark_loses_no_row_and_says_what_it_cannot_hold(
    opens: Opens, spark: SparkEngine, tmp_path: Path
) -> None:
    (tmp_path / "cut.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(DataError, match=r"^line 3 of cut\.csv has 1 cells where the header has 2"):
        opens("spark", tmp_path / "cut.csv")
    fine = pa.table({"at": pa.array([1, 2000, None], pa.timestamp("ns"))})
    with pytest.raises(DataError, match=r"fine\.parquet has times finer than microseconds"):
        opens("spark", write(fine, tmp_path / "fine.parquet")).tally([CellCounts(keys=_key("at"))])
    path = write(PEOPLE, tmp_path / "shrunk.parquet")
    table = opens("spark", path)
    assert opens("spark", path) is table
    write(PEOPLE.slice(1), path)
    with pytest.raises(DataError, match=r"^shrunk\.parquet has 14 rows, but Spark reads 13 of them"):
        table.tally([CellCounts(keys=())])
    with pytest.raises(DataError, match=r"has no column 'aeg'; did you mean 'age'"):
        table.tally([CellCounts(keys=_key("aeg"))])


@pytest.mark.spark
def test_a_spark_frame_is_a_table_of_a_session_that_exists(spark: SparkEngine) -> None:
    mine = spark.session()
    engine = SparkEngine(session=mine)
    frame = mine.createDataFrame([("f", 1, None), ("m", 2, 0.5)], "`sex` string, `a b` int, `Sex` double")
    table = engine.over(frame)
    assert [(c.name, c.kind) for c in table.columns()] == [
        ("sex", "text"),
        ("a b", "integer"),
        ("Sex", "number"),
    ]
    assert table.tally([CellCounts(keys=_key("sex"))])[0].entries == (("f", 1), ("m", 1))
    assert table.tally([]) == ()
    with pytest.raises(DataError, match="two columns named 'a'"):
        engine.over(mine.createDataFrame([(1, 2)], "a int, b int").toDF("a", "a"))
    assert engine.session() is not mine
    engine.stop()
    again = SparkEngine(threads=1)
    assert again.session().sparkContext is mine.sparkContext
    assert mine.range(3).count() == 3


@pytest.mark.parametrize("engine", ["duckdb", *ENGINES])
def test_known_counts(opens: Opens, tmp_path: Path, engine: str) -> None:
    """Counted by hand in the table above."""
    table = opens(engine, write(PEOPLE, tmp_path / "t.parquet"))
    bins = BinKey(column="age", edges=(0.001, 25.0, 31.0))
    sex, ages, missing = table.tally(
        [CellCounts(keys=_key("sex")), CellCounts(keys=(bins,)), MissingCounts()]
    )
    assert dict(sex.entries) == SEXES  # type: ignore[arg-type] # pairs of text and count
    assert dict(ages.entries) == {  # type: ignore[arg-type] # pairs of text and count
        "(missing)": 2,
        "< 0.001": 1,
        "0.001 to < 25": 4,
        "25 to < 31": 1,
        ">= 31": 6,
    }
    gaps = {str(name): gap for name, gap, _ in missing.entries}
    assert gaps == {"age": 2, "joined": 2, "note": 3, "sex": 3, OUTCOME: 2}
