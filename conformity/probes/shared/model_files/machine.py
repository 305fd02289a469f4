"""A pickle machine that moves symbols instead of objects: it follows a pickle and runs nothing of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from conformity.probes.shared.model_files.states import runs_its_state


class UnfollowableError(Exception):
    """The pickle does something that cannot be followed; the text says what."""


class TooMuchHiddenError(UnfollowableError):
    """More pickles are hidden in one another, or in texts, than are looked into."""


@dataclass(frozen=True)
class Global:
    """A name that the pickle imports."""

    module: str
    """The module."""
    name: str
    """The name in it."""

    def __str__(self) -> str:
        """Return ``module.name``."""
        return f"{self.module}.{self.name}"


@dataclass
class Made:
    """An object that the pickle would make by calling something."""

    maker: object
    """What is called."""
    args: object
    """What with."""
    state: object = None
    """What is put into it afterwards."""
    built: bool = False
    """Whether something has been put into it."""


class Wrapper(Made):
    """joblib's wrapper of an array, made in the only way in which joblib makes it."""


class Running(Made):
    """An object that runs a text of its state as code."""


ARRAY_WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")
"""The object after which joblib writes an array. A reader must recognise every one of them, or it takes
the array's bytes for instructions; so none may come from anywhere but a plain ``NEWOBJ``."""


class _Symbol:
    """A value of which nothing is known but which one it is."""


class WrapperName(_Symbol):
    """The class of joblib's wrapper, as a value."""


class RunningName(_Symbol):
    """A class whose objects run a text of their state as code, as a value: it may only make an object."""

    def __init__(self, name: Global) -> None:
        """Stand for the class called ``name``."""
        self.name = name


UNKNOWN = _Symbol()
WRAPPER_NAME = WrapperName()
MAX_STEPS = 5_000_000
"""Most instructions that are followed in one pickle."""

_READERS = "joblib.numpy_pickle"
WRAPPERS = frozenset((WrapperName, Wrapper, RunningName))
"""Kinds of values that may be handed to nothing else."""
_WINDOW = 1024 * 1024
_LONGEST_SHORT = 300
"""No instruction but a line, a long text or long bytes is longer than this, in bytes."""
_LONGEST_LINE = 64 * 1024
_TOO_EARLY = "it ends too early"


