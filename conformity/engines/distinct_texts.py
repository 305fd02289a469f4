"""Draw distinct texts of a column: the same ones on every engine, in every order of rows."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from conformity.errors import DataError

_SLICED_FROM = 50
"""From how many times the wanted number of rows only a slice of the hashes is compared."""

_LOOKED_AT = 10
"""How many times the wanted number of rows is looked at first."""


def distinct_texts(texts: nw.LazyFrame[Any], rows: int, most: int) -> list[str]:
    """Return distinct values of the one column ``text``: all of them, or ``most`` drawn by their MD5.

    The hash has nothing to do with what the values mean, so that the drawn ones stand for all; and
    it is the same function on every engine.

    Args:
        texts: a lazy frame with the column ``text``, without nulls.
        rows: how many rows the frame has.
        most: how many values are wanted at most.
    """
    if rows > _SLICED_FROM * most and _various(texts, most):
        # A slice spares a sort of all distinct values; where values repeat it may hold too few.
        edge = format(int(0x10000 * (_SLICED_FROM / 2) * most / rows) + 1, "04x")
        sliced = _lowest(_with_hash(texts).filter(nw.col("hash") < edge).unique(), most)
        if len(sliced) == most:
            return sliced
    # Equal texts are put together before they are hashed, which is the dearer work of the two.
    return _lowest(_with_hash(texts.unique()), most)


def _various(texts: nw.LazyFrame[Any], most: int) -> bool:
    """Return whether the first rows promise many different texts; the outcome does not hang on it."""
    first = texts.head(_LOOKED_AT * most).unique().collect(backend="pyarrow")
    return 2 * len(first) > _LOOKED_AT * most


def _lowest(hashed: nw.LazyFrame[Any], most: int) -> list[str]:
    """Return the texts with the lowest hashes, of a frame that holds each once."""
    rows = hashed.sort("hash", "text").head(most).collect(backend="pyarrow").rows(named=True)
    return [str(row["text"]) for row in rows]


def _with_hash(texts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the frame with the MD5 of its column ``text`` beside it, as column ``hash``.

    Raises:
        DataError: the engine has no such function.
    """
    native = nw.to_native(texts)
    if texts.implementation.is_duckdb():
        hashed = native.select("text, md5(text) AS hash")
    elif texts.implementation.is_spark_like():
        # Spark's expressions are plain text here, so that Spark itself need not be imported.
        hashed = native.selectExpr("text", "md5(text) AS hash")
    else:
        raise DataError("identifiers can be searched with DuckDB and Spark only; choose one of these engines")
    frame: nw.LazyFrame[Any] = nw.from_native(hashed)
    return frame
