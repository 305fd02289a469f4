"""Pattern counts: which columns hold text of an identifier's form, and how much of it verifies."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from conformity.engines.columns import BLOCK, NamedFrame, is_text, missing, trimmed
from conformity.engines.patterns import Pattern, pattern
from conformity.model.tally import PatternCounts, Tally

_COLUMNS = ("column", "pattern", "filled", "matching", "distinct_tested", "distinct_verified")


def pattern_counts(table: NamedFrame, spec: PatternCounts) -> Tally:
    """Return one entry for every searched column and pattern, sorted.

    Text is searched, and whole numbers too, since a file may keep card numbers as integers. The
    values that are verified are the first ``spec.sample`` distinct ones in sorted order, so that the
    same file always gives the same numbers; they are dropped here.

    Raises:
        DataError: there is no pattern of a name.
    """
    wanted = [pattern(name) for name in sorted(set(spec.patterns))]
    columns = [n for n, dtype in enumerate(table.dtypes) if is_text(dtype) or dtype.is_integer()]
    filled, suspects = _screen(table, columns, wanted)
    matches = _count(table, suspects, wanted)
    entries = []
    for column in columns:
        for one in wanted:
            matching = matches.get((column, one.name), 0)
            tested = verified = 0
            if matching:
                tested, verified = _verify(table, column, one, spec.sample)
            entries.append((table.names[column], one.name, filled[column], matching, tested, verified))
    return Tally(spec=spec, columns=_COLUMNS, entries=tuple(sorted(entries)))


def _screen(table: NamedFrame, columns: list[int], wanted: list[Pattern]) -> tuple[dict[int, int], list[int]]:
    """Return the filled cells of each column, and the columns in which any pattern occurs.

    One alternation of all patterns is several times faster than a search for each of them.
    """
    if not columns or not wanted:
        return dict.fromkeys(columns, 0), []
    any_of = "^(?:" + "|".join(one.form for one in wanted) + ")$"
    filled: dict[int, int] = {}
    suspects = []
    for start in range(0, len(columns), BLOCK // 2):
        block = columns[start : start + BLOCK // 2]
        sums = []
        for column in block:
            sums.append(_total(~missing(table, column)).alias(f"f{column}"))
            sums.append(_total(trimmed(column).str.contains(any_of)).alias(f"h{column}"))
        row = _one_row(table, block, sums)
        filled.update(zip(block, row[::2], strict=True))
        suspects += [column for column, hits in zip(block, row[1::2], strict=True) if hits]
    return filled, suspects


def _count(table: NamedFrame, columns: list[int], wanted: list[Pattern]) -> dict[tuple[int, str], int]:
    """Return how many cells of each suspect column match each pattern."""
    found: dict[tuple[int, str], int] = {}
    step = max(1, BLOCK // max(1, len(wanted)))
    for start in range(0, len(columns), step):
        pairs = [(column, one) for column in columns[start : start + step] for one in wanted]
        sums = [
            _total(trimmed(column).str.contains(one.expression)).alias(f"n{number}")
            for number, (column, one) in enumerate(pairs)
        ]
        row = _one_row(table, columns[start : start + step], sums)
        found.update({(column, one.name): count for (column, one), count in zip(pairs, row, strict=True)})
    return found


def _verify(table: NamedFrame, column: int, one: Pattern, sample: int) -> tuple[int, int]:
    """Return how many distinct matching values were checked and how many passed."""
    texts = table.only([column]).select(trimmed(column).alias("text"))
    matching = texts.filter(nw.col("text").str.contains(one.expression)).unique()
    rows = matching.sort("text").head(sample).collect(backend="pyarrow").rows()
    return len(rows), sum(one.verify(str(text)) for (text,) in rows)


def _total(flag: nw.Expr) -> nw.Expr:
    """Return in how many rows ``flag`` holds."""
    return flag.cast(nw.Int64).sum()


def _one_row(table: NamedFrame, columns: list[int], sums: list[nw.Expr]) -> list[int]:
    """Return sums over the whole table that need ``columns`` only; 0 where there was nothing to add."""
    row: tuple[Any, ...] = table.only(columns).select(*sums).collect(backend="pyarrow").rows()[0]
    return [int(value or 0) for value in row]
