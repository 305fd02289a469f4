"""The earth mover's distance between ordered values of a class and of the table, in Narwhals alone.

The distance is the sum, over the ranks i of the table's m different numbers, of |P(i) - Q(i)| / (m - 1),
with P and Q the shares of the class and of the table up to rank i. Turned on its side, this is the integral
over u in (0, 1] of |rank of the class at u - rank of the table at u|. The class has one rank between two of
its own steps, so that a line for each of its own values suffices, once the integral of the table's rank, a
polygon, is known at its steps. A running maximum over the steps of all classes and of the table, sorted
together, gives it there: there is no join and no product of classes and values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.bins import not_numeric, read_number
from conformity.engines.columns import NamedFrame, missing

UNIT = 1e-15
"""Fractions are added up as whole multiples of this, which gives the same sum in any order."""

_ADVICE = "do not declare that it holds numbers"


def whole(fraction: nw.Expr) -> nw.Expr:
    """Return a fraction as a whole number of units."""
    return (fraction / UNIT).round().cast(nw.Int64)


@dataclass(frozen=True)
class Ordered:
    """The worst class by the ordered distance."""

    rows: int
    """Rows that hold a number."""
    distance: float | None
    """The greatest distance over the classes, in [0, 1]; None without two different numbers."""

    @classmethod
    def of(cls, area: float | None, rows: int | None, values: int | None) -> Ordered:
        """Return the distance.

        Args:
            area: the greatest distance, in units.
            rows: rows that hold a number; None or 0 when there are none.
            values: how many different numbers there are.
        """
        if not rows or (values or 0) < 2 or area is None:
            return cls(int(rows or 0), None)
        return cls(int(rows), float(area) * UNIT)


def numbers(table: NamedFrame, column: str) -> nw.Expr:
    """Return a column's numbers as ``v``, null where a cell is missing; text is looked through first.

    Raises:
        DataError: there is no such column, or it holds something else than numbers.
    """
    number, fits = read_number(table, column, _ADVICE)
    blank = missing(table, table.position(column))
    if fits is not None:
        strange = (~blank & ~fits).cast(nw.Int64).sum()
        count = table.frame.select(strange.alias("bad")).collect(backend="pyarrow").rows()[0][0]
        if count:
            raise not_numeric(table, column, int(count), _ADVICE)
    return nw.when(~blank).then(number).alias("v")


def ordered_distance(frame: nw.LazyFrame[Any], names: Sequence[str]) -> Ordered:
    """Return the greatest distance between a class and all rows that hold a number.

    Args:
        frame: the columns ``names``, which make the classes, and ``v``, a number or null.
        names: the columns that make the classes.

    Source:
        Li, Li and Venkatasubramanian, ICDE 2007, section 5.1 (EMD for numerical attributes).
    """
    return Ordered.of(*areas(frame, names))


def areas(frame: nw.LazyFrame[Any], names: Sequence[str]) -> tuple[Any, Any, Any]:
    """Return the greatest distance in units, the rows with a number, and how many numbers differ."""
    cells = frame.filter(~nw.col("v").is_null()).group_by(*names, "v").agg(nw.len().cast(nw.Int64).alias("n"))
    steps = _with_table_steps(_with_class_steps(cells, names), names)
    terms = steps.select(*names, "rows", "values", whole(_area()).alias("area"))
    classes = terms.group_by(*names).agg(
        nw.col("area").sum().cast(nw.Float64), nw.col("rows").max(), nw.col("values").max()
    )
    summary = classes.select(nw.col("area").max(), nw.col("rows").max(), nw.col("values").max())
    (line,) = summary.collect(backend="pyarrow").rows()
    return line[0], line[1], line[2]


def _with_class_steps(cells: nw.LazyFrame[Any], names: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return cells with their value's rank, and the steps of their class and of the table there.

    ``low`` and ``high`` are the class's shares below and up to the value, ``step`` the table's share up to
    it, and ``integral`` that of the table's rank from 0 to ``step``. The table's sums run over one cell of
    each value, its first.
    """
    n = nw.col("n")
    counted = cells.with_columns(
        n.sum().over(*names).cast(nw.Float64).alias("size"),
        n.sum().cast(nw.Int64).alias("rows"),
        n.sum().over("v").cast(nw.Int64).alias("total"),
        n.cum_sum().over(*names, order_by="v").cast(nw.Int64).alias("upto"),
        (n * 0 + 1).cum_sum().over("v", order_by="n").cast(nw.Int64).alias("turn"),
    )
    first = nw.when(nw.col("turn") == 1)
    order = ["v", "turn"]
    ranked = counted.with_columns(
        first.then(nw.col("total")).otherwise(0).alias("total"),
        first.then(1).otherwise(0).cum_sum().over(order_by=order).cast(nw.Int64).alias("rank"),
    )
    rows = nw.col("rows").cast(nw.Float64)
    weighted = nw.col("total") * nw.col("rank")
    return ranked.with_columns(
        ((nw.col("upto") - n) / nw.col("size")).alias("low"),
        (nw.col("upto") / nw.col("size")).alias("high"),
        (nw.col("total").cum_sum().over(order_by=order) / rows).alias("step"),
        (weighted.cum_sum().over(order_by=order) / rows).alias("integral"),
        nw.col("rank").max().alias("values"),
    )


def _with_table_steps(cells: nw.LazyFrame[Any], names: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return cells with the integral of the table's rank from 0 to ``low`` and to ``high``."""
    own = cells.select(
        *names, "v", "rank", "rows", "values", "low", "high", "step", "integral", event=nw.lit(1)
    )
    of_table = own.with_columns(high=nw.col("step"), event=nw.lit(0))
    events = nw.concat([own, of_table])
    order = ["high", "event"]
    passed = nw.when(nw.col("event") == 0)
    before = [
        passed.then(nw.col(name).cast(nw.Float64))
        .otherwise(0.0)
        .cum_max()
        .over(order_by=order)
        .alias(f"last_{name}")
        for name in ("step", "integral", "rank")
    ]
    beyond = (nw.col("high") - nw.col("last_step")) * (nw.col("last_rank") + 1.0)
    up_to_high = (nw.col("last_integral") + beyond).alias("to_high")
    classes = events.with_columns(*before).filter(nw.col("event") == 1).with_columns(up_to_high)
    to_low = nw.col("to_high").shift(1).over(*names, order_by="v").fill_null(0.0)
    return classes.with_columns(to_low.alias("to_low"))


def _area() -> nw.Expr:
    """Return a cell's part of the distance: the integral of |its rank - the table's| over its share.

    The table's rank is at most the cell's up to ``step``, where the sign turns.
    """
    low, high, step = nw.col("low"), nw.col("high"), nw.col("step")
    turn = nw.when(step < low).then(low).when(step > high).then(high).otherwise(step)
    to_low, to_high = nw.col("to_low"), nw.col("to_high")
    to_turn = nw.when(step < low).then(to_low).when(step > high).then(to_high).otherwise(nw.col("integral"))
    area = nw.col("rank") * (2.0 * turn - low - high) - (2.0 * to_turn - to_low - to_high)
    return nw.when(nw.col("values") > 1).then(area / (nw.col("values") - 1).cast(nw.Float64)).otherwise(0.0)
