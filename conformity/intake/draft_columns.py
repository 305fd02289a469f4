"""Guess what the columns of a table mean from their names and a few counts, and say why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from conformity.engines.naming import words_of
from conformity.engines.profile import ColumnProfile, TableProfile
from conformity.intake import draft_hints as hints
from conformity.intake.names import quoted
from conformity.model.subject import ColumnRole

_GROUPS = 50
"""Above this many different values a column forms no groups that could be compared."""
_AGE_EDGES = (30.0, 45.0, 60.0)
"""Where a drafted manifest divides ages."""
_SHARE = 0.5
"""The share of filled cells that must look like an identifier."""


@dataclass(frozen=True)
class ColumnGuess:
    """What one column seems to mean."""

    name: str
    """The column."""
    roles: tuple[ColumnRole, ...]
    """Its roles; at least one."""
    reasons: tuple[str, ...]
    """Why, a phrase for each piece of evidence."""
    positive: tuple[str, ...] = ()
    """For an outcome: the values guessed to be favourable."""
    negative: tuple[str, ...] = ()
    """For an outcome: the other values."""
    outcome_reason: str = ""
    """For an outcome: why these values are taken for favourable."""
    edges: tuple[float, ...] = ()
    """For an age: where groups begin."""
    whole_numbers: bool = False
    """Whether the values are whole numbers and are written without quotes."""


def guess_columns(profile: TableProfile) -> tuple[ColumnGuess, ...]:
    """Return a guess for every column that a manifest can name, in the file's order.

    Columns without a name, or whose name cannot be written in YAML, are left out, and so is a second
    column of the same name.

    Args:
        profile: the table as profiled.
    """
    columns = _nameable(profile.columns)
    label = _named(columns, hints.LABEL, _is_binary)
    rest = [column for column in columns if column is not label]
    prediction = _named(rest, hints.PREDICTION, _is_binary)
    rest = [column for column in rest if column is not prediction]
    score = _named(rest, hints.SCORE, _is_share)
    found: list[ColumnGuess] = []
    for column in columns:
        if column is label:
            found.append(_outcome(column, "label"))
        elif column is prediction:
            found.append(_prediction(column, label))
        elif column is score:
            reason = f"the name reads like a score; numbers from {column.minimum:g} to {column.maximum:g}"
            found.append(ColumnGuess(column.name, ("score",), (reason,)))
        else:
            found.append(_attribute(column, profile.rows))
    return tuple(found)


def _nameable(columns: Iterable[ColumnProfile]) -> list[ColumnProfile]:
    """Return the columns whose name is not empty, can be stored, and occurs for the first time."""
    seen: dict[str, ColumnProfile] = {}
    for column in columns:
        if column.name and not re.search("[\0\ud800-\udfff]", column.name):
            seen.setdefault(column.name, column)
    return list(seen.values())


def _named(
    columns: list[ColumnProfile], words: tuple[str, ...], fits: Callable[[ColumnProfile], bool]
) -> ColumnProfile | None:
    """Return the column whose name is, or else holds, the earliest of ``words``, if its values fit."""
    candidates = [column for column in columns if fits(column)]
    for whole in (True, False):
        for word in words:
            parts = tuple(word.split("_"))
            for column in candidates:
                if _holds(words_of(column.name), parts, whole):
                    return column
    return None


def _holds(words: tuple[str, ...], parts: tuple[str, ...], whole: bool) -> bool:
    """Tell whether a name is, or holds, a word of one or more parts; a single letter must be all of it."""
    if whole or len(parts[0]) == len(parts) == 1:
        return words == parts
    return any(words[start : start + len(parts)] == parts for start in range(len(words)))


def _is_binary(column: ColumnProfile) -> bool:
    """Tell whether a column has two values, both known."""
    return column.distinct == 2 and len(column.top) == 2


def _is_share(column: ColumnProfile) -> bool:
    """Tell whether a column holds more than two numbers, all from 0 to 1."""
    if column.minimum is None or column.maximum is None or column.distinct <= 2:
        return False
    return column.minimum >= 0 and column.maximum <= 1


def _outcome(column: ColumnProfile, role: ColumnRole) -> ColumnGuess:
    """Return the guess for a label or prediction, with the values guessed to be favourable."""
    values = sorted(value for value, _ in column.top)
    adverse = sorted(set(words_of(column.name)) & hints.ADVERSE)
    wished = [value for value in values if value.strip().casefold() in hints.FAVOURABLE]
    yes = wished[0] if len(wished) == 1 else values[-1]
    no = values[0] if yes == values[-1] else values[-1]
    why = f"{quoted(yes)} usually means yes" if len(wished) == 1 else "the values do not tell; check this"
    if adverse:
        yes, no = no, yes
        why = f"the name says {quoted(adverse[0])}, which nobody wishes for; check this"
    return ColumnGuess(
        name=column.name,
        roles=(role,),
        reasons=(f"the name reads like a {role}; two values",),
        positive=(yes,),
        negative=(no,),
        outcome_reason=why,
        whole_numbers=column.kind == "integer" and all(_is_whole(value) for value in values),
    )


def _prediction(column: ColumnProfile, label: ColumnProfile | None) -> ColumnGuess:
    """Return the guess for a prediction; one that has the label's values means the same by them."""
    own = _outcome(column, "prediction")
    if label is None or {value for value, _ in label.top} != {value for value, _ in column.top}:
        return own
    truth = _outcome(label, "label")
    return replace(
        own, positive=truth.positive, negative=truth.negative, outcome_reason="the same as for the label"
    )


