"""Sums over clusters: how the outcomes of rows that belong together go together.

There are as many clusters as households or patients, so they never leave the engine: rows are grouped
into clusters, and clusters into the groups asked for. Every rate of a group is a ratio of sums of
outcomes, so that the products of outcomes' sizes within clusters give the variance of all of them.
Products of weights are added in fixed point, as :mod:`conformity.engines.sums` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import narwhals as nw

from conformity.engines.additive import MAX_CELLS
from conformity.engines.bins import read_number
from conformity.engines.classes import comparable
from conformity.engines.columns import NamedFrame, category
from conformity.engines.keys import labeller
from conformity.engines.sums import BILLION, fixed_parts, number_of
from conformity.errors import DataError
from conformity.model.tally import MISSING, UNRECOGNISED, ClusterSums, Key, OutcomeKey, Tally

_OUTCOMES = {0: "0", 1: "1", 2: MISSING, 3: UNRECOGNISED}
"""What the numbers mean that an outcome is compared by."""

_LARGEST = 1e9
"""From here on weights are refused: billionths of them would not fit into whole numbers of 64 bits."""


@dataclass(frozen=True)
class _Rows:
    """The rows of a table, reduced to what clusters are made of."""

    frame: nw.LazyFrame[Any]
    """A column for each key, the cluster ``c``, the outcome ``s`` and the weight ``w`` in billionths."""
    names: tuple[str, ...]
    """The names of the keys' columns."""


def cluster_sums(table: NamedFrame, spec: ClusterSums) -> Tally:
    """Return the sums over clusters of products of two outcomes' sizes, for each group.

    Raises:
        DataError: a column is missing or not numeric, an outcome has too many values, a weight is too large,
            or the keys have too many combinations.

    Source:
        Kish and Frankel, Journal of the Royal Statistical Society B 36 (1974) 1-37: the variance of a ratio
        by Taylor's expansion, from totals of clusters.
    """
    rows = _rows(table, spec)
    states = _states(table, spec, rows)
    pairs = list(combinations_with_replacement(range(len(states)), 2))
    products = _products(table, rows, states, pairs, weighted=spec.weight is not None) if states else []
    found: Counter[tuple[str, ...]] = Counter()
    labels = [_label(key) for key in spec.keys]
    for group, (one, other), billionths in products:
        name = tuple(label(value) for label, value in zip(labels, group, strict=True))
        both = (*_texts(spec, states[one]), *_texts(spec, states[other]))
        found[(*name, *both)] += billionths
    outcomes = tuple(key.column for key in spec.outcomes)
    return Tally(
        spec=spec,
        columns=(*(key.column for key in spec.keys), *outcomes, *outcomes, "products"),
        entries=tuple(sorted((*name, number_of(total)) for name, total in found.items() if total)),
    )


def _rows(table: NamedFrame, spec: ClusterSums) -> _Rows:
    """Return the rows with keys, cluster, outcome and weight."""
    columns = [*(key.column for key in (*spec.keys, *spec.outcomes)), spec.cluster]
    weight: nw.Expr = nw.lit(1, dtype=nw.Int64)
    size: nw.Expr = nw.lit(0.0)
    if spec.weight is not None:
        columns.append(spec.weight)
        number, _ = read_number(table, spec.weight, "bind another column")
        size = nw.when(number.is_finite()).then(number.abs()).otherwise(nw.lit(0.0))
        # Infinity and NaN are below no limit, in any engine.
        fits: nw.Expr = nw.when(number.abs() < _LARGEST).then(number)
        weight = (fits * float(BILLION) + 0.5).floor().cast(nw.Int64)
    names = tuple(f"k{number}" for number in range(len(spec.keys)))
    keys = [comparable(table, key).alias(name) for key, name in zip(spec.keys, names, strict=True)]
    state: nw.Expr = nw.lit(0, dtype=nw.Int64)
    for key in spec.outcomes:
        state = state * len(_OUTCOMES) + comparable(table, key)
    cluster = category(table, table.position(spec.cluster)).alias("c")
    frame = table.only([table.position(column) for column in columns])
    chosen = frame.select(*keys, cluster, state.alias("s"), weight.alias("w"), size.alias("size"))
    return _Rows(chosen, names)


