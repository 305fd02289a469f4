"""Model files, written by hand, that hide an import from a reader who does not read as joblib reads."""

from __future__ import annotations

import struct
from pathlib import Path

NDARRAY = b"cnumpy\nndarray\n"
WRAPPER = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n"
NEW = WRAPPER + b")\x81"

OTHER_MAKERS = {
    "reconstructor": b"ccopyreg\n_reconstructor\n(" + WRAPPER + b"cbuiltins\nobject\nNtR",
    "index": b"cpandas.core.indexes.base\n_new_Index\n(" + WRAPPER + b"}tR",
    "tree": b"csklearn.neighbors._kd_tree\nnewObj\n(" + WRAPPER + b"tR",
    "call": WRAPPER + b"(NNNNtR",
}
"""Ways to joblib's wrapper that are not joblib's own."""


def text(value: str) -> bytes:
    """Return the instructions for a text."""
    content = value.encode()
    return b"X" + struct.pack("<I", len(content)) + content


def number(value: int) -> bytes:
    """Return the instructions for a number."""
    return b"J" + struct.pack("<i", value)


def command(marker: Path) -> bytes:
    """Return the instructions that would create ``marker`` by a command."""
    return b"cposix\nsystem\n(" + text(f"touch {marker}") + b"tR0"


def dtype(code: str, *states: bytes) -> bytes:
    """Return the instructions for a type with states put into it."""
    made = b"cnumpy\ndtype\n(" + text(code) + b"\x89\x88tR"
    return made + b"".join(state + b"b" for state in states)


def state(
    size: int = -1,
    flags: int = 0,
    *,
    version: int = 3,
    within: bytes = b"N",
    names: bytes = b"N",
    fields: bytes = b"N",
    order: str = "<",
) -> bytes:
    """Return the instructions for the state of a type, as numpy writes it."""
    ends = number(size) + number(1 if size > 0 else -1) + number(flags)
    return b"(" + number(version) + text(order) + within + names + fields + ends + b"t"


def array(make: bytes, kind: bytes, shape: int, content: bytes) -> bytes:
    """Return the instructions for joblib's wrapper and the array behind it."""
    fields = {
        "subclass": NDARRAY,
        "shape": b"(" + number(shape) + b"t",
        "order": text("C"),
        "dtype": kind,
        "allow_mmap": b"\x89",
        "numpy_array_alignment_bytes": b"N",
    }
    given = b"".join(text(name) + value for name, value in fields.items())
    return make + b"}(" + given + b"u" + b"b" + content


def behind_an_array(make: bytes, marker: Path) -> bytes:
    """Return a file whose command looks like a constant to a reader that takes the array for instructions."""
    hidden = command(marker)
    cover = b"B" + struct.pack("<I", len(hidden))
    return b"\x80\x02" + array(make, dtype("u1"), len(cover), cover) + hidden + b"N."


def inside_numbers(code: str, size: int, stated: int, marker: Path) -> bytes:
    """Return a file with a pickle in place of numbers, whose type says that it holds objects."""
    hidden = b"\x80\x02" + command(marker) + b"N."
    hidden += b"\0" * (-len(hidden) % size)
    kind = dtype(code, state(stated, flags=1))
    return b"\x80\x02" + array(NEW, kind, len(hidden) // size, hidden) + b"."


def objects_within() -> bytes:
    """Return a file with addresses in place of objects, in a type within a type that hides them."""
    within = b"(" + dtype("O8") + b"(K\x01t" + b"t"
    return b"\x80\x02" + array(NEW, dtype("V8", state(8, within=within, order="|")), 2, b"A" * 16) + b"."


def objects_from_bytes() -> bytes:
    """Return a pickle that lays an array of objects over bytes of its own."""
    return b"\x80\x03" + NDARRAY + b"((K\x01t" + dtype("O8") + b"C\x08AAAAAAAAtR."


def two_states() -> bytes:
    """Return a file with a type that is given a size and then another."""
    kind = dtype("V8", state(100, order="|"), state(-1, order="|"))
    return b"\x80\x02" + array(NEW, kind, 1, b"A" * 8) + b"."
