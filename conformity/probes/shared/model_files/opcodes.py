"""What each instruction of a pickle does to the machine of symbols.

Source:
    Python, Modules/_pickle.c and Lib/pickletools.py: the two agree on what is read; where readers differ
    (frames that are crossed, numbers written oddly), the pickle is not followed.
"""

from __future__ import annotations

import pickle

from conformity.probes.shared.model_files.groups import mark, texts_in
from conformity.probes.shared.model_files.literals import (
    Step,
    byte,
    bytes_of,
    constant,
    decimal,
    digits,
    escaped,
    integer,
    long,
    number,
    quoted,
    short_text,
    skip,
    text_of,
)
from conformity.probes.shared.model_files.machine import (
    UNKNOWN,
    WRAPPER_NAME,
    WRAPPERS,
    Global,
    Machine,
    Made,
    Running,
    RunningName,
    UnfollowableError,
    Wrapper,
)
from conformity.probes.shared.model_files.pairs import paired
from conformity.probes.shared.model_files.states import is_plain_state

_PROTOCOLS = range(6)


def _unknown(_: Machine) -> None:
    """Refuse a byte that is no instruction."""
    raise UnfollowableError("it holds a byte that is no instruction")


def _forget(count: int, pushes: int = 1) -> Step:
    """Return an instruction that takes values and pushes something unknown for them."""

    def step(m: Machine) -> None:
        m.pop(count)
        m.stack.extend([UNKNOWN] * pushes)

    return step


def _forget_line(m: Machine) -> None:
    """Push something unknown for a line of text, such as the id of something kept elsewhere."""
    m.line()
    m.stack.append(UNKNOWN)


def _keep_bottom(m: Machine) -> None:
    """Put the last group into the collection below it, of which nothing is known."""
    m.pop_mark()
    m.top()


def _append(m: Machine) -> None:
    """Put one value into the list below it."""
    m.pop(1)
    m.top()


def _group(m: Machine) -> None:
    """Push something unknown for a group."""
    m.pop_mark()
    m.stack.append(UNKNOWN)


def _pop(m: Machine) -> None:
    """Drop the top, or close an empty group."""
    if m.stack:
        m.stack.pop()
    else:
        m.pop_mark()


def _drop_mark(m: Machine) -> None:
    """Drop the last group."""
    m.pop_mark()


def _taken(m: Machine) -> object:
    """Take one value from the stack; like :meth:`Machine.pop`, without a list."""
    stack = m.stack
    if not stack or type(stack[-1]) in WRAPPERS:
        return m.pop(1)[0]
    return stack.pop()


def _tuple_of_one(m: Machine) -> None:
    """Make a tuple of the last value."""
    m.stack.append((_taken(m),))


def _tuple(count: int) -> Step:
    """Return an instruction that makes a tuple of the last values."""

    def step(m: Machine) -> None:
        m.stack.append(tuple(m.pop(count)))

    return step


def _tuple_of_group(m: Machine) -> None:
    """Make a tuple of the last group; of a very long one nothing is known."""
    taken = m.pop_mark()
    m.stack.append(tuple(taken))


def _empty_dict(m: Machine) -> None:
    """Push an empty dictionary."""
    m.stack.append({})


def _dict(m: Machine) -> None:
    """Make a dictionary of the last group."""
    made: dict[object, object] = {}
    paired(m.pop_mark(), made)
    m.stack.append(made)


def _set_item(m: Machine) -> None:
    """Put a key and its value into the dictionary below them."""
    pair = m.pop(2)
    target = m.top()
    if type(target) is dict:
        paired(pair, target)


def _set_items(m: Machine) -> None:
    """Put the keys and values of a group into the dictionary below it."""
    pairs = m.pop_mark()
    target = m.top()
    if type(target) is dict:
        paired(pairs, target)


