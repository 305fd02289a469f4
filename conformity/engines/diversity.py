"""Diversity: how the values of a sensitive column spread within classes of rows, at their worst.

All of it is one query in Narwhals, for any engine: rows are grouped into cells (class, value) in one
scan, cells into classes, and classes into at most eleven lines, by their number of distinct values. The
distance of ordered values is a second query and scan, over the rows that hold a number. Sums of fractions
are added as whole multiples of 1e-15, so that neither threads nor engines change the order's result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from conformity.engines.classes import comparable
from conformity.engines.columns import NamedFrame, category
from conformity.engines.distances import UNIT, Ordered, numbers, ordered_distance, whole
from conformity.model.tally import Diversity, Tally

MANY = 11
"""Classes with this number of distinct values or more are counted together."""

_DIGITS = 12

Entry = tuple[str | int | float, ...]
"""An entry of the tally."""

LEAST, GREATEST = ("size", "distinct", "entropy"), ("alpha", "recursive_c", "gain", "log_ratio", "distance")
"""Measures of a class of which the least value, and those of which the greatest, is the worst."""


def diversity(table: NamedFrame, spec: Diversity) -> Tally:
    """Return the worst class by every measure, and how many classes and rows have few distinct values.

    Entries are ``(measure, at, value)``; none when there are no rows. With p the share of a value in its
    class and q its share in the table, over the values that the class holds:

    - ``size``, ``distinct``, ``entropy`` (of p, in nats): the least over the classes;
    - ``alpha`` (largest p), ``recursive_c`` (rows with the commonest value per other row; absent when no
      class has two values), ``gain`` (p / q - 1), ``log_ratio`` (abs(ln(p / q))) and ``distance`` (half the
      sum of abs(p - q) over all values): the greatest;
    - ``rows_over``: rows in classes where a gain exceeds -ln(q);
    - ``classes_with``, ``rows_with``: classes, and rows in them, with ``at`` distinct values, MANY standing
      for more too;
    - without ``spec.shares``: of all these the last two only;
    - with ``spec.ordered``: ``ordered_rows``, the rows that hold a number, and ``ordered_distance``, the
      greatest earth mover's distance between ranks, absent when there are not two different numbers.

    Missing is a value of its own, except in the ordered distance, from which such rows are left out.

    Raises:
        DataError: a column is missing or not numeric, or an outcome has too many values.

    Source:
        Machanavajjhala et al., ACM TKDD 1 (2007) 3 (entropy, recursive); Wong et al., KDD 2006 (alpha);
        Li, Li and Venkatasubramanian, ICDE 2007 (distances); Brickell and Shmatikov, KDD 2008
        (log ratio); Cao and Karras, PVLDB 5 (2012) 1388-1399 (gain, and its bound -ln(q)).
    """
    position = table.position(spec.sensitive)
    value = category(table, position)
    needed = table.only([position, *(table.position(key.column) for key in spec.keys)])
    keys = [comparable(table, key) for key in spec.keys]
    names = [f"k{number}" for number in range(len(keys))]
    columns = [key.alias(name) for key, name in zip(keys, names, strict=True)]
    frame = needed.select(*columns, value.alias("v"))
    if spec.shares:
        lines = _summary(_classes(frame, names)).collect(backend="pyarrow").rows(named=True)
        entries = entries_of(lines)
    else:
        lines = _counted(frame, names).collect(backend="pyarrow").rows(named=True)
        entries = numbers_of(lines)
    if spec.ordered and entries:
        entries += ordered_entries(
            ordered_distance(needed.select(*columns, numbers(table, spec.sensitive)), names)
        )
    return Tally(spec=spec, columns=("measure", "at", "value"), entries=tuple(sorted(entries)))


def _classes(frame: nw.LazyFrame[Any], names: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return one line for each class, with its measures.

    The distance is half the sum of |p - q| over all values, which is the sum of p - q over the values that
    are more frequent in the class than in the table: so values absent from a class need no line.
    """
    cells = frame.group_by(*names, "v").agg(nw.len().cast(nw.Int64).alias("n"))
    n = nw.col("n")
    counted = cells.with_columns(
        (n / n.sum().over(*names).cast(nw.Float64)).alias("p"),
        (n.sum().over("v").cast(nw.Float64) / n.sum().cast(nw.Float64)).alias("q"),
    )
    p, q = nw.col("p"), nw.col("q")
    ratio = p / q
    measured = counted.with_columns(
        whole(-p * p.log()).alias("h"),
        whole(nw.when(p > q).then(p - q).otherwise(0.0)).alias("d"),
        (ratio - 1.0).alias("gain"),
        ratio.log().abs().alias("log_ratio"),
        nw.when(ratio - 1.0 > -q.log()).then(1).otherwise(0).alias("over"),
    )
    grouped = measured.group_by(*names).agg(
        nw.col("n").sum().cast(nw.Int64).alias("size"),
        nw.len().cast(nw.Int64).alias("distinct"),
        nw.col("n").max().alias("most"),
        *(nw.col(name).sum().cast(nw.Float64).alias(name) for name in ("h", "d")),
        *(nw.col(name).max() for name in ("gain", "log_ratio", "over")),
    )
    others = nw.col("size") - nw.col("most")
    return grouped.with_columns(
        (nw.col("h") * UNIT).alias("entropy"),
        (nw.col("d") * UNIT).alias("distance"),
        (nw.col("most") / nw.col("size").cast(nw.Float64)).alias("alpha"),
        nw.when(others > 0).then(nw.col("most") / others.cast(nw.Float64)).alias("recursive_c"),
        nw.when(nw.col("distinct") < MANY).then(nw.col("distinct")).otherwise(MANY).alias("at"),
    )


