"""Load a declared model and the rows it is to predict; in a worker only, and only after a scan."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformity.errors import DataError, MissingLibraryError, ModelFileError
from conformity.model.subject import ModelSubject, TableSubject
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.model_files.names import not_loadable
from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file

if TYPE_CHECKING:
    import pandas as pd

    from conformity.engines.sources import Files

MAX_ROWS = 200_000
"""Most rows that are predicted."""

_FORMATS = ("joblib", "pickle", "skops")


@dataclass(frozen=True)
class Loaded:
    """A model and what loading it brought up."""

    model: Any
    """The model; it has ``predict``."""
    notes: tuple[str, ...]
    """What a reader must know."""


def load_model(subject: ModelSubject, path: Path, scratch: Path) -> Loaded:
    """Return the model, after a scan of the very bytes that are loaded.

    Raises:
        NotMeasurableError: its format cannot be run, or the scan does not allow loading it.
        ModelFileError: it cannot be read.
        MissingLibraryError: a package that it needs is not installed.
    """
    if subject.format not in _FORMATS:
        raise NotMeasurableError(
            f"a model in the format {subject.format} is not run; {', '.join(_FORMATS)} are"
        )
    copy = scratch / "model"
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        raise ModelFileError(
            f"the model file {path.name} cannot be read: {error.strerror}; check the path"
        ) from error
    folder = scratch / "scan"
    folder.mkdir()
    scan = scan_model_file(copy, subject.format, folder)
    _allow(scan)
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        model = _load(subject.format, copy, scan)
    if not callable(getattr(model, "predict", None)):
        raise NotMeasurableError("the file holds no model with a `predict` method")
    kinds = sorted({warning.category.__name__ for warning in raised})
    return Loaded(model, (f"Loading the model gave warnings: {', '.join(kinds)}.",) if kinds else ())


def _allow(scan: ModelScan) -> None:
    """Check that a model may be loaded.

    Raises:
        NotMeasurableError: it may not.
    """
    if scan.dangerous:
        raise NotMeasurableError(
            f"the model was not loaded: it names {sorted(map(str, scan.dangerous))[0]}, which is dangerous"
        )
    if scan.contents:
        raise NotMeasurableError(f"the model was not loaded: {scan.contents[0].what}"[:500])
    if scan.problems:
        raise NotMeasurableError(f"the model was not loaded: {scan.problems[0]}"[:500])
    if names := not_loadable(scan.globals):
        raise NotMeasurableError(
            f"the model was not loaded: it names {ascii(str(names[0]))[1:-1][:200]}, which is not part of a "
            "known model library"
        )


def _load(file_format: str, path: Path, scan: ModelScan) -> Any:
    """Load a file that has been scanned."""
    try:
        from conformity.probes.shared.model_files.guard import check_names, load_guarded

        if file_format == "skops":
            import skops.io

            check_names(scan.globals)
            return skops.io.load(path, trusted=sorted(map(str, scan.globals)))
        # It reads plain pickles too, in the same way in which the scan followed them.
        return load_guarded(path, scan.globals)
    except ModelFileError:
        raise
    except ImportError as error:
        raise MissingLibraryError(
            f"the model needs the package {error.name or 'named in the log'}; install it and run again"
        ) from error
    except Exception as error:
        raise ModelFileError(
            f"the model could not be loaded ({type(error).__name__}); save it with the installed versions"
        ) from error


def load_rows(table: TableSubject, path: Path, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return the first rows of the ``feature`` columns, in the manifest's order.

    Args:
        table: the declared table.
        path: where it is.
        also: further columns, put after the features.

    Raises:
        NotMeasurableError: there is no such column, or no row.
        DataError: the table cannot be read.
    """
    from conformity.engines.interface import TableSource
    from conformity.engines.sources import DATABASES, files_of

    columns = [column.name for column in table.with_role("feature")]
    if not columns:
        raise NotMeasurableError(f"the table {table.id} has no column with the role `feature`")
    columns += [name for name in also if name not in columns]
    source = TableSource(path=path, format=table.format, table=table.table)
    files = files_of(source)
    if files.format in DATABASES or files.partitions:
        from conformity.engines.first_rows import first_rows

        rows = first_rows(source, columns, MAX_ROWS)
    else:
        rows = _rows_of_files(table, files, columns)
    if rows.empty:
        raise NotMeasurableError(f"the table {table.id} has no rows")
    return rows


def _rows_of_files(table: TableSubject, files: Files, columns: list[str]) -> pd.DataFrame:
    """Return the first rows of files that pandas and Arrow read.

    Raises:
        DataError: they cannot be read.
    """
    import pandas

    frames: list[pd.DataFrame] = []
    left = MAX_ROWS
    try:
        for file in files.paths:
            if left > 0:
                frames.append(_readers()[files.format](file, columns, left)[columns])
                left -= len(frames[-1])
    except Exception as error:
        raise DataError(
            f"the feature columns of {table.id} cannot be read ({type(error).__name__}); check their names"
        ) from error
    return pandas.concat(frames, ignore_index=True)


def _readers() -> dict[str, Callable[[Path, list[str], int], pd.DataFrame]]:
    """Return a reader for each format: path, columns, most rows."""
    import pandas

    return {
        "csv": lambda path, columns, most: pandas.read_csv(path, usecols=columns, nrows=most),
        "tsv": lambda path, columns, most: pandas.read_csv(path, sep="\t", usecols=columns, nrows=most),
        "jsonl": lambda path, _, most: pandas.read_json(path, lines=True, nrows=most),
        "parquet": _read_parquet,
        "arrow": _read_arrow,
    }


def _read_parquet(path: Path, columns: list[str], most: int) -> pd.DataFrame:
    """Return the first rows of a Parquet file."""
    return _head(path, "parquet", columns, most)


def _read_arrow(path: Path, columns: list[str], most: int) -> pd.DataFrame:
    """Return the first rows of an Arrow file."""
    return _head(path, "arrow", columns, most)


def _head(path: Path, file_format: str, columns: list[str], most: int) -> pd.DataFrame:
    """Return the first rows of a file that Arrow reads."""
    import pyarrow.dataset

    rows = pyarrow.dataset.dataset(path, format=file_format).head(most, columns=columns)
    frame: pd.DataFrame = rows.to_pandas()
    return frame
