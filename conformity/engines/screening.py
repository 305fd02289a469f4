"""One pass over all cells: how many are filled, and which columns some quick search finds something in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.columns import BLOCK, NamedFrame, is_text
from conformity.engines.patterns import HEADER, LETTERS, NETS, WORD, Pattern
from conformity.engines.values import WHITESPACE

_FILLED = rf"[^{WHITESPACE}]"
_DECIMAL = r"^[+-]?[0-9]{0,9}\.[0-9]+(?:[eE][+-]?[0-9]+)?$"
_LEAST = 10**7
"""The smallest whole number that may be an identifier: those of eight digits."""


@dataclass(frozen=True)
class Suspect:
    """A searched column, and how many of its cells each net found."""

    column: int
    """Its position."""
    filled: int
    """Its cells that are not missing."""
    nets: Mapping[str, int]
    """Cells found by each net that found any."""
    typed: bool = False
    """Whether the column holds numbers or dates, not text."""

    def hit(self, net: str) -> nw.Expr:
        """Return whether a cell, as column ``text``, is among those that a net found."""
        text = nw.col("text")
        if self.typed or net == HEADER:
            return ~text.is_null() & text.str.contains(_FILLED)
        if net == LETTERS:
            return text.str.contains(WORD)
        return _found(text, NETS[net])


def screen(table: NamedFrame, wanted: Sequence[Pattern]) -> list[Suspect]:
    """Return every column that can be searched, with what the nets of ``wanted`` found in it.

    Text is searched with one expression for all nets, which is several times faster than a search
    for each; numbers are searched by size alone; decimals are looked at only where the column's name
    says that they mean something.
    """
    nets = sorted({one.net for one in wanted} - {HEADER, LETTERS})
    texts = [n for n, dtype in enumerate(table.dtypes) if is_text(dtype)]
    found = _screen_texts(table, texts, nets, any(one.net == LETTERS for one in wanted))
    others = [n for n, dtype in enumerate(table.dtypes) if _is_searched(table, n, dtype, wanted)]
    found += [_screen_typed(table, column, nets) for column in others]
    return [_with_header(table, one, wanted) for one in sorted(found, key=lambda one: one.column)]


def text_of_cell(column: int) -> nw.Expr:
    """Return a cell as the engine writes it in text, with the space around it."""
    return nw.col(f"c{column}").cast(nw.String)


def _is_searched(table: NamedFrame, column: int, dtype: Any, wanted: Sequence[Pattern]) -> bool:
    """Return whether a column that is not text is searched."""
    if dtype.is_integer() or dtype.is_temporal():
        return True
    named = [one for one in wanted if one.net == HEADER and one.named_by(table.names[column])]
    return bool(dtype.is_float() and named)


def _screen_texts(
    table: NamedFrame, columns: Sequence[int], nets: Sequence[str], letters: bool
) -> list[Suspect]:
    """Return the columns of text: one pass for all, and one more for the nets of those with a hit."""
    any_net = "|".join(NETS[net] for net in nets)
    rows: dict[int, list[int]] = {}
    step = max(1, BLOCK // 3)
    for start in range(0, len(columns), step):
        block = columns[start : start + step]
        sums = []
        for column in block:
            text = text_of_cell(column)
            sums.append(total(text.str.contains(_FILLED)).alias(f"f{column}"))
            sums.append((total(_found(text, any_net)) if nets else nw.lit(0)).alias(f"h{column}"))
            sums.append((total(text.str.contains(WORD)) if letters else nw.lit(0)).alias(f"l{column}"))
        row = one_row(table, block, sums)
        rows.update({column: row[3 * at : 3 * at + 3] for at, column in enumerate(block)})
    hits = _net_hits(table, [column for column, (_, hits, _) in rows.items() if hits], nets, any_net)
    for column, (_, _, words) in rows.items():
        if words:
            hits.setdefault(column, {})[LETTERS] = words
    return [Suspect(column, filled, hits.get(column, {})) for column, (filled, _, _) in rows.items()]


def _net_hits(
    table: NamedFrame, columns: Sequence[int], nets: Sequence[str], any_net: str
) -> dict[int, dict[str, int]]:
    """Return how many cells of each column each net finds, of the nets that find any."""
    found: dict[int, dict[str, int]] = {}
    step = max(1, BLOCK // max(1, len(nets)))
    for start in range(0, len(columns), step):
        block = columns[start : start + step]
        sums = []
        for column in block:
            text = text_of_cell(column)
            hit = nw.when(_found(text, any_net)).then(text)
            sums += [total(hit.str.contains(NETS[net])).alias(f"{net}{column}") for net in nets]
        row = one_row(table, block, sums)
        for number, column in enumerate(block):
            counts = row[number * len(nets) : (number + 1) * len(nets)]
            found[column] = {net: count for net, count in zip(nets, counts, strict=True) if count}
    return found


def _screen_typed(table: NamedFrame, column: int, nets: Sequence[str]) -> Suspect:
    """Return a column of numbers or dates: large whole numbers and dates may be identifiers."""
    cell = nw.col(f"c{column}")
    dtype = table.dtypes[column]
    sums = [total(~cell.is_null()).alias("filled")]
    if dtype.is_integer():
        sums.append(total(cell >= _LEAST).alias("large"))
    row = one_row(table, [column], sums)
    filled, large = row[0], row[-1]
    suspicious = large if "digits" in nets and not dtype.is_float() else 0
    return Suspect(column, filled, {"digits": suspicious} if suspicious else {}, typed=True)


def _with_header(table: NamedFrame, one: Suspect, wanted: Sequence[Pattern]) -> Suspect:
    """Return the column with all its filled cells as a net, when its name says that they mean something."""
    named = [p for p in wanted if p.net == HEADER and p.named_by(table.names[one.column])]
    if not named or not one.filled:
        return one
    return Suspect(one.column, one.filled, {**one.nets, HEADER: one.filled}, one.typed)


def _found(text: nw.Expr, expression: str) -> nw.Expr:
    """Return whether a text that is no decimal number is found by a quick search."""
    return text.str.contains(expression) & ~text.str.contains(_DECIMAL)


def total(flag: nw.Expr) -> nw.Expr:
    """Return in how many rows ``flag`` holds."""
    return flag.cast(nw.Int64).sum()


def one_row(table: NamedFrame, columns: Sequence[int], sums: Sequence[nw.Expr]) -> list[int]:
    """Return sums over the whole table that need ``columns`` only; 0 where there was nothing to add."""
    row: tuple[Any, ...] = table.only(columns).select(*sums).collect(backend="pyarrow").rows()[0]
    return [int(value or 0) for value in row]
