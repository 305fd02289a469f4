"""Seal tallies: what names a person or a rare value becomes a keyed hash, the same in all tallies of a pack.

Tallies are kept so that every number can be computed again; that needs to know which rows are of one group,
not what the group is called. A value of a key becomes ``#`` and 16 hexadecimal digits of HMAC-SHA-256 where

- its column is a direct identifier, or has more than :data:`MOST_OPEN` different values;
- it looks like free text or an identifier: it is long, has many words or digits, or is an address;
- it is a text, or a number of at least four digits before the point (a postcode, a year, a number of
  something), that fewer than :data:`~conformity.settings.DISCLOSURE_LIMIT` rows have.

Values that the manifest itself writes down stay, since it is part of the pack. Probes are given the sealed
tallies and no others, so that whoever has these computes the very same numbers; afterwards the groups that
may be named get their names back in what was measured.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from conformity.engines.bands import keys_of
from conformity.engines.extremes import without_extremes
from conformity.engines.values import NUMBER, text_of
from conformity.model.measurement import Measurement, NotAvailable, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import (
    ABOVE,
    BELOW,
    MISSING,
    UNRECOGNISED,
    BandKey,
    CategoryKey,
    ColumnProfiles,
    DigitsKey,
    Key,
    MissingCounts,
    Sums,
    Tally,
)
from conformity.settings import DISCLOSURE_LIMIT

MOST_OPEN = 100
"""Columns with more different values than this have all of them sealed."""

_LONGEST = 40
"""Longer values are free text."""
_MOST_DIGITS = 5
"""Values with more digits than this are numbers of something: a person, a day, a place."""
_MOST_WORDS = 5
_DIGITS = 16
_TOKEN = re.compile(rf"#[0-9a-f]{{{_DIGITS}}}(?![0-9a-f])")
_ADDRESS = re.compile(r"@|://")
_NUMBER = re.compile(NUMBER)
_LONG_NUMBER = re.compile(r"[+-]?[0-9]{4}")
_BIN = re.compile(r"any number|(?:<|>=) \S+|\S+ to < \S+")
_SPECIAL = frozenset({MISSING, BELOW, ABOVE, UNRECOGNISED})
_OUTCOMES = frozenset({"label", "prediction", "previous_prediction"})
_LONGEST_REASON, _LONGEST_NAME = 500, 80

_Name = TypeVar("_Name", bound=Hashable)


@dataclass(frozen=True)
class Sealed(Generic[_Name]):
    """Tallies as they are kept, and the names that may be printed."""

    tallies: dict[_Name, tuple[Tally, ...]]
    """The tallies of each table, in the order given."""
    names: Mapping[str, str]
    """The name of a sealed value by what stands for it, where enough rows have it to be named."""


@dataclass(frozen=True)
class _Use:
    """One key of one tally, by values."""

    domain: str
    """What it shares values with: the column of the same name in all tables, or all outcomes."""
    position: int
    """Its place in the entries."""
    rows: Mapping[str, int]
    """How many rows have each value; 0 where the tally does not tell."""
    rounded: bool
    """Whether its numbers were cut to two digits."""
    private: bool
    """Whether its column is a direct identifier."""
    declared: frozenset[str]
    """Values that the manifest writes down."""


def seal(found: Mapping[_Name, tuple[TableSubject, Sequence[Tally]]], key: str) -> Sealed[_Name]:
    """Return tallies without names of people and rare values, and the names that may be printed.

    The tallies given together are sealed alike: a value is sealed in all of them or in none, so far as the
    columns share their values.

    Args:
        found: tallies by table.
        key: the key of the pack; with an empty one nothing is sealed.
    """
    if not key:
        return Sealed({name: tuple(tallies) for name, (_, tallies) in found.items()}, {})
    uses = {
        name: [list(_uses(table, tally)) for tally in tallies] for name, (table, tallies) in found.items()
    }
    domains: dict[str, list[_Use]] = {}
    for use in (use for tallies in uses.values() for some in tallies for use in some):
        domains.setdefault(use.domain, []).append(use)
    tokens = {
        domain: {value: _token(value, key) for value in _hidden(mine)} for domain, mine in domains.items()
    }
    return Sealed(
        {
            name: tuple(
                _sealed(tally, some, tokens, key) for tally, some in zip(tallies, uses[name], strict=True)
            )
            for name, (_, tallies) in found.items()
        },
        _names(domains, tokens),
    )


def with_names(measurements: Sequence[Measurement], names: Mapping[str, str]) -> tuple[Measurement, ...]:
    """Return measurements in which sealed groups have their names, sorted again.

    Args:
        measurements: as a probe made them of sealed tallies.
        names: of :class:`Sealed`.
    """
    if not names:
        return tuple(measurements)
    return in_order(_named(one, names) for one in measurements)


def text_with_names(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence in which sealed values have their names, cut to a readable length."""
    return _TOKEN.sub(lambda found: _short(names.get(found[0], found[0])), text) if names else text


def _named(one: Measurement, names: Mapping[str, str]) -> Measurement:
    """Return a measurement whose group, and reason if it has one, have their names."""
    changed: dict[str, object] = {"group": tuple(names.get(value, value) for value in one.group)}
    if isinstance(one.result, NotAvailable):
        reason = text_with_names(one.result.reason, names)
        if len(reason) <= _LONGEST_REASON:
            changed["result"] = one.result.model_copy(update={"reason": reason})
    return one.model_copy(update=changed)


