"""Read the rows of a table once, as codes and numbers, and count them into arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from conformity.engines.columns import NamedFrame
from conformity.engines.dense_axes import Axis
from conformity.engines.dense_cells import Cells, blocks
from conformity.engines.dense_codes import Coding, NoCodeError
from conformity.engines.dense_sums import SumsOf, parts

_BATCH = 2**18
"""How many rows the engine hands over at a time."""


def count_rows(table: NamedFrame, coded: Mapping[int, Coding], cells: Collection[Cells]) -> None:
    """Count every row of a table into all of some cells; one scan.

    Raises:
        NoCodeError: a cell has no code, or a number is too large to be added here.
    """
    axes = list(dict.fromkeys(axis for one in cells for axis in one.axes))
    sums = list(dict.fromkeys(one for them in cells for one in them.sums))
    # Closed in any case: the connection answers nothing else while it is open.
    with _read(table, coded, axes, sums).to_arrow_reader(_BATCH) as read:
        for batch in read:
            names = batch.schema.names
            columns = {name: _filled(batch.column(place), name) for place, name in enumerate(names)}
            for block in blocks(batch.num_rows):
                here = {name: column[block] for name, column in columns.items()}
                codes = _codes(here, coded, axes)
                numbers = {position: here[f"n{position}"] for one in sums for position in one.positions}
                added = {one: parts(one, numbers) for one in sums}
                for one in cells:
                    one.add(codes, block.stop - block.start, added)


def _read(
    table: NamedFrame, coded: Mapping[int, Coding], axes: Iterable[Axis], sums: Iterable[SumsOf]
) -> Any:
    """Return the relation of what is read: codes ``s``, numbers ``n`` and computed axes ``x``."""
    selected: dict[str, str] = {}
    made: list[nw.Expr] = []
    positions = {position for one in sums for position in one.positions}
    for axis in axes:
        if axis.expr is not None:
            selected[f"x{len(made)}"] = f"x{len(made)}::USMALLINT"
            made.append(axis.expr.alias(f"x{len(made)}"))
        elif coded[axis.position].scale:
            positions.add(axis.position)
        else:
            selected[f"s{axis.position}"] = coded[axis.position].selected
    selected |= {f"n{position}": f"c{position}::DOUBLE" for position in sorted(positions)}
    needed = sorted({axis.position for axis in axes} | positions)
    frame = table.only(needed or [0])
    rows = nw.to_native(frame.select(*(nw.col(f"c{position}") for position in needed or [0]), *made))
    listed = ", ".join(f"{sql} AS {name}" for name, sql in selected.items()) or "0 AS nothing"
    return rows.query("given", f"SELECT {listed} FROM given")  # noqa: S608 - our own names


def _filled(column: Any, name: str) -> NDArray[Any]:
    """Return a column of a batch.

    Raises:
        NoCodeError: a cell has no code.
    """
    if column.null_count and not name.startswith("n"):
        raise NoCodeError
    found: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return found


def _codes(
    read: Mapping[str, NDArray[Any]], coded: Mapping[int, Coding], axes: Iterable[Axis]
) -> dict[Axis, NDArray[Any]]:
    """Return for each axis the number of every row of a block.

    Raises:
        NoCodeError: a cell has no code.
    """
    of_columns: dict[int, NDArray[Any]] = {}
    found: dict[Axis, NDArray[Any]] = {}
    made = 0
    for axis in axes:
        if axis.expr is not None:
            found[axis] = read[f"x{made}"]
            made += 1
            continue
        if axis.position not in of_columns:
            coding = coded[axis.position]
            name = f"{'n' if coding.scale else 's'}{axis.position}"
            of_columns[axis.position] = coding.codes(read[name])
        codes = of_columns[axis.position]
        found[axis] = codes if axis.table is None else axis.table.take(codes)
    # One type for all, that of places, so that no array must convert them again.
    return {axis: numbers.astype(np.int32, copy=False) for axis, numbers in found.items()}
