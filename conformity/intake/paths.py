"""Find what a manifest's path stands for, and never anything outside the allowed folder."""

from __future__ import annotations

import glob
import os
import re
import stat
from pathlib import Path, PurePosixPath

from conformity.errors import PathError
from conformity.intake.names import listed, nearest, quoted

_MAGIC = frozenset("*?[")
_ESCAPED = re.compile(r"\[([*?[])\]")
"""What :func:`glob.escape` makes of a character that globs interpret."""


class NothingThereError(PathError):
    """Nothing lies at a path that is written as it should be."""


def resolve_inside(path_text: str, folder: Path, root: Path | None = None) -> Path:
    """Return the absolute path of the file, folder or glob that ``path_text`` names.

    Symbolic links are followed and must end inside the root; so must everything that a folder or a
    glob holds. A glob comes back as a glob, with the characters of its fixed part escaped.

    Args:
        path_text: a path relative to ``folder``, with ``/`` between names; no ``..``, not absolute.
        folder: the manifest's folder.
        root: the folder that nothing may leave; the manifest's folder when None.

    Raises:
        NothingThereError: there is no such file or folder, or nothing matches.
        PathError: the path is absolute, has ``..``, leaves the root, or names a device, pipe or socket.
    """
    _check_text(path_text)
    base = folder.resolve()
    limit = base if root is None else root.resolve()
    literal = base / path_text
    if not _MAGIC & set(path_text):
        found = _existing(path_text, literal, base)
        _check_inside(path_text, found, limit)
        _check_kind(path_text, found)
        if found.is_dir():
            files_at(found, limit)
        return found
    if os.path.lexists(literal):
        raise PathError(
            f"the path {quoted(path_text)} is a file and a pattern at once; rename the file without * ? ["
        )
    pattern = _escaped(base, path_text)
    if not files_at(pattern, limit):
        raise NothingThereError(f"no file in {base} matches {quoted(path_text)}; correct the pattern")
    return pattern


def files_at(path: Path, root: Path) -> tuple[Path, ...]:
    """Return the files that a resolved path stands for, sorted by name.

    Args:
        path: what :func:`resolve_inside` returned: a file, a folder (all files in it, at any depth)
            or a glob.
        root: the folder that nothing may leave; without symbolic links.

    Raises:
        PathError: a file lies outside the root, or is a device, pipe or socket, or has a name that
            cannot be written as UTF-8 on one line; or a folder holds no file.
    """
    if path.is_file():
        return (path,)
    if path.is_dir():
        entries = [Path(top) / name for top, names in _walk(path) for name in names]
    else:
        entries = _matches(path)
    files = [entry for entry in entries if _is_file(entry, root)]
    if path.is_dir() and not files:
        raise PathError(f"the folder {path} holds no file; put the data there or name another folder")
    return tuple(sorted(files, key=lambda file: str(file).encode("utf-8")))


def fixed_part(path: Path) -> Path:
    """Return the folder below which everything that a folder or glob stands for lies.

    For a file, the folder it is in; for a glob, the folders before the first that has a wildcard.
    """
    if path.is_dir():
        return path
    if path.exists():
        return path.parent
    parts: list[str] = []
    for part in path.parts[:-1]:
        if glob.has_magic(_ESCAPED.sub("", part)):
            break
        parts.append(_ESCAPED.sub(r"\1", part))
    return Path(*parts)


def _check_text(path_text: str) -> None:
    """Refuse paths that could leave the folder by how they are written."""
    if not path_text.strip() or "\0" in path_text:
        raise PathError(f"the path {quoted(path_text)} names nothing; write it relative to the manifest")
    if "://" in path_text:
        raise PathError(
            "the path is an address; copy the file beside the manifest and name it there (s3:// and "
            "postgresql:// are fetched, for tables)"
        )
    if PurePosixPath(path_text).is_absolute():
        raise PathError(
            f"the path {quoted(path_text)} is absolute; write it relative to the manifest's folder"
        )
    if ".." in PurePosixPath(path_text).parts:
        raise PathError(
            f"the path {quoted(path_text)} has '..' in it; put the file into the manifest's folder"
        )


