"""Tallies: additive grouped summaries, the only thing a table gives away.

A probe declares the tallies it needs, an engine computes all of them in as few scans as it can, and
the probe is a pure function of the result. Two shards' tallies of one kind add up, except class
sizes and matches and sums over clusters, whose groups may span shards.
"""

from __future__ import annotations

from typing import Annotated, Literal, assert_never

from pydantic import Field, model_validator

from conformity.model.base import Value
from conformity.model.subject import Cell

MISSING = "(missing)"
"""The key of rows whose value is null, or blank text."""

BELOW, ABOVE = "(below)", "(above)"
"""The keys of numbers outside a grid."""

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


class GridKey(Value):
    """Group a number by bins of equal width: ``0``, ``1``, ... as text, BELOW, ABOVE, or MISSING."""

    kind: Literal["grid"] = "grid"
    """Says that numbers are put into bins of equal width."""
    column: str
    """The column."""
    low: float
    """Where the first bin begins."""
    high: float
    """Where the last bin ends; the end belongs to it."""
    bins: Annotated[int, Field(ge=1, le=4096)]
    """How many bins."""


class BandKey(Value):
    """Group a number by bands that hold about as many rows each; named as bins are, by their edges.

    The edges are the table's own quantiles, rounded to three digits, so that the bands of two tables differ.
    """

    kind: Literal["band"] = "band"
    """Says that numbers are put into bands."""
    column: str
    """The column."""
    bands: Annotated[int, Field(ge=2, le=20)]
    """How many bands; fewer where quantiles are equal."""
    loose: bool = False
    """Whether a column of text, or of up to 20 different numbers, is grouped by its values instead."""


class PeriodKey(Value):
    """Group a date by its month, such as ``2024-03``; by quarter or year where the data say no more.

    Dates are typed, or text as ISO 8601 has it; null and blank become :data:`MISSING`.
    """

    kind: Literal["period"] = "period"
    """Says that dates are cut to periods."""
    column: str
    """The column."""


class DigitsKey(Value):
    """Group a number by its first two significant digits, such as ``1200``; other text as it stands."""

    kind: Literal["digits"] = "digits"
    """Says that numbers are cut to two digits."""
    column: str
    """The column."""


Key = Annotated[
    CategoryKey | OutcomeKey | BinKey | BandKey | GridKey | PeriodKey | DigitsKey, Field(discriminator="kind")
]
"""One dimension of a tally."""


class CellCounts(Value):
    """How many rows there are for each combination of keys."""

    kind: Literal["cell_counts"] = "cell_counts"
    """Says which tally this is."""
    keys: tuple[Key, ...]
    """The dimensions; none gives the number of rows."""
    most: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Where the raw values have more combinations than this, the numbers of a first key by category are cut
    to two digits, and said so in the columns; where they still have more, there are no entries. None: the
    table is refused where there are too many."""


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
    one_in: Annotated[int, Field(ge=1)] = 1
    """Keep the classes whose hash falls into one slice of this many: exact inside, unbiased outside."""


class ClassMatches(Value):
    """How many rows each class of rows, equal in some columns, matches, and for how many people these stand.

    Entries: the rows that a class matches, the sum of their weights, how many such classes there are, and
    how many rows in them. Where there are over ``distinct`` different entries, matches and weights are cut to
    three digits, so that they are up to 1 % too low, and the columns say so. Cells of the weight that are not
    numbers count as 0. There are no entries without rows; nor, where blanks match any value, if there are
    over ``most`` patterns of blanks, over ``joined`` classes times patterns, or no blanks: then each class
    matches itself alone.
    """

    kind: Literal["class_matches"] = "class_matches"
    """Says which tally this is."""
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    """The columns compared, as they stand in the file."""
    blanks: Literal["own", "any"] = "any"
    """Whether a blank is a value of its own, or matches any value."""
    weight: str | None = None
    """The numeric column of weights; each row counts once if none."""
    most: Annotated[int, Field(ge=1, le=64)] = 16
    """How many patterns of blank columns are told apart at most."""
    joined: Annotated[int, Field(ge=1)] = 40_000_000
    """How many classes are joined at most, all patterns together."""
    distinct: Annotated[int, Field(ge=1, le=100_000)] = 20_000
    """How many entries there are at most before matches and weights are cut."""


class Term(Value):
    """What is added up in a cell: a column, a product of some, or the distance between two."""

    kind: Literal["product", "distance"] = "product"
    """A product of the columns (of one: itself), or ``|first - second|``, times any further columns."""
    columns: Annotated[tuple[str, ...], Field(min_length=1, max_length=4)]
    """Numeric columns."""
    power: Literal[1, 2, 4] = 1
    """To which power a distance is raised; a product is not."""

    @model_validator(mode="after")
    def _distance_has_two_ends(self) -> Term:
        """Check that a distance is between two columns, that nothing else has a power, and the degree."""
        if self.kind == "distance" and len(self.columns) == 1:
            raise ValueError("a distance is between two columns; name both")
        if self.kind == "product" and self.power != 1:
            raise ValueError("only a distance is raised to a power; name a column twice for its square")
        if self.degree > 4:
            raise ValueError("no more than four numbers are multiplied; take a lower power or fewer columns")
        return self

    @property
    def degree(self) -> int:
        """Return how many numbers are multiplied."""
        return len(self.columns) if self.kind == "product" else self.power + len(self.columns) - 2


class Sums(Value):
    """Sums of numbers for each combination of keys, over rows in which all columns of all terms are numbers.

    They are added in fixed point with nine decimals, so that they do not depend on the order of rows.
    Entries: keys, rows added, rows left out, one sum for each term.
    """

    kind: Literal["sums"] = "sums"
    """Says which tally this is."""
    keys: tuple[Key, ...] = ()
    """The dimensions."""
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]
    """What is added up."""
    optional: bool = False
    """Whether there are no entries where the keys have too many combinations; else the table is refused."""


class ClusterSums(Value):
    """How the outcomes of rows that belong together go together, for each combination of keys.

    The size of an outcome in a cluster is its number of rows there, or the sum of their weights. Entries:
    keys, one outcome, another or the same, and the sum over all clusters of the product of their sizes; each
    pair of outcomes once, and only those that some cluster holds. Rows without a cluster are one cluster.
    """

    kind: Literal["cluster_sums"] = "cluster_sums"
    """Says which tally this is."""
    keys: tuple[Key, ...] = ()
    """The dimensions."""
    outcomes: Annotated[tuple[OutcomeKey, ...], Field(min_length=1, max_length=2)]
    """What the rows are told apart by; of two, every combination is an outcome."""
    cluster: str
    """The column whose value rows of one cluster have in common."""
    weight: str | None = None
    """The numeric column of weights; each row counts once if none."""


class Diversity(Value):
    """How the values of a sensitive column spread within the classes of rows equal in the keys."""

    kind: Literal["diversity"] = "diversity"
    """Says which tally this is."""
    keys: Annotated[tuple[Key, ...], Field(min_length=1)]
    """The columns that make the classes."""
    sensitive: str
    """The column whose values could become known."""
    ordered: bool = False
    """Whether its values are numbers, whose distance counts."""
    shares: bool = True
    """Whether the values' shares are measured; else only how many different values classes have."""


