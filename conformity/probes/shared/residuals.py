"""Errors of predicted numbers by group, from sums over rows that have both label and prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import NotAvailable
from conformity.model.subject import TableSubject
from conformity.model.tally import Sums, Tally, Term
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.absent import few
from conformity.probes.shared.contents import require_pair
from conformity.probes.shared.estimates import Estimate
from conformity.probes.shared.intervals import Floats, Ints
from conformity.probes.shared.keys import group_keys
from conformity.probes.shared.moments import positive_limits, signed_limits
from conformity.probes.shared.wording import rows_in_words

UNIT = "units of the label"
"""The unit of errors."""


@dataclass(frozen=True)
class Residuals:
    """Sums of one or more groups."""

    by: tuple[str, ...]
    """The attribute that forms them; none means one group of all rows."""
    names: tuple[tuple[str, ...], ...]
    """(k,) the groups."""
    cases: Ints
    """(k,) rows with label and prediction."""
    blanks: Ints
    """(k,) rows without one or both."""
    labels: Floats
    """(k,) sums of the labels."""
    label_squares: Floats
    """(k,) sums of the squared labels."""
    predictions: Floats
    """(k,) sums of the predictions."""
    distances: Floats
    """(k,) sums of the sizes of errors."""
    squares: Floats
    """(k,) sums of the squared errors."""
    fourths: Floats
    """(k,) sums of the errors to the fourth power."""
    label_cubes: Floats
    """(k,) sums of the cubed labels."""
    label_fourths: Floats
    """(k,) sums of the labels to the fourth power."""
    squares_by_label: Floats
    """(k,) sums of squared error times label."""
    squares_by_label_square: Floats
    """(k,) sums of squared error times squared label."""


def residual_tally(table: TableSubject, attribute: int | None = None) -> Sums:
    """Return the sums behind all error metrics, for all rows or by the attribute at a position.

    Raises:
        NotMeasurableError: label or prediction is not bound, is no number, or both are one column.
    """
    label, prediction = (column.name for column in require_pair(table, "numbers"))
    return Sums(
        keys=() if attribute is None else (group_keys(table)[attribute],),
        terms=(
            Term(columns=(label,)),
            Term(columns=(label, label)),
            Term(columns=(prediction,)),
            Term(kind="distance", columns=(label, prediction)),
            Term(kind="distance", columns=(label, prediction), power=2),
            Term(kind="distance", columns=(label, prediction), power=4),
            Term(columns=(label, label, label)),
            Term(columns=(label, label, label, label)),
            Term(kind="distance", columns=(label, prediction, label), power=2),
            Term(kind="distance", columns=(label, prediction, label, label), power=2),
        ),
    )


def read_residuals(table: TableSubject, tally: Tally) -> Residuals:
    """Take a tally of :func:`residual_tally` apart.

    Raises:
        NotMeasurableError: there are no rows.
    """
    assert isinstance(tally.spec, Sums)
    by = tuple(key.column for key in tally.spec.keys)
    entries = sorted(entry for entry in tally.entries if int(entry[len(by)]) or int(entry[len(by) + 1]))
    if not entries:
        raise NotMeasurableError(f"{table.id!r} has no rows")
    numbers = np.array([entry[len(by) :] for entry in entries], dtype=np.float64).T
    counts = np.array([entry[len(by) : len(by) + 2] for entry in entries], dtype=np.int64).T
    names = tuple(tuple(str(value) for value in entry[: len(by)]) for entry in entries)
    return Residuals(by, names, counts[0], counts[1], *numbers[2:])


def mean_absolute_error_of(groups: Residuals) -> Estimate:
    """Return the mean size of the errors in each group."""
    means, variances = _moments(groups, groups.distances)
    return Estimate(
        name="mean absolute error",
        values=means,
        cases=groups.cases,
        reasons=reasons(groups, "mean absolute error"),
        limits=lambda z: positive_limits(groups.cases, means, variances, z),
        method="Student's t of the mean's logarithm",
        blanks=groups.blanks,
        unit=UNIT,
    )


def mean_error_of(groups: Residuals) -> Estimate:
    """Return the mean of prediction less label in each group."""
    means, variances = _moments(groups, groups.predictions - groups.labels)
    return Estimate(
        name="mean error",
        values=means,
        cases=groups.cases,
        reasons=reasons(groups, "mean error"),
        limits=lambda z: signed_limits(groups.cases, means, variances, z),
        method="Student's t of the mean",
        blanks=groups.blanks,
        unit=UNIT,
    )


def reasons(groups: Residuals, name: str) -> tuple[NotAvailable | None, ...]:
    """Return why the quantity called ``name`` is not published for each group, (k,); None if it is."""
    found: list[NotAvailable | None] = []
    for cases in groups.cases.tolist():
        if cases == 0:
            text = "the label or the prediction is blank in all rows that count"
            found.append(NotAvailable(why="not_collected", reason=text))
        else:
            found.append(few(name, "rows with label and prediction", cases))
    return tuple(found)


def residual_notes(everybody: Residuals) -> tuple[str, ...]:
    """Return what a reader must know about the errors of all rows."""
    blank, cases = int(everybody.blanks.sum()), int(everybody.cases.sum())
    notes = []
    if blank:
        notes.append(
            f"{rows_in_words(blank)} have a blank label or prediction. Nothing bounds what their errors "
            "could be, so the numbers of every group with such a row have no interval and settle no bound."
        )
    if cases > 1 and not everybody.distances.any():
        notes.append(
            "All predictions equal the label. Check that the prediction column holds the system's own output "
            "and is not a copy of the label; if it is a copy, none of these numbers says anything."
        )
    return tuple(notes)


def _moments(groups: Residuals, sums: Floats) -> tuple[Floats, Floats]:
    """Return means and variances of errors or their sizes; infinite variance where rows are blank."""
    safe = np.maximum(groups.cases, 1)
    means = sums / safe
    spread = np.maximum(groups.squares - sums * means, 0) / np.maximum(groups.cases - 1, 1)
    return means, np.where(groups.blanks > 0, np.inf, spread)
