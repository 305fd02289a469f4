"""Find out what a model file is by its first bytes, and examine it step by step; nothing is loaded."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import BinaryIO

from conformity.probes.shared.model_files.allowlist import words
from conformity.probes.shared.model_files.archives import examine_tar, examine_zip, is_tar
from conformity.probes.shared.model_files.findings import MAX_DEPTH, Findings, TooLargeError, size_of, why
from conformity.probes.shared.model_files.graphs import examine_protobuf
from conformity.probes.shared.model_files.hdf5 import MAGIC as HDF5
from conformity.probes.shared.model_files.hdf5 import examine_hdf5
from conformity.probes.shared.model_files.names import dangerous
from conformity.probes.shared.model_files.nested import begins_as_pickle
from conformity.probes.shared.model_files.tensors import (
    examine_gguf,
    examine_npy,
    examine_safetensors,
    is_safetensors,
)
from conformity.probes.shared.model_files.texts import TEXTS, examine_text, examine_xml
from conformity.probes.shared.model_files.ubjson import examine_ubjson, is_ubjson
from conformity.probes.shared.model_files.unpack import FAILURES, is_compressed, pieces
from conformity.probes.shared.model_files.walk import walk

ALONE = "the file"
"""What a file is called that is neither in an archive nor in a folder."""

_HEAD_BYTES = 256
_PICKLE_NAMES = tuple(
    words(".bin .ckpt .data .dat .debug_pkl .dill .joblib .npy .p .pickle .pkl .pt .pth .sav .th")
)
_NO_PICKLES = (*TEXTS, *words(".gguf .h5 .hdf5 .keras .onnx .pb .safetensors .tflite"))
_PROGRAMS = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_CODE = tuple(words(".bat .cmd .dll .dylib .exe .jar .js .ps1 .py .pyc .pyx .sh .so"))
_UNREAD = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"CBM1", "CatBoost"),
    (b"(\xb5/\xfd", "Zstandard"),
)
_TREES = b"tree\nversion="


def examine(file: BinaryIO, name: str, into: Findings, depth: int = 0, declared: str = "other") -> None:
    """Find out what ``file`` is by its first bytes and collect what it would import and run.

    Args:
        file: readable and seekable.
        name: what to call it in a problem.
        into: where findings go; what cannot be read becomes a problem there.
        depth: how many wrappings have been opened.
        declared: the format that the manifest gives; it decides only where first bytes do not tell.
    """
    size = size_of(file)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if depth > MAX_DEPTH:
        into.problem(f"{name} is wrapped too deeply")
    elif begins_as_pickle(head) and not is_safetensors(head, size) and not _is_list(file, head, name):
        _rest(file, head, name, into)
    elif _archive(file, head, name, into, depth) or _numbers(file, head, size, name, into, declared):
        _twice(file, name, into)
    elif not _words(file, head, size, name, into):
        _rest(file, head, name, into)


def _archive(file: BinaryIO, head: bytes, name: str, into: Findings, depth: int) -> bool:
    """Open an archive or compressed file; return whether it was one."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        examine_zip(file, name, into, depth, examine)
    elif is_compressed(head):
        _compressed(file, name, into, depth)
    elif is_tar(file):
        examine_tar(file, name, into, depth, examine)
    else:
        return False
    return True


def _compressed(file: BinaryIO, name: str, into: Findings, depth: int) -> None:
    """Unpack a compressed file, no further than the cap, and examine what was in it."""
    try:
        with into.unpacked(pieces(file)) as copy:
            examine(copy, name, into, depth + 1)
    except (*FAILURES, ValueError, TooLargeError) as error:
        into.problem(f"{name} could not be unpacked: {why(error)}")


def _numbers(file: BinaryIO, head: bytes, size: int, name: str, into: Findings, declared: str) -> bool:
    """Examine a format that holds numbers; return whether it was one."""
    if head.startswith(b"\x93NUMPY"):
        if examine_npy(file, name, into):
            _pickle(file, name, into)
    elif head.startswith(HDF5):
        examine_hdf5(file, name, into)
    elif head.startswith(b"GGUF"):
        examine_gguf(file, name, into)
    elif declared == "safetensors" or is_safetensors(head, size):
        examine_safetensors(file, name, into)
    elif head[:1] in (b"\x08", b"\x0a"):
        examine_protobuf(file, name, into)
    elif is_ubjson(head):
        examine_ubjson(file, name, into)
    else:
        return False
    return True


def _words(file: BinaryIO, head: bytes, size: int, name: str, into: Findings) -> bool:
    """Examine a text or program; return whether it was one, or a format that is known but not read."""
    if unread := next((kind for magic, kind in _UNREAD if head.startswith(magic)), None):
        into.problem(f"{name} is in the {unread} format, which is not examined")
    elif head.startswith(_PROGRAMS):
        into.flag("dangerous", f"{name} is a program")
    elif head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<":
        examine_xml(file, name, into)
    elif head.startswith(_TREES) or (head[:1] in (b"{", b"[") and name == ALONE):
        examine_text(file, name, into)
    elif name != ALONE and _ends(name, _CODE):
        into.flag("review", f"{name} is code")
    elif name != ALONE and (size == 0 or _ends(name, TEXTS)):
        examine_text(file, name, into)
    else:
        return False
    return True


def _rest(file: BinaryIO, head: bytes, name: str, into: Findings) -> None:
    """Examine what can only be a pickle, or is of no known format."""
    if name == ALONE or begins_as_pickle(head) or _ends(name, _PICKLE_NAMES):
        if _ends(name, _NO_PICKLES):
            into.flag("review", f"{name} is called something else but is a pickle")
        _pickle(file, name, into)
    else:
        into.problem(f"it holds {name}, whose format is not examined")


def _is_list(file: BinaryIO, head: bytes, name: str) -> bool:
    """Tell whether a text only happens to begin as an old pickle does, as a list of words may."""
    if head.startswith(b"\x80") or not _ends(name, TEXTS):
        return False
    walked = walk(file)
    file.seek(0)
    return walked.problem is not None and not dangerous(walked.globals)


def _twice(file: BinaryIO, name: str, into: Findings) -> None:
    """Look whether a file of another format can be read as a pickle too, whoever may do so."""
    file.seek(0)
    walked = walk(file)
    if walked.globals:
        into.globals |= walked.globals
        into.flag("review", f"{name} can be read as a pickle too")


def _pickle(file: BinaryIO, name: str, into: Findings) -> None:
    """Walk through a pickle."""
    walked = walk(file)
    into.globals |= walked.globals
    into.hidden |= walked.hidden
    into.streams.extend(walked.streams)
    if walked.problem:
        into.problem(f"{name} could not be followed to its end: {walked.problem}")


def _ends(name: str, endings: tuple[str, ...]) -> bool:
    """Tell whether a name, which may stand in quotes, has one of the endings."""
    plain = name.strip("'").lower()
    return plain.endswith(endings) or PurePosixPath(plain).name in endings
