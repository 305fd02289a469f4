"""Groups with survey weights and clusters: the tallies to ask for, and what is read from them.

A probe that asks here instead of in :mod:`conformity.probes.shared.cells` gets the same groups, with
weights and clusters where the manifest binds them; where it binds neither, nothing differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from conformity.engines.values import bin_labels
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import (
    BinKey,
    CellCounts,
    ClusterSums,
    Sums,
    Tally,
    TallySpec,
    Term,
)
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.cells import (
    BLANK,
    STATES,
    Cells,
    Lattice,
    crossing_depth,
    lattice_tallies,
    outcome_column,
    outcome_columns,
    read_cells,
)
from conformity.probes.shared.intervals import Floats
from conformity.probes.shared.keys import group_keys, outcome_key
from conformity.probes.shared.wording import rows_in_words

_SIGN = (0.0,)
_BELOW_ZERO = bin_labels(_SIGN)[0]
_LEAST_SQUARE = 1e-6
"""Below this mean square, sums with nine decimals no longer tell weights apart."""


def sampled_tallies(table: TableSubject) -> tuple[TallySpec, ...]:
    """Return the tallies behind all rates of a table, with those of its weights and clusters."""
    counts = lattice_tallies(table)
    return (*counts, *_weight_tallies(table, counts), *_cluster_tallies(table))


def _weight_tallies(table: TableSubject, counts: Sequence[CellCounts]) -> Iterator[TallySpec]:
    """Yield sums of weights by the keys of each tally, and how many weights are negative."""
    for column in table.with_role("weight"):
        yield from (Sums(keys=spec.keys, terms=weight_terms(column)) for spec in counts)
        yield sign_tally(column)


def weight_terms(column: Column) -> tuple[Term, ...]:
    """Return what is added up of a column of weights: them, and their squares."""
    return Term(columns=(column.name,)), Term(columns=(column.name, column.name))


def sign_tally(column: Column) -> CellCounts:
    """Return the tally by which :func:`negative_weights` counts those of a column."""
    return CellCounts(keys=(BinKey(column=column.name, edges=_SIGN),))


def negative_weights(signs: Tally) -> int:
    """Return how many weights are below zero."""
    return sum(int(entry[-1]) for entry in signs.entries if entry[0] == _BELOW_ZERO)


def _cluster_tallies(table: TableSubject) -> Iterator[TallySpec]:
    """Yield sums over clusters for everybody and for each combination of attributes."""
    weights = table.with_role("weight")
    keys = group_keys(table)
    for column in table.with_role("cluster"):
        for size in range(crossing_depth(table) + 1):
            for some in combinations(keys, size):
                yield ClusterSums(
                    keys=some,
                    outcomes=tuple(outcome_key(one) for one in outcome_columns(table)),
                    cluster=column.name,
                    weight=weights[0].name if weights else None,
                )


def read_sampled(table: TableSubject, tallies: Sequence[Tally]) -> Lattice:
    """Take the tallies of :func:`sampled_tallies`, or counts alone, apart.

    Raises:
        NotMeasurableError: the tallies have no rows, or weights are missing, negative or all too small.
    """
    signs = [sign_tally(column) for column in table.with_role("weight")]
    counts = [tally for tally in tallies if isinstance(tally.spec, CellCounts) and tally.spec not in signs]
    sums = {tally.spec.keys: tally for tally in tallies if isinstance(tally.spec, Sums)}
    for column in table.with_role("weight"):
        _check(column, list(sums.values()), [tally for tally in tallies if tally.spec in signs])
    parts = []
    for tally in counts:
        assert isinstance(tally.spec, CellCounts)
        parts.append(_weighted(read_cells(table, tally), tally, sums.get(tally.spec.keys)))
    return Lattice(
        attributes=tuple(column.name for column in table.with_role("protected")),
        depth=crossing_depth(table),
        parts=tuple(parts),
        clustered={
            tuple(key.column for key in tally.spec.keys): _together(table, tally)
            for tally in tallies
            if isinstance(tally.spec, ClusterSums)
        },
    )


def _check(column: Column, sums: Sequence[Tally], signs: Sequence[Tally]) -> None:
    """Check that every row of a table has a weight that sums can be made of.

    Raises:
        NotMeasurableError: weights are missing or negative, or all are 0 or too small.
    """
    negative = sum(negative_weights(tally) for tally in signs)
    if negative:
        raise NotMeasurableError(
            f"{rows_in_words(negative)} have a negative weight in column {column.name!r}; a row cannot stand "
            "for fewer people than none: correct the weights"
        )
    totals = [np.array([entry[-4:] for entry in tally.entries], dtype=np.float64) for tally in sums]
    for total in totals:
        rows, left_out, weight, squares = total.sum(axis=0) if len(total) else np.zeros(4)
        if left_out:
            raise NotMeasurableError(
                f"{rows_in_words(int(left_out))} have no number in the column {column.name!r} of weights; "
                "give every row its weight, 0 for one that is not to count"
            )
        if rows and not weight:
            raise NotMeasurableError(f"all weights in column {column.name!r} are 0, so that no case counts")
        if squares < _LEAST_SQUARE * rows:
            raise NotMeasurableError(
                f"the weights in column {column.name!r} are too small to be added exactly; multiply all of "
                "them by one number, so that their mean is about 1"
            )


def _weighted(cells: Cells, tally: Tally, sums: Tally | None) -> Cells:
    """Return cells with the weights of their rows, if there are sums of them."""
    if sums is None:
        return cells
    weights = {entry[:-4]: entry[-2:] for entry in sums.entries}
    found = [weights[entry[:-1]] for entry in tally.entries if entry[-1]]
    return replace(cells, weight=np.array(found, dtype=np.float64).T)


def _together(table: TableSubject, tally: Tally) -> dict[tuple[str, ...], Floats]:
    """Return for each group the sums over clusters of products of outcomes' sizes, (16, 16)."""
    spec = tally.spec
    assert isinstance(spec, ClusterSums)
    depth, width = len(spec.keys), len(spec.outcomes)
    found: dict[tuple[str, ...], Floats] = {}
    for entry in tally.entries:
        group = tuple(str(value) for value in entry[:depth])
        outcomes = [str(value) for value in entry[depth:-1]]
        one, other = _place(table, outcomes[:width]), _place(table, outcomes[width:])
        sums = found.setdefault(group, np.zeros((len(STATES) ** 2, len(STATES) ** 2)))
        sums[one, other] = sums[other, one] = float(entry[-1])
    return found


def _place(table: TableSubject, texts: Sequence[str]) -> int:
    """Return the place of an outcome in a design: by state of the label, then of the prediction."""
    states = {column.name: STATES[text] for column, text in zip(outcome_columns(table), texts, strict=True)}
    place = 0
    for role in ("label", "prediction"):
        column = outcome_column(table, role)
        place = place * len(STATES) + (BLANK if column is None else states[column.name])
    return place