def _is_whole(text: str) -> bool:
    """Tell whether a text is a whole number that YAML and JSON keep exactly."""
    return re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text) is not None and text != "-0"


def _attribute(column: ColumnProfile, rows: int) -> ColumnGuess:
    """Return the guess for a column that is no outcome: identifier, trait, or else feature."""
    found = ColumnGuess(column.name, (), ())
    for role, reason in (*_identifies(column, rows), *_trait(column), *_singles_out(column)):
        if role not in found.roles:
            found = replace(found, roles=(*found.roles, role), reasons=(*found.reasons, reason))
    if not found.roles:
        return replace(found, roles=("feature",), reasons=("nothing tells of another role",))
    if "protected" in found.roles and _is_numeric(column) and _says(column, hints.PROTECTED["age"]):
        low, high = column.minimum or 0.0, column.maximum or 0.0
        found = replace(found, edges=tuple(edge for edge in _AGE_EDGES if low < edge <= high))
    return found


def _identifies(column: ColumnProfile, rows: int) -> Iterable[tuple[ColumnRole, str]]:
    """Yield why a column names a person."""
    for pattern, share in column.patterns:
        if share >= _SHARE:
            yield "direct_identifier", f"{share:.0%} of the filled cells look like {pattern}"
            return
    filled = rows - column.missing
    various = column.distinct > _GROUPS or 2 * column.distinct > filled > 1
    word = "name" if words_of(column.name) == ("name",) else _says(column, hints.DIRECT)
    if word and various:
        yield "direct_identifier", f"the name says {word}"
    elif (word := _says(column, hints.PERSON_ID)) and column.distinct >= 0.95 * filled > 1:
        yield "direct_identifier", f"the name says {word} and nearly every row has a value of its own"


def _trait(column: ColumnProfile) -> Iterable[tuple[ColumnRole, str]]:
    """Yield why a column tells of a trait by which people are treated unequally."""
    groups = 2 <= column.distinct <= _GROUPS
    values = frozenset(value.strip().casefold() for value, _ in column.top)
    for trait, words in hints.PROTECTED.items():
        if (word := _says(column, words)) and (groups or (trait == "age" and _is_numeric(column))):
            yield "protected", f"the name says {word}: {trait}"
            yield "quasi_identifier", "others may know it of a person"
            return
        if len(values & hints.PROTECTED_VALUES.get(trait, frozenset())) >= 2:
            yield "protected", f"the values name {trait}"
            yield "quasi_identifier", "others may know it of a person"
            return


def _singles_out(column: ColumnProfile) -> Iterable[tuple[ColumnRole, str]]:
    """Yield why a column may single a person out together with others."""
    traits = frozenset().union(*hints.PROTECTED.values())
    if (word := _says(column, hints.QUASI | traits)) and column.distinct > 1:
        yield "quasi_identifier", f"the name says {word}, which others may know of a person"


def _says(column: ColumnProfile, words: frozenset[str]) -> str | None:
    """Return the word of a column's name that is among ``words``; the whole name counts as a word too."""
    own = words_of(column.name)
    for word in (*own, "".join(own)):
        if word in words:
            return word
    return None


def _is_numeric(column: ColumnProfile) -> bool:
    """Tell whether a column holds numbers."""
    return column.kind in ("integer", "number")
