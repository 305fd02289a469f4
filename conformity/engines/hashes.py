"""Hashes of rows: what two tables need to give away to find out how many rows they share.

A row becomes one text that does not depend on the file format: text without the space around it, missing
cells alike, numbers by value. The text is hashed with MD5, which every engine has and which spreads rows
evenly; nothing rests on its resistance to attack. Where a table has more different rows than are kept, the
smallest hashes are: they are a random sample of the different rows, and two tables sample the same ones.

A hash of a row that can be guessed tells whoever guesses it that the row is there. Hashes are therefore never
kept: :func:`without_hashes` replaces those of all compared tables by their ranks before any probe sees them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

import narwhals as nw

from conformity.engines.columns import BLOCK, NamedFrame, is_text, trimmed
from conformity.engines.hashes_sql import FRACTION, LARGEST, LONG, WHOLE, texts_in_sql
from conformity.engines.profiles import known_value
from conformity.engines.values import NUMBER
from conformity.errors import DataError
from conformity.model.tally import RowHashes, Tally

TOTAL = "(all)"
"""The first entry of a tally of hashes: how many different hashes and rows the whole table has."""

_DIGITS = 15
"""Hexadecimal digits that are kept: 60 bits, so that 100,000 rows collide by chance once in 10^8 tables."""
_SPACE = 16**_DIGITS
_SALT = "conformity row 1"
_SEPARATOR = "\x1fa"
_KINDS = ("t", "g", "r")
"""A cell in three texts: what it holds, whether that is the root of a number too large, and the rest."""

_Name = TypeVar("_Name")


def row_hashes(table: NamedFrame, spec: RowHashes) -> Tally:
    """Return entries ``(hash, different hashes, rows)``: first the totals, then the smallest hashes.

    The entry of the totals is called :data:`TOTAL`; every other stands for one hash, of 15 hexadecimal
    digits. Hashes are kept whole where there are at most ``spec.most``.

    The table is read once where it has at most that many different rows; else thrice: then they are
    counted, and those are kept that lie below a bound under which ``spec.most`` of them are expected.

    Raises:
        DataError: there is no such column, or the engine has no MD5.
    """
    hashes = _hashed(table, spec)
    grouped = hashes.group_by("hash").agg(nw.len().alias("rows"))
    first = grouped.head(spec.most + 1).collect(backend="pyarrow").rows()
    if len(first) <= spec.most:
        every = sorted((int(value), int(count)) for value, count in first)
        return _tally(spec, len(every), sum(count for _, count in every), every)
    totals = grouped.select(nw.len().alias("hashes"), nw.col("rows").sum()).collect(backend="pyarrow").rows()
    different, rows = (int(value or 0) for value in totals[0])
    return _tally(spec, different, rows, _smallest(hashes, different, spec.most))


def _tally(spec: RowHashes, different: int, rows: int, kept: Sequence[tuple[int, int]]) -> Tally:
    """Return the tally of the hashes that are kept."""
    entries = [(f"{value:0{_DIGITS}x}", 1, count) for value, count in kept]
    return Tally(
        spec=spec, columns=("hash", "hashes", "rows"), entries=((TOTAL, different, rows), *sorted(entries))
    )


def without_hashes(found: Mapping[_Name, Sequence[Tally]]) -> dict[_Name, tuple[Tally, ...]]:
    """Return the tallies with every row's hash replaced by its rank among the hashes of all of them.

    Which tables share a row, and in which order hashes lie, stays as it was, and no probe may ask for
    more. The hash itself is gone: ranks run from 0 without gaps, whatever the rows were, so that nobody
    can look a guessed row up in a tally that is kept.

    Args:
        found: the tallies of tables that are compared; other kinds are returned as they are.
    """
    every = {
        str(entry[0])
        for tallies in found.values()
        for tally in tallies
        if isinstance(tally.spec, RowHashes)
        for entry in tally.entries
    } - {TOTAL}
    rank = {value: f"{number:08d}" for number, value in enumerate(sorted(every))} | {TOTAL: TOTAL}
    return {name: tuple(_ranked(tally, rank) for tally in tallies) for name, tallies in found.items()}


def _ranked(tally: Tally, rank: Mapping[str, str]) -> Tally:
    """Return the tally with ranks in place of hashes."""
    if not isinstance(tally.spec, RowHashes):
        return tally
    entries = tuple((rank[str(entry[0])], *entry[1:]) for entry in tally.entries)
    return tally.model_copy(update={"entries": entries})


def _smallest(hashes: nw.LazyFrame[Any], different: int, most: int) -> list[tuple[int, int]]:
    """Return the ``most`` smallest hashes with their rows.

    Args:
        hashes: a row for each row of the table.
        different: how many different hashes there are.
        most: how many are kept.
    """
    wanted = min(different, most)
    # Expected below the bound: a tenth and some more than wanted; where that misses, the bound doubles.
    bound = _SPACE if different <= most else int(_SPACE * (1.1 * most + 100) / different)
    while True:
        below = hashes.filter(nw.col("hash") < bound) if bound < _SPACE else hashes
        counts = below.group_by("hash").agg(nw.len().alias("rows")).sort("hash").head(most)
        rows = counts.collect(backend="pyarrow").rows()
        if len(rows) >= wanted or bound >= _SPACE:
            return [(int(value), int(count)) for value, count in rows]
        bound *= 2


def _hashed(table: NamedFrame, spec: RowHashes) -> nw.LazyFrame[Any]:
    """Return one whole number, ``hash``, for each row."""
    names = spec.columns or table.names
    positions = [table.position(name) for name in names]
    number = f"left(md5({_digest(positions)}), {_DIGITS})"
    if table.frame.implementation.is_duckdb():
        others = [
            part
            for position in positions
            if not is_text(table.dtypes[position])
            for part in _taken_apart(table, position)
        ]
        return texts_in_sql(table, positions, others, f"('0x' || {number})::BIGINT")
    if not table.frame.implementation.is_spark_like():
        raise DataError(
            f"the rows of {table.where} cannot be hashed by {table.frame.implementation}; use DuckDB or Spark"
        )
    hashes: nw.LazyFrame[Any] = nw.from_native(
        _texts(table, positions).selectExpr(f"CAST(conv({number}, 16, 10) AS BIGINT) AS hash")
    )
    return hashes


def _texts(table: NamedFrame, positions: Sequence[int]) -> Any:
    """Return the engine's own frame of the texts of every cell."""
    frame = table.only(positions)
    # Step by step: engines' plans double with every use of an expression, but not of a column.
    for step in (_taken_apart, _within_reach, _as_whole_and_rest, _as_texts):
        frame = frame.select(*(part for position in positions for part in step(table, position)))
    return frame.to_native()


