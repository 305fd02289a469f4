"""Manifests that were sent: as they are kept, and refused with everything that is wrong with them."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath

from conformity.entry.rest.asked import MANIFEST
from conformity.entry.rest.parts import Upload, safe_name
from conformity.entry.rest.problems import Fault, ProblemError
from conformity.intake.yaml_text import YamlProblemError, parse
from conformity.model.checking import ManifestCheck
from conformity.settings import Settings


def as_manifest(content: bytes, data: object) -> bytes:
    """Return JSON as it is kept: as it came, where it says the same when it is read as YAML.

    Args:
        content: the bytes.
        data: what they hold.
    """
    try:
        is_same = parse(content.decode()).data == data
    except YamlProblemError:
        # Such as characters beyond U+FFFF that are written as pairs: JSON alone has them.
        is_same = False
    return content if is_same else json.dumps(data, ensure_ascii=False, indent=2).encode()


def put_in_place(upload: Upload) -> None:
    """Move files that came without a folder to where the manifest names them.

    Many clients send the last part of a file's name alone. A file is moved if the manifest names one path
    that ends in its name, and names no file of this name beside itself.

    Args:
        upload: a manifest and files.
    """
    named = _paths_named(upload)
    ends = Counter(PurePosixPath(path).name for path in named)
    for path in named - upload.digests.keys():
        name = PurePosixPath(path).name
        if name not in upload.digests.keys() - named - {MANIFEST} or ends[name] != 1:
            continue
        target = upload.folder / path
        with contextlib.suppress(ValueError, OSError):
            # What is no safe name, or cannot be a folder, is told as a file that is not there.
            if safe_name(path) == path:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (upload.folder / name).rename(target)
                upload.digests[path] = upload.digests.pop(name)


def _paths_named(upload: Upload) -> set[str]:
    """Return the paths that a manifest names; none if it cannot be read."""
    try:
        data = parse((upload.folder / MANIFEST).read_text("utf-8-sig")).data
    except (YamlProblemError, UnicodeDecodeError):
        return set()
    found = data if isinstance(data, dict) else {}
    listed = [found.get(field) for field in ("subjects", "exhibits")]
    things = [thing for things in listed if isinstance(things, list) for thing in things]
    paths = [thing.get("path") for thing in things if isinstance(thing, dict)]
    return {path for path in (*paths, found.get("criteria_lock")) if isinstance(path, str)}


def refuse_unusable(folder: Path, settings: Settings) -> None:
    """Check the manifest of an upload, and that the files that it names are there.

    Args:
        folder: where the upload lies.
        settings: limits.

    Raises:
        ProblemError: nothing can be assessed by it (422); every fault has a JSON pointer, line and column.
    """
    from conformity.pipeline.checking import check_manifest

    found = check_manifest(folder / MANIFEST, replace(settings, root=folder))
    if not found.usable:
        raise ProblemError(
            422, "Nothing can be assessed by this manifest; see errors.", faults_of(without(found, folder))
        )


def without(check: ManifestCheck, folder: Path) -> ManifestCheck:
    """Return a check that does not tell where the server keeps its files."""

    def cleaned(text: str) -> str:
        """Return a text without the folder."""
        return text.replace(f"{folder}/", "").replace(str(folder), "the upload")

    errors = tuple(
        one.model_copy(update={"message": cleaned(one.message), "fix": cleaned(one.fix)})
        for one in check.errors
    )
    return check.model_copy(update={"name": cleaned(check.name), "errors": errors})


def faults_of(check: ManifestCheck) -> tuple[Fault, ...]:
    """Return what is wrong with a manifest as faults of the request."""
    return tuple(
        Fault(
            pointer=f"#{one.pointer}",
            detail=f"{one.message}; {one.fix}",
            line=one.line,
            column=one.column,
        )
        for one in check.errors
    )