def _existing(path_text: str, literal: Path, base: Path) -> Path:
    """Return the path without symbolic links, or raise NothingThereError naming the nearest that exists."""
    try:
        return literal.resolve(strict=True)
    except FileNotFoundError as error:
        raise NothingThereError(_nothing_there(path_text, literal, base)) from error
    except (OSError, RuntimeError) as error:
        raise PathError(
            f"the path {quoted(path_text)} cannot be followed: {_why(error)}; correct it"
        ) from error


def _why(error: OSError | RuntimeError) -> str:
    """Return the reason in words; pathlib reports links in a circle as a RuntimeError without any."""
    return getattr(error, "strerror", None) or "symbolic links in a circle"


def _nothing_there(path_text: str, literal: Path, base: Path) -> str:
    """Return a sentence that names the first part that is missing and what is there instead."""
    parts = literal.relative_to(base).parts
    deepest = max((n for n in range(len(parts)) if base.joinpath(*parts[:n]).exists()), default=0)
    here = base.joinpath(*parts[:deepest])
    try:
        names = sorted(entry.name for entry in here.iterdir()) if here.resolve().is_relative_to(base) else []
    except OSError:
        names = []
    near = nearest(parts[deepest], names)
    meant = str(PurePosixPath(*here.relative_to(base).parts, near)) if near else ""
    hint = f"did you mean {quoted(meant)}?" if near else f"{here} holds: {listed(names)}"
    return f"there is nothing at {quoted(path_text)} in {base}; {hint}"


def _matches(pattern: Path) -> list[Path]:
    """Return what matches an absolute glob, by the same rules as the engines: pathlib's."""
    try:
        return list(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    except ValueError as error:
        raise PathError(f"{pattern.name} is not a pattern: {error}; correct it") from error


def _check_inside(path_text: str, found: Path, limit: Path) -> None:
    """Raise PathError when a path that was followed to its end left the root."""
    if not found.is_relative_to(limit):
        raise PathError(
            f"the path {quoted(path_text)} leads through a symbolic link out of {limit}; copy the file inside"
        )


def _check_kind(path_text: str, found: Path) -> None:
    """Raise PathError for anything that is neither a file nor a folder."""
    mode = found.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise PathError(f"the path {quoted(path_text)} is a device, pipe or socket; name a file or folder")


def _escaped(base: Path, path_text: str) -> Path:
    """Return the glob below ``base``, whose own name may hold characters that globs would interpret."""
    return Path(glob.escape(str(base))) / path_text


def _walk(path: Path) -> list[tuple[str, list[str]]]:
    """Return the folders below ``path``, each with the names of its files.

    Raises:
        PathError: a folder cannot be listed, or is a symbolic link.
    """

    def refuse(error: OSError) -> None:
        raise PathError(f"the folder {error.filename} cannot be listed: {error.strerror}") from error

    found = []
    for top, folders, names in os.walk(path, onerror=refuse):
        links = [name for name in folders if (Path(top) / name).is_symlink()]
        if links:
            raise PathError(
                f"{Path(top) / links[0]} is a symbolic link to a folder, which is not followed; "
                "copy the files inside"
            )
        found.append((top, names))
    return found


def _is_file(entry: Path, root: Path) -> bool:
    """Tell whether an entry is a file to be read; folders are not.

    Raises:
        PathError: the entry leaves the root, is neither file nor folder, or has an unusable name.
    """
    try:
        real = entry.resolve(strict=True)
        _check_inside(entry.name, real, root)
        if real.is_dir():
            return False
        _check_kind(str(entry), real)
        str(entry).encode("utf-8")
    except (OSError, RuntimeError) as error:
        raise PathError(f"the entry {quoted(str(entry))} cannot be followed: {_why(error)}") from error
    except UnicodeEncodeError as error:
        raise PathError(f"the file name {quoted(str(entry))} is not UTF-8; rename the file") from error
    if not str(entry).isprintable():
        raise PathError(f"the file name {quoted(str(entry))} has control characters; rename the file")
    return True