def _memoize(m: Machine) -> None:
    """Remember the top under the next number."""
    memo, stack = m.memo, m.stack
    memo[len(memo) + m.unread] = stack[-1] if stack else m.top()


def _put(width: int) -> Step:
    """Return an instruction that remembers the top under a number of so many bytes, or of digits."""

    def step(m: Machine) -> None:
        m.numbered = True
        if m.unread:
            m.recall_all(texts_in)
        m.memo[m.number(width) if width else number(m.line())] = m.top()

    return step


def _get(width: int) -> Step:
    """Return an instruction that pushes what was remembered."""

    def step(m: Machine) -> None:
        key = m.number(width) if width else number(m.line())
        m.stack.append(m.memo[key] if key in m.memo else _recalled(m, key))

    return step


def _get_short(m: Machine) -> None:
    """Push what was remembered under a number of one byte; frequent, so it is written out."""
    key = m.buf[m.pos]
    m.pos += 1
    m.stack.append(m.memo[key] if key in m.memo else _recalled(m, key))


def _recalled(m: Machine, key: int) -> object:
    """Return what was remembered unread.

    Raises:
        UnfollowableError: nothing was.
    """
    m.recall_all(texts_in)
    if key not in m.memo:
        raise UnfollowableError("it recalls a value that was never remembered")
    return m.memo[key]


def _name(m: Machine) -> str:
    """Return a line that is part of a name."""
    try:
        return m.line().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnfollowableError("it imports a name that is not text") from error


def _global(m: Machine) -> None:
    """Push an import written with its name."""
    m.imports(_name(m), _name(m))


def _stack_global(m: Machine) -> None:
    """Push an import whose module and name are on the stack."""
    module, name = m.pop(2)
    if type(module) is not str or type(name) is not str:
        raise UnfollowableError("it imports something whose name is computed")
    m.imports(module, name)


def _instance(m: Machine) -> None:
    """Make an object of a class written with its name."""
    m.imports(_name(m), _name(m))
    (maker,) = m.pop(1)
    made = Made(maker, tuple(m.pop_mark()))
    m.stack.append(made)


def _object(m: Machine) -> None:
    """Make an object of the class at the bottom of a group."""
    taken = m.pop_mark()
    if not taken:
        raise UnfollowableError("it makes an object of nothing")
    m.stack.append(Made(taken[0], tuple(taken[1:])))


def _reduce(m: Machine) -> None:
    """Make an object by calling something."""
    args = _taken(m)
    m.stack.append(Made(_taken(m), args))


def _new(m: Machine) -> None:
    """Make an object by its class alone; the one way in which joblib's wrapper may come about."""
    if len(m.stack) > 1 and m.stack[-2] is WRAPPER_NAME and m.stack[-1] == ():
        m.stack[-2:] = [Wrapper(WRAPPER_NAME, ())]
    elif len(m.stack) > 1 and isinstance(name := m.stack[-2], RunningName) and m.stack[-1] == ():
        m.stack[-2:] = [Running(name.name, ())]
    else:
        _reduce(m)


def _new_with_keywords(m: Machine) -> None:
    """Make an object by its class alone, with named values."""
    maker, args, _ = m.pop(3)
    m.stack.append(Made(maker, args))


def _build(m: Machine) -> None:
    """Put a state into the object below it; an array of joblib's stops the machine."""
    state = _taken(m)
    target = m.top()
    if type(target) is Global:
        raise UnfollowableError(f"it changes {ascii(str(target))[1:-1][:200]} for the whole program")
    if not isinstance(target, Made):
        return
    if target.built:
        raise UnfollowableError("it puts something into an object twice")
    if type(target) is Running and not is_plain_state(state):
        raise UnfollowableError("it gives a distribution of SciPy a text to run that SciPy did not write")
    target.state, target.built = state, True
    if type(target) is Wrapper:
        m.halt()


def _extension(_: Machine) -> None:
    """Refuse an import by number, whose name is registered elsewhere."""
    raise UnfollowableError("it imports something by a number that is registered elsewhere")


