"""Take system calls away from this process for good: standard library only, since a worker runs it first.

The kernel decides by a small program of its own kind (seccomp), which is written here.

Source: Linux, ``Documentation/userspace-api/seccomp_filter.rst`` and ``include/uapi/linux/filter.h``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
from collections.abc import Iterable, Sequence
from typing import Literal

from conformity.sandbox.syscalls import (
    ARCHITECTURES,
    ATTRIBUTES,
    NEWEST,
    OTHERS,
    PRIORITIES,
    PROGRAMS,
    SIGNALS,
    Architecture,
)

Calls = Literal["any", "programs", "children", "client", "alone"]
"""All system calls; those of a worker that starts programs and speaks to them, as Spark's does; of one that
starts programs alone; of one that speaks to a service alone; of one that does neither."""
_STARTS = ("programs", "children")
_SPEAKS = ("programs", "client")

_LOAD, _EQUAL, _GREATER, _ALL_BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
"""Load a word; jump if it equals, exceeds, or has one of the bits of a constant; decide."""
_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000
_NUMBER, _AUDIT, _FIRST = 0, 4, 16
"""Where in the kernel's record the call's number, the processor, and the first argument stand."""
_SECOND = _FIRST + 8
_KNOWN_BITS = 0x4000_0000
"""From here on the numbers of x86-64 mean another way of calling."""
_NEW_SPACES = 0x7E02_0000
"""Flags of clone that ask for new name spaces."""
_THREAD = 0x0001_0000
_TYPE_MASK = 0xF
_PR_SET_SECCOMP, _FILTER = 22, 2

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""


def filter_calls(calls: Calls) -> bool:
    """Take away what a worker does not need, and tell whether the kernel did it.

    Nothing that this process starts can get it back. The caller has given up privileges before.

    Args:
        calls: what is left.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if calls == "any" or architecture is None:
        return False
    code = program(architecture, calls, os.getpid())
    packed = b"".join(struct.pack("HBBI", *instruction) for instruction in code)
    held = ctypes.create_string_buffer(packed, len(packed))
    head = ctypes.create_string_buffer(struct.pack("HP", len(code), ctypes.addressof(held)))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except AttributeError:
        return False
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    return bool(prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(head), 0, 0) == 0)


def program(architecture: Architecture, calls: Calls, own: int) -> list[Instruction]:
    """Return the kernel's program.

    Args:
        architecture: the processor.
        calls: what is left.
        own: this process's number, the only one to which signals may go when it starts no programs.
    """
    number = architecture.numbers
    code: list[Instruction] = [
        (_LOAD, 0, 0, _AUDIT),
        (_EQUAL, 1, 0, architecture.audit),
        _refuse(errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER, 0, 1, _KNOWN_BITS - 1),
        _refuse(errno.EPERM),
        (_GREATER, 0, 1, NEWEST),
        _refuse(errno.ENOSYS),
        # The C library falls back to the older call, whose flags can be seen here.
        *_never([number["clone3"]], errno.ENOSYS),
        *_never(_present(architecture, OTHERS), errno.EPERM),
        *_only(number["prlimit64"], _FIRST, (0, own), errno.EPERM),
    ]
    if calls != "programs":
        code += _never(_present(architecture, [*ATTRIBUTES, *PRIORITIES]), errno.EPERM)
    code += _no_new_spaces(number["clone"]) if calls in _STARTS else _on_its_own(architecture, own)
    code += _internet_only(number["socket"]) if calls in _SPEAKS else _never([number["socket"]], errno.EACCES)
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _on_its_own(architecture: Architecture, own: int) -> list[Instruction]:
    """Return what makes calls fail that start processes, or reach others than this by signals."""
    number = architecture.numbers
    return [
        *_never(_present(architecture, PROGRAMS), errno.EAGAIN),
        *_never(_present(architecture, SIGNALS), errno.EPERM),
        *_only(number["kill"], _FIRST, (own,), errno.EPERM),
        *_only(number["tgkill"], _FIRST, (own,), errno.EPERM),
        *_threads_only(number["clone"]),
    ]


def _present(architecture: Architecture, names: Iterable[str]) -> list[int]:
    """Return the numbers of those calls that the processor has."""
    return [architecture.numbers[name] for name in names if name in architecture.numbers]


def _refuse(error: int) -> Instruction:
    """Return the instruction that makes a call fail."""
    return (_RETURN, 0, 0, _ERRNO | error)


def _never(numbers: Sequence[int], error: int) -> list[Instruction]:
    """Return what makes calls fail always."""
    return [part for number in numbers for part in ((_EQUAL, 0, 1, number), _refuse(error))]


def _only(number: int, place: int, allowed: Sequence[int], error: int) -> list[Instruction]:
    """Return what makes a call fail unless one of its arguments is among ``allowed``."""
    tests = [(_EQUAL, len(allowed) - n, 0, value) for n, value in enumerate(allowed)]
    return _for_call(number, [(_LOAD, 0, 0, place), *tests, _refuse(error)])


def _threads_only(number: int) -> list[Instruction]:
    """Return what makes ``clone`` fail unless it makes a thread."""
    return _for_call(
        number, [(_LOAD, 0, 0, _FIRST), (_ALL_BITS, 1, 0, _THREAD), _refuse(errno.EAGAIN)]
    ) + _no_new_spaces(number)


def _no_new_spaces(number: int) -> list[Instruction]:
    """Return what makes ``clone`` fail when it asks for new name spaces."""
    return _for_call(number, [(_LOAD, 0, 0, _FIRST), (_ALL_BITS, 0, 1, _NEW_SPACES), _refuse(errno.EPERM)])


def _internet_only(number: int) -> list[Instruction]:
    """Return what makes ``socket`` fail unless it is for TCP or UDP."""
    families = _only(number, _FIRST, (socket.AF_INET, socket.AF_INET6), errno.EACCES)
    # Flags in the higher bits of the type do not matter.
    kinds = [
        (_LOAD, 0, 0, _SECOND),
        (0x54, 0, 0, _TYPE_MASK),
        (_EQUAL, 2, 0, int(socket.SOCK_STREAM)),
        (_EQUAL, 1, 0, int(socket.SOCK_DGRAM)),
        _refuse(errno.EACCES),
    ]
    return [*families, *_for_call(number, kinds)]


def _for_call(number: int, block: Sequence[Instruction]) -> list[Instruction]:
    """Return a block that is run for one call only; the call's number is loaded again behind it."""
    return [(_EQUAL, 0, len(block) + 1, number), *block, (_LOAD, 0, 0, _NUMBER)]
