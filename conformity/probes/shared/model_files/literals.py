"""What the instructions of a pickle that push plain values do to the machine of symbols.

Source:
    Python, Modules/_pickle.c and Lib/pickletools.py.
"""

from __future__ import annotations

import codecs
import pickle
from collections.abc import Callable

from conformity.probes.shared.model_files.machine import UNKNOWN, Machine, UnfollowableError

Step = Callable[[Machine], None]
"""What one instruction does."""

HIDING = 20
"""Fewest characters or bytes in which a pickle may hide."""

_MAX_DIGITS = 20
_MEMOIZE, _NUMBER, _TEXT = pickle.MEMOIZE[0], pickle.BININT2[0], pickle.SHORT_BINUNICODE[0]
_WORD_BYTES = 1 + 3 + 2 + HIDING
"""Most bytes of a remembered text, a number, and the next text."""


def constant(value: object) -> Step:
    """Return an instruction that pushes a value."""

    def step(m: Machine) -> None:
        m.stack.append(value)

    return step


def skip(width: int) -> Step:
    """Return an instruction with so many bytes behind it that pushes something unknown."""

    def step(m: Machine) -> None:
        m.take(width)
        m.stack.append(UNKNOWN)

    return step


def integer(width: int, *, signed: bool) -> Step:
    """Return an instruction that pushes a number of so many bytes."""

    def step(m: Machine) -> None:
        m.stack.append(int.from_bytes(m.take(width), "little", signed=signed))

    return step


def byte(m: Machine) -> None:
    """Push a number of one byte; frequent, so it is written out."""
    m.stack.append(m.buf[m.pos])
    m.pos += 1


def text_of(width: int) -> Step:
    """Return an instruction that pushes a text whose length has so many bytes."""

    def step(m: Machine) -> None:
        content = m.payload(int.from_bytes(m.take(width), "little"))
        if content is None:
            m.stack.append(UNKNOWN)
            return
        try:
            text = content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise UnfollowableError("it holds a text that is not UTF-8") from error
        if len(text) >= HIDING:
            m.hidden(text)
        m.stack.append(text)

    return step


def short_text(m: Machine) -> None:
    """Push a short text; the most frequent instruction of all, so it is written out."""
    start = m.pos + 1
    end = start + m.buf[m.pos]
    content = m.buf[start:end]
    m.pos = end
    if end > len(m.buf):
        raise UnfollowableError("it ends too early")
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise UnfollowableError("it holds a text that is not UTF-8") from error
    if end - start >= HIDING:
        m.hidden(text)
    m.stack.append(text)
    if end < m.check_at - _WORD_BYTES and m.buf[end] == _MEMOIZE:
        _words(m)


def _words(m: Machine) -> None:
    """Remember the text just pushed, and push what follows while it is short texts and small numbers.

    So are vocabularies written: tens of thousands of words, each remembered, with a number behind it. Does
    what the instructions do one by one, and stops before any other, before a text that may hide something,
    and before the machine has to look for the end of a frame or of its window.
    """
    buf, at, stack, memo = m.buf, m.pos, m.stack, m.memo
    last, began, push, text = m.check_at - _WORD_BYTES, len(stack), m.stack.append, stack[-1]
    unread = m.unread
    while at < last and buf[at] == _MEMOIZE:
        memo[len(memo) + unread] = text
        at += 1
        if buf[at] == _NUMBER:
            push(buf[at + 1] | buf[at + 2] << 8)
            at += 3
        if buf[at] != _TEXT or (size := buf[at + 1]) >= HIDING:
            break
        end = at + 2 + size
        try:
            text = buf[at + 2 : end].decode()
        except UnicodeDecodeError:
            break
        push(text)
        at = end
    m.pos = at
    m.skipped += 2 * (len(stack) - began)


def bytes_of(width: int, *, as_text: bool = False) -> Step:
    """Return an instruction that pushes bytes whose length has so many bytes."""

    def step(m: Machine) -> None:
        content = m.payload(int.from_bytes(m.take(width), "little"))
        if content is None:
            m.stack.append(UNKNOWN)
            return
        if len(content) >= HIDING:
            m.hidden(content)
        m.stack.append(content.decode("latin-1") if as_text else content)

    return step


def quoted(m: Machine) -> None:
    """Push a text in quotes."""
    content = m.line().strip()
    if len(content) < 2 or content[:1] not in (b"'", b'"') or content[-1:] != content[:1]:
        raise UnfollowableError("it holds a text without its quotes")
    try:
        text = codecs.escape_decode(content[1:-1])[0].decode("latin-1")
    except ValueError as error:
        raise UnfollowableError("it holds a text with a broken escape") from error
    if len(text) >= HIDING:
        m.hidden(text)
    m.stack.append(text)


def escaped(m: Machine) -> None:
    """Push a text written with escapes."""
    try:
        text = m.line().decode("raw-unicode-escape")
    except UnicodeDecodeError as error:
        raise UnfollowableError("it holds a text with a broken escape") from error
    if len(text) >= HIDING:
        m.hidden(text)
    m.stack.append(text)


def digits(m: Machine) -> None:
    """Push a number written in digits; ``00`` and ``01`` are the truth values of old pickles."""
    content = m.line()
    if content in (b"00", b"01"):
        m.stack.append(content == b"01")
        return
    content = content.removesuffix(b"L")
    long = len(content) > _MAX_DIGITS and content.removeprefix(b"-").isdigit()
    m.stack.append(UNKNOWN if long else number(content))


def number(content: bytes) -> int:
    """Return a number written in digits, without the liberties that one reader takes and another does not."""
    if not content.removeprefix(b"-").isdigit() or len(content) > _MAX_DIGITS:
        raise UnfollowableError("it holds a number that is not written in digits")
    return int(content)


def decimal(m: Machine) -> None:
    """Pass over a number with a point."""
    try:
        float(m.line())
    except ValueError as error:
        raise UnfollowableError("it holds a number that is not written in digits") from error
    m.stack.append(UNKNOWN)


def long(width: int) -> Step:
    """Return an instruction that pushes a number of any length."""

    def step(m: Machine) -> None:
        content = m.payload(int.from_bytes(m.take(width), "little", signed=width > 1) & (1 << 40) - 1)
        short = content is not None and len(content) <= 16
        m.stack.append(int.from_bytes(content or b"", "little", signed=True) if short else UNKNOWN)

    return step
