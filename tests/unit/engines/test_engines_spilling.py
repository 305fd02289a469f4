"""Classes that do not fit into memory are counted exactly, through the scratch folder."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.tally import CategoryKey, ClassSizes

ROWS = 2_000_000
MEMORY_MB = 48


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Write two rows for each of a million combinations of two columns, but one more of a single one."""
    path = tmp_path / "people.parquet"
    duckdb.connect().execute(
        f"""COPY (SELECT (hash(n // 2) % 1000000007)::BIGINT AS zip, 'born ' || (n // 2) AS born
        FROM range({ROWS + 1}) AS numbers(n)) TO '{path}' (FORMAT parquet)"""
    )
    return path


@pytest.mark.slow
def test_more_classes_than_memory_are_counted_exactly(people: Path, tmp_path: Path) -> None:
    spec = ClassSizes(keys=(CategoryKey(column="zip"), CategoryKey(column="born")))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    engine = DuckDBEngine(scratch=scratch, memory_mb=MEMORY_MB, threads=2)
    (tally,) = engine.open(TableSource(people, "auto")).tally([spec])
    assert tally.entries == ((1, 1), (2, ROWS // 2))
    # Without the scratch folder the same memory is not enough, so that the classes did lie in it.
    bare = duckdb.connect(config={"memory_limit": f"{MEMORY_MB}MiB", "threads": 2})
    bare.execute("SET max_temp_directory_size = '0KB'")
    with pytest.raises(duckdb.OutOfMemoryException):
        bare.execute(
            f"SELECT max(size) FROM (SELECT count(*) AS size FROM '{people}' GROUP BY zip, born)"
        ).fetchall()


@pytest.mark.slow
def test_a_slice_of_them_needs_no_scratch_folder(people: Path, tmp_path: Path) -> None:
    spec = ClassSizes(keys=(CategoryKey(column="zip"), CategoryKey(column="born")), one_in=64)
    # A folder that cannot be written to.
    scratch = tmp_path / "scratch"
    scratch.write_text("")
    engine = DuckDBEngine(scratch=scratch, memory_mb=MEMORY_MB, threads=2)
    (tally,) = engine.open(TableSource(people, "auto")).tally([spec])
    sizes = {int(size): int(classes) for size, classes in tally.entries}
    assert sizes.get(1, 0) <= 1
    # A million classes, each kept with probability 1/64: within four standard deviations.
    assert abs(sizes[2] - ROWS / 2 / 64) < 4 * (ROWS / 2 / 64) ** 0.5


@pytest.mark.slow
def test_memory_and_scratch_folder_that_do_not_suffice_are_said_in_words(
    people: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.write_text("")
    engine = DuckDBEngine(scratch=scratch, memory_mb=MEMORY_MB, threads=2)
    with pytest.raises(DataError, match=r"people\.parquet"):
        engine.open(TableSource(people, "auto")).tally([ClassSizes()])
