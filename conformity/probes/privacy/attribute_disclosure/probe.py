"""What the rows of a class have in common in a sensitive column: l-diversity, t-closeness and their kin."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import CategoryKey, Diversity, MissingCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.blanks import Cells, blank_columns, blank_in_every_row, missing_cells

_DIGITS = 9
"""Digits after the point of exp(entropy), whose argument is rounded; ln(3) then gives 3."""

ORDERED = "t_closeness_ordered"
METRICS = (
    "alpha",
    "basic_beta_likeness",
    "delta_disclosure",
    "distinct_l_diversity",
    "enhanced_beta_excess_share",
    "entropy_l_diversity",
    "recursive_c",
    "single_value_share",
    "t_closeness",
)
"""The metrics of every sensitive column; ORDERED is added where it is declared to hold numbers."""


class AttributeDisclosureProbe:
    """Measures how far a class gives away the sensitive values of its rows."""

    def tallies(self, table: TableSubject) -> tuple[MissingCounts | Diversity, ...]:
        """Return the missing cells of all columns, and the diversity of each sensitive column.

        Raises:
            NotMeasurableError: no column is bound as sensitive, or none as quasi-identifier beside one.
        """
        return MissingCounts(), *(
            Diversity(
                keys=tuple(CategoryKey(column=name) for name in _others(table, column)),
                sensitive=column.name,
                ordered=column.content == "numbers",
            )
            for column in _sensitive(table)
        )

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the measures of each sensitive column.

        Where it, or a quasi-identifier, is blank in every row there are no numbers.

        Raises:
            NotMeasurableError: there are no rows.
        """
        cells = missing_cells(tallies[0])
        if not any(rows for _, rows in cells.values()):
            raise NotMeasurableError(f"{table.id!r} has no rows")
        found: list[Measurement] = []
        for column, tally in zip(_sensitive(table), tallies[1:], strict=True):
            results = _results(table, column, tally, cells)
            found += [
                Measurement(metric=MetricId(metric), subject=table.id, by=(column.name,), result=result)
                for metric, result in results.items()
            ]
        return ProbeResult(in_order(found), tuple(_notes(table, cells)))


def _sensitive(table: TableSubject) -> tuple[Column, ...]:
    """Return the sensitive columns beside which there is a quasi-identifier.

    Raises:
        NotMeasurableError: there are none.
    """
    columns = table.with_role("sensitive")
    if not columns:
        raise NotMeasurableError(
            f"no column of {table.id!r} has the role `sensitive`; bind those whose values must not "
            "become known"
        )
    known = tuple(column for column in columns if _others(table, column))
    if not known:
        raise NotMeasurableError(
            f"no column of {table.id!r} other than the sensitive one has the role `quasi_identifier`; bind "
            "those by which a person could be recognised"
        )
    return known


def _others(table: TableSubject, column: Column) -> tuple[str, ...]:
    """Return the names of the quasi-identifiers other than ``column``."""
    return tuple(one.name for one in table.with_role("quasi_identifier") if one.name != column.name)


def _results(table: TableSubject, column: Column, tally: Tally, cells: Cells) -> dict[str, Result]:
    """Return all metrics of one sensitive column."""
    metrics = (*METRICS, ORDERED) if column.content == "numbers" else METRICS
    if blank := blank_columns(cells, (column.name, *_others(table, column))):
        return dict.fromkeys(metrics, blank_in_every_row(blank, cells[column.name][1]))
    worst = {str(name): value for name, at, value in tally.entries if not at}
    rows_with = {int(at): int(rows) for name, at, rows in tally.entries if name == "rows_with"}
    rows = sum(rows_with.values())
    results = {**_diversities(worst, rows_with, rows), **_gains(worst, rows_with, rows)}
    if column.content == "numbers":
        results[ORDERED] = _ordered(worst)
    return results


def _diversities(
    worst: Mapping[str, str | int | float], rows_with: Mapping[int, int], rows: int
) -> dict[str, Result]:
    """Return the metrics that look at a class alone."""
    recursive: Result = NotAvailable(
        why="undefined", reason="a class has one sensitive value only, which no c makes diverse", n=rows
    )
    if 1 not in rows_with:
        recursive = _scalar(worst["recursive_c"], rows)
    return {
        "alpha": _scalar(worst["alpha"], rows),
        "distinct_l_diversity": Count(value=int(worst["distinct"]), unit="values"),
        "entropy_l_diversity": _scalar(round(math.exp(float(worst["entropy"])), _DIGITS), rows, "values"),
        "recursive_c": recursive,
        "single_value_share": _scalar(rows_with.get(1, 0) / rows, rows),
    }


def _gains(
    worst: Mapping[str, str | int | float], rows_with: Mapping[int, int], rows: int
) -> dict[str, Result]:
    """Return the metrics that compare a class with the table; none where all rows have one value."""
    metrics = ("basic_beta_likeness", "delta_disclosure", "enhanced_beta_excess_share", "t_closeness")
    if set(rows_with) == {1} and worst["log_ratio"] == 0:
        reason = "every row has the same sensitive value, so that no class can differ from the table"
        return dict.fromkeys(metrics, NotAvailable(why="undefined", reason=reason, n=rows))
    return {
        "basic_beta_likeness": _scalar(worst["gain"], rows),
        "delta_disclosure": _scalar(worst["log_ratio"], rows),
        "enhanced_beta_excess_share": _scalar(int(worst["rows_over"]) / rows, rows),
        "t_closeness": _scalar(worst["distance"], rows),
    }


def _ordered(worst: Mapping[str, str | int | float]) -> Result:
    """Return the ordered distance over the rows that hold a number."""
    rows = int(worst["ordered_rows"])
    if "ordered_distance" not in worst:
        return NotAvailable(why="undefined", reason="there are not two different numbers", n=rows)
    return _scalar(worst["ordered_distance"], rows)


def _scalar(value: str | int | float, rows: int, unit: str = "1") -> Scalar:
    """Return a number computed over all ``rows``."""
    return Scalar(value=float(value), unit=unit, n=rows)


def _notes(table: TableSubject, cells: Cells) -> Iterator[str]:
    """Yield how blanks were treated, when there are some."""
    sensitive = [column.name for column in _sensitive(table)]
    if partly := [name for name in sensitive if cells[name][0]]:
        yield (
            f"Some cells are missing in {', '.join(repr(name) for name in partly)}. Missing counts as a "
            "sensitive value of its own; rows without a number are left out of the ordered distance only."
        )
    keys = dict.fromkeys(name for column in _sensitive(table) for name in _others(table, column))
    if partly := [name for name in keys if cells[name][0]]:
        yield (
            f"Some cells are missing in {', '.join(repr(name) for name in partly)}. Missing is a value of "
            "its own there: such rows form classes with one another only."
        )


PROBE = AttributeDisclosureProbe()
"""The probe that `probe.yaml` beside this file describes."""
