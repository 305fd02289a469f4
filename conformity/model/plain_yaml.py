"""Read the plain part of YAML in which the law files and the definitions of probes are written.

They are read whenever the tool starts to work, and a full YAML parser written in Python takes most of
a second for them. They keep to block mappings, block lists, one-line scalars,
``>-`` folded texts and lists of words in brackets; this reader knows nothing else, refuses anything
else, and is some twenty times as fast. Every scalar comes back as text. A test reads every file with
the full parser as well and holds both results equal.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from conformity.errors import CatalogError

Node = str | list["Node"] | dict[str, "Node"]
"""A text, a list or a mapping."""

_KEY = re.compile(r"([a-z][a-z0-9_]*):(?: (.*))?$")
_WORDS = re.compile(r"\[((?:[A-Za-z0-9_./-]+(?:, [A-Za-z0-9_./-]+)*)?)\]$")
_NOT_PLAIN = re.compile(r"""[-?:,\[\]{}#&*!|>'"%@`]|.*: |.* #|.*:$""")


@dataclass(frozen=True)
class _Line:
    """A line that is neither blank nor a comment."""

    number: int
    """Its number in the file, from 1."""
    indent: int
    """How many spaces stand before it."""
    text: str
    """What stands after them."""


def read_plain_yaml(text: str, where: str) -> Node:
    """Return the document as texts, lists and mappings.

    Args:
        text: the document.
        where: the file's name, for error messages.

    Raises:
        CatalogError: the document leaves the plain part of YAML; the message names the line.
    """
    reader = _Reader(_lines(text), where)
    node = reader.block(0)
    reader.expect_end()
    return node


def _lines(text: str) -> list[_Line]:
    """Return the lines that carry something."""
    found = []
    for number, raw in enumerate(text.splitlines(), start=1):
        stripped = raw.strip()
        if stripped and not stripped.startswith("#"):
            found.append(_Line(number, len(raw) - len(raw.lstrip(" ")), stripped))
    return found


class _Reader:
    """A cursor over the lines of one document."""

    def __init__(self, lines: list[_Line], where: str) -> None:
        self._lines = lines
        self._where = where
        self._at = 0

    def block(self, indent: int) -> Node:
        """Return the list or mapping whose lines stand at ``indent``."""
        line = self._peek(indent)
        if line is None:
            raise self._error("nothing stands where a list or mapping must")
        return self._list(indent) if line.text.startswith("- ") else self._mapping(indent)

    def expect_end(self) -> None:
        """Raise CatalogError when lines are left over."""
        if self._at < len(self._lines):
            raise self._error("the indentation fits nothing above")

    def _peek(self, indent: int) -> _Line | None:
        """Return the next line when it stands at ``indent``, else None."""
        if self._at < len(self._lines) and self._lines[self._at].indent == indent:
            return self._lines[self._at]
        return None

    def _list(self, indent: int) -> list[Node]:
        """Return the items at ``indent``."""
        items: list[Node] = []
        while (line := self._peek(indent)) is not None and line.text.startswith("- "):
            content = line.text[2:]
            if _KEY.match(content):
                self._lines[self._at] = _Line(line.number, indent + 2, content)
                items.append(self._mapping(indent + 2))
            else:
                self._at += 1
                items.append(self._scalar(content, indent))
        return items

    def _mapping(self, indent: int) -> dict[str, Node]:
        """Return the fields at ``indent``."""
        fields: dict[str, Node] = {}
        while (line := self._peek(indent)) is not None:
            match = _KEY.match(line.text)
            if match is None:
                raise self._error("a field `name: value` must stand here")
            key, rest = match.groups()
            if key in fields:
                raise self._error(f"the field {key!r} stands twice")
            self._at += 1
            fields[key] = self._nested(indent) if rest is None else self._value(rest, indent)
        return fields

    def _nested(self, indent: int) -> Node:
        """Return the block that stands deeper than ``indent``."""
        if self._at == len(self._lines) or self._lines[self._at].indent <= indent:
            raise self._error("a field has no value")
        return self.block(self._lines[self._at].indent)

    def _value(self, rest: str, indent: int) -> Node:
        """Return a list of words or a scalar."""
        words = _WORDS.match(rest)
        if words is None:
            return self._scalar(rest, indent)
        return list(words[1].split(", ")) if words[1] else []

    def _scalar(self, text: str, indent: int) -> str:
        """Return a folded, quoted or plain text."""
        if text == ">-":
            return self._folded(indent)
        if text.startswith('"'):
            return self._quoted(text)
        if _NOT_PLAIN.match(text):
            raise self._error(f"the text {text!r} needs double quotes or `>-`", back=1)
        return text

    def _folded(self, indent: int) -> str:
        """Return the deeper lines that follow, joined by spaces."""
        parts = []
        while self._at < len(self._lines) and self._lines[self._at].indent > indent:
            parts.append(self._lines[self._at].text)
            self._at += 1
        if not parts:
            raise self._error("a folded text is empty", back=1)
        return " ".join(parts)

    def _quoted(self, text: str) -> str:
        """Return the text between double quotes, with JSON's escapes."""
        try:
            return str(json.loads(text))
        except json.JSONDecodeError as error:
            raise self._error("a quoted text does not end on its line", back=1) from error

    def _error(self, what: str, back: int = 0) -> CatalogError:
        """Return an error at the current line, or ``back`` lines before it."""
        at = min(self._at - back, len(self._lines) - 1)
        number = self._lines[at].number if at >= 0 else 1
        return CatalogError(f"{self._where}, line {number}: {what}; mend the file")
