"""Open what a model file is wrapped in, step by step, and collect what its pickles import."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.walk import walk

MAX_BYTES = 2 * 1024**3
"""Most that is read or unpacked of one model, in bytes."""

_CHUNK = 1024 * 1024
_MAX_DEPTH = 3
_PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".dat", ".data")
_TORCH_PLAIN = frozenset(
    {"version", "byteorder", ".format_version", ".storage_alignment", "serialization_id"}
)
_UNREAD = (
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"GGUF", "GGUF"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"ZF", "old joblib"),
)


class Findings:
    """What has been found so far."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.globals: set[Global] = set()
        self.streams: list[bytes] = []
        self.problems: list[str] = []
        self.unpacked = 0


def examine(file: BinaryIO, name: str, scratch: Path, into: Findings, depth: int = 0) -> None:
    """Find out what ``file`` is by its first bytes and collect what it imports.

    Args:
        file: readable and seekable, at its beginning.
        name: what to call it in a problem.
        scratch: a folder for unpacked copies.
        into: where findings go; what cannot be read becomes a problem there.
        depth: how many wrappings have been opened.
    """
    head = file.read(16)
    file.seek(0)
    if depth > _MAX_DEPTH:
        into.problems.append(f"{name} is wrapped too deeply")
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _zip(file, name, scratch, into, depth)
    elif head.startswith(b"\x93NUMPY"):
        _npy(file, name, into)
    elif unread := next((kind for magic, kind in _UNREAD if head.startswith(magic)), None):
        into.problems.append(f"{name} is in the {unread} format, which is not examined")
    elif _is_compressed(head):
        _compressed(file, name, scratch, into, depth)
    else:
        _pickle(file, name, into)


def _pickle(file: BinaryIO, name: str, into: Findings) -> None:
    """Walk through a pickle."""
    walked = walk(file)
    into.globals |= walked.globals
    into.streams.extend(walked.streams)
    if walked.problem:
        into.problems.append(f"{name} could not be followed to its end: {walked.problem}")


def _is_compressed(head: bytes) -> bool:
    """Tell whether a file begins as gzip, bz2, xz, lzma or zlib do."""
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x5d\x00\x00")):
        return True
    return len(head) > 1 and head[0] == 0x78 and int.from_bytes(head[:2], "big") % 31 == 0


def _compressed(file: BinaryIO, name: str, scratch: Path, into: Findings, depth: int) -> None:
    """Unpack a compressed file, no further than the cap, and examine what was in it."""
    try:
        with _unpacked(_pieces(file), scratch, into) as copy:
            examine(copy, name, scratch, into, depth + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, _TooLargeError) as error:
        into.problems.append(f"{name} could not be unpacked: {_why(error)}")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a compressed file holds, piece by piece."""
    head = file.read(6)
    file.seek(0)
    if head[0] == 0x78:
        yield from _zlib_pieces(file)
        return
    opener = gzip.open if head.startswith(b"\x1f\x8b") else bz2.open if head.startswith(b"BZh") else lzma.open
    with opener(file, "rb") as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def _zlib_pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a zlib stream holds; there must be nothing after it."""
    stream = zlib.decompressobj()
    while chunk := file.read(_CHUNK // 16):
        yield stream.decompress(chunk, _CHUNK)
        while stream.unconsumed_tail:
            yield stream.decompress(stream.unconsumed_tail, _CHUNK)
        if stream.unused_data or (stream.eof and file.read(1)):
            raise OSError("there is more after its end")
    if not stream.eof:
        raise EOFError("it ends too early")


class _TooLargeError(Exception):
    """More came out than the cap allows."""


@contextmanager
def _unpacked(pieces: Iterator[bytes], scratch: Path, into: Findings) -> Iterator[BinaryIO]:
    """Give a copy on disk of what the pieces make together."""
    path = scratch / f"unpacked-{into.unpacked}"
    try:
        with path.open("w+b") as copy:
            for piece in pieces:
                into.unpacked += len(piece)
                if into.unpacked > MAX_BYTES:
                    raise _TooLargeError(f"it holds more than {MAX_BYTES} bytes")
                copy.write(piece)
            copy.seek(0)
            yield copy
    finally:
        path.unlink()


def _npy(file: BinaryIO, name: str, into: Findings) -> None:
    """Read the header of an array file; the pickle of an array of objects is walked through."""
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(file)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        _, _, dtype = read(file)
    except (ValueError, KeyError, OSError) as error:
        into.problems.append(f"{name} has a header that cannot be read: {_why(error)}")
        return
    if dtype.hasobject:
        _pickle(file, name, into)


def _zip(file: BinaryIO, name: str, scratch: Path, into: Findings, depth: int) -> None:
    """Examine the members of a ZIP file."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            names = [info.filename for info in members]
            if problem := _zip_problem(members, names):
                into.problems.append(f"{name} {problem}")
                return
            if "schema.json" in names:
                into.globals |= _schema_globals(archive)
            for info in members:
                if not _is_plain(info.filename, names):
                    _member(archive, info, scratch, into, depth)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, ValueError, KeyError) as error:
        into.problems.append(f"{name} cannot be read as a ZIP file: {_why(error)}")
    except (RuntimeError, NotImplementedError, RecursionError, _TooLargeError) as error:
        into.problems.append(f"{name} cannot be unpacked: {_why(error)}")


def _zip_problem(members: list[zipfile.ZipInfo], names: list[str]) -> str | None:
    """Return what keeps the members from being examined."""
    if not members:
        return "holds nothing"
    if len(set(names)) < len(names):
        return "has two members of the same name"
    if any(info.flag_bits & 1 for info in members):
        return "is encrypted"
    if any("/code/" in f"/{member}" for member in names) and any(n.endswith("data.pkl") for n in names):
        return "holds TorchScript code, which is not examined"
    return None


def _is_plain(member: str, names: list[str]) -> bool:
    """Tell whether a member is data that no loader of its kind of archive unpickles."""
    if "schema.json" in names:
        return not member.endswith((".npy", ".npz"))
    path = PurePosixPath(member)
    roots = {PurePosixPath(n).parent for n in names if n.endswith("data.pkl")}
    return (path.parent.parent in roots and path.parent.name == "data") or (
        bool(roots) and path.name in _TORCH_PLAIN
    )


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, scratch: Path, into: Findings, depth: int
) -> None:
    """Examine one member, when it is of a kind that can be."""
    with (
        archive.open(info) as stream,
        _unpacked(iter(lambda: stream.read(_CHUNK), b""), scratch, into) as copy,
    ):
        head = copy.read(8)
        copy.seek(0)
        known = head.startswith((b"\x93NUMPY", b"PK\x03\x04", b"\x80")) or _is_compressed(head)
        if known or info.filename.lower().endswith(_PICKLE_NAMES):
            examine(copy, info.filename, scratch, into, depth + 1)
        else:
            into.problems.append(f"it holds {info.filename!r}, whose format is not examined")


def _schema_globals(archive: zipfile.ZipFile) -> set[Global]:
    """Return every type and function that the schema of a skops file names.

    Raises:
        ValueError: it is no such schema.
    """
    if archive.getinfo("schema.json").file_size > MAX_BYTES // 8:
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
    if not found:
        raise ValueError("its schema names no type")
    return found


def _why(error: Exception) -> str:
    """Return the first line of an error's text, or its kind."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
