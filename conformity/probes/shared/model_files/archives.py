"""Open archives: ZIP (of PyTorch, Keras, skops, NumPy and any other) and tar, member by member."""

from __future__ import annotations

import json
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import BinaryIO

from conformity.probes.shared.model_files.findings import (
    MAX_MEMBERS,
    Findings,
    TooLargeError,
    leaves_its_folder,
    shown,
    size_of,
    why,
)
from conformity.probes.shared.model_files.layout import has_more, stray_bytes
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.nested import begins_as_pickle
from conformity.probes.shared.model_files.states import runs_its_state

Examine = Callable[[BinaryIO, str, Findings, int], None]
"""Examines a member: file, name, where findings go, how many wrappings were opened."""

_CHUNK = 1024 * 1024
_LONGEST_SCHEMA = 64 * 1024**2
_MAX_DIRECTORY = 16 * 1024**2
_ARRAY = b"\x93NUMPY"
_END = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
_TORCH_PLAIN = frozenset(
    {"version", "byteorder", ".format_version", ".storage_alignment", "serialization_id"}
)
_FAILURES = (zipfile.BadZipFile, OSError, EOFError, zlib.error, ValueError, KeyError, struct.error)
_REFUSALS = (RuntimeError, NotImplementedError, RecursionError, TooLargeError)


def examine_zip(file: BinaryIO, name: str, into: Findings, depth: int, examine: Examine) -> None:
    """Examine the members of a ZIP file.

    Args:
        file: readable and seekable.
        name: what to call it in a problem.
        into: where findings go.
        depth: how many wrappings have been opened.
        examine: what looks at a member.
    """
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            everything = archive.infolist()
            members = [info for info in everything if info.file_size or not info.is_dir()]
            names = [info.filename for info in members]
            _flag_paths(
                ((info.filename, stat.S_ISLNK(info.external_attr >> 16)) for info in everything), into
            )
            if problem := _problem(members, names) or stray_bytes(archive, file):
                into.problem(f"{name} {problem}")
                return
            if _is_script(names):
                into.flag("review", f"{name} holds TorchScript code, which runs when the model is used")
            if "schema.json" in names:
                into.globals |= _schema_globals(archive)
            for info in members:
                if not (_is_numbers(archive, info, names) or _is_bytes(archive, info, names)):
                    _zip_member(archive, info, into, depth, examine)
    except _FAILURES as error:
        into.problem(f"{name} cannot be read as a ZIP file: {why(error)}")
    except _REFUSALS as error:
        into.problem(f"{name} cannot be unpacked: {why(error)}")


def _check_directory(file: BinaryIO) -> None:
    """Check that the list of members is no longer than can be read.

    Raises:
        ValueError: it is.
    """
    size = size_of(file)
    start = max(0, size - _LONGEST_COMMENT - _END_BYTES)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at >= 0:
        (directory,) = struct.unpack("<L", tail[at + 12 : at + 16])
        if _MAX_DIRECTORY < directory < 0xFFFFFFFF or (directory == 0xFFFFFFFF and size > 2**40):
            raise ValueError("its list of members is too long")
    file.seek(0)


def _problem(members: list[zipfile.ZipInfo], names: list[str]) -> str | None:
    """Return what keeps the members from being examined."""
    if not members:
        return "holds nothing"
    if len(members) > MAX_MEMBERS:
        return f"has more than {MAX_MEMBERS} members"
    if len(set(names)) < len(names):
        return "has two members of the same name"
    if any(info.flag_bits & 1 for info in members):
        return "is encrypted"
    return None


def _flag_paths(members: Iterable[tuple[str, bool]], into: Findings) -> None:
    """Flag members that would be unpacked outside the folder, and links."""
    for name, link in members:
        if leaves_its_folder(name):
            into.flag("dangerous", f"the member {shown(name)} would be unpacked outside its folder")
        elif link:
            into.flag("dangerous", f"the member {shown(name)} is a link to somewhere else")


