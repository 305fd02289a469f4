"""All steps over every version in an archive, and over the chain that holds them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformity.archive.standalone.chain import entry_of
from conformity.archive.standalone.folder import Found, read_folder
from conformity.archive.standalone.steps import EMPTY, STEPS, named, versions
from conformity.archive.standalone.told import Told, joined
from conformity.archive.store.chain import INDEX, check_chain, head_of, lines_of
from conformity.archive.store.git import GitError
from conformity.archive.sums import SUMS
from conformity.archive.verify.repository import (
    Committed,
    blob_ids,
    committed,
    index_of,
    repository_told,
    version_in,
)
from conformity.errors import ConformityError, IntegrityError, MissingLibraryError
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256, sha256_of
from conformity.pipeline.verifying.folders import Ask, folder_steps
from conformity.pipeline.verifying.records import pack_of

_NO_HEAD = (
    "No digest of the last line, kept elsewhere, was given (--head): versions dropped at the end, or an "
    "index made anew as a whole, could not be noticed."
)
Before = tuple[Assessment, Sha256]
"""The version before of a system, and the digest of its ``assessment.json``."""


def archive_steps(
    folder: Path, ask: Ask, head: Sha256 | None, signers: Path | None
) -> tuple[dict[str, Told], Sha256 | None]:
    """Return what every step tells of an archive, and the digest of the last line of its index.

    Args:
        folder: where it is.
        ask: how its versions are looked at.
        head: the digest that the last line must have, from a place that is trusted.
        signers: a file with the SSH keys that may sign commits.

    Raises:
        ConformityError: there is neither an index nor a repository that can be read.
    """
    held, git_gone = _held(folder, signers)
    index = index_of(folder) if held is None or not held.repository.bare else None
    if index is None:
        if held is None:
            raise IntegrityError(f"{folder}: {[*git_gone.faults, *git_gone.unknown][0]}")
        index = held.state.index
    every: dict[str, list[Told]] = {name: [] for name, _ in STEPS}
    packs: dict[str, Sha256 | None] = {}
    here: dict[str, str] = {}
    for path, found, told in _versions(folder, held, index, ask):
        sums = found.files.get(SUMS)
        packs[path] = sha256_of(sums) if sums is not None else None
        if held is not None:
            here |= blob_ids(path, found, len(str(held.state.commit)))
        for name, one in told.items():
            every[name].append(one)
    told = {name: joined(*parts) for name, parts in every.items()} if packs else dict.fromkeys(every, EMPTY)
    git = repository_told(held, index, here, signers) if held else git_gone
    told["chain"] = joined(*every["chain"], _chain_told(index, packs, head), git)
    return told, _head(index)


def _held(folder: Path, signers: Path | None) -> tuple[Committed | None, Told]:
    """Return what is committed; or what is told instead, where there is no repository or none that is whole.

    Whoever says who may sign expects a signature: that none can be read is a fault then.
    """
    try:
        return committed(folder), Told()
    except MissingLibraryError as error:
        return None, Told(unknown=(error.message,))
    except (GitError, IntegrityError) as error:
        return None, Told((error.message,))
    except ConformityError as error:
        return None, Told((error.message,)) if signers else Told(unknown=(error.message,))


def _head(index: bytes) -> Sha256 | None:
    """Return the digest of the last line of an index."""
    try:
        return head_of(lines_of(index))
    except IntegrityError:
        return None


def _entries(index: bytes) -> dict[str, dict[str, Any]]:
    """Return the entries of an index that can be read, by path, in their order."""
    found = (entry_of(line) for line in index.split(b"\n")[:-1])
    return {str(entry["path"]): entry for entry in found if entry is not None}


def _versions(
    folder: Path, held: Committed | None, index: bytes, ask: Ask
) -> Iterator[tuple[str, Found, dict[str, Told]]]:
    """Yield every version, in the order of the index, with its files and what is told of it.

    One version is held in memory at a time, and the assessment before of each system.
    """
    bare = held if held is not None and held.repository.bare else None
    entries = _entries(index)
    there = _committed_paths(bare) if bare else [*versions(folder)]
    latest: dict[str, Before] = {}
    paths = [
        *(path for path in entries if path in set(there)),
        *(path for path in there if path not in entries),
    ]
    for number, path in enumerate(paths, 1):
        ask.on_progress(f"verifying {path}", number, len(paths))
        found = version_in(bare, path) if bare else read_folder(str(folder / path), follow=False)
        entry = entries.get(path, {})
        system = str(entry.get("system", path))
        one = replace(
            ask, withheld=entry.get("tallies") == "withheld", before=_followed(found, latest.get(system))
        )
        steps = folder_steps(folder / path, found, one)
        chain, judged = _entry_told(entry, folder / path, found, latest.get(system))
        yield path, found, {name: named(path, told) for name, told in {**steps, "chain": chain}.items()}
        latest.pop(system, None)
        if judged is not None:
            latest[system] = judged


def _committed_paths(held: Committed) -> list[str]:
    """Return the place of every version that is committed, sorted."""
    parts = (path.split("/") for path in held.state.blobs if path.startswith("systems/"))
    return sorted({"/".join(part[:3]) for part in parts})


def _entry_told(
    entry: Mapping[str, Any], place: Path, found: Found, before: Before | None
) -> tuple[Told, Before | None]:
    """Tell whether a version is the one that its line in the index describes; with its assessment."""
    pack = pack_of(place, found.files)
    if pack is None or not entry:
        return Told(), None
    assessment, system = pack.assessment, pack.assessment.manifest.system
    due = {
        "assessment_sha256": pack.assessment_sha256,
        "name": system.name,
        "system_version": system.version,
        "provider": assessment.manifest.provider.name,
        "version": assessment.manifest.edition.version,
    }
    faults = [f"Its line in {INDEX} has another {name}." for name in due if entry.get(name) != due[name]]
    if assessment.previous is not None and before is not None and before[1] != assessment.previous.sha256:
        faults.append("The version before that it names is not the one before it in the archive.")
    return Told(tuple(faults)), (assessment, pack.assessment_sha256)


def _followed(found: Found, before: Before | None) -> Assessment | None:
    """Return the version before, when it is the one that a version names; its register is carried on then."""
    pack = pack_of(Path(), found.files)
    named_before = pack.assessment.previous if pack else None
    return before[0] if before and named_before and named_before.sha256 == before[1] else None


def _chain_told(index: bytes, packs: Mapping[str, Sha256 | None], head: Sha256 | None) -> Told:
    """Tell whether the lines of the index follow one another, and each names the pack that is there."""
    try:
        lines = lines_of(index)
    except IntegrityError as error:
        return Told((error.message,))
    faults = [f"{INDEX}, line {one.line}: {one.text}" for one in check_chain(lines, packs, head)]
    faults += [f"{path} is in no line of {INDEX}." for path in sorted(packs.keys() - _entries(index).keys())]
    last = head_of(lines)
    seen = (f"{len(lines)} versions.", f"The last line has the digest {last}.")
    return Told(tuple(faults), () if head else (_NO_HEAD,), seen)