def _digest(positions: Sequence[int]) -> str:
    """Return the text that is hashed, in SQL: all cells, or the digest of each block of cells."""
    texts = [f"coalesce({kind}{position}, '')" for position in positions for kind in _KINDS]
    blocks = [
        f"concat_ws('{_SEPARATOR}', {', '.join(texts[start : start + 3 * BLOCK])})"
        for start in range(0, len(texts), 3 * BLOCK)
    ]
    return reduce(lambda left, right: f"concat(md5({left}), {right})", [f"'{_SALT}'", *blocks])


def _taken_apart(table: NamedFrame, position: int) -> list[nw.Expr]:
    """Return a cell as a whole number ``i``, a float ``f`` or other text ``s``; all null when missing."""
    dtype, column = table.dtypes[position], nw.col(f"c{position}")
    whole, number = nw.lit(None, dtype=nw.Int64), nw.lit(None, dtype=nw.Float64)
    text = nw.lit(None, dtype=nw.String)
    if is_text(dtype):
        trim = trimmed(position)
        # Whole numbers with more digits stay text, which is what they are where types are kept, too.
        counts, long = trim.str.contains(WHOLE), trim.str.contains(LONG)
        fits = trim.str.contains(NUMBER) & ~long
        # The casts see null in place of text that is no number, so that they never fail midway.
        whole = nw.when(counts).then(trim).cast(nw.Int64)
        number = nw.when(fits & ~counts).then(trim).cast(nw.Float64)
        text = nw.when(~fits & (trim != "")).then(trim)
    elif dtype.is_signed_integer() or dtype in (nw.UInt8, nw.UInt16, nw.UInt32):
        whole = column.cast(nw.Int64)
    elif dtype.is_float() or dtype.is_decimal():
        number = known_value(table, position).cast(nw.Float64)
    else:
        # Truth values, dates, and whole numbers that may not fit: all engines write these alike.
        text = column.cast(nw.String)
    return [whole.alias(f"i{position}"), number.alias(f"f{position}"), text.alias(f"s{position}")]


def _within_reach(table: NamedFrame, position: int) -> list[nw.Expr]:
    """Return the float as ``v`` below 2^62: itself or its 32nd root, of which ``g`` then has the sign.

    A root is rounded five times, so that larger numbers are equal when their first 14 digits are.
    """
    number = nw.col(f"f{position}")
    root = nw.when(number.is_finite()).then(number).abs()
    for _ in range(5):
        root = root.sqrt()
    small = (number < LARGEST) & (number > -LARGEST)
    sign = nw.when(number > 0).then(nw.lit("+")).otherwise(nw.lit("-"))
    return [
        *(nw.col(f"{kind}{position}") for kind in "is"),
        nw.when(small).then(number).otherwise(root).alias(f"v{position}"),
        nw.when(~small).then(sign).alias(f"g{position}"),
    ]


def _as_whole_and_rest(table: NamedFrame, position: int) -> list[nw.Expr]:
    """Return the float ``f`` as whole part ``w`` and rest ``r`` in units of 2^-53.

    Engines write floats differently, but floor, subtraction, powers of two and square roots are the same
    in all. Numbers from 2^62 on would not fit into a whole number; ``v`` is then their 32nd root.
    """
    value = nw.col(f"v{position}")
    rest = ((value - value.floor()) * FRACTION).floor().cast(nw.Int64)
    return [
        *(nw.col(f"{kind}{position}") for kind in "isg"),
        value.floor().cast(nw.Int64).alias(f"w{position}"),
        nw.when(rest != 0).then(rest).cast(nw.String).alias(f"r{position}"),
    ]


def _as_texts(table: NamedFrame, position: int) -> list[nw.Expr]:
    """Return a cell as text ``t``; other text never looks like a number."""
    whole = nw.coalesce(nw.col(f"i{position}"), nw.col(f"w{position}")).cast(nw.String)
    words = nw.col(f"s{position}")
    lowered = words.str.to_lowercase()
    words = nw.when(lowered.is_in(["true", "false"])).then(lowered).otherwise(words)
    escaped = words.str.replace_all("\x1f", "\x1fb", literal=True)
    text = nw.when(~whole.is_null()).then(whole).otherwise(escaped)
    return [text.alias(f"t{position}"), nw.col(f"g{position}"), nw.col(f"r{position}")]
