"""Read a MetricFrame of Fairlearn as pandas writes it in JSON, or in the wrapper that this project documents.

Source:
    pandas, ``DataFrame.to_json`` (orientations columns, index, split and table); Fairlearn,
    ``fairlearn.metrics.MetricFrame.by_group``; docs/imports.md for the wrapper.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformity.errors import DataError
from conformity.probes.fairness.imported_group_rates.names import KNOWN
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.imported.origin import Origin, day_of, nothing_read, other_version, version_of
from conformity.probes.shared.imported.reading import number, objects, printable, whole

MOST_GROUPS = 500
"""Most groups of a file."""

_LONGEST_KEY = 400


@dataclass(frozen=True)
class Frame:
    """The metrics of all groups."""

    by: tuple[str, ...]
    """The attributes that form the groups."""
    groups: tuple[tuple[str, ...], ...]
    """The groups, sorted, a value for each attribute."""
    values: Mapping[tuple[tuple[str, ...], str], float | None]
    """By group and metric: the number; None where there is none, such as NaN."""
    metrics: tuple[str, ...]
    """The names of the metrics, sorted."""
    origin: Origin
    """Where it comes from."""


@dataclass(frozen=True)
class _Rows:
    """A frame as one orientation writes it."""

    by: tuple[str, ...]
    """The attributes' names; empty where the form leaves them out."""
    cells: Mapping[tuple[str, ...], Mapping[str, object]]
    """The cells of each group, by metric."""


def frame_of(data: Any, name: str) -> Frame:
    """Return what a file holds.

    Args:
        data: the file's contents.
        name: the file, for errors.

    Raises:
        NotMeasurableError: the form leaves out the names of groups or of metrics.
        DataError: it is no such frame, or says two things.
    """
    wrapped = isinstance(data, dict) and "written_by" in data
    body, given, origin = _unwrapped(data, name) if wrapped else (data, (), Origin("Fairlearn"))
    rows = _rows(body, name)
    sizes = {len(group) for group in rows.cells}
    if not rows.cells or len(rows.cells) > MOST_GROUPS or len(sizes) != 1:
        raise DataError(f"{name} must hold from 1 to {MOST_GROUPS} groups of the same attributes")
    found = _named(given or rows.by, sizes.pop(), name)
    metrics = sorted({metric for cells in rows.cells.values() for metric in cells})
    return Frame(
        by=found,
        groups=tuple(sorted(rows.cells)),
        values={
            (group, metric): number(cells.get(metric))
            for group, cells in rows.cells.items()
            for metric in metrics
        },
        metrics=tuple(metrics),
        origin=origin,
    )


def _unwrapped(data: Mapping[str, Any], name: str) -> tuple[Any, tuple[str, ...], Origin]:
    """Return the frame inside the wrapper, the attributes' names, and the origin.

    Raises:
        DataError: another program wrote it, or it names no attributes.
    """
    if data["written_by"] != "fairlearn":
        raise DataError(f"{name} says that another program than fairlearn wrote it; declare that one")
    names = data.get("sensitive_features")
    if not isinstance(names, list) or not all(isinstance(one, str) and one for one in names):
        raise DataError(f"{name} needs `sensitive_features`, a list of names; write `frame.sensitive_levels`")
    origin = Origin("Fairlearn", version_of(data.get("version")), day_of(data.get("made_on")))
    return data.get("by_group"), tuple(printable(one) for one in names), origin


def _named(given: tuple[str, ...], attributes: int, name: str) -> tuple[str, ...]:
    """Return a name for each attribute; made up where the file gives none.

    Raises:
        DataError: there are as many names as there are not attributes.
    """
    if not given:
        return (
            ("group",)
            if attributes == 1
            else tuple(" ".join(("group", str(k + 1))) for k in range(attributes))
        )
    if len(given) != attributes or len(set(given)) < attributes:
        raise DataError(
            f"{name} names {len(given)} attributes and has groups of {attributes}; export it anew"
        )
    return given


