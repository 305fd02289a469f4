"""Examine formats that hold numbers and settings: safetensors, GGUF, arrays of NumPy; nothing is loaded.

Source:
    The safetensors format (README of the project): eight bytes length, a JSON header, the tensors without
    gaps. GGUF (ggml, docs/gguf.md): header, key-value pairs, descriptions of tensors. NEP 1 (npy).
"""

from __future__ import annotations

import json
import math
import struct
from typing import BinaryIO

from conformity.probes.shared.model_files.findings import Findings, shown, size_of, why
from conformity.probes.shared.model_files.texts import examine_template

_LENGTH_BYTES = 8
_MAX_HEADER = 25 * 1024**2
_MAX_DIMENSIONS = 64
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}
_GGUF_VERSIONS = (2, 3)
_GGUF_FIXED = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_GGUF_STRING, _GGUF_ARRAY = 8, 9
_GGUF_MAX = 2_000_000
_GGUF_MAX_DIMENSIONS = 4
_LONGEST = 16 * 1024**2


def is_safetensors(head: bytes, size: int) -> bool:
    """Tell whether a file begins as a safetensors file does."""
    length = int.from_bytes(head[:_LENGTH_BYTES], "little")
    return head[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{" and 2 <= length < max(size, 3)


def examine_safetensors(file: BinaryIO, name: str, into: Findings) -> None:
    """Check a safetensors file; a sound one holds numbers and nothing else."""
    size = size_of(file)
    length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    if not 2 <= length <= size - _LENGTH_BYTES:
        into.problem("the header of the safetensors file is longer than the file")
        return
    if length > _MAX_HEADER:
        into.problem(f"the header of the safetensors file is longer than {_MAX_HEADER} bytes")
        return
    try:
        header = json.loads(file.read(length), object_pairs_hook=_no_doubles)
        tensors = [entry for key, entry in header.items() if key != "__metadata__"]
        spans = sorted((*entry["data_offsets"], _bytes_of(entry)) for entry in tensors)
        ends = [0, *(end for _, end, _ in spans)]
        sound = all(
            start == before <= end and wanted in (None, end - start)
            for (start, end, wanted), before in zip(spans, ends, strict=False)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        into.problem("the header of the safetensors file cannot be read")
        return
    if not sound or ends[-1] != size - _LENGTH_BYTES - length:
        into.problem("the tensors of the safetensors file overlap, leave gaps or do not fill it")


def _no_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of the header.

    Raises:
        ValueError: it has a name twice, which readers take differently.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice")
    return made


def _bytes_of(entry: dict[str, object]) -> int | None:
    """Return how many bytes a tensor takes by its type and shape; None for a type not known here."""
    bits, shape = _BITS.get(str(entry["dtype"])), entry["shape"]
    if not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
        raise ValueError("a shape is not written plainly")
    if not all(type(n) is int and 0 <= n < 2**63 for n in (*shape, *entry["data_offsets"])):  # type: ignore[misc] # what is none raises
        raise ValueError("a shape is not written plainly")
    return None if bits is None else math.prod(shape) * bits // 8


def examine_npy(file: BinaryIO, name: str, into: Findings) -> bool:
    """Read the header of an array file; return whether a pickle follows it.

    Raises nothing; a header that cannot be read becomes a problem.
    """
    from numpy.lib import format as npy

    size = size_of(file)
    try:
        version = npy.read_magic(file)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, _, dtype = read(file)
        filled = file.tell() + math.prod(shape) * dtype.itemsize == size
    except (ValueError, KeyError, OSError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        into.problem(f"{name} has a header that cannot be read: {why(error)}")
        return False
    if dtype.hasobject:
        return True
    if not filled:
        into.problem(f"{name} is longer or shorter than the array in it")
    return False


class _GgufError(Exception):
    """The file is no sound GGUF file; the text says why."""


def examine_gguf(file: BinaryIO, name: str, into: Findings) -> None:
    """Read settings and descriptions of tensors of a GGUF file, and look at its chat templates."""
    try:
        _Gguf(file, name, into).read()
    except (_GgufError, struct.error) as error:
        reason = "it ends too early" if isinstance(error, struct.error) else str(error)
        into.problem(f"{name} cannot be read as a GGUF file: {reason}")


class _Gguf:
    """The reading of one GGUF file."""

    def __init__(self, file: BinaryIO, name: str, into: Findings) -> None:
        """Begin with the file's first byte."""
        self._size = size_of(file)
        self._file, self._name, self._into = file, name, into

    def read(self) -> None:
        """Read the whole head of the file.

        Raises:
            _GgufError: it is not sound.
        """
        _, version, tensors, pairs = struct.unpack("<4sIQQ", self._file.read(24))
        if version not in _GGUF_VERSIONS:
            raise _GgufError("its version is not known")
        if max(tensors, pairs) > _GGUF_MAX:
            raise _GgufError("it says that it holds more than it can")
        if not pairs and not tensors:
            raise _GgufError("it holds nothing")
        for _ in range(pairs):
            key = self._text().decode("utf-8", "replace")
            self._value(key, self._number("<I"))
        for _ in range(tensors):
            self._tensor()

    def _tensor(self) -> None:
        """Check the description of one tensor."""
        self._text()
        count = self._number("<I")
        if count > _GGUF_MAX_DIMENSIONS:
            raise _GgufError("a tensor has more dimensions than there can be")
        shape = [self._number("<Q") for _ in range(count)]
        self._number("<I")
        offset = self._number("<Q")
        if offset > self._size or math.prod(shape) > 8 * self._size:
            raise _GgufError("a tensor lies outside the file")

    def _value(self, key: str, kind: int) -> None:
        """Read one setting; a chat template is looked at."""
        if kind == _GGUF_STRING:
            text = self._text()
            if "chat_template" in key:
                where = f"{self._name}, setting {shown(key)}"
                examine_template(text.decode("utf-8", "replace"), where, self._into)
        elif kind == _GGUF_ARRAY:
            inner, count = self._number("<I"), self._number("<Q")
            if count > _GGUF_MAX:
                raise _GgufError("a list is longer than it can be")
            self._list(inner, count)
        else:
            self._pass(self._width(kind))

    def _list(self, kind: int, count: int) -> None:
        """Pass over a list."""
        if kind != _GGUF_STRING:
            self._pass(self._width(kind) * count)
            return
        for _ in range(count):
            self._pass(self._number("<Q"))

    def _width(self, kind: int) -> int:
        """Return how many bytes a value of a kind takes."""
        if kind not in _GGUF_FIXED:
            raise _GgufError("a setting is of an unknown kind")
        return _GGUF_FIXED[kind]

    def _number(self, code: str) -> int:
        """Return the next number."""
        return int(struct.unpack(code, self._file.read(struct.calcsize(code)))[0])

    def _text(self) -> bytes:
        """Return the next text."""
        length = self._number("<Q")
        if length > _LONGEST:
            raise _GgufError("a text is longer than it can be")
        content = self._file.read(length)
        if len(content) < length:
            raise _GgufError("it ends too early")
        return content

    def _pass(self, count: int) -> None:
        """Pass over bytes."""
        if self._file.tell() + count > self._size:
            raise _GgufError("it ends too early")
        self._file.seek(count, 1)
