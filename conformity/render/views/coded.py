"""Notes in which coded values of groups are called by the names that the manifest gives them."""

from __future__ import annotations

import re

from conformity.model.subject import TableSubject

_BY = re.compile(r"By '?(?P<columns>[^',]+)'?, ")
"""How a note about groups begins: with their columns."""

_CROSSED = " × "
_RUN = re.compile(r"'[^']*'(?: and '[^']*')*")
_VALUE = re.compile(r"'([^']*)'")


def as_text(value: object) -> str:
    """Return a value written in a manifest the way it stands in data: 1.0 is ``1``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def with_value_names(text: str, table: TableSubject) -> str:
    """Return a note with the names of the values that make groups; other notes as they are.

    Args:
        text: the note, in the words of a probe: values in quotes, those of one group joined by "and".
        table: the table that it is about.
    """
    start = _BY.match(text)
    columns = start["columns"].split(_CROSSED) if start else []
    names = {
        (column.name, as_text(one.value)): one.name
        for column in table.columns
        for one in column.names
        if column.name in columns and "'" not in one.name
    }
    if start is None or not names:
        return text

    def renamed(run: re.Match[str]) -> str:
        """Return the values of one group or of several, each called by its name."""
        values = _VALUE.findall(run.group())
        if len(values) % len(columns):
            return run.group()
        pairs = zip(columns * (len(values) // len(columns)), values, strict=True)
        return " and ".join(f"'{names.get(pair, pair[1])}'" for pair in pairs)

    return text[: start.end()] + _RUN.sub(renamed, text[start.end() :])
