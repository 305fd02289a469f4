"""Read months, quarters and years from a column of dates, whether dates are typed or written as text.

Text is read as ISO 8601 writes it, with or without hyphens and with or without a time of day; a month
or a year alone is enough. A year of four digits is also read from a whole number.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame, is_text, missing, trimmed
from conformity.engines.values import shape_of, text_of
from conformity.errors import DataError
from conformity.model.tally import MISSING, PeriodKey

NOT_A_DATE = "?"
"""The period of cells that hold something else than a date."""

_DAY = r"(0[1-9]|[12][0-9]|3[01])([T ][0-9]{2}.{0,40})?"
_DATE = rf"^(19|20|21)[0-9]{{2}}(-?Q[1-4]|-?(0[1-9]|1[0-2])(-?{_DAY})?)?$"
"""What text must look like to be read as a date; the centuries keep out numbers that are no dates."""


def period(table: NamedFrame, key: PeriodKey) -> nw.Expr:
    """Return the period of a cell, which :func:`period_label` names; null when it is missing.

    Raises:
        DataError: there is no such column, or its type cannot hold dates.
    """
    position = table.position(key.column)
    dtype = table.dtypes[position]
    column = nw.col(f"c{position}")
    if dtype == nw.Date or dtype == nw.Datetime:
        return column.dt.year().cast(nw.Int64) * 100 + column.dt.month().cast(nw.Int64)
    if is_text(dtype):
        text = trimmed(position)
    elif dtype.is_integer():
        text = column.cast(nw.Int64).cast(nw.String)
    elif dtype.is_float():
        known = nw.when(~missing(table, position)).then(column)
        whole = nw.when(known == known.floor()).then(known)
        text = nw.when(known.abs() < 1e9).then(whole).cast(nw.Int64).cast(nw.String)
        text = nw.when(~missing(table, position)).then(text.fill_null(NOT_A_DATE))
    else:
        raise DataError(
            f"column {key.column!r} of {table.where} holds {dtype} values, not dates; bind another column "
            "as `time`"
        )
    short = text.str.replace_all("-", "", literal=True).str.slice(0, 6)
    other = nw.when(text != "").then(nw.lit(NOT_A_DATE))
    return nw.when(text.str.contains(_DATE)).then(short).otherwise(other)


def period_label(value: Any) -> str:
    """Return the name of a period: ``2024-03``, ``2024-Q1``, ``2024``, or :data:`MISSING`.

    >>> period_label(202403), period_label("2024Q1"), period_label("2024")
    ('2024-03', '2024-Q1', '2024')
    """
    if value is None:
        return MISSING
    if isinstance(value, str):
        return f"{value[:4]}-{value[4:]}" if len(value) == 6 else value
    year, month = divmod(int(value), 100)
    return f"{year:04d}-{month:02d}"


def not_dates(table: NamedFrame, key: PeriodKey, count: int) -> DataError:
    """Return the error for ``count`` cells of a time column that hold no date.

    The message shows the form of one such cell, not the cell: it may be about a person.
    """
    position = table.position(key.column)
    bad = table.frame.filter(period(table, key).cast(nw.String) == NOT_A_DATE)
    first = bad.select(nw.col(f"c{position}").min().alias("first")).collect(backend="pyarrow").rows()
    return DataError(
        f"column {key.column!r} of {table.where} must hold dates such as 2024-03-01, but {count:,} of its "
        f"cells do not, such as one of the form {shape_of(text_of(first[0][0]))!r}; correct the data or "
        "bind another column as `time`"
    )