def _rows(body: Any, name: str) -> _Rows:
    """Return a frame in any of the orientations.

    Raises:
        NotMeasurableError: the orientation leaves out names.
        DataError: it is none.
    """
    if isinstance(body, list):
        raise NotMeasurableError(other_version(name))
    if not isinstance(body, dict) or not body:
        raise DataError(f"{name} holds no frame of Fairlearn; write it with `frame.by_group.to_json()`")
    if set(body) == {"columns", "index", "data"}:
        return _split(body, name)
    if set(body) == {"schema", "data"}:
        return _table(body, name)
    if not all(isinstance(one, dict) for one in body.values()):
        raise NotMeasurableError(other_version(name))
    if KNOWN & set(body):
        return _Rows((), _turned(body))
    if any(KNOWN & set(cells) for cells in body.values()):
        return _Rows((), {_group(key): cells for key, cells in body.items()})
    raise NotMeasurableError(nothing_read(name))


def _turned(columns: Mapping[str, Mapping[str, object]]) -> dict[tuple[str, ...], dict[str, object]]:
    """Return cells by group and metric that stand by metric and group."""
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for metric, cells in columns.items():
        for key, value in cells.items():
            found.setdefault(_group(key), {})[metric] = value
    return found


def _split(body: Mapping[str, Any], name: str) -> _Rows:
    """Return a frame of the orientation ``split``.

    Raises:
        DataError: its parts do not fit together.
    """
    columns, index, data = body["columns"], body["index"], body["data"]
    parts = all(isinstance(one, list) for one in (columns, index, data))
    if not parts or len(index) != len(data) or len({str(one) for one in columns}) != len(columns):
        raise DataError(f"{name} is no frame in the orientation `split`; export it anew")
    cells: dict[tuple[str, ...], dict[str, object]] = {}
    for key, row in zip(index, data, strict=True):
        if not isinstance(row, list) or len(row) != len(columns):
            raise DataError(f"{name} has a row with another number of cells than columns; export it anew")
        group = tuple(_value(one) for one in key) if isinstance(key, list) else (_value(key),)
        if group in cells:
            raise DataError(f"{name} holds a group twice; export it anew")
        cells[group] = {str(column): one for column, one in zip(columns, row, strict=True)}
    return _Rows((), cells)


def _table(body: Mapping[str, Any], name: str) -> _Rows:
    """Return a frame of the orientation ``table``, which names its attributes.

    Raises:
        DataError: its parts do not fit together.
    """
    schema, rows = body["schema"], objects(body["data"])
    keys = schema.get("primaryKey") if isinstance(schema, dict) else None
    every = body["data"] if isinstance(body["data"], list) else []
    if not isinstance(keys, list) or not keys or not rows or len(rows) != len(every):
        raise DataError(f"{name} is no frame in the orientation `table`; export it anew")
    cells: dict[tuple[str, ...], dict[str, object]] = {}
    for row in rows:
        group = tuple(_value(row.get(str(key))) for key in keys)
        if group in cells:
            raise DataError(f"{name} holds a group twice; export it anew")
        cells[group] = {metric: value for metric, value in row.items() if metric not in keys}
    # pandas calls an index without a name by its place.
    named = all(isinstance(key, str) and not key.startswith(("index", "level_")) for key in keys)
    return _Rows(tuple(printable(key) for key in keys) if named else (), cells)


def _group(key: str) -> tuple[str, ...]:
    """Return the group that a key names; pandas writes one of several attributes as a tuple of Python."""
    if key.startswith("(") and key.endswith(")") and len(key) <= _LONGEST_KEY:
        try:
            found = ast.literal_eval(key)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return (printable(key),)
        if isinstance(found, tuple) and len(found) > 1:
            return tuple(_value(one) for one in found)
    return (printable(key),)


def _value(value: object) -> str:
    """Return a value of an attribute; 1.0 is written as 1."""
    exact = whole(value)
    return str(exact) if exact is not None else printable(value)
