"""Read a manifest: bytes to values, or an error that names line, column and field."""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conformity.errors import ManifestError, PathError
from conformity.intake.fields import date_fields
from conformity.intake.identities import identity_problems, repeated_columns
from conformity.intake.loaded import LoadedManifest, Source
from conformity.intake.lock import lock_manifest
from conformity.intake.names import quoted
from conformity.intake.problems import Problem, in_words, problems_of
from conformity.intake.yaml_text import FieldPath, YamlProblemError, parse
from conformity.model.base import sha256_of
from conformity.model.manifest import Manifest
from conformity.settings import Settings

__all__ = ["LoadedManifest", "lock_manifest", "read_manifest"]

_VERSION = 1
"""The format this program reads."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_manifest(
    path: Path, *, root: Path | None = None, max_bytes: int = Settings.manifest_max_bytes
) -> LoadedManifest:
    """Return the manifest at ``path``, checked in itself; files it names are not looked at.

    Args:
        path: the YAML file.
        root: a folder that the file must lie in, symbolic links followed; None allows any place.
        max_bytes: the largest file that is read.

    Raises:
        ManifestError: the file is too large, not UTF-8, not YAML, or does not fit the model; every
            problem has a line of its own with file, line, column and field.
        PathError: there is no readable file at ``path``, or it lies outside ``root``.
    """
    real = _inside(path, root)
    raw = _read(path, real, max_bytes)
    return parse_manifest(raw, name=str(path), folder=real.parent)


def parse_manifest(raw: bytes, *, name: str, folder: Path) -> LoadedManifest:
    """Return the manifest that the bytes of a file hold.

    Args:
        raw: the bytes as received.
        name: what to call the file in messages.
        folder: the folder to which paths in the manifest are relative; absolute.

    Raises:
        ManifestError: as :func:`read_manifest`.
    """
    text = _decode(raw, name)
    try:
        source = Source(name, parse(text))
    except YamlProblemError as error:
        raise ManifestError(f"{name}:{error.line}:{error.column}: {error.text}") from error
    manifest = _validate(source)
    return LoadedManifest(manifest=manifest, raw=raw, sha256=sha256_of(raw), folder=folder, source=source)


def _inside(path: Path, root: Path | None) -> Path:
    """Return ``path`` without symbolic links, or raise PathError when it lies outside ``root``."""
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise PathError(
            f"there is no manifest at {quoted(str(path))}; `conformity init DATA` drafts one"
        ) from error
    if root is not None and not real.is_relative_to(root.resolve()):
        raise PathError(f"the manifest {quoted(str(path))} lies outside {root}; move it inside")
    return real


def _read(path: Path, real: Path, max_bytes: int) -> bytes:
    """Return the file's bytes; never more than one above the limit are held."""
    try:
        # Without O_NONBLOCK opening a pipe would wait for a writer that may never come.
        handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise PathError(f"{quoted(str(path))} is not a file; name the manifest file itself")
            with os.fdopen(handle, "rb", closefd=False) as file:
                raw = file.read(max_bytes + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise PathError(f"{quoted(str(path))} cannot be read: {error.strerror}") from error
    if len(raw) > max_bytes:
        raise ManifestError(
            f"{path}: is larger than {max_bytes:,} bytes and was not read; "
            "a manifest names data files and does not hold them"
        )
    return raw


def _decode(raw: bytes, name: str) -> str:
    """Return the text; a byte order mark of UTF-8 is dropped."""
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + len(raw) - len(body)
        line = raw.count(b"\n", 0, offset) + 1
        raise ManifestError(
            f"{name}:{line}: the byte 0x{raw[offset]:02x} at offset {offset} is not UTF-8; "
            "save the file with the encoding UTF-8"
        ) from error


def _validate(source: Source) -> Manifest:
    """Return the manifest, or raise one ManifestError with all its problems."""
    data = source.tree.data
    if data is None:
        raise ManifestError(f"{source.name}: is empty; `conformity init DATA` drafts a manifest")
    if not isinstance(data, dict):
        raise source.error([Problem((), f"expected fields such as `conformity: 1`, found {in_words(data)}")])
    _check_version(source, data)
    data = _with_answers_in_words(data)
    try:
        # JSON, because only there strict reading takes dates from text and lists as tuples.
        manifest = Manifest.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        raise source.error(_all_problems(data, error)) from error
    if more := (*_seconds_as_dates(data, ()), *identity_problems(data)):
        raise source.error(more)
    return manifest


def _check_version(source: Source, data: dict[str, Any]) -> None:
    """Refuse a newer format before complaining about fields that this program cannot know."""
    version = data.get("conformity")
    if isinstance(version, int) and version > _VERSION:
        text = (
            f"the manifest is written in format {version}; this program reads format {_VERSION}; "
            "install a newer version"
        )
        raise source.error([Problem(("conformity",), text)])


def _with_answers_in_words(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with true and false in answers as yes and no, which YAML 1.1 took for the same."""
    answers = data.get("classification")
    if not isinstance(answers, list):
        return data
    return {**data, "classification": [_answer_in_words(answer) for answer in answers]}


def _answer_in_words(answer: Any) -> Any:
    """Return an answer with true and false as yes and no."""
    if isinstance(answer, dict) and isinstance(answer.get("answer"), bool):
        return {**answer, "answer": "yes" if answer["answer"] else "no"}
    return answer


def _seconds_as_dates(data: Any, path: FieldPath) -> Iterator[Problem]:
    """Yield dates written as digits in quotes, which pydantic takes for seconds since 1970."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    dates = date_fields()
    for key, value in items:
        here = (*path, key)
        if key in dates and isinstance(value, str) and not _DATE.match(value):
            yield Problem(here, f"expected a date such as 2026-01-31, found {in_words(value)}")
        yield from _seconds_as_dates(value, here)


def _all_problems(data: dict[str, Any], error: ValidationError) -> tuple[Problem, ...]:
    """Return what pydantic found, with ids and columns traced to their own places."""
    problems: dict[FieldPath, Problem] = {}
    for problem in problems_of(error.errors(include_url=False)):
        for finer in _traced(data, problem):
            problems.setdefault(finer.path, finer)
    return tuple(problems.values())


def _traced(data: dict[str, Any], problem: Problem) -> tuple[Problem, ...]:
    """Return the problem itself, or what lies behind it when a whole record was reported."""
    if not problem.path:
        return identity_problems(data) or (problem,)
    if len(problem.path) == 2 and problem.path[0] == "subjects" and "is listed twice" in problem.text:
        return repeated_columns(data, problem.path)
    return (problem,)
