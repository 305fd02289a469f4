"""Pass over the groups of a pickle that hold nothing but short texts and numbers, many at once.

Vocabularies and columns of numbers are written so: a group of up to a thousand values, put into a list, a set
or a dictionary of whose content nothing is kept. Such a group is matched as a whole, and its texts are
remembered unread. Whatever is written otherwise is left to the machine, instruction by instruction; so is the
whole group when it ends in another way.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

from conformity.probes.shared.model_files.literals import HIDING
from conformity.probes.shared.model_files.machine import Machine
from conformity.probes.shared.model_files.nested import may_hide

_SHORT = b"|".join(b"\\x%02x[\\x00-\\x7f]{%d}" % (size, size) for size in range(1, HIDING))
_WORD = b"\\x8c(?:" + _SHORT + b")\\x94"
_WORDS = re.compile(b"(?:" + _WORD + b")++", re.DOTALL)
_NUMBERED_WORDS = re.compile(b"(?:" + _WORD + b"M..)++", re.DOTALL)
_TEXT, _MEMOIZE, _FRAME = pickle.SHORT_BINUNICODE[0], pickle.MEMOIZE[0], pickle.FRAME[0]
_NUMBERS = {
    code: (re.compile(b"(?:%c.{%d})++" % (code, width), re.DOTALL), width + 1)
    for code, width in (
        (pickle.BININT[0], 4),
        (pickle.BININT1[0], 1),
        (pickle.BININT2[0], 2),
        (pickle.BINFLOAT[0], 8),
    )
}
_BEGINS = frozenset((_TEXT, pickle.BININT[0], pickle.BININT2[0], pickle.BINFLOAT[0]))
"""How a group may begin that is worth a try; small numbers mostly begin the state of an object."""
_ENDS = frozenset((pickle.APPENDS[0], pickle.SETITEMS[0], pickle.ADDITEMS[0]))
_MOST_PIECES = 400
"""Most parts of a group that are matched one by one, before the machine had better follow it."""


def mark(m: Machine) -> None:
    """Open a group, or pass over all of it."""
    if m.pos < m.check_at and m.buf[m.pos] in _BEGINS and m.stack and not m.numbered:
        target = m.stack[-1]
        # A dictionary that still keeps its keys takes them from the machine.
        if (type(target) is not dict or None in target) and _Group(m).passed_over():
            return
    m.mark()


class _Group:
    """One group that may be passed over; the machine is as it was until all of it has been matched."""

    def __init__(self, m: Machine) -> None:
        """Begin behind the mark."""
        self._m = m
        self._buf = m.buf
        self._at = m.pos
        self._frame = m.frame_end()
        self._kept: list[tuple[int, bytes]] = []
        self._steps = 1

    def passed_over(self) -> bool:
        """Tell whether the group could be passed over; the machine then stands behind it."""
        for _ in range(_MOST_PIECES):
            if self._at == self._frame:
                self._frame = None
            code = self._buf[self._at] if self._at < len(self._buf) else -1
            if code in _ENDS:
                self._done()
                return True
            if code == _TEXT:
                matched = self._texts() or self._one_text()
            elif code in _NUMBERS:
                matched = self._numbers(code)
            else:
                matched = code == _FRAME and self._new_frame()
            if not matched:
                return False
        return False

    def _limit(self) -> int:
        """Return where in the window nothing more may be matched."""
        return len(self._buf) if self._frame is None else min(self._frame, len(self._buf))

    def _texts(self) -> bool:
        """Match short texts that are remembered, each with a number behind it, or none."""
        start, limit = self._at, self._limit()
        if found := _NUMBERED_WORDS.match(self._buf, start, limit):
            end = found.end()
            # The letters are ASCII: a number that holds the same two bytes as the end of a text is all
            # that could be counted too much, and it stands right behind them.
            count = self._buf.count(b"\x94M", start, end) - self._buf.count(b"\x94M\x94M", start, end)
            self._steps += count
        elif found := _WORDS.match(self._buf, start, limit):
            end = found.end()
            count = self._buf.count(b"\x94", start, end)
        else:
            return False
        self._kept.append((count, self._buf[start:end]))
        self._steps += 2 * count
        self._at = end
        return True

    def _one_text(self) -> bool:
        """Match one text that is longer or not ASCII, if no pickle can hide in it."""
        start, limit = self._at, self._limit()
        end = start + 2 + self._buf[start + 1] if start + 1 < limit else limit
        if end >= limit or self._buf[end] != _MEMOIZE:
            return False
        try:
            text = self._buf[start + 2 : end].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return False
        if end - start - 2 >= HIDING and may_hide(text):
            return False
        self._kept.append((1, self._buf[start : end + 1]))
        self._steps += 2
        self._at = end + 1
        return True

    def _numbers(self, code: int) -> bool:
        """Match numbers of one kind."""
        pattern, width = _NUMBERS[code]
        found = pattern.match(self._buf, self._at, self._limit())
        if found is None:
            return False
        self._steps += (found.end() - self._at) // width
        self._at = found.end()
        return True

    def _new_frame(self) -> bool:
        """Match the beginning of a frame where none is open."""
        if self._frame is not None or self._at + 9 > len(self._buf):
            return False
        self._at += 9
        self._frame = self._at + int.from_bytes(self._buf[self._at - 8 : self._at], "little")
        self._steps += 1
        return True

    def _done(self) -> None:
        """Put the machine behind the group."""
        for count, content in self._kept:
            self._m.keep_unread(count, content)
        self._m.skipped += self._steps
        self._m.jump(self._at + 1, self._frame)


def texts_in(content: bytes) -> Iterator[str]:
    """Yield the remembered texts of a part that was passed over.

    Args:
        content: texts, each remembered, with or without a number of two bytes behind it.
    """
    at = 0
    while at < len(content):
        end = at + 2 + content[at + 1]
        yield content[at + 2 : end].decode("utf-8", "surrogatepass")
        at = end + 1
        if content[at : at + 1] == pickle.BININT2:
            at += 3
