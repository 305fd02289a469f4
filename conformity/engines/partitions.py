"""Columns that are written in folder names (``year=2024/month=03/``), as Hive and Spark lay tables out."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from conformity.errors import DataError


def partition_names(source: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the columns that the folders between ``source`` and its files stand for.

    Args:
        source: a folder, a file or a pattern; folders above it do not count.
        paths: the files of the table.

    Raises:
        DataError: the files do not all lie below folders of the same names.
    """
    root = _root(source)
    first = _names(root, paths[0])
    for path in paths[1:]:
        if _names(root, path) != first:
            raise DataError(
                f"the files of {source.name} lie in folders that stand for other columns "
                f"({_listed(first)}; {_listed(_names(root, path))}); lay them out in one way"
            )
    if len(set(first)) < len(first):
        raise DataError(f"the folders of {source.name} name a column twice ({_listed(first)}); rename one")
    return first


def _root(source: Path) -> Path:
    """Return the folder below which folder names count: the last one without a pattern."""
    if source.is_dir():
        return source
    fixed = source.parent
    while glob.has_magic(str(fixed)) and not fixed.exists():
        fixed = fixed.parent
    return fixed.absolute()


def _names(root: Path, path: Path) -> tuple[str, ...]:
    """Return the columns that the folders between ``root`` and one file stand for."""
    folders = path.relative_to(root).parts[:-1]
    return tuple(name for name, equals, _ in (folder.partition("=") for folder in folders) if name and equals)


def _listed(names: Sequence[str]) -> str:
    """Return names for a message."""
    return ", ".join(repr(name) for name in names) or "none"
