"""Class sizes: how many groups of equal rows there are of each size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from conformity.engines.additive import MAX_CELLS
from conformity.engines.columns import BLOCK, NamedFrame, category, is_text, trimmed
from conformity.engines.keys import bad_value, raw, refusal
from conformity.engines.values import Outcomes
from conformity.errors import DataError
from conformity.model.tally import MISSING, CategoryKey, ClassSizes, Key, OutcomeKey, Tally

_SEPARATOR = "\x1fa"
"""What stands between joined cells; the control character within a cell is followed by another letter."""


def class_sizes(table: NamedFrame, spec: ClassSizes) -> Tally:
    """Return entries ``(size, number of classes)``, sorted by size; none when there are no rows.

    Null, NaN and blank text are one value of their own, equal to one another. The classes are grouped by
    the engine, which writes to its scratch folder what does not fit into its memory.

    Raises:
        DataError: a column is missing or not numeric, or an outcome has too many values.
    """
    keys = [comparable(table, key) for key in spec.keys] if spec.keys else _all_columns(table)
    names = [f"k{number}" for number in range(len(keys))]
    frame = table.frame.select(*(key.alias(name) for key, name in zip(keys, names, strict=True)))
    if frame.implementation.is_duckdb() and not spec.keys and spec.one_in == 1:
        from conformity.engines.rows_sql import row_sizes

        entries = tuple(row_sizes(table, frame, names))
        return Tally(spec=spec, columns=("size", "classes"), entries=entries)
    if spec.one_in > 1:
        frame = _one_slice(frame, names, spec.one_in, table.where)
    sizes = frame.group_by(*names).agg(nw.len().alias("size"))
    histogram = sizes.group_by("size").agg(nw.len().alias("classes")).collect(backend="pyarrow").rows()
    entries = tuple(sorted((int(size), int(classes)) for size, classes in histogram))
    return Tally(spec=spec, columns=("size", "classes"), entries=entries)


def _one_slice(frame: nw.LazyFrame[Any], names: Sequence[str], one_in: int, where: str) -> nw.LazyFrame[Any]:
    """Return the rows of the classes whose hash falls into one slice of ``one_in``: all rows of each.

    The hash is the engine's own, since Narwhals has none: it is the same from run to run, but DuckDB and
    Spark keep different classes, and so may DuckDB of a CSV and of a Parquet file with the same rows.
    """
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        kept = native.filter(f"hash({', '.join(names)}) % {one_in} = 0")
    elif frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect():
        kept = native.where(f"pmod(xxhash64({', '.join(names)}), {one_in}) = 0")
    else:
        raise DataError(f"{where} can only be counted in slices by DuckDB or Spark; hand it in as a file")
    sliced: nw.LazyFrame[Any] = nw.from_native(kept)
    return sliced


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


def comparable(table: NamedFrame, key: Key) -> nw.Expr:
    """Return the expression that is equal for rows of one class of ``key``."""
    position = table.position(key.column)
    if isinstance(key, CategoryKey):
        return category(table, position)
    if isinstance(key, OutcomeKey):
        return _outcome(table, key, position)
    return _checked(table, key)


def _checked(table: NamedFrame, key: Key) -> nw.Expr:
    """Return what a cell is grouped by, once no cell holds something else than ``key`` needs."""
    value = raw(table, key)
    bad = (value == bad_value(key)).cast(nw.Int64).sum()
    count = table.frame.select(bad.alias("bad")).collect(backend="pyarrow").rows()[0][0]
    if count:
        raise refusal(table, key, int(count))
    return value


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
