"""Walk through a pickle or joblib file without loading it, past the arrays that joblib writes between."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from typing import BinaryIO

from conformity.probes.shared.model_files.machine import (
    UNKNOWN,
    Global,
    Machine,
    Made,
    TooMuchHiddenError,
    UnfollowableError,
    Wrapper,
)
from conformity.probes.shared.model_files.nested import may_hide, pickles_in
from conformity.probes.shared.model_files.opcodes import TABLE

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
"""The number with which files of PyTorch before version 1.6 begin.

Source:
    PyTorch, torch/serialization.py, MAGIC_NUMBER.
"""

_TORCH_PICKLES = 5
_DTYPES = frozenset({Global("numpy", "dtype")})
_SIZED = re.compile(r".[0-9]{1,10}")
_HAS_OBJECT = 1
_STATE_LENGTH = 8
_MAX_DEPTH = 20
_SECOND_STEPS = 1_000
_SECOND_BYTES = 256 * 1024
_MAX_HIDDEN = 200
_MAX_LOOKS = 200_000
_MAX_PICKLES = 5_000
"""Most pickles, one behind the other, that are followed in a file."""
_MAX_DIMENSIONS = 64
"""Most dimensions that an array of NumPy can have."""


@dataclass(frozen=True)
class Walked:
    """What a walk found."""

    streams: tuple[bytes, ...]
    """The short pickles, without the arrays between their opcodes, for a second reader."""
    globals: frozenset[Global]
    """What all of them import."""
    hidden: frozenset[Global]
    """What pickles import that are hidden in text or bytes."""
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
        walker.to_the_end()
    except UnfollowableError as error:
        problem = str(error)
    except RecursionError:
        problem = "its parts are nested too deeply"
    return Walked(tuple(walker.streams), frozenset(walker.globals), frozenset(walker.hidden), problem)


class _Walker:
    """The walk through one file."""

    def __init__(self, file: BinaryIO, depth: int = 0) -> None:
        """Start at the file's present position."""
        self.streams: list[bytes] = []
        self.globals: set[Global] = set()
        self.hidden: set[Global] = set()
        self._file = file
        self._at = file.tell()
        self._size = file.seek(0, io.SEEK_END)
        self._depth = depth
        self._looked_into = 0
        self._looks = 0

    def to_the_end(self) -> None:
        """Walk through all pickles, one behind the other.

        Raises:
            UnfollowableError: one cannot be followed.
        """
        first = self.pickle()
        # PyTorch's old format: five pickles, then the numbers of the tensors as they are.
        pickles = _TORCH_PICKLES - 1 if first == TORCH_MAGIC else -1
        while self._at < self._size and pickles:
            if pickles <= -_MAX_PICKLES:
                raise UnfollowableError(f"it holds more than {_MAX_PICKLES} pickles, one behind the other")
            self.pickle()
            pickles -= 1
        if pickles > 0:
            raise UnfollowableError("it ends too early")

    def pickle(self) -> object:
        """Walk through one pickle up to its end and return the value it comes to.

        Raises:
            UnfollowableError: it cannot be followed.
        """
        if self._depth >= _MAX_DEPTH:
            raise TooMuchHiddenError("it holds pickles within pickles too deeply")
        self._depth += 1
        self._file.seek(self._at)
        machine = Machine(self._file, self.globals, self._look_into)
        start, parts = self._at, []
        try:
            while True:
                machine.run(TABLE)
                self._at = machine.tell()
                parts.append((start, self._at))
                if machine.stopped:
                    break
                top = machine.top()
                assert isinstance(top, Wrapper)  # what else puts the machine to rest
                if machine.inside_frame():
                    raise UnfollowableError("an array stands inside a frame")
                self._skip_array(top)
                machine.resume(self._at)
                machine.stack[-1] = UNKNOWN
                start = self._at
            if machine.inside_frame():
                raise UnfollowableError("it stops inside a frame")
        except UnfollowableError:
            parts.append((start, machine.tell()))
            raise
        finally:
            self._keep(parts, machine.steps + machine.skipped)
            self._depth -= 1
        return machine.last

    def _keep(self, parts: list[tuple[int, int]], steps: int) -> None:
        """Keep a short pickle for the second reader."""
        if steps <= _SECOND_STEPS and sum(end - start for start, end in parts) <= _SECOND_BYTES:
            stream = b""
            for start, end in parts:
                self._file.seek(start)
                stream += self._file.read(end - start)
            self.streams.append(stream)

    def _look_into(self, content: str | bytes) -> None:
        """Walk through the pickles that a text or bytes hold, and note what they import.

        What only looks like a pickle is no pickle: of one that cannot be followed to its end, what it would
        import counts only where it can be told from noise, which :mod:`names` decides.
        """
        if not may_hide(content):
            return
        self._looks += 1
        if self._looks > _MAX_LOOKS:
            raise TooMuchHiddenError("it holds too many texts that could hide a pickle")
        for candidate in pickles_in(content):
            if self._looked_into >= _MAX_HIDDEN or self._depth >= _MAX_DEPTH:
                raise TooMuchHiddenError("it holds too many pickles in text or bytes")
            self._looked_into += 1
            inner = _Walker(io.BytesIO(candidate), self._depth + 1)
            try:
                inner.pickle()
            except TooMuchHiddenError:
                raise
            except UnfollowableError:
                if not inner.globals:
                    continue
            self.hidden |= inner.globals | inner.hidden

    def _skip_array(self, wrapper: Made) -> None:
        """Go past the array that joblib wrote after its wrapper; a pickled one is walked through."""
        state = wrapper.state if isinstance(wrapper.state, dict) else {}
        size, has_object = _item(state.get("dtype"))
        if has_object:
            self.pickle()
            return
        shape = state.get("shape")
        if (
            not isinstance(shape, tuple)
            or len(shape) > _MAX_DIMENSIONS
            or not all(type(n) is int and n >= 0 for n in shape)
        ):
            raise UnfollowableError("the size of an array is not written plainly")
        if state.get("numpy_array_alignment_bytes") is not None:
            self._file.seek(self._at)
            padding = self._file.read(1)
            self._forward(1 + (padding[0] if padding else 0))
        self._forward(math.prod(shape) * size)

    def _forward(self, count: int) -> None:
        """Go ``count`` bytes forward.

        Raises:
            UnfollowableError: there are fewer.
        """
        if self._at + count > self._size:
            raise UnfollowableError("it ends inside an array")
        self._at += count


def _item(dtype: object) -> tuple[int, bool]:
    """Return the size of an array's item in bytes and whether it holds objects.

    Raises:
        UnfollowableError: the type is not written as numpy writes it.
    """
    known = isinstance(dtype, Made) and isinstance(dtype.maker, Global) and dtype.maker in _DTYPES
    if not known or not isinstance(dtype, Made) or not isinstance(dtype.args, tuple):
        raise UnfollowableError("the type of an array is not written plainly")
    code = dtype.args[0] if dtype.args else None
    if not isinstance(code, str) or not _SIZED.fullmatch(code):
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