def _short(name: str) -> str:
    """Return a name as it may stand in a sentence."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _token(value: str, key: str) -> str:
    """Return what stands for a value."""
    digest = hmac.new(bytes.fromhex(key), value.encode("utf-8", "surrogatepass"), sha256)
    return "#" + digest.hexdigest()[:_DIGITS]


def _uses(table: TableSubject, tally: Tally) -> Iterator[_Use]:
    """Yield the keys of a tally whose values stand in it as text."""
    for position, key in enumerate(keys_of(tally.spec)):
        if not isinstance(key, CategoryKey | BandKey | DigitsKey) or not _is_shown(tally):
            continue
        rows = _rows(tally, position)
        if isinstance(key, BandKey) and all(_BIN.fullmatch(v) for v in rows if v not in _SPECIAL):
            continue
        mine = [column for column in table.columns if column.name == key.column]
        roles = {role for column in mine for role in column.roles}
        yield _Use(
            domain="outcome" if roles & _OUTCOMES else f"column {key.column}",
            position=position,
            rows=rows,
            rounded=_is_rounded(key, tally, position),
            private="direct_identifier" in roles,
            declared=frozenset(text for column in mine for text in _declared(column)),
        )


def _is_shown(tally: Tally) -> bool:
    """Tell whether the entries of a tally begin with the values of its keys."""
    keys = keys_of(tally.spec)
    return len(tally.columns) > len(keys) and tally.spec.kind not in ("class_sizes", "diversity")


def _is_rounded(key: Key, tally: Tally, position: int) -> bool:
    """Tell whether the numbers of a key were cut to two digits, as asked or because there were too many."""
    return isinstance(key, DigitsKey) or tally.columns[position] != key.column


def _rows(tally: Tally, position: int) -> Mapping[str, int]:
    """Return how many rows have each value of a key; 0 for each where the tally does not count rows."""
    entries, keys = tally.entries, len(keys_of(tally.spec))
    counts = Counter(dict.fromkeys((str(entry[position]) for entry in entries), 0))
    for entry in entries:
        # Missing cells are counted once for each column, among all rows of the group.
        if not isinstance(tally.spec, MissingCounts) or entry[keys] == entries[0][keys]:
            counts[str(entry[position])] += _size(tally, entry, keys)
    return counts


def _size(tally: Tally, entry: tuple[str | int | float, ...], keys: int) -> int:
    """Return how many rows an entry stands for."""
    if tally.spec.kind == "cluster_sums":
        return 0
    if isinstance(tally.spec, Sums):
        return int(entry[keys]) + int(entry[keys + 1])
    return int(entry[-1])


def _declared(column: Column) -> Iterator[str]:
    """Yield the values that the manifest writes down for a column."""
    named = (one.value for one in column.names)
    reference = () if column.reference is None else (column.reference,)
    for value in (*column.positive, *column.negative, *column.allowed, *named, *reference):
        yield text_of(value)


def _hidden(uses: Sequence[_Use]) -> frozenset[str]:
    """Return the values to be sealed of columns that share their values."""
    rows: dict[str, int] = {}
    for use in uses:
        for value, count in use.rows.items():
            rows[value] = max(rows.get(value, 0), count)
    open_values = _SPECIAL | {value for use in uses for value in use.declared}
    rounded = {value for use in uses if use.rounded for value in use.rows if _NUMBER.match(value)}
    exact = {value for use in uses if not use.rounded for value in use.rows}
    closed = any(use.private for use in uses) or any(
        len(use.rows.keys() - open_values) > MOST_OPEN for use in uses if not use.rounded
    )
    return frozenset(
        value
        for value, count in rows.items()
        if value not in open_values
        and (value in exact or value not in rounded)
        and (closed or _is_telling(value) or (count < DISCLOSURE_LIMIT and not _is_short_number(value)))
    )


def _is_short_number(value: str) -> bool:
    """Tell whether a value is a number that many have in common: an age, a count, a mark, a share."""
    return bool(_NUMBER.match(value)) and not _LONG_NUMBER.match(value)


def _is_telling(value: str) -> bool:
    """Tell whether a value looks like free text, an identifier, or something already sealed."""
    return (
        len(value) > _LONGEST
        or sum(character.isdigit() for character in value) > _MOST_DIGITS
        or len(value.split()) > _MOST_WORDS
        or bool(_ADDRESS.search(value) or _TOKEN.search(value))
    )


def _names(domains: Mapping[str, Sequence[_Use]], tokens: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the names of sealed values that enough rows have, wherever they are sealed."""
    names: dict[str, str] = {}
    kept: set[str] = set()
    for domain, sealed in tokens.items():
        private = any(use.private for use in domains[domain])
        for value, token in sealed.items():
            rows = max(use.rows.get(value, 0) for use in domains[domain])
            names[token] = value
            if private or rows < DISCLOSURE_LIMIT:
                kept.add(token)
    return {token: value for token, value in names.items() if token not in kept}


def _sealed(tally: Tally, uses: Sequence[_Use], tokens: Mapping[str, Mapping[str, str]], key: str) -> Tally:
    """Return one tally with its values sealed, sorted again so that no order tells what they were."""
    if isinstance(tally.spec, ColumnProfiles):
        return _sealed_profiles(tally, key)
    changes = {use.position: tokens[use.domain] for use in uses if tokens[use.domain]}
    if not changes:
        return tally
    entries = [
        tuple(
            changes[place].get(str(field), field) if place in changes else field
            for place, field in enumerate(entry)
        )
        for entry in tally.entries
    ]
    return tally.model_copy(update={"entries": tuple(sorted(entries))})


def _sealed_profiles(tally: Tally, key: str) -> Tally:
    """Return profiles whose values are named by the key too, and whose extremes are rounded.

    The engine names a value by a digest that anybody could compute of a value guessed.
    """
    entries = [
        (column, field, _token(str(name), key) if field == "value" else name, number)
        for column, field, name, number in without_extremes(tally.entries)
    ]
    return tally.model_copy(update={"entries": tuple(sorted(entries))})
