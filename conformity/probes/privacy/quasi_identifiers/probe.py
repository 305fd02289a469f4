"""Distinction and separation of columns, alone and in pairs: which could serve as quasi-identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import CategoryKey, ClassSizes, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult

MOST_COLUMNS = 6
"""The most columns that are examined; each costs a scan, and so does each pair."""

TELLING = 0.05
"""A column, or a pair, that makes this share of rows unique could serve to recognise people."""

_ROLES = ("quasi_identifier", "protected", "feature", "factor")
_NOTED = 5


@dataclass(frozen=True)
class _Power:
    """How well some columns tell rows apart."""

    distinction: float
    """Different combinations of values, divided by rows."""
    separation: float | None
    """Pairs of rows that differ, divided by pairs of rows; None with one row."""
    unique: float
    """Rows that nothing equals, divided by rows."""
    rows: int
    """The number of rows."""


class QuasiIdentifiersProbe:
    """Measures how well columns tell rows apart."""

    def tallies(self, table: TableSubject) -> tuple[ClassSizes, ...]:
        """Return class sizes over each column examined, and over each pair of them.

        Raises:
            NotMeasurableError: no column is bound in a role that could describe a person.
        """
        if not _examined(table):
            roles = ", ".join(f"`{role}`" for role in _ROLES)
            raise NotMeasurableError(f"no column of {table.id!r} has one of the roles {roles}")
        return tuple(
            ClassSizes(keys=tuple(CategoryKey(column=name) for name in names)) for names in _sets(table)
        )

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return what each column does alone and in its best pair, and how many tell people apart.

        Raises:
            NotMeasurableError: there are no rows.
        """
        if not tallies[0].entries:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        powers = {names: _power(tally) for names, tally in zip(_sets(table), tallies, strict=True)}
        found = [_measurement(table, (), "undeclared_identifying_columns", _undeclared(table, powers))]
        for column in _examined(table):
            results = _per_column(column.name, powers)
            found += [_measurement(table, (column.name,), name, result) for name, result in results.items()]
        return ProbeResult(in_order(found), tuple(_notes(table, powers)))


Powers = Mapping[tuple[str, ...], _Power]


def _examined(table: TableSubject) -> tuple[Column, ...]:
    """Return the columns to examine: those bound as quasi-identifiers first, then by role and order."""
    ranked = {
        column.name: column
        for role in _ROLES
        for column in table.with_role(role)
        if "direct_identifier" not in column.roles
    }
    return tuple(ranked.values())[:MOST_COLUMNS]


def _sets(table: TableSubject) -> tuple[tuple[str, ...], ...]:
    """Return each column examined, then each pair of them."""
    names = [column.name for column in _examined(table)]
    return (*((name,) for name in names), *combinations(names, 2))


def _power(tally: Tally) -> _Power:
    """Return how well a set of columns tells rows apart.

    Source:
        Motwani and Xu, Efficient algorithms for masking and finding quasi-identifiers, VLDB 2007 workshop.
    """
    sizes = [(int(size), int(classes)) for size, classes in tally.entries]
    rows = sum(size * classes for size, classes in sizes)
    pairs = rows * (rows - 1) // 2
    equal = sum(size * (size - 1) // 2 * classes for size, classes in sizes)
    return _Power(
        distinction=sum(classes for _, classes in sizes) / rows,
        separation=(pairs - equal) / pairs if pairs else None,
        unique=sum(classes for size, classes in sizes if size == 1) / rows,
        rows=rows,
    )


def _per_column(name: str, powers: Powers) -> dict[str, Result]:
    """Return the metrics of one column."""
    alone = powers[(name,)]
    rows = alone.rows
    pairs = [power for names, power in powers.items() if len(names) == 2 and name in names]
    none: Result = NotAvailable(
        why="not_collected", reason="no other column is bound to pair it with", n=rows
    )
    separation: Result = NotAvailable(why="undefined", reason="one row makes no pair of rows", n=rows)
    if alone.separation is not None:
        separation = Scalar(value=alone.separation, unit="1", n=rows)
    best = max((power.unique for power in pairs), default=None)
    return {
        "distinction": Scalar(value=alone.distinction, unit="1", n=rows),
        "separation": separation,
        "unique_share_alone": Scalar(value=alone.unique, unit="1", n=rows),
        "unique_share_in_pair": none if best is None else Scalar(value=best, unit="1", n=rows),
    }


def _undeclared(table: TableSubject, powers: Powers) -> Count:
    """Return how many columns, not bound as quasi-identifiers, tell people apart alone or in a pair."""
    names = {name for names in _telling(powers) for name in names}
    return Count(value=len(names - _declared(table)), unit="columns")


def _declared(table: TableSubject) -> set[str]:
    """Return the names of the columns bound as quasi-identifiers."""
    return {column.name for column in table.with_role("quasi_identifier")}


def _telling(powers: Powers) -> list[tuple[str, ...]]:
    """Return the columns and pairs that make many rows unique, the most first.

    A pair counts only beyond what its columns do alone.
    """
    alone = {names[0] for names, power in powers.items() if len(names) == 1 and power.unique >= TELLING}
    found = [
        names
        for names, power in powers.items()
        if power.unique >= TELLING and (len(names) == 1 or not alone.intersection(names))
    ]
    return sorted(found, key=lambda names: (-powers[names].unique, names))


def _notes(table: TableSubject, powers: Powers) -> Iterator[str]:
    """Yield which columns could be bound as quasi-identifiers, and which were not examined."""
    declared = _declared(table)
    proposed = [names for names in _telling(powers) if not declared.issuperset(names)]
    if proposed:
        listed = "; ".join(" × ".join(repr(name) for name in names) for names in proposed[:_NOTED])
        yield (
            f"Not all bound as quasi-identifiers, but alone or together they make at least {TELLING:.0%} of "
            f"the rows unique, the most telling first: {listed}."
        )
    bound = {column.name for role in _ROLES for column in table.with_role(role)}
    if more := len(bound - {name for names in powers for name in names}):
        yield f"Of the bound columns, {len(bound) - more} were examined and {more} were not."


def _measurement(table: TableSubject, by: tuple[str, ...], metric: str, result: Result) -> Measurement:
    """Return a measurement of the table."""
    return Measurement(metric=MetricId(metric), subject=table.id, by=by, result=result)


PROBE = QuasiIdentifiersProbe()
"""The probe that `probe.yaml` beside this file describes."""
