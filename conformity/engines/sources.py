"""From a path to the files of one table and the format they are written in."""

from __future__ import annotations

import glob
from dataclasses import dataclass, replace
from pathlib import Path

from conformity.engines.interface import TableSource
from conformity.engines.partitions import partition_names
from conformity.errors import DataError

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
DATABASES = ("duckdb", "sqlite")
"""Formats of files that hold several tables."""
COMPRESSED = (".gz", ".zst")
"""What the names of text files end with that are compressed with gzip or Zstandard."""
_OTHER_COMPRESSION = (".bz2", ".xz", ".zip", ".7z", ".lz4", ".br", ".z")
_FORMATS = frozenset(_SUFFIXES.values())
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Files:
    """The files of one table."""

    paths: tuple[Path, ...]
    """All of them, sorted; at least one."""
    format: str
    """``csv``, ``tsv``, ``parquet``, ``jsonl``, ``arrow``, ``duckdb`` or ``sqlite``."""
    where: str
    """What to call the table in messages."""
    partitions: tuple[str, ...] = ()
    """Columns that are not in the files but in the names of the folders they lie in."""
    table: str | None = None
    """In a database: the table's name, as declared."""


def files_of(source: TableSource) -> Files:
    """Return the files at ``source``, none of them empty.

    Raises:
        DataError: nothing is there, a file is empty, or the format cannot be told.
    """
    where = source.path.name
    if source.path.is_dir():
        paths = _parquet_files(source.path)
        if source.format not in ("auto", "parquet"):
            raise DataError(f"{where} is a folder; only a folder of Parquet files can be read, name the file")
    elif source.path.exists():
        paths = (source.path,)
    else:
        paths = _globbed(source.path)
    for path in paths:
        if path.stat().st_size == 0:
            raise DataError(f"{path.name} is empty (0 bytes); hand in the table")
    files = Files(paths, _format_of(source.format, paths), where, table=source.table)
    if files.table is not None and files.format not in DATABASES:
        raise DataError(f"{where} is no database, so that it has no table {files.table!r}; remove `table`")
    if files.format == "parquet":
        return replace(files, partitions=partition_names(source.path, paths))
    return files


def _parquet_files(folder: Path) -> tuple[Path, ...]:
    """Return the Parquet files below ``folder``, without hidden and temporary ones."""
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _PARQUET
        and path.is_file()
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    ]
    if not found:
        raise DataError(
            f"the folder {folder.name} has no Parquet files (*.parquet); name the data file itself"
        )
    return tuple(found)


def _globbed(path: Path) -> tuple[Path, ...]:
    """Return the files that match ``path``, read as a pattern."""
    if not glob.has_magic(str(path)):
        raise DataError(f"there is no file {path.name}; check the path of the table")
    root = path.absolute()
    found = sorted(Path(root.anchor).glob(str(root.relative_to(root.anchor))))
    files = tuple(match for match in found if match.is_file())
    if not files:
        raise DataError(f"no file matches {path.name}; check the pattern")
    return files


def _format_of(declared: str, paths: tuple[Path, ...]) -> str:
    """Return the format that is declared, or told by the names when it is ``auto``."""
    for path in paths:
        if path.suffix.lower() in _OTHER_COMPRESSION:
            raise DataError(
                f"{path.name} is compressed in a way that cannot be read; compress it with gzip (.gz) or "
                "Zstandard (.zst), or hand in the file itself"
            )
    if declared != "auto":
        if declared not in _FORMATS:
            raise DataError(f"there is no format {declared!r}; known are {', '.join(sorted(_FORMATS))}")
        return declared
    told = {_by_name(path) for path in paths}
    if len(told) > 1:
        raise DataError(
            f"the files are of several formats ({', '.join(sorted(told))}); narrow the pattern to one"
        )
    return told.pop()


def _by_name(path: Path) -> str:
    """Return the format that the file's name tells, compressed or not."""
    if path.suffix.lower() in (".db", ".db3"):
        return _by_content(path)
    name = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    found = _SUFFIXES.get(name.suffix.lower())
    if found is None or (name is not path and found not in ("csv", "tsv", "jsonl")):
        raise DataError(
            f"the format of {path.name} cannot be told from its name; state `format`: "
            f"{', '.join(sorted(_FORMATS))}"
        )
    return found


def _by_content(path: Path) -> str:
    """Return the kind of database that a file's first bytes tell."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    raise DataError(f"{path.name} is neither a SQLite nor a DuckDB database; state its `format`")
