"""One pass over all cells: how many are filled, and which columns some quick search finds something in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.columns import BLOCK, NamedFrame, is_text
from conformity.engines.kept import CountedFrame
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
        flags: list[tuple[int, nw.Expr | None]] = []
        for column in block:
            text = text_of_cell(column)
            flags.append((column, text.str.contains(_FILLED)))
            flags.append((column, _found(text, any_net) if nets else None))
            flags.append((column, text.str.contains(WORD) if letters else None))
        row = cells_with(table, flags)
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
        flags: list[tuple[int, nw.Expr | None]] = []
        for column in block:
            text = text_of_cell(column)
            hit = nw.when(_found(text, any_net)).then(text)
            flags += [(column, hit.str.contains(NETS[net])) for net in nets]
        row = cells_with(table, flags)
        for number, column in enumerate(block):
            counts = row[number * len(nets) : (number + 1) * len(nets)]
            found[column] = {net: count for net, count in zip(nets, counts, strict=True) if count}
    return found


def _screen_typed(table: NamedFrame, column: int, nets: Sequence[str]) -> Suspect:
    """Return a column of numbers or dates: large whole numbers and dates may be identifiers."""
    cell = nw.col(f"c{column}")
    dtype = table.dtypes[column]
    flags: list[tuple[int, nw.Expr | None]] = [(column, ~cell.is_null())]
    if dtype.is_integer():
        flags.append((column, cell >= _LEAST))
    row = cells_with(table, flags)
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


def cells_of(table: NamedFrame, column: int) -> nw.LazyFrame[Any]:
    """Return the frame that has the column: where its values are counted each once, else the table."""
    counted = table.counted.get(column) if isinstance(table, CountedFrame) else None
    return table.only([column]) if counted is None else counted


def cells_with(table: NamedFrame, flags: Sequence[tuple[int, nw.Expr | None]]) -> list[int]:
    """Return in how many cells each flag holds; 0 for a flag that is None.

    Args:
        table: the table.
        flags: for each a column's position, and an expression over that column alone.
    """
    counted = table.counted if isinstance(table, CountedFrame) else {}
    asked: dict[int | None, dict[int, nw.Expr]] = {}
    for place, (column, flag) in enumerate(flags):
        if flag is not None:
            asked.setdefault(column if column in counted else None, {})[place] = flag
    found = [0] * len(flags)
    for one, wanted in asked.items():
        if one is None:
            frame, cells = table.only([flags[place][0] for place in wanted]), nw.lit(1, dtype=nw.Int64)
        else:
            frame, cells = counted[one], nw.col("n")
        sums = [nw.when(flag).then(cells).sum().alias(f"s{place}") for place, flag in wanted.items()]
        row: tuple[Any, ...] = frame.select(*sums).collect(backend="pyarrow").rows()[0]
        found = [int(value or 0) for value in _placed(found, wanted, row)]
    return found


def _placed(found: Sequence[int], places: Iterable[int], values: Iterable[Any]) -> list[Any]:
    """Return ``found`` with values at some places."""
    given = dict(zip(places, values, strict=True))
    return [given.get(place, value) for place, value in enumerate(found)]