def _counted(frame: nw.LazyFrame[Any], names: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return one line for each number of distinct values: classes and rows."""
    cells = frame.group_by(*names, "v").agg(nw.len().cast(nw.Int64).alias("n"))
    classes = cells.group_by(*names).agg(nw.len().cast(nw.Int64).alias("distinct"), nw.col("n").sum())
    few = nw.when(nw.col("distinct") < MANY).then(nw.col("distinct")).otherwise(MANY)
    grouped = classes.with_columns(few.alias("at")).group_by("at")
    return grouped.agg(nw.len().alias("classes"), nw.col("n").sum().alias("rows"))


def _summary(classes: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return one line for each number of distinct values: classes, rows, and the worst of each measure."""
    size = nw.col("size")
    over = nw.when(nw.col("over") == 1).then(size).otherwise(0)
    return (
        classes.with_columns(over.alias("rows_over"))
        .group_by("at")
        .agg(
            nw.len().alias("classes"),
            size.sum().alias("rows"),
            nw.col("rows_over").sum(),
            *(nw.col(name).min().alias(f"least_{name}") for name in LEAST),
            *(nw.col(name).max().alias(f"greatest_{name}") for name in GREATEST),
        )
    )


def ordered_entries(found: Ordered) -> list[Entry]:
    """Return the tally's entries for the ordered distance."""
    entries: list[Entry] = [("ordered_rows", 0, found.rows)]
    if found.distance is not None:
        entries.append(("ordered_distance", 0, _rounded(found.distance)))
    return entries


def numbers_of(lines: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Return the entries that say how many classes and rows have few distinct values.

    Args:
        lines: each with a number of distinct values, ``at``, and its ``classes`` and ``rows``.
    """
    entries: list[Entry] = []
    for line in lines:
        entries.append(("classes_with", int(line["at"]), int(line["classes"])))
        entries.append(("rows_with", int(line["at"]), int(line["rows"])))
    return entries


def entries_of(lines: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Return the tally's entries from a line for each number of distinct values; none without lines.

    Args:
        lines: the fields that :func:`_summary` has.
    """
    if not lines:
        return []
    entries = numbers_of(lines)
    entries.append(("rows_over", 0, sum(int(line["rows_over"]) for line in lines)))
    for name in LEAST:
        worst = min(line[f"least_{name}"] for line in lines)
        entries.append((name, 0, _rounded(worst) if name == "entropy" else int(worst)))
    for name in GREATEST:
        found = [line[f"greatest_{name}"] for line in lines if line[f"greatest_{name}"] is not None]
        entries += [(name, 0, _rounded(max(found)))] if found else []
    return entries


def _rounded(value: float) -> float:
    """Return a measure without the digits in which engines may differ."""
    return round(float(value), _DIGITS) + 0.0
