"""Examine a model of XGBoost in UBJSON: names, texts and lists of numbers, and nothing that could be run.

The file is walked through value by value; only the names in its objects are kept. XGBoost itself takes every
value by its name, so a file that holds what XGBoost writes, once and to the last byte, holds numbers alone.

Source:
    Universal Binary JSON Specification, draft 12 (types, and containers with a type and a count); XGBoost,
    src/common/json.cc, ``UBJReader`` (lengths and numbers begin with their highest byte), and
    doc/model.schema (what a model holds).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from conformity.probes.shared.model_files.findings import Findings, size_of

_FIXED = {
    **dict.fromkeys(b"ZTFN", 0),
    **dict.fromkeys(b"iUC", 1),
    b"I"[0]: 2,
    **dict.fromkeys(b"ld", 4),
    **dict.fromkeys(b"LD", 8),
}
"""How many bytes follow each type of one length."""
_LENGTHS = frozenset(b"iUIlL")
"""Types that a length may have."""
_NOTHING, _KIND, _COUNT = b"N$#"
_LIST, _LIST_END, _OBJECT, _OBJECT_END = b"[]{}"
_TEXTS = frozenset(b"SH")
_MODEL = frozenset(("learner", "version"))
_LEARNER = frozenset(
    (
        "attributes",
        "feature_names",
        "feature_types",
        "gradient_booster",
        "learner_model_param",
        "learner_train_param",
        "objective",
    )
)
_NEEDED = frozenset(("gradient_booster", "objective"))
_LONG, _TYPED, _COUNTED, _TEXT = b"L"[0], b"[$", b"#L", b"SL"
_SHORT_NAME = 200
_LONGEST_HEAD = 9 + _SHORT_NAME + 13
"""Most bytes of a short name and of what stands before the numbers of a list."""
_DEEPEST = 64
_MOST_VALUES = 5_000_000
_LONGEST_NAME = 4096
_WINDOW = 1024 * 1024


class _UbjsonError(Exception):
    """The file cannot be followed; the text says why."""


@dataclass
class _Open:
    """A list or an object that has not ended."""

    named: bool
    """Whether it is an object."""
    path: str
    """Its name, in the first two levels."""
    kind: int | None = None
    """The type of all its values, if it says so once."""
    left: int | None = None
    """How many values are to come, if it says so."""
    names: set[bytes] = field(default_factory=set)
    """The names that it has had."""


def is_ubjson(head: bytes) -> bool:
    """Tell whether a file begins as an object in UBJSON does: with the length of a name, which JSON lacks."""
    return head[:1] == b"{" and head[1:2] in (b"i", b"U", b"I", b"l", b"L", b"$", b"#")


def examine_ubjson(file: BinaryIO, name: str, into: Findings) -> None:
    """Walk through a file in UBJSON; what is no whole model of XGBoost is a problem.

    Args:
        file: readable and seekable.
        name: what to call it in a problem.
        into: where problems go.
    """
    reader = _Reader(file)
    try:
        reader.read()
    except _UbjsonError as error:
        into.problem(f"{name} cannot be read as UBJSON: {error}")
        return
    if (
        not reader.learner >= _NEEDED
        or reader.learner - _LEARNER
        or not {"learner"} <= reader.model <= _MODEL
    ):
        into.problem(f"{name} is in the UBJSON format but is no model of XGBoost that is known")


class _Reader:
    """The walk through one file."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin with the file's first byte."""
        self.model: set[str] = set()
        self.learner: set[str] = set()
        self._size = size_of(file)
        self._file = file
        self._window, self._at, self._before = b"", 0, 0
        self._open: list[_Open] = []

    def read(self) -> None:
        """Walk from the first byte to the last.

        Raises:
            _UbjsonError: it cannot be followed, or is not one object and nothing more.
        """
        if self._byte() != _OBJECT:
            raise _UbjsonError("it does not begin with an object")
        self._begin(named=True, path="")
        for _ in range(_MOST_VALUES):
            if not self._open:
                break
            self._run(self._open[-1])
            self._step(self._open[-1])
        else:
            raise _UbjsonError(f"it holds more than {_MOST_VALUES} values")
        if self._before + self._at != self._size:
            raise _UbjsonError("bytes follow its end")

    def _run(self, inside: _Open) -> None:
        """Pass over the lists of numbers and the texts of an object, as XGBoost writes nearly all of a tree.

        What is written otherwise, or may reach beyond the window, is left where it is for :meth:`_step`.
        """
        if inside.path != "/" or inside.kind is not None or inside.left is not None:
            return
        window, at, names = self._window, self._at, inside.names
        last = len(window) - _LONGEST_HEAD
        while at < last and window[at] == _LONG:
            length = int.from_bytes(window[at + 1 : at + 9], "big")
            value = at + 9 + length
            name = window[at + 9 : value]
            if length > _SHORT_NAME or name in names:
                break
            if window[value : value + 2] == _TYPED and window[value + 3 : value + 5] == _COUNTED:
                width, head = _FIXED.get(window[value + 2], 0), 13
            elif window[value : value + 2] == _TEXT:
                width, head = 1, 10
            else:
                break
            behind = value + head
            at_end = behind + width * int.from_bytes(window[behind - 8 : behind], "big")
            if not width or at_end > len(window):
                break
            names.add(name)
            at = at_end
        self._at = at

    def _step(self, inside: _Open) -> None:
        """Take the next value of a list or object, or its end."""
        if inside.left == 0:
            self._open.pop()
            return
        code = self._byte() if inside.left is None or inside.named or inside.kind is None else inside.kind
        if inside.left is None and code == (_OBJECT_END if inside.named else _LIST_END):
            self._open.pop()
            return
        if code == _NOTHING:
            return
        path = "/"
        if inside.named:
            path = self._name(code, inside)
            code = self._byte() if inside.kind is None else inside.kind
        if inside.left is not None:
            inside.left -= 1
        self._value(code, path)

    def _value(self, code: int, path: str) -> None:
        """Pass over a value of a type, or go into it."""
        if code in (_LIST, _OBJECT):
            self._begin(named=code == _OBJECT, path=path)
        elif code in _TEXTS:
            self._pass(self._length(self._byte()))
        elif code in _FIXED and code != _NOTHING:
            self._pass(_FIXED[code])
        else:
            raise _UbjsonError("it holds a value of no known type")

    def _begin(self, *, named: bool, path: str) -> None:
        """Go into a list or object; a list of numbers of one type is passed over at once."""
        if len(self._open) >= _DEEPEST:
            raise _UbjsonError("its parts are nested too deeply")
        made = _Open(named, path)
        if self._peek() == _KIND:
            self._byte()
            made.kind = self._byte()
            if self._peek() != _COUNT:
                raise _UbjsonError("a list has a type but no count")
        if self._peek() == _COUNT:
            self._byte()
            made.left = self._length(self._byte())
        if not named and made.kind in _FIXED and made.left is not None:
            self._pass(_FIXED[made.kind] * made.left)
        else:
            self._open.append(made)

    def _name(self, code: int, inside: _Open) -> str:
        """Take the name of a value and return its path.

        Raises:
            _UbjsonError: the object has it already, and readers differ in which of the two they take.
        """
        length = self._length(code)
        if length > _LONGEST_NAME:
            raise _UbjsonError("a name in it is longer than names are")
        raw = self._take(length)
        if raw in inside.names:
            raise _UbjsonError("an object in it has a name twice")
        inside.names.add(raw)
        name = raw.decode("utf-8", "replace")
        if len(self._open) == 1:
            self.model.add(name)
        elif inside.path == "learner":
            self.learner.add(name)
        return name if len(self._open) == 1 else "/"

    def _length(self, code: int) -> int:
        """Take a length of a type."""
        if code not in _LENGTHS:
            raise _UbjsonError("a length in it is not written as one")
        length = int.from_bytes(self._take(_FIXED[code]), "big", signed=code != b"U"[0])
        if not 0 <= length <= self._size:
            raise _UbjsonError("it says that it holds more than it can")
        return length

    def _peek(self) -> int:
        """Return the next byte and leave it."""
        code = self._byte()
        self._at -= 1
        return code

    def _byte(self) -> int:
        """Take the next byte."""
        if self._at >= len(self._window):
            self._fill()
        code = self._window[self._at]
        self._at += 1
        return code

    def _take(self, count: int) -> bytes:
        """Take the next bytes, no more than a name is long."""
        end = self._at + count
        if end > len(self._window):
            if self._before + end > self._size:
                raise _UbjsonError("it ends too early")
            self._fill()
            end = count
        taken = self._window[self._at : end]
        self._at = end
        return taken

    def _pass(self, count: int) -> None:
        """Pass over the next bytes unread."""
        self._at += count
        if self._before + self._at > self._size:
            raise _UbjsonError("it ends too early")

    def _fill(self) -> None:
        """Read on from the present position."""
        self._before += self._at
        self._at = 0
        self._file.seek(self._before)
        self._window = self._file.read(_WINDOW)
        if not self._window:
            raise _UbjsonError("it ends too early")
