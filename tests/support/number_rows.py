"""Tables of scores and numbers, and their tallies as an engine gives them, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from conformity.engines.values import bin_labels
from conformity.model.base import SubjectId
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import (
    ABOVE,
    BELOW,
    MISSING,
    BinKey,
    CategoryKey,
    CellCounts,
    GridKey,
    Key,
    OutcomeKey,
    Sums,
    Tally,
    TallySpec,
    Term,
)
from conformity.probes.shared.intervals import Flags, Limits
from conformity.probes.shared.residuals import Residuals
from conformity.probes.shared.scores import ScoreGroups

Values = npt.NDArray[np.float64]
Texts = Sequence[str]
Rows = Mapping[str, Values | Texts]
"""Columns by name: numbers, with NaN where missing, or texts as a tally has them."""


def number_table(*columns: Column) -> TableSubject:
    """Return a declared table with these columns."""
    return TableSubject(
        id=SubjectId("people"),
        title="People",
        kind="table",
        purpose="testing",
        path="people.csv",
        columns=columns,
    )


def score_table(*attributes: str, edges: tuple[float, ...] = ()) -> TableSubject:
    """Return a declared table with a score, a label of two outcomes and these protected attributes."""
    return number_table(
        Column(name="score", roles=("score",), edges=edges),
        Column(name="label", roles=("label",), positive=("yes",), negative=("no",)),
        *(Column(name=name, roles=("protected",)) for name in attributes),
    )


def pair_table(content: str, *attributes: str) -> TableSubject:
    """Return a declared table with label and prediction of this content and these protected attributes."""
    both = [
        Column.model_validate({"name": role, "roles": (role,), "content": content})
        for role in ("label", "prediction")
    ]
    return number_table(*both, *(Column(name=name, roles=("protected",)) for name in attributes))


def tallied(spec: TallySpec, rows: Rows) -> Tally:
    """Return a tally of cells or sums, as an engine would give it."""
    assert isinstance(spec, Sums | CellCounts)
    count = len(next(iter(rows.values())))
    labels = [_labels(key, rows[key.column]) for key in spec.keys]
    groups = list(zip(*labels, strict=True)) if labels else [()] * count
    names = sorted(set(groups))
    place = {name: position for position, name in enumerate(names)}
    codes = np.array([place[group] for group in groups], dtype=np.int64)
    columns = tuple(key.column for key in spec.keys)
    if isinstance(spec, CellCounts):
        counts = np.bincount(codes, minlength=len(names))
        entries = tuple((*name, int(n)) for name, n in zip(names, counts, strict=True))
        return Tally(spec=spec, columns=(*columns, "rows"), entries=entries)
    terms = [_term(term, rows) for term in spec.terms]
    whole = np.all([np.isfinite(term) for term in terms], axis=0)
    sums = [np.bincount(codes, np.where(whole, np.round(term, 9), 0), minlength=len(names)) for term in terms]
    added = np.bincount(codes, whole, minlength=len(names))
    left = np.bincount(codes, ~whole, minlength=len(names))
    return Tally(
        spec=spec,
        columns=(*columns, "rows", "left_out", *("*".join(term.columns) for term in spec.terms)),
        entries=tuple(
            (*name, int(added[n]), int(left[n]), *(float(one[n]) for one in sums))
            for n, name in enumerate(names)
        ),
    )


def _labels(key: Key, values: Values | Texts) -> list[str]:
    """Return the key of every row."""
    if isinstance(key, CategoryKey | OutcomeKey):
        return [str(value) for value in values]
    if isinstance(key, BinKey):
        names = bin_labels(key.edges)
        return [names[place] for place in np.searchsorted(key.edges, np.asarray(values), "right")]
    assert isinstance(key, GridKey)
    found = []
    for value in np.asarray(values, dtype=np.float64).tolist():
        if np.isnan(value):
            found.append(MISSING)
        elif not key.low <= value <= key.high:
            found.append(BELOW if value < key.low else ABOVE)
        else:
            bin_ = int((value - key.low) * float(key.bins) / (key.high - key.low))
            found.append(str(min(bin_, key.bins - 1)))
    return found


def _term(term: Term, rows: Rows) -> Values:
    """Return what a term adds for every row; NaN where it adds nothing."""
    columns = [np.asarray(rows[name], dtype=np.float64) for name in term.columns]
    if term.kind == "distance":
        columns = [np.abs(columns[0] - columns[1]) ** term.power, *columns[2:]]
    return np.asarray(np.prod(columns, axis=0))


def replicated(scores: Values, outcomes: Values | Flags, bins: int = 1000) -> ScoreGroups:
    """Return samples as groups, so that limits of all of them are made at once.

    Args:
        scores: (samples, n) from 0 to 1.
        outcomes: (samples, n) 0 or 1, or truth values.
        bins: how many bins of scores.
    """
    samples = len(scores)
    where = (
        np.repeat(np.arange(samples), scores.shape[1]),
        outcomes.astype(np.int64).ravel(),
        np.minimum((scores * bins).astype(np.int64), bins - 1).ravel(),
    )
    rows = np.zeros((samples, 4, bins), dtype=np.int64)
    totals, squares = np.zeros(rows.shape), np.zeros(rows.shape)
    np.add.at(rows, where, 1)
    np.add.at(totals, where, scores.ravel())
    np.add.at(squares, where, (scores**2).ravel())
    return ScoreGroups(
        by=("sample",),
        names=tuple((str(sample),) for sample in range(samples)),
        low=0.0,
        width=1.0,
        rows=rows,
        totals=totals,
        squares=squares,
        unscored=np.zeros((samples, 4), dtype=np.int64),
    )


def covered(limits: Limits, truth: float) -> float:
    """Return the share of samples whose limits hold the truth."""
    return float(((limits.low <= truth) & (truth <= limits.high)).mean())


def residuals(labels: Values, predictions: Values) -> Residuals:
    """Return samples as groups of labels and predictions, so that limits of all of them are made at once.

    Args:
        labels: (samples, n).
        predictions: (samples, n).
    """
    errors = predictions - labels
    samples, n = labels.shape
    return Residuals(
        by=("sample",),
        names=tuple((str(k),) for k in range(samples)),
        cases=np.full(samples, n),
        blanks=np.zeros(samples, dtype=np.int64),
        labels=labels.sum(axis=1),
        label_squares=(labels**2).sum(axis=1),
        predictions=predictions.sum(axis=1),
        distances=np.abs(errors).sum(axis=1),
        squares=(errors**2).sum(axis=1),
        fourths=(errors**4).sum(axis=1),
        label_cubes=(labels**3).sum(axis=1),
        label_fourths=(labels**4).sum(axis=1),
        squares_by_label=(errors**2 * labels).sum(axis=1),
        squares_by_label_square=(errors**2 * labels**2).sum(axis=1),
    )
