"""The columns of a large table in DuckDB that have codes, and how many cells have each value: one scan.

What is asked of single columns, their profile, the edges of bands, the search for personal data, is answered
from these counts; what is asked of several, from the codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from conformity.engines.bands import keys_of
from conformity.engines.columns import NamedFrame
from conformity.engines.dense_axes import Axes
from conformity.engines.dense_cells import Need, packed
from conformity.engines.dense_codes import Coding, NoCodeError, codings
from conformity.engines.dense_stream import count_rows
from conformity.engines.kept import CountedFrame
from conformity.model.tally import (
    BandKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    ColumnProfiles,
    Diversity,
    MissingCounts,
    OutcomeKey,
    PatternCounts,
    TallySpec,
)

LARGE = 1_000_000
"""From so many rows on a table is counted in arrays: below, finding codes takes as long as it spares."""

_FEW_KEYS = 4
"""By so many keys together the engine groups rows at once."""

_names = count()


@dataclass(frozen=True)
class CodedFrame(CountedFrame):
    """A large table, some of whose columns have codes, and some of those their values counted."""

    coded: Mapping[int, Coding] = field(default_factory=dict)
    """The codes of each such column by position."""
    rows: int = 0
    """How many rows there are."""
    later: tuple[int, ...] = ()
    """Columns whose values are to be counted together with what is asked of several columns."""
    values: dict[int, nw.LazyFrame[Any]] = field(default_factory=dict)
    """The same as ``counted``, which it fills."""
    stack: ExitStack = field(default_factory=ExitStack)
    """Removes what is kept in the end."""

    def keep(self, position: int, counts: NDArray[np.int64]) -> None:
        """Keep how many cells have each code of a column."""
        import pyarrow as pa

        assert self.taken is not None
        handed = self.taken(pa.table({"code": np.arange(counts.size), "n": counts}))
        name = f"counted_{next(_names)}"
        listed = self.coded[position].listed
        joined = f"SELECT c0 AS c{position}, n FROM given JOIN ({listed}) USING (code)"  # noqa: S608 - our own text
        handed.query("given", f"CREATE TEMP TABLE {name} AS {joined} WHERE n > 0")
        native = nw.to_native(self.frame)
        self.stack.callback(native.query, "given", f"DROP TABLE {name}")
        self.values[position] = nw.from_native(native.query("given", f"FROM {name}"))


@contextmanager
def coded(table: NamedFrame, specs: Sequence[TallySpec]) -> Iterator[NamedFrame]:
    """Give the table with codes for what is asked of it; as it is where it is not large, or not in DuckDB.

    Which columns have codes never shows in a tally.
    """
    with ExitStack() as stack:
        yield _coded(table, specs, stack)


def _coded(table: NamedFrame, specs: Sequence[TallySpec], stack: ExitStack) -> NamedFrame:
    """Return the table with codes, which last until the stack is closed."""
    if table.taken is None or not table.frame.implementation.is_duckdb() or _is_simple(table, specs):
        return table
    ((rows,),) = table.frame.select(nw.len()).collect(backend="pyarrow").rows()
    if int(rows) < LARGE:
        return table
    first, others = _columns(table, specs)
    import duckdb

    try:
        found = stack.enter_context(codings(table, sorted({*first, *others, *_all(table, specs)})))
        made = _frame(table, found, int(rows), tuple(p for p in others if p in found), stack)
        _count(made, [position for position in first if position in found])
    except (NoCodeError, MemoryError, duckdb.Error):
        # Nothing is lost but time; what is wrong with the file, if anything, is said where it is read again.
        return table
    return made


def _is_simple(table: NamedFrame, specs: Sequence[TallySpec]) -> bool:
    """Return whether the engine groups rows as quickly as codes are found.

    So it does by a few keys of few values; and for classes by whole numbers, which it packs into one.
    """
    keys = {key for spec in specs for key in keys_of(spec)}
    if all(isinstance(spec, CellCounts) for spec in specs):
        return len(keys) <= _FEW_KEYS and all(isinstance(key, CategoryKey | OutcomeKey) for key in keys)
    kinds = dict(zip(table.names, table.dtypes, strict=True))
    return all(isinstance(spec, ClassSizes | Diversity) for spec in specs) and all(
        key.column in kinds and kinds[key.column].is_integer() for key in keys
    )


def _frame(
    table: NamedFrame, found: Mapping[int, Coding], rows: int, later: tuple[int, ...], stack: ExitStack
) -> CodedFrame:
    """Return a table with the codes that were found."""
    values: dict[int, nw.LazyFrame[Any]] = {}
    plain = (table.frame, table.names, table.where, table.project, table.taken)
    return CodedFrame(*plain, counted=values, coded=found, rows=rows, later=later, values=values, stack=stack)


def _columns(table: NamedFrame, specs: Sequence[TallySpec]) -> tuple[list[int], list[int]]:
    """Return the columns whose values are counted first, as bins depend on them, and those counted later."""
    bands = {key.column for spec in specs for key in keys_of(spec) if isinstance(key, BandKey)}
    names = {name for spec in specs if isinstance(spec, ColumnProfiles) for name in spec.columns}
    if any(isinstance(spec, PatternCounts) for spec in specs):
        names |= set(table.names)
    places = {name: place for place, name in enumerate(table.names)}
    first, later = (
        sorted(places[name] for name in some if name in places) for some in (bands, names - bands)
    )
    return first, later


def _all(table: NamedFrame, specs: Sequence[TallySpec]) -> list[int]:
    """Return the columns by which rows are told apart."""
    names = {key.column for spec in specs for key in keys_of(spec)}
    names |= {spec.sensitive for spec in specs if isinstance(spec, Diversity)}
    if any(isinstance(spec, MissingCounts) for spec in specs):
        names |= set(table.names)
    return [place for place, name in enumerate(table.names) if name in names]


def _count(table: CodedFrame, positions: Sequence[int]) -> None:
    """Count the values of some columns; one scan.

    Raises:
        NoCodeError: a cell has no code.
    """
    axes = Axes(table, {position: table.coded[position] for position in positions})
    needs = {p: Need((axis,)) for p in positions if (axis := axes.value_axis(p)) is not None}
    cells = packed(needs, table.rows)
    if cells:
        count_rows(table, table.coded, list(dict.fromkeys(cells.values())))
    for position, one in cells.items():
        table.keep(position, one.of(one.counts, needs[position].axes).astype(np.int64))
