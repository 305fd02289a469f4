"""Walk through a pickle or joblib file without loading it, past the arrays that joblib writes between."""

from __future__ import annotations

import io
import math
import pickletools
from dataclasses import dataclass
from typing import BinaryIO

from conformity.probes.shared.model_files.machine import (
    ARRAY_WRAPPER,
    UNKNOWN,
    Global,
    Machine,
    Made,
    UnfollowableError,
)

_READERS = "joblib.numpy_pickle"
_DTYPES = frozenset({Global("numpy", "dtype")})
_HAS_OBJECT = 1
_STATE_LENGTH = 8
_FRAME_BYTES = 9
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Walked:
    """What a walk found."""

    streams: tuple[bytes, ...]
    """The pickles, without the arrays between their opcodes, as far as they could be read."""
    globals: frozenset[Global]
    """What they import."""
    problem: str | None
    """Why the walk ended early."""


def walk(file: BinaryIO) -> Walked:
    """Return everything that the pickles in ``file`` import.

    Args:
        file: readable and seekable; read from its present position to its end.
    """
    walker = _Walker(file)
    problem: str | None = None
    try:
        walker.pickle()
        while file.read(1):
            file.seek(-1, io.SEEK_CUR)
            walker.pickle()
    except UnfollowableError as error:
        problem = str(error)
    except Exception as error:  # pickletools raises whatever a broken byte leads to
        problem = f"it cannot be read as a pickle ({type(error).__name__})"
    return Walked(tuple(walker.streams), frozenset(walker.globals), problem)


class _Walker:
    """The walk through one file."""

    def __init__(self, file: BinaryIO) -> None:
        """Start at the file's present position."""
        self.streams: list[bytes] = []
        self.globals: set[Global] = set()
        self._file = file
        self._depth = 0

    def pickle(self) -> None:
        """Walk through one pickle up to its end.

        Raises:
            UnfollowableError: it cannot be followed.
        """
        if self._depth >= _MAX_DEPTH:
            raise UnfollowableError("it holds pickles within pickles too deeply")
        self._depth += 1
        machine, place = Machine(), len(self.streams)
        self.streams.append(b"")
        start = self._file.tell()
        frame_end = 0
        try:
            for op, arg, position in pickletools.genops(self._file):
                here = self._file.tell()
                frame_end = _frame(op.name, arg, position or 0, here, frame_end)
                top = machine.step(op, arg)
                if isinstance(top, Global) and top.module.startswith(_READERS) and top != ARRAY_WRAPPER:
                    raise UnfollowableError(f"it uses {top}, which reads from the file itself")
                if op.name == "BUILD" and isinstance(top, Made) and top.maker == ARRAY_WRAPPER:
                    if here < frame_end:
                        raise UnfollowableError("an array stands inside a frame")
                    self._keep(place, start)
                    self._skip_array(top)
                    machine.replace_top(UNKNOWN)
                    start = self._file.tell()
        finally:
            self.globals |= machine.globals
            self._keep(place, start)
            self._depth -= 1

    def _keep(self, place: int, start: int) -> None:
        """Keep the bytes from ``start`` up to here as part of a stream."""
        here = self._file.tell()
        self._file.seek(start)
        self.streams[place] += self._file.read(here - start)

    def _skip_array(self, wrapper: Made) -> None:
        """Go past the array that joblib wrote after its wrapper; a pickled one is walked through."""
        state = wrapper.state if isinstance(wrapper.state, dict) else {}
        size, has_object = _item(state.get("dtype"))
        if has_object:
            self.pickle()
            return
        shape = state.get("shape")
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
            raise UnfollowableError("the size of an array is not written plainly")
        if state.get("numpy_array_alignment_bytes") is not None:
            padding = self._file.read(1)
            self._forward(padding[0] if padding else 1)
        self._forward(math.prod(shape) * size)

    def _forward(self, count: int) -> None:
        """Go ``count`` bytes forward.

        Raises:
            UnfollowableError: there are fewer.
        """
        here = self._file.tell()
        end = self._file.seek(0, io.SEEK_END)
        if here + count > end:
            raise UnfollowableError("it ends inside an array")
        self._file.seek(here + count)


def _frame(name: str, arg: object, position: int, here: int, frame_end: int) -> int:
    """Return where the present frame ends.

    Raises:
        UnfollowableError: an opcode crosses the end, where readers differ in what they see.
    """
    if position < frame_end < here:
        raise UnfollowableError("an instruction crosses the end of a frame")
    if name != "FRAME":
        return frame_end
    if position < frame_end:
        raise UnfollowableError("a frame begins inside another")
    assert isinstance(arg, int)
    return position + _FRAME_BYTES + arg


def _item(dtype: object) -> tuple[int, bool]:
    """Return the size of an array's item in bytes and whether it holds objects.

    Raises:
        UnfollowableError: the type is not written as numpy writes it.
    """
    if not isinstance(dtype, Made) or dtype.maker not in _DTYPES or not isinstance(dtype.args, tuple):
        raise UnfollowableError("the type of an array is not written plainly")
    code = dtype.args[0] if dtype.args else None
    if not isinstance(code, str) or not code[1:].isdigit():
        raise UnfollowableError("the type of an array is not written plainly")
    size = int(code[1:]) * (4 if code[0] == "U" else 1)
    if not dtype.built:
        return size, code[0] == "O"
    return size, _state_has_object(code, size, dtype.state)


def _state_has_object(code: str, size: int, state: object) -> bool:
    """Return whether a type with this state holds objects.

    What the type says of itself must be what it is: numpy believes the flag, and joblib reads a pickle
    where it is set.

    Raises:
        UnfollowableError: the state is not written as numpy writes it, or contradicts the type.
    """
    if not isinstance(state, tuple) or len(state) < _STATE_LENGTH or state[0] not in (3, 4):
        raise UnfollowableError("the type of an array is not written plainly")
    _, _, within, _, fields, stated, _, flags, *_ = state
    if stated != size and (stated != -1 or code[0] in "SUV"):
        raise UnfollowableError("the type of an array has two sizes")
    if code[0] != "V" and not (within is None and fields is None):
        raise UnfollowableError("the type of an array is not written plainly")
    inner = () if within is None else (_item(within[0] if isinstance(within, tuple) and within else None),)
    has_object = code[0] == "O" or any(has for _, has in (*inner, *_parts(fields)))
    if not isinstance(flags, int) or bool(flags & _HAS_OBJECT) != has_object:
        raise UnfollowableError("the type of an array contradicts itself")
    return has_object


def _parts(fields: object) -> tuple[tuple[int, bool], ...]:
    """Return size and object flag of the fields of a structured type."""
    if fields is None:
        return ()
    if not isinstance(fields, dict):
        raise UnfollowableError("the type of an array is not written plainly")
    return tuple(_item(field[0] if isinstance(field, tuple) and field else None) for field in fields.values())