class Machine:
    """Reader, stack and memo of one pickle."""

    __slots__ = (
        "_base",
        "_file",
        "_frame_end",
        "_hidden",
        "_size",
        "_unread",
        "buf",
        "check_at",
        "globals",
        "last",
        "memo",
        "numbered",
        "outer",
        "pos",
        "running",
        "skipped",
        "stack",
        "steps",
        "stopped",
        "unread",
    )

    def __init__(
        self,
        file: BinaryIO,
        found: set[Global],
        hidden: Callable[[str | bytes], None],
    ) -> None:
        """Begin at the file's present position.

        Args:
            file: readable and seekable.
            found: where imported names go.
            hidden: told of every text or bytes long enough to hold another pickle.
        """
        self._file = file
        self._hidden = hidden
        self._base = file.tell()
        self._size = file.seek(0, io.SEEK_END)
        file.seek(self._base)
        self._frame_end: int | None = None
        self.check_at = 0
        self.buf = b""
        self.pos = 0
        self.globals = found
        self.stack: list[object] = []
        self.outer: list[list[object]] = []
        self.memo: dict[int, object] = {}
        self.numbered = False
        self.unread = 0
        self._unread: list[tuple[int, bytes]] = []
        self.last: object = None
        self.running = True
        self.stopped = False
        self.steps = 0
        self.skipped = 0

    def tell(self) -> int:
        """Return the position in the file."""
        return self._base + self.pos

    def seek(self, position: int) -> None:
        """Go on at another position in the file.

        Raises:
            UnfollowableError: it lies behind the end.
        """
        if position > self._size:
            raise UnfollowableError("it ends inside an array")
        self.check_at = 0
        if self._base <= position <= self._base + len(self.buf):
            self.pos = position - self._base
        else:
            self._base, self.buf, self.pos = position, b"", 0

    def resume(self, position: int) -> None:
        """Go on behind an array, where no frame is open."""
        self._frame_end = None
        self.seek(position)

    def at_end(self) -> bool:
        """Tell whether nothing is left."""
        return self.tell() >= self._size

    def inside_frame(self) -> bool:
        """Tell whether the present frame goes on."""
        return self._frame_end is not None and self.tell() < self._frame_end

    def run(self, table: list[Callable[[Machine], None]]) -> None:
        """Follow instructions until one stops the machine.

        Args:
            table: what each byte does; 256 entries.

        Raises:
            UnfollowableError: one cannot be followed, or there are too many.
        """
        self.running = True
        try:
            for step in range(self.steps, MAX_STEPS + 1):
                pos = self.pos
                # One that stops the machine has a check made, so that nothing else need ask after it.
                if pos >= self.check_at:
                    if not self.running:
                        self.steps = step
                        return
                    self._check()
                    pos = self.pos
                self.pos = pos + 1
                table[self.buf[pos]](self)
        except IndexError as error:
            reason = _TOO_EARLY if self.at_end() else "it takes more values than there are"
            raise UnfollowableError(reason) from error
        raise UnfollowableError(f"it holds more than {MAX_STEPS} instructions")

    def halt(self) -> None:
        """Stop before the next instruction."""
        self.running = False
        self.check_at = 0

    def _check(self) -> None:
        """Fill the window, and see that no instruction crosses the end of a frame."""
        here = self.tell()
        if self._frame_end is not None and here >= self._frame_end:
            if here > self._frame_end:
                raise UnfollowableError("an instruction crosses the end of a frame")
            self._frame_end = None
        if here >= self._size:
            raise UnfollowableError(_TOO_EARLY)
        if self.skipped > MAX_STEPS:
            raise UnfollowableError(f"it holds more than {MAX_STEPS} instructions")
        if len(self.buf) - self.pos <= _LONGEST_SHORT:
            self._fill(0)
        more = here + len(self.buf) - self.pos < self._size
        self.check_at = len(self.buf) - (_LONGEST_SHORT if more else 0)
        if self._frame_end is not None:
            self.check_at = min(self.check_at, self._frame_end - self._base)

    def _fill(self, least: int) -> None:
        """Move the window to the present position and read it full, ``least`` bytes if there are as many."""
        self._base = self.tell()
        self._file.seek(self._base)
        self.buf = self._file.read(max(least, _WINDOW))
        self.pos = 0
        self.check_at = 0

    def frame(self, length: int) -> None:
        """Begin a frame of so many bytes.

        Raises:
            UnfollowableError: the last one has not ended.
        """
        here = self.tell()
        if self._frame_end is not None and here - 9 < self._frame_end:
            raise UnfollowableError("a frame begins inside another")
        self._frame_end = here + length
        self.check_at = 0

    def frame_end(self) -> int | None:
        """Return where the present frame ends, as a place in the window; None where none is open."""
        return None if self._frame_end is None else self._frame_end - self._base

    def jump(self, pos: int, frame_end: int | None) -> None:
        """Go on at a place in the window, where a frame is open that ends at ``frame_end``, or none."""
        self.pos = pos
        self._frame_end = None if frame_end is None else self._base + frame_end
        self.check_at = 0

    def keep_unread(self, count: int, content: bytes) -> None:
        """Remember texts under the next numbers without reading them.

        Args:
            count: how many.
            content: the instructions that hold them, for :meth:`recall_all`.
        """
        self._unread.append((len(self.memo) + self.unread, content))
        self.unread += count

    def recall_all(self, texts_in: Callable[[bytes], Iterable[str]]) -> None:
        """Read the texts that were remembered unread.

        Args:
            texts_in: returns the texts of a part.
        """
        unread, self._unread, self.unread = self._unread, [], 0
        for first, content in unread:
            self.memo.update(enumerate(texts_in(content), first))

    def number(self, width: int) -> int:
        """Take an unsigned number of so many bytes."""
        return int.from_bytes(self.take(width), "little")

    def take(self, count: int) -> bytes:
        """Take the next bytes.

        Raises:
            UnfollowableError: there are fewer.
        """
        end = self.pos + count
        if end > len(self.buf):
            if self.tell() + count > self._size:
                raise UnfollowableError(_TOO_EARLY)
            self._fill(count)
            end = count
        taken = self.buf[self.pos : end]
        self.pos = end
        return taken

    def payload(self, count: int) -> bytes | None:
        """Take the next bytes; None when they are so many that they are passed over unread.

        Raises:
            UnfollowableError: there are fewer.
        """
        if count <= _WINDOW:
            return self.take(count)
        if self.tell() + count > self._size:
            raise UnfollowableError(_TOO_EARLY)
        self.seek(self.tell() + count)
        return None

    def line(self) -> bytes:
        """Take the bytes up to the next line feed, without it.

        Raises:
            UnfollowableError: there is none for a long way.
        """
        end = self.buf.find(b"\n", self.pos)
        if end < 0:
            self._fill(_LONGEST_LINE)
            end = self.buf.find(b"\n")
            if end < 0:
                raise UnfollowableError(_TOO_EARLY)
        taken = self.buf[self.pos : end]
        self.pos = end + 1
        return taken

    def hidden(self, content: str | bytes) -> None:
        """Have a text or bytes looked at for a pickle inside."""
        self._hidden(content)

    def mark(self) -> None:
        """Open a group."""
        self.outer.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[object]:
        """Take the present group."""
        if not self.outer:
            raise UnfollowableError("it closes a group that was never opened")
        taken = self.stack
        self.stack = self.outer.pop()
        refuse_wrappers(taken)
        return taken

    def pop(self, count: int) -> list[object]:
        """Take values from the stack, the lowest first."""
        left = len(self.stack) - count
        if left < 0:
            raise UnfollowableError("it takes more values than there are")
        taken = self.stack[left:]
        del self.stack[left:]
        if not WRAPPERS.isdisjoint(map(type, taken)):
            refuse_wrappers(taken)
        return taken

    def top(self) -> object:
        """Return what is on top."""
        if not self.stack:
            raise UnfollowableError("it uses a value that is not there")
        return self.stack[-1]

    def imports(self, module: str, name: str) -> None:
        """Push an import.

        Raises:
            UnfollowableError: it reads from the file itself, so that nobody knows what is an instruction.
        """
        found = Global(module, name)
        self.globals.add(found)
        if found == ARRAY_WRAPPER:
            self.stack.append(WRAPPER_NAME)
            return
        if runs_its_state(module, name):
            self.stack.append(RunningName(found))
            return
        if module.startswith(_READERS):
            raise UnfollowableError(f"it uses {found}, which reads from the file itself")
        self.stack.append(found)


def refuse_wrappers(values: list[object]) -> None:
    """Refuse to hand joblib's wrapper, its class or an instance, to anything else.

    Raises:
        UnfollowableError: it is among the values.
    """
    if not WRAPPERS.isdisjoint(map(type, values)):
        raise UnfollowableError(
            "it uses the wrapper of an array, or a distribution, in another way than its library does"
        )
