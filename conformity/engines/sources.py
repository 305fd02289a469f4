"""From a path to the files of one table and the format they are written in."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

from conformity.engines.interface import TableSource
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
}
_FORMATS = frozenset(_SUFFIXES.values())
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Files:
    """The files of one table."""

    paths: tuple[Path, ...]
    """All of them, sorted; at least one."""
    format: str
    """``csv``, ``tsv``, ``parquet``, ``jsonl`` or ``arrow``."""
    where: str
    """What to call the table in messages."""


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
    return Files(paths=paths, format=_format_of(source.format, paths), where=where)


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
    """Return the format that the file's name tells, compressed (``.gz``) or not."""
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    found = _SUFFIXES.get(name.suffix.lower())
    if found is None or (name is not path and found not in ("csv", "tsv", "jsonl")):
        raise DataError(
            f"the format of {path.name} cannot be told from its name; state `format`: "
            f"{', '.join(sorted(_FORMATS))}"
        )
    return found
