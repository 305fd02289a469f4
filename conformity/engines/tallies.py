"""Compute tallies of a lazy frame; the same code for every engine that Narwhals speaks to.

Scans of the data, for any number of specs asked together:

- all cell counts and missing counts: one scan, grouped by every key that occurs; what each spec asks
  is then added up from those cells. Only if there are more cells than the limit are the specs
  halved, and each half scanned on its own;
- each distinct class-size spec: one scan, and one more for each outcome among its keys;
- all pattern counts: one scan to find the columns with a match, one scan to count in those columns,
  and one scan for each pattern found in a column, to draw the values that are verified.

Where all columns are counted in, a table of more than 400 columns is scanned once for every 400 of
them (200 when patterns are searched).
"""

from __future__ import annotations

from collections.abc import Sequence

from conformity.engines.additive import additive_tallies
from conformity.engines.classes import class_sizes
from conformity.engines.columns import NamedFrame
from conformity.engines.matching import pattern_counts
from conformity.model.tally import CellCounts, ClassSizes, MissingCounts, PatternCounts, Tally, TallySpec


def compute(table: NamedFrame, specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
    """Return one tally for each of ``specs``, in order.

    Args:
        table: the frame; its engine's errors pass through and are translated by the caller.
        specs: what to count; repeated specs are computed once.

    Raises:
        DataError: a column is missing, holds text where a key needs numbers, or the keys have more
            combinations than a tally may hold.
    """
    found: dict[TallySpec, Tally] = {}
    wanted = tuple(dict.fromkeys(specs))
    additive = [spec for spec in wanted if isinstance(spec, CellCounts | MissingCounts)]
    if additive:
        found.update(zip(additive, additive_tallies(table, additive), strict=True))
    for spec in wanted:
        if isinstance(spec, ClassSizes):
            found[spec] = class_sizes(table, spec)
        elif isinstance(spec, PatternCounts):
            found[spec] = pattern_counts(table, spec)
    return tuple(found[spec] for spec in specs)