def _is_script(names: list[str]) -> bool:
    """Tell whether an archive of PyTorch holds code."""
    return any("/code/" in f"/{name}" for name in names) and any(n.endswith("data.pkl") for n in names)


def _is_plain(member: str, names: list[str]) -> bool:
    """Tell whether a member is data that no loader of its kind of archive unpickles or runs."""
    if "schema.json" in names and member == "schema.json":
        return True
    path = PurePosixPath(member)
    roots = {PurePosixPath(n).parent for n in names if n.endswith("data.pkl")}
    inside = path.parent.parent in roots and path.parent.name in ("data", "constants") and not path.suffix
    code = bool(roots) and "code" in path.parts and path.suffix == ".py"
    return inside or code or (bool(roots) and path.name in _TORCH_PLAIN)


def _is_numbers(archive: zipfile.ZipFile, info: zipfile.ZipInfo, names: list[str]) -> bool:
    """Tell whether a member is plain data and no array of NumPy, which NumPy would find under any name."""
    if not _is_plain(info.filename, names):
        return False
    with archive.open(info) as stream:
        return not stream.read(len(_ARRAY)).startswith(_ARRAY)


def _is_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, names: list[str]) -> bool:
    """Tell whether a member of a skops file is an object of bytes, which skops does not interpret."""
    if "schema.json" not in names or not info.filename.endswith(".bin"):
        return False
    with archive.open(info) as stream:
        return not begins_as_pickle(stream.read(256))


def _zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, into: Findings, depth: int, examine: Examine
) -> None:
    """Examine one member."""
    with (
        archive.open(info) as stream,
        into.unpacked(iter(lambda: stream.read(_CHUNK), b"")) as copy,
    ):
        examine(copy, shown(info.filename), into, depth + 1)


def _schema_globals(archive: zipfile.ZipFile) -> set[Global]:
    """Return every type and function that the schema of a skops file names.

    Raises:
        ValueError: it is no such schema.
    """
    if archive.getinfo("schema.json").file_size > _LONGEST_SCHEMA:
        raise ValueError("its schema is too large")
    found: set[Global] = set()
    waiting = [json.loads(archive.read("schema.json"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(node.values())
            for module, name in (("__module__", "__class__"), ("module_path", "function")):
                if isinstance(node.get(module), str) and isinstance(node.get(name), str):
                    found.add(Global(node[module], node[name]))
    if any(runs_its_state(one.module, one.name) for one in found):
        raise ValueError("it makes an object that runs a text of its state")
    if not found:
        raise ValueError("its schema names no type")
    return found


def is_tar(file: BinaryIO) -> bool:
    """Tell whether a file begins as a tar archive does; it is at its beginning afterwards."""
    file.seek(257)
    magic = file.read(5)
    file.seek(0)
    return magic == b"ustar"


def examine_tar(file: BinaryIO, name: str, into: Findings, depth: int, examine: Examine) -> None:
    """Examine the members of a tar archive, where they lie."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            seen = 0
            for member in archive:
                seen += 1
                if seen > MAX_MEMBERS:
                    raise TooLargeError(f"it has more than {MAX_MEMBERS} members")
                _tar_member(archive, member, into, depth, examine)
            if has_more(file, archive.offset):
                into.problem(f"{name} has more behind the last member that can be read")
        if not seen:
            into.problem(f"{name} holds nothing")
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        into.problem(f"{name} cannot be read as a tar archive: {why(error)}")
    except (RecursionError, TooLargeError) as error:
        into.problem(f"{name} cannot be unpacked: {why(error)}")


def _tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, into: Findings, depth: int, examine: Examine
) -> None:
    """Examine one member."""
    _flag_paths([(member.name, member.issym() or member.islnk())], into)
    if member.ischr() or member.isblk() or member.isfifo():
        into.flag("dangerous", f"the member {shown(member.name)} is a device")
    elif member.isreg() and (stream := archive.extractfile(member)) is not None:
        with stream:
            pieces = iter(lambda: stream.read(_CHUNK), b"")
            with into.unpacked(pieces) as copy:
                examine(copy, shown(member.name), into, depth + 1)