def _states(table: NamedFrame, spec: ClusterSums, rows: _Rows) -> list[int]:
    """Return the outcomes that occur.

    Raises:
        DataError: a weight is too large.
    """
    found = rows.frame.group_by("s").agg(nw.col("size").max()).collect(backend="pyarrow").rows()
    if any(size is not None and size >= _LARGEST for _, size in found):
        raise DataError(
            f"column {spec.weight!r} of {table.where} has weights from a thousand million on, too large to "
            "be added exactly within clusters; divide all weights by one number"
        )
    return sorted(int(state) for state, _ in found)


def _products(
    table: NamedFrame,
    rows: _Rows,
    states: Sequence[int],
    pairs: Sequence[tuple[int, int]],
    *,
    weighted: bool,
) -> Iterator[tuple[tuple[Any, ...], tuple[int, int], int]]:
    """Yield the group, the pair of outcomes, and the sum of their products in billionths.

    Raises:
        DataError: the keys have too many combinations.
    """
    frame, names = rows.frame, rows.names
    sizes = [
        nw.when(nw.col("s") == state)
        .then(nw.col("w"))
        .otherwise(nw.lit(0, dtype=nw.Int64))
        .alias(f"t{place}")
        for place, state in enumerate(states)
    ]
    totals = [nw.col(f"t{place}").sum().cast(nw.Int64) for place in range(len(states))]
    clusters = frame.select(*names, "c", *sizes).group_by(*names, "c").agg(*totals)
    parts: list[tuple[tuple[int, int], int]] = []
    amounts: list[nw.Expr] = []
    for pair in pairs:
        for amount, worth in _amounts(table, pair, weighted=weighted):
            amounts.append(amount.alias(f"p{len(parts)}"))
            parts.append((pair, worth))
    sums = [nw.col(f"p{place}").sum() for place in range(len(parts))]
    multiplied = clusters.select(*names, *amounts)
    added = multiplied.group_by(*names).agg(*sums) if names else multiplied.select(*sums)
    found = added.head(MAX_CELLS + 1).collect(backend="pyarrow").rows()
    if len(found) > MAX_CELLS:
        raise DataError(
            f"grouping {table.where} gives too many groups (limit {MAX_CELLS:,}); bind fewer columns"
        )
    for row in found:
        for (pair, worth), total in zip(parts, row[len(names) :], strict=True):
            yield row[: len(names)], pair, int(total or 0) * worth


def _amounts(table: NamedFrame, pair: tuple[int, int], *, weighted: bool) -> Iterator[tuple[nw.Expr, int]]:
    """Yield whole numbers, and how many billionths each is worth, that make a product of two sizes."""
    one, other = (nw.col(f"t{place}") for place in pair)
    if weighted:
        yield from fixed_parts(table, _real(one) * _real(other), whole=False)
    else:
        yield one * other, BILLION


def _real(billionths: nw.Expr) -> nw.Expr:
    """Return a sum of weights as a number."""
    return billionths.cast(nw.Float64) / float(BILLION)


def _label(key: Key) -> Callable[[Any], str]:
    """Return the function from what a key is compared by to its text in the tally."""
    if isinstance(key, OutcomeKey):
        return lambda code: _OUTCOMES[int(code)]
    return labeller(key)


def _texts(spec: ClusterSums, state: int) -> tuple[str, ...]:
    """Return the texts of the outcomes that a state stands for."""
    texts = []
    for _ in spec.outcomes:
        state, code = divmod(state, len(_OUTCOMES))
        texts.append(_OUTCOMES[code])
    return tuple(reversed(texts))
