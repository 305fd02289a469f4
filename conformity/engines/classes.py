"""Class sizes: how many groups of equal rows there are of each size."""

from __future__ import annotations

import narwhals as nw

from conformity.engines.additive import MAX_CELLS, not_numeric
from conformity.engines.columns import BLOCK, NOT_A_NUMBER, NamedFrame, bin_index, category, is_text, trimmed
from conformity.engines.values import Outcomes
from conformity.errors import DataError
from conformity.model.tally import MISSING, BinKey, CategoryKey, ClassSizes, Key, OutcomeKey, Tally

_SEPARATOR = "\x1fa"
"""What stands between joined cells; the control character within a cell is followed by another letter."""


def class_sizes(table: NamedFrame, spec: ClassSizes) -> Tally:
    """Return entries ``(size, number of classes)``, sorted by size; none when there are no rows.

    Null, NaN and blank text are one value of their own, equal to one another.

    Raises:
        DataError: a column is missing or not numeric, or an outcome has too many values.
    """
    keys = [_comparable(table, key) for key in spec.keys] if spec.keys else _all_columns(table)
    names = [f"k{number}" for number in range(len(keys))]
    frame = table.frame.select(*(key.alias(name) for key, name in zip(keys, names, strict=True)))
    sizes = frame.group_by(*names).agg(nw.len().alias("size"))
    histogram = sizes.group_by("size").agg(nw.len().alias("classes")).collect(backend="pyarrow").rows()
    entries = tuple(sorted((int(size), int(classes)) for size, classes in histogram))
    return Tally(spec=spec, columns=("size", "classes"), entries=entries)


def _all_columns(table: NamedFrame) -> list[nw.Expr]:
    """Return expressions that are equal for rows that are equal in all columns.

    A wide table is compared block by block, the cells of a block joined into one text: engines take
    minutes to group by thousands of keys. The separator is escaped within cells, so the comparison
    stays exact.
    """
    if len(table.names) <= BLOCK:
        return [category(table, position) for position in range(len(table.names))]
    return [
        nw.concat_str([_escaped(table, column) for column in columns], separator=_SEPARATOR)
        for columns in table.blocks()
    ]


def _escaped(table: NamedFrame, position: int) -> nw.Expr:
    """Return a cell as text that cannot hold the separator; blank when it is missing."""
    text = trimmed(position) if is_text(table.dtypes[position]) else category(table, position)
    return text.cast(nw.String).fill_null("").str.replace_all("\x1f", "\x1fb", literal=True)


def _comparable(table: NamedFrame, key: Key) -> nw.Expr:
    """Return the expression that is equal for rows of one class of ``key``."""
    position = table.position(key.column)
    if isinstance(key, CategoryKey):
        return category(table, position)
    if isinstance(key, OutcomeKey):
        return _outcome(table, key, position)
    return _checked_bin(table, key, position)


def _checked_bin(table: NamedFrame, key: BinKey, position: int) -> nw.Expr:
    """Return the bin of a cell, once no cell holds text that is not a number."""
    index = bin_index(table, position, key.edges)
    bad = (index == NOT_A_NUMBER).cast(nw.Int64).sum()
    count = table.frame.select(bad.alias("bad")).collect(backend="pyarrow").rows()[0][0]
    if count:
        raise not_numeric(table, key, int(count))
    return index


def _outcome(table: NamedFrame, key: OutcomeKey, position: int) -> nw.Expr:
    """Return a number for the outcome of a cell, by listing the raw values that mean each outcome."""
    column = nw.col(f"c{position}")
    distinct = table.frame.select(column).unique().head(MAX_CELLS + 1).collect(backend="pyarrow").rows()
    if len(distinct) > MAX_CELLS:
        raise DataError(
            f"column {key.column!r} of {table.where} has more than {MAX_CELLS:,} different values; "
            "an outcome must hold the values declared as positive and negative"
        )
    outcomes = Outcomes(key)
    by_label: dict[str, list[object]] = {"1": [], "0": [], MISSING: []}
    for (value,) in distinct:
        members = by_label.get(outcomes.label(value))
        if members is not None and value is not None:
            members.append(value)
    number = nw.when(column.is_null()).then(nw.lit(2)).otherwise(nw.lit(3))
    for code, label in ((1, "1"), (0, "0"), (2, MISSING)):
        if by_label[label]:
            number = nw.when(column.is_in(by_label[label])).then(nw.lit(code)).otherwise(number)
    return number
