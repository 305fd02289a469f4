"""Turn YAML text into plain data and the place of every field, without building anything else.

Only what a manifest needs is let through: one document, mappings with distinct text keys, lists and
scalars. Anchors, aliases, merge keys and tags are refused before anything is expanded, so that no
text can grow when it is read; depth is bounded, so that no text can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformity.intake.names import quoted
from conformity.intake.scalars import Scalar, plain_scalar

FieldPath = tuple[str | int, ...]
"""The way to a field: keys of mappings and positions in lists."""

MAX_DEPTH = 20
"""How deep mappings and lists may nest; the deepest field of a manifest lies at seven."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Spot:
    """Where a field stands in the text."""

    line: int
    """Line, counted from 1."""
    column: int
    """Column in characters, counted from 1: of the key, or of the item in a list."""
    end: int | None = None
    """Position in the text just after a value on one line; none for other values."""


@dataclass(frozen=True)
class Tree:
    """A document as plain data, with the place of every field."""

    data: Any
    """Dicts, lists and scalars; None when the text holds no document."""
    spots: Mapping[FieldPath, Spot]
    """Where each field stands; the root has the empty path."""


class YamlProblemError(Exception):
    """The text is not YAML as a manifest may use it.

    Args:
        line: line of the trouble, counted from 1.
        column: column of the trouble, counted from 1.
        text: what is wrong there and what to do.
    """

    def __init__(self, line: int, column: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.column = column
        self.text = text


def dotted(path: FieldPath) -> str:
    r"""Return a path as people write it, on one line whatever the keys hold.

    >>> dotted(("subjects", 0, "columns", 2, "name")), dotted(("a\n::error::b",))
    ('subjects[0].columns[2].name', 'a\\n::error::b')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        # A key may be any text, and what follows a line break could pass for a line of ours.
        key = part if part.isprintable() else ascii(part)[1:-1]
        text += f".{key}" if text else key
    return text


def parse(text: str) -> Tree:
    """Return the data and places of the one document in ``text``.

    Args:
        text: the document, without byte order mark.

    Raises:
        YamlProblemError: the text is not YAML, or uses what a manifest may not use.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    builder = _Builder()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        raise _syntax(error) from error
    except ReaderError as error:
        raise _character(text, error.position) from error
    return Tree(data=builder.root, spots=builder.spots)


@dataclass
class _Frame:
    """A mapping or list that is still open."""

    path: FieldPath
    holds: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass
class _Builder:
    """Takes the parser's events one by one; nesting costs no recursion."""

    root: Any = None
    spots: dict[FieldPath, Spot] = field(default_factory=dict)
    documents: int = 0
    open: list[_Frame] = field(default_factory=list)

    def take(self, event: Any) -> None:
        """Add what one event says.

        Args:
            event: an event of ruamel.yaml's parser.

        Raises:
            YamlProblemError: the event is of a kind that a manifest may not use.
        """
        match type(event).__name__:
            case "DocumentStartEvent":
                self._document(event)
            case "AliasEvent":
                raise _at(event, f"the alias *{event.anchor} is not allowed; write the value out")
            case "ScalarEvent":
                self._scalar(event)
            case "MappingStartEvent":
                self._collection(event, {})
            case "SequenceStartEvent":
                self._collection(event, [])
            case "MappingEndEvent" | "SequenceEndEvent":
                self.open.pop()

    def _document(self, event: Any) -> None:
        """Check that this is the only document and that it is YAML 1.2."""
        self.documents += 1
        if self.documents > 1:
            raise _at(event, "a second document begins here; a manifest is one document")
        if event.version not in (None, (1, 2)):
            raise _at(event, "the %YAML directive asks for another version than 1.2; remove it")

    def _scalar(self, event: Any) -> None:
        """Add a scalar: the next key of a mapping, or a value."""
        _plain_node(event)
        if _SURROGATE.search(event.value) or "\0" in event.value:
            raise _at(event, "the escape for a character that cannot be stored is not allowed here")
        frame = self.open[-1] if self.open else None
        if frame and isinstance(frame.holds, dict) and frame.key is None:
            self._key(frame, event)
            return
        value: Scalar = event.value
        if event.style is None:
            try:
                value = plain_scalar(event.value)
            except ValueError as error:
                raise _at(event, str(error)) from error
        one_line = event.start_mark.line == event.end_mark.line and event.style in (None, "'", '"')
        self._add(event, value, event.end_mark.index if one_line and event.value else None)

    def _key(self, frame: _Frame, event: Any) -> None:
        """Note the key of the value that comes next."""
        if event.style is None and event.value == "<<":
            raise _at(event, "merge keys (<<) are not allowed; write the fields out")
        if event.value in frame.holds:
            first = self.spots[(*frame.path, event.value)]
            raise _at(event, f"the field {quoted(event.value)} is already set in line {first.line}")
        frame.key = event.value
        self.spots[(*frame.path, event.value)] = _spot(event)

    def _collection(self, event: Any, empty: dict[str, Any] | list[Any]) -> None:
        """Add a mapping or list and take what follows as its contents."""
        _plain_node(event)
        frame = self.open[-1] if self.open else None
        if frame and isinstance(frame.holds, dict) and frame.key is None:
            raise _at(event, "a field's name must be text, not a list or a mapping")
        if len(self.open) >= MAX_DEPTH:
            raise _at(event, f"lists and mappings nest more than {MAX_DEPTH} deep; no manifest does")
        self.open.append(_Frame(self._add(event, empty, None), empty))

    def _add(self, event: Any, value: Any, end: int | None) -> FieldPath:
        """Put a value where it belongs, note its place and return its path."""
        if not self.open:
            self.root = value
            self.spots[()] = _spot(event)
            return ()
        frame = self.open[-1]
        if isinstance(frame.holds, list):
            path: FieldPath = (*frame.path, len(frame.holds))
            frame.holds.append(value)
            self.spots[path] = _spot(event, end)
            return path
        key = frame.key or ""
        path = (*frame.path, key)
        frame.holds[key] = value
        frame.key = None
        of_key = self.spots[path]
        self.spots[path] = Spot(of_key.line, of_key.column, end)
        return path


def _spot(event: Any, end: int | None = None) -> Spot:
    """Return where an event begins."""
    return Spot(event.start_mark.line + 1, event.start_mark.column + 1, end)


def _at(event: Any, text: str) -> YamlProblemError:
    """Return the problem ``text`` at the place of an event."""
    return YamlProblemError(event.start_mark.line + 1, event.start_mark.column + 1, text)


def _plain_node(event: Any) -> None:
    """Refuse anchors and tags, which could make data grow or become something else."""
    if event.anchor is not None:
        raise _at(event, f"the anchor &{event.anchor} is not allowed; write the value out where it is needed")
    if event.tag is not None:
        raise _at(event, f"the tag {quoted(str(event.tag))} is not allowed; put text in quotes instead")


def _syntax(error: Any) -> YamlProblemError:
    """Return a syntax error of the parser in our words, at its place."""
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem)
    if "'\\t'" in problem:
        text = "a tab stands where YAML allows only spaces; replace it by spaces"
    elif "mapping values are not allowed" in problem:
        text = "a second colon or a wrong indent; put text that holds ': ' in quotes"
    elif "that cannot start any token" in problem:
        text = f"this is not valid YAML ({problem}); put the text in quotes"
    else:
        context = f"{error.context}: " if error.context else ""
        text = f"this is not valid YAML ({context}{problem}); check indents, quotes and brackets"
    return YamlProblemError(mark.line + 1, mark.column + 1, text)


def _character(text: str, position: int) -> YamlProblemError:
    """Return the problem of a character that YAML does not allow in a file."""
    before = text[:position]
    column = position - (before.rfind("\n") + 1) + 1
    code = f"U+{ord(text[position]):04X}"
    return YamlProblemError(
        before.count("\n") + 1, column, f"the control character {code} is not allowed; remove it"
    )
