"""Tallies: additive grouped summaries, the only thing a table gives away.

A probe declares the tallies it needs, an engine computes all of them in as few scans as it can, and
the probe is a pure function of the result. Two shards' tallies of one kind add up, except class
sizes, whose groups may span shards.
"""

from __future__ import annotations

from typing import Annotated, Literal, assert_never

from pydantic import Field

from conformity.model.base import Value
from conformity.model.subject import Cell

MISSING = "(missing)"
"""The key of rows whose value is null, or blank text."""

UNRECOGNISED = "(unrecognised)"
"""The key of outcome values that are neither positive nor negative."""


class CategoryKey(Value):
    """Group by the column's value as text; null and blank become :data:`MISSING`."""

    kind: Literal["category"] = "category"
    """Says that values are taken as they are."""
    column: str
    """The column."""


class OutcomeKey(Value):
    """Group by outcome: ``1`` positive, ``0`` negative, MISSING, or UNRECOGNISED."""

    kind: Literal["outcome"] = "outcome"
    """Says that values are mapped to outcomes."""
    column: str
    """The column."""
    positive: tuple[Cell, ...]
    """Values that mean the favourable outcome; compared as text, numbers by value."""
    negative: tuple[Cell, ...]
    """Values that mean the unfavourable outcome."""


class BinKey(Value):
    """Group a number by edges: below the first, from each edge up to the next, from the last on."""

    kind: Literal["bin"] = "bin"
    """Says that numbers are put into bins."""
    column: str
    """The column."""
    edges: tuple[float, ...]
    """Rising; each edge belongs to the bin above it."""


Key = Annotated[CategoryKey | OutcomeKey | BinKey, Field(discriminator="kind")]
"""One dimension of a tally."""


class CellCounts(Value):
    """How many rows there are for each combination of keys."""

    kind: Literal["cell_counts"] = "cell_counts"
    """Says which tally this is."""
    keys: tuple[Key, ...]
    """The dimensions; none gives the number of rows."""


class MissingCounts(Value):
    """For every column (of all the file's columns): how many cells are null or blank text."""

    kind: Literal["missing_counts"] = "missing_counts"
    """Says which tally this is."""
    by: tuple[Key, ...] = ()
    """Count within each combination of these keys."""


class ClassSizes(Value):
    """How many classes of rows, equal in some columns, there are of each size."""

    kind: Literal["class_sizes"] = "class_sizes"
    """Says which tally this is."""
    keys: tuple[Key, ...] = ()
    """The columns compared; none means all columns of the file."""


class PatternCounts(Value):
    """For every text column: how many cells match a pattern, and how many distinct matches verify."""

    kind: Literal["pattern_counts"] = "pattern_counts"
    """Says which tally this is."""
    patterns: tuple[str, ...]
    """Names of the patterns in :mod:`conformity.engines.patterns`."""
    sample: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """How many distinct matching values are put to the pattern's validator at most."""


TallySpec = Annotated[CellCounts | MissingCounts | ClassSizes | PatternCounts, Field(discriminator="kind")]
"""A tally that is asked for."""


class Tally(Value):
    """A tally computed: a small table of keys and counts, sorted, with no row of the data in it."""

    spec: TallySpec
    """What was asked."""
    columns: tuple[str, ...]
    """Names of the fields of each entry; the last fields are counts."""
    entries: tuple[tuple[str | int | float, ...], ...]
    """The entries, sorted."""


def describe(spec: TallySpec) -> str:
    """Return what a tally counts, in a few words, such as ``cell_counts[SEX, default]``."""
    match spec:
        case CellCounts() | ClassSizes():
            names = [key.column for key in spec.keys]
        case MissingCounts():
            names = [key.column for key in spec.by]
        case PatternCounts():
            names = list(spec.patterns)
        case _:
            assert_never(spec)
    shown = names if len(names) <= 8 else [*names[:7], f"and {len(names) - 7} more"]
    return f"{spec.kind}[{', '.join(shown)}]"