class Check(Value):
    """What the cells of a column are checked against while it is profiled."""

    column: str
    """The column."""
    minimum: float | None = None
    """Numbers below it are counted."""
    maximum: float | None = None
    """Numbers above it are counted."""
    allowed: tuple[Cell, ...] = ()
    """Filled cells with any other value are counted, unless this is empty."""


class ColumnProfiles(Value):
    """For each column: rows, missing, distinct values, and for numbers the quantiles and extremes."""

    kind: Literal["column_profiles"] = "column_profiles"
    """Says which tally this is."""
    columns: tuple[str, ...]
    """The columns."""
    checks: tuple[Check, ...] = ()
    """What some of them are checked against."""


class RowHashes(Value):
    """Keyed hashes of rows, to find the same rows in another table; at most ``most``, the smallest."""

    kind: Literal["row_hashes"] = "row_hashes"
    """Says which tally this is."""
    columns: tuple[str, ...] = ()
    """The columns compared; none means all columns of the file."""
    most: Annotated[int, Field(ge=1, le=200_000)] = 100_000
    """How many distinct hashes are kept: all of them where there are fewer."""


class PatternCounts(Value):
    """For every text column: how many cells match a pattern, and how many distinct matches verify."""

    kind: Literal["pattern_counts"] = "pattern_counts"
    """Says which tally this is."""
    patterns: tuple[str, ...]
    """Names of the patterns in :mod:`conformity.engines.patterns`."""
    sample: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """How many distinct matching values are put to the pattern's validator at most."""


TallySpec = Annotated[
    CellCounts
    | MissingCounts
    | ClassSizes
    | ClassMatches
    | PatternCounts
    | Sums
    | ClusterSums
    | Diversity
    | ColumnProfiles
    | RowHashes,
    Field(discriminator="kind"),
]
"""A tally that is asked for."""


class Tally(Value):
    """A tally computed: a small table of keys and counts, sorted, with no row of the data in it.

    It is sealed (:mod:`conformity.engines.sealing`) before a probe sees it, and as such it is kept.
    """

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
        case Sums():
            names = [*(key.column for key in spec.keys), *("*".join(term.columns) for term in spec.terms)]
        case ClusterSums():
            weight = () if spec.weight is None else (spec.weight,)
            names = [*(key.column for key in (*spec.keys, *spec.outcomes)), spec.cluster, *weight]
        case Diversity():
            names = [*(key.column for key in spec.keys), spec.sensitive]
        case ColumnProfiles() | RowHashes():
            names = list(spec.columns)
        case ClassMatches():
            names = [*spec.columns, *(() if spec.weight is None else (spec.weight,))]
        case _:
            assert_never(spec)
    shown = names if len(names) <= 8 else [*names[:7], f"and {len(names) - 7} more"]
    return f"{spec.kind}[{', '.join(shown)}]"
