"""Compute tallies of a lazy frame; the same code for every engine that Narwhals speaks to.

A large table in DuckDB is counted in arrays in one scan, as far as :mod:`conformity.engines.dense` can do it.
Scans of the data for all else, for any number of specs asked together:

- all cell counts, missing counts and sums: one scan, grouped by every key that occurs; what each spec
  asks is then added up from those cells. Where the first rows say that this would make many cells, a
  scan for each batch of specs that :mod:`conformity.engines.planning` makes; only if there are more
  cells than the limit even so are the specs of a batch halved, and each half scanned on its own;
- cell counts that may be given up: a look at some rows, then one scan for as many as have few cells
  together; those with too many are looked at and scanned once more, their numbers cut to two digits;
- each distinct spec of class sizes or diversity: one scan, and one more for each outcome among its keys; in
  DuckDB, specs whose columns are all among those of another share its scan, and those of few values one;
- bands of equal size: up to two scans of each column beforehand, which find its edges; in a small table one;
- each distinct class-match spec: one scan; where a blank matches any value one to see whether there are any,
  and then three to find their patterns, to count the classes and to match them; one more where the entries
  are cut;
- each distinct spec of sums over clusters: two scans, and one more for each outcome;
- all pattern counts: one scan to find the columns in which the quick search finds something, one scan
  to tell which part of it does, one scan for each such part and column, to draw the values that are
  verified, and one scan to count what they confirm;
- column profiles and row hashes: as their modules say.

Where all columns are counted in, a table of more than 400 columns is scanned once for every 400 of
them (200 when patterns are searched); so is a table of which more than 400 numbers are added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import assert_never

from conformity.engines.additive import Additive, additive_tallies
from conformity.engines.bands import settled
from conformity.engines.columns import NamedFrame
from conformity.model.tally import (
    CellCounts,
    ClassMatches,
    ClassSizes,
    ClusterSums,
    ColumnProfiles,
    Diversity,
    MissingCounts,
    PatternCounts,
    RowHashes,
    Sums,
    Tally,
    TallySpec,
)


def compute(table: NamedFrame, specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
    """Return one tally for each of ``specs``, in order.

    Args:
        table: the frame; its engine's errors pass through and are translated by the caller.
        specs: what to count; repeated specs are computed once.

    Raises:
        DataError: a column is missing, holds text where a key or a sum needs numbers, or the keys have
            more combinations than a tally may hold.
    """
    with _coded(table, specs) as ready:
        inner = settled(ready, specs)
        made = _computed(ready, tuple(dict.fromkeys(inner.values())))
    return tuple(made[inner[spec]].model_copy(update={"spec": spec}) for spec in specs)


def _coded(table: NamedFrame, specs: Sequence[TallySpec]) -> AbstractContextManager[NamedFrame]:
    """Return the context of a table with codes, where its engine can be handed arrays."""
    if table.taken is None:
        return nullcontext(table)
    from conformity.engines.dense_counts import coded

    return coded(table, specs)


def _computed(table: NamedFrame, wanted: Sequence[TallySpec]) -> dict[TallySpec, Tally]:
    """Return the tally of each spec, none of which has bands."""
    found = _dense(table, wanted)
    wanted = [spec for spec in wanted if spec not in found]
    bounded = [spec for spec in wanted if isinstance(spec, CellCounts) and spec.most and spec.keys]
    if bounded:
        from conformity.engines.bounded import bounded_counts

        found.update(bounded_counts(table, bounded))
    additive: list[Additive] = [
        spec for spec in wanted if isinstance(spec, CellCounts | MissingCounts | Sums) and spec not in found
    ]
    if additive:
        found.update(zip(additive, additive_tallies(table, additive), strict=True))
    grouped = [spec for spec in wanted if isinstance(spec, ClassSizes | Diversity)]
    if grouped:
        from conformity.engines.classes_sql import grouped_tallies

        found.update(grouped_tallies(table, grouped))
    for spec in wanted:
        if spec not in found and not isinstance(spec, CellCounts | MissingCounts | Sums):
            found[spec] = _single(table, spec)
    return found


def _dense(table: NamedFrame, wanted: Sequence[TallySpec]) -> dict[TallySpec, Tally]:
    """Return the tallies that are counted in arrays, of a large table in DuckDB."""
    if table.taken is None:
        return {}
    from conformity.engines.dense import dense_tallies

    return dense_tallies(table, wanted)


def _single(
    table: NamedFrame,
    spec: ClassSizes | ClassMatches | ClusterSums | PatternCounts | Diversity | ColumnProfiles | RowHashes,
) -> Tally:
    """Return the tally of a spec that has scans of its own; its module is imported when it is asked for."""
    match spec:
        case ClassSizes():
            from conformity.engines.classes import class_sizes

            return class_sizes(table, spec)
        case ClassMatches():
            from conformity.engines.class_matches import class_matches

            return class_matches(table, spec)
        case ClusterSums():
            from conformity.engines.clusters import cluster_sums

            return cluster_sums(table, spec)
        case PatternCounts():
            from conformity.engines.matching import pattern_counts

            return pattern_counts(table, spec)
        case Diversity():
            from conformity.engines.diversity import diversity

            return diversity(table, spec)
        case ColumnProfiles():
            from conformity.engines.profiles import column_profiles

            return column_profiles(table, spec)
        case RowHashes():
            from conformity.engines.hashes import row_hashes

            return row_hashes(table, spec)
        case _:
            assert_never(spec)
