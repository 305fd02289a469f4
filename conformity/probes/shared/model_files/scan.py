"""Scan a model file, or a folder of them, without loading it."""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from conformity.errors import ModelFileError
from conformity.probes.shared.model_files.containers import ALONE, examine
from conformity.probes.shared.model_files.findings import MAX_MEMBERS, Content, Findings, shown
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.names import dangerous, harmless

Verdict = Literal["clean", "review", "dangerous", "undetermined"]
"""What a scan comes to. ``clean`` says that nothing was found in what was read to its end, no more."""


@dataclass(frozen=True)
class ModelScan:
    """What a model file would import and do, as far as it could be read."""

    globals: frozenset[Global]
    """Every name."""
    dangerous: frozenset[Global]
    """Names known to run code, reach files or the network."""
    suspicious: frozenset[Global]
    """Names that are neither known to be dangerous nor on a list of harmless ones."""
    problems: tuple[str, ...]
    """What could not be read; when there is any, the absence of a name shows nothing."""
    contents: tuple[Content, ...] = ()
    """What else in the file runs code or reaches out, or needs a look."""

    @property
    def verdict(self) -> Verdict:
        """What the scan comes to; what could not be read is never clean."""
        if self.dangerous or any(content.severity == "dangerous" for content in self.contents):
            return "dangerous"
        if self.problems:
            return "undetermined"
        return "review" if self.suspicious or self.contents else "clean"


def scan_model_file(path: Path, declared: str, scratch: Path) -> ModelScan:
    """Return what the model at ``path`` would import and do; nothing of it is loaded or run.

    Args:
        path: the file, or a folder.
        declared: the format that the manifest gives; it decides only where first bytes do not tell.
        scratch: a folder for unpacked copies.

    Raises:
        ModelFileError: there is no readable file, or something that is not a file.
    """
    try:
        return _judged(_folder(path, scratch) if path.is_dir() else _file(path, declared, scratch))
    except OSError as error:
        raise ModelFileError(
            f"the model file {path.name} cannot be read: {error.strerror or error}; check the path"
        ) from error


def _file(path: Path, declared: str, scratch: Path) -> Findings:
    """Return what one file holds.

    Raises:
        ModelFileError: it is a pipe, a device or a socket, which could be read without end.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ModelFileError(f"the model file {path.name} is not a file that can be read; give one")
    found = Findings(scratch, status.st_size)
    if status.st_size == 0:
        found.problem("the file is empty")
        return found
    with path.open("rb") as file:
        _examined(file, ALONE, found, declared=declared)
    return found


def _examined(file: BinaryIO, name: str, found: Findings, depth: int = 0, declared: str = "other") -> None:
    """Examine one file; what breaks the examination is a problem of the file, not the end of the scan."""
    try:
        examine(file, name, found, depth, declared)
    except OSError:
        raise
    except (Exception, MemoryError) as error:
        found.problem(f"{name} could not be examined ({type(error).__name__})")


def _folder(path: Path, scratch: Path) -> Findings:
    """Return what the files of a folder hold together; links are not followed."""
    files = [one for one in sorted(path.rglob("*")) if one.is_symlink() or not one.is_dir()]
    found = Findings(scratch, sum(one.lstat().st_size for one in files))
    if not files:
        found.problem("the folder is empty")
    if len(files) > MAX_MEMBERS:
        found.problem(f"the folder has more than {MAX_MEMBERS} files")
        return found
    for one in files:
        name = shown(one.relative_to(path).as_posix())
        mode = one.lstat().st_mode
        if stat.S_ISLNK(mode):
            found.flag("review", f"{name} is a link, which is not followed")
        elif not stat.S_ISREG(mode):
            found.problem(f"{name} is a pipe, a device or a socket")
        else:
            with one.open("rb") as file:
                _examined(file, name, found, depth=1)
    return found


def _judged(found: Findings) -> ModelScan:
    """Return the findings with every name put in its place; two readers must agree on short pickles."""
    names = set(found.globals)
    for stream in found.streams:
        names |= _second(stream, names, found)
    hidden = frozenset(found.hidden)
    bad = dangerous(names)
    hidden_bad = dangerous(hidden)
    for name in sorted(hidden_bad, key=str):
        found.flag("dangerous", f"a pickle hidden in text or bytes imports {shown(str(name))}")
    for name in sorted(hidden - hidden_bad - harmless(hidden), key=str)[:10]:
        found.flag("review", f"a pickle hidden in text or bytes imports {shown(str(name))}")
    return ModelScan(
        globals=frozenset(names),
        dangerous=bad,
        suspicious=frozenset(names) - bad - harmless(names),
        problems=tuple(dict.fromkeys(found.problems)),
        contents=tuple(found.contents),
    )


def _second(stream: bytes, names: set[Global], found: Findings) -> set[Global]:
    """Return what a second reader sees in a short pickle; where it fails, that is a problem."""
    from picklescan.scanner import scan_pickle_bytes

    try:
        second = scan_pickle_bytes(io.BytesIO(stream), "a pickle")
    except Exception as error:  # it raises what it meets
        found.problem(f"a second reader could not follow it ({type(error).__name__})")
        return set()
    seen = {Global(one.module, one.name) for one in second.globals}
    nameless = {one for one in seen - names if "unknown" in (one.module, one.name)}
    if nameless:
        found.problem("a second reader could not tell the name of an import")
    return seen - nameless