def _protocol(m: Machine) -> None:
    """Take the version."""
    if m.number(1) not in _PROTOCOLS:
        raise UnfollowableError("it is of a version that does not exist")


def _frame(m: Machine) -> None:
    """Begin a frame."""
    m.frame(m.number(8))


def _stop(m: Machine) -> None:
    """End the pickle."""
    (m.last,) = m.pop(1)
    m.stopped = True
    m.halt()


_STEPS: dict[bytes, Step] = {
    pickle.MARK: mark,
    pickle.STOP: _stop,
    pickle.POP: _pop,
    pickle.POP_MARK: _drop_mark,
    pickle.DUP: lambda m: m.stack.append(m.top()),
    pickle.FLOAT: decimal,
    pickle.INT: digits,
    pickle.BININT: integer(4, signed=True),
    pickle.BININT1: byte,
    pickle.LONG: digits,
    pickle.BININT2: integer(2, signed=False),
    pickle.NONE: constant(None),
    pickle.PERSID: _forget_line,
    pickle.BINPERSID: _forget(1),
    pickle.REDUCE: _reduce,
    pickle.STRING: quoted,
    pickle.BINSTRING: bytes_of(4, as_text=True),
    pickle.SHORT_BINSTRING: bytes_of(1, as_text=True),
    pickle.UNICODE: escaped,
    pickle.BINUNICODE: text_of(4),
    pickle.APPEND: _append,
    pickle.BUILD: _build,
    pickle.GLOBAL: _global,
    pickle.DICT: _dict,
    pickle.EMPTY_DICT: _empty_dict,
    pickle.APPENDS: _keep_bottom,
    pickle.GET: _get(0),
    pickle.BINGET: _get_short,
    pickle.INST: _instance,
    pickle.LONG_BINGET: _get(4),
    pickle.LIST: _group,
    pickle.EMPTY_LIST: constant(UNKNOWN),
    pickle.OBJ: _object,
    pickle.PUT: _put(0),
    pickle.BINPUT: _put(1),
    pickle.LONG_BINPUT: _put(4),
    pickle.SETITEM: _set_item,
    pickle.TUPLE: _tuple_of_group,
    pickle.EMPTY_TUPLE: constant(()),
    pickle.SETITEMS: _set_items,
    pickle.BINFLOAT: skip(8),
    pickle.PROTO: _protocol,
    pickle.NEWOBJ: _new,
    pickle.EXT1: _extension,
    pickle.EXT2: _extension,
    pickle.EXT4: _extension,
    pickle.TUPLE1: _tuple_of_one,
    pickle.TUPLE2: _tuple(2),
    pickle.TUPLE3: _tuple(3),
    pickle.NEWTRUE: constant(True),
    pickle.NEWFALSE: constant(False),
    pickle.LONG1: long(1),
    pickle.LONG4: long(4),
    pickle.BINBYTES: bytes_of(4),
    pickle.SHORT_BINBYTES: bytes_of(1),
    pickle.SHORT_BINUNICODE: short_text,
    pickle.BINUNICODE8: text_of(8),
    pickle.BINBYTES8: bytes_of(8),
    pickle.EMPTY_SET: constant(UNKNOWN),
    pickle.ADDITEMS: _keep_bottom,
    pickle.FROZENSET: _group,
    pickle.NEWOBJ_EX: _new_with_keywords,
    pickle.STACK_GLOBAL: _stack_global,
    pickle.MEMOIZE: _memoize,
    pickle.FRAME: _frame,
    pickle.BYTEARRAY8: bytes_of(8),
    pickle.NEXT_BUFFER: constant(UNKNOWN),
    pickle.READONLY_BUFFER: lambda m: m.stack.append(m.pop(1)[0]),
}

TABLE: list[Step] = [_STEPS.get(bytes((code,)), _unknown) for code in range(256)]
"""What each byte does."""
