"""A pickle machine that moves symbols instead of objects: it follows a pickle and runs nothing of it."""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class UnfollowableError(Exception):
    """The pickle does something that cannot be followed; the text says what."""


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


ARRAY_WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")
"""The object after which joblib writes an array. A reader must recognise every one of them, or it takes
the array's bytes for instructions; so none may come from anywhere but a plain ``NEWOBJ``."""


class _Unknown:
    """A value of which nothing is known."""


UNKNOWN = _Unknown()
_MARK = object()

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_KEEP_BOTTOM = frozenset({"APPEND", "APPENDS", "ADDITEMS"})
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class Machine:
    """Stack and memo of one pickle."""

    def __init__(self) -> None:
        """Start empty."""
        self.globals: set[Global] = set()
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}
        self._special: dict[str, Callable[[Any], None]] = {
            "MARK": lambda _: self._push(_MARK),
            "POP": self._pop_op,
            "POP_MARK": self._drop_mark,
            "DUP": lambda _: self._push(self._top()),
            "MEMOIZE": lambda _: self._memo.__setitem__(len(self._memo), self._top()),
            "GLOBAL": self._global,
            "INST": self._inst,
            "OBJ": lambda _: self._obj(),
            "STACK_GLOBAL": lambda _: self._stack_global(),
            "REDUCE": lambda _: self._make(),
            "NEWOBJ": lambda _: self._new(),
            "NEWOBJ_EX": lambda _: self._make(with_keywords=True),
            "BUILD": lambda _: self._build(),
            "TUPLE": lambda _: self._push(tuple(self._pop_mark())),
            "EMPTY_DICT": lambda _: self._push({}),
            "DICT": lambda _: self._push(_paired(self._pop_mark(), {})),
            "SETITEM": lambda _: self._set(self._pop(2)),
            "SETITEMS": lambda _: self._set(self._pop_mark()),
        }
        for name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self._special[name] = lambda key: self._memo.__setitem__(int(key), self._top())
        for name in ("GET", "BINGET", "LONG_BINGET"):
            self._special[name] = self._get
        for name in ("EXT1", "EXT2", "EXT4"):
            self._special[name] = _extension

    def step(self, op: pickletools.OpcodeInfo, arg: object) -> object:
        """Do one opcode and return what is on top of the stack afterwards, or None.

        Raises:
            UnfollowableError: the opcode cannot be followed.
        """
        if op.name in self._special:
            self._special[op.name](arg)
        elif op.name in _CONSTANTS:
            self._push(_CONSTANTS[op.name])
        elif op.name in _TUPLES:
            self._push(tuple(self._pop(_TUPLES[op.name])))
        elif isinstance(arg, str | int | bytes) and not op.stack_before and op.name != "PERSID":
            self._push_arg(op, arg)
        else:
            self._generic(op)
        return self._stack[-1] if self._stack else None

    def replace_top(self, value: object) -> None:
        """Put something else on top of the stack."""
        self._stack[-1] = value

    def _push_arg(self, op: pickletools.OpcodeInfo, arg: object) -> None:
        """Push a constant, unless the opcode leaves nothing (such as PROTO and FRAME)."""
        if op.stack_after:
            self._push(arg)

    def _generic(self, op: pickletools.OpcodeInfo) -> None:
        """Take from the stack what the opcode takes and put back as much that is unknown."""
        before = op.stack_before
        if pickletools.markobject in before:
            self._pop_mark()
            taken = self._pop(before.index(pickletools.markobject))
        else:
            taken = self._pop(len(before))
        if op.name in _KEEP_BOTTOM:
            self._push(taken[0])
        else:
            self._stack.extend(UNKNOWN for _ in op.stack_after)

    def _push(self, value: object) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def _top(self) -> object:
        """Return what is on top."""
        if not self._stack:
            raise UnfollowableError("it uses a value that is not there")
        return self._stack[-1]

    def _pop(self, count: int) -> list[object]:
        """Take values from the stack, the lowest first."""
        if len(self._stack) < count or any(v is _MARK for v in self._stack[len(self._stack) - count :]):
            raise UnfollowableError("it takes more values than there are")
        taken = self._stack[len(self._stack) - count :]
        del self._stack[len(self._stack) - count :]
        _refuse_wrappers(taken)
        return taken

    def _pop_op(self, _: object) -> None:
        """Drop the top, which may be a mark."""
        self._top()
        self._stack.pop()

    def _pop_mark(self) -> list[object]:
        """Take everything down to the last mark, and the mark."""
        for index in range(len(self._stack) - 1, -1, -1):
            if self._stack[index] is _MARK:
                taken = self._stack[index + 1 :]
                del self._stack[index:]
                _refuse_wrappers(taken)
                return taken
        raise UnfollowableError("it closes a group that was never opened")

    def _drop_mark(self, _: object) -> None:
        """Drop everything down to the last mark."""
        self._pop_mark()

    def _get(self, key: object) -> None:
        """Push a value that was remembered."""
        number = int(key) if isinstance(key, str | int) else -1
        if number not in self._memo:
            raise UnfollowableError("it recalls a value that was never remembered")
        self._push(self._memo[number])

    def _global(self, arg: object) -> None:
        """Push an import written with its name."""
        module, _, name = str(arg).partition(" ")
        found = Global(module, name)
        self.globals.add(found)
        self._push(found)

    def _inst(self, arg: object) -> None:
        """Make an object of a class written with its name."""
        args = tuple(self._pop_mark())
        self._global(arg)
        self._push(Made(self._pop(1)[0], args))

    def _obj(self) -> None:
        """Make an object of the class at the bottom of a group."""
        taken = self._pop_mark()
        if not taken:
            raise UnfollowableError("it makes an object of nothing")
        self._push(Made(taken[0], tuple(taken[1:])))

    def _stack_global(self) -> None:
        """Push an import whose module and name are on the stack."""
        module, name = self._pop(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise UnfollowableError("it imports something whose name is computed")
        found = Global(module, name)
        self.globals.add(found)
        self._push(found)

    def _new(self) -> None:
        """Make an object by its class alone; the one way in which joblib's wrapper may come about."""
        cls, args = self._stack[-2:] if len(self._stack) > 1 else (None, None)
        if cls == ARRAY_WRAPPER and args == ():
            del self._stack[-2:]
            self._push(Made(cls, args))
        else:
            self._make()

    def _make(self, *, with_keywords: bool = False) -> None:
        """Make an object by calling something."""
        maker, args, *_ = self._pop(3 if with_keywords else 2)
        self._push(Made(maker, args))

    def _build(self) -> None:
        """Put a state into the object below it."""
        (state,) = self._pop(1)
        target = self._top()
        if isinstance(target, Made):
            if target.built:
                raise UnfollowableError("it puts something into an object twice")
            target.state, target.built = state, True

    def _set(self, pairs: list[object]) -> None:
        """Put keys and values into the dictionary below them."""
        (target,) = self._pop(1)
        if isinstance(target, dict):
            _paired(pairs, target)
        self._push(target)


def _refuse_wrappers(values: list[object]) -> None:
    """Refuse to hand joblib's wrapper, its class or an instance, to anything else.

    Raises:
        UnfollowableError: it is among the values.
    """
    for value in values:
        if value == ARRAY_WRAPPER or (isinstance(value, Made) and value.maker == ARRAY_WRAPPER):
            raise UnfollowableError("it uses the wrapper of an array in another way than joblib does")


def _paired(values: list[object], into: dict[object, object]) -> dict[object, object]:
    """Put keys and values, one after the other, into a dictionary; only text keys are of interest."""
    for key, value in zip(values[::2], values[1::2], strict=False):
        if isinstance(key, str):
            into[key] = value
    return into


def _extension(_: object) -> None:
    """Refuse an import by number, whose name is registered elsewhere.

    Raises:
        UnfollowableError: always.
    """
    raise UnfollowableError("it imports something by a number that is registered elsewhere")
