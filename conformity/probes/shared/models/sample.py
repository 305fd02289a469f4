"""A sample of declared rows with their labels and groups, and what the model decides for them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from conformity.engines.bands import edges_of
from conformity.engines.values import bin_labels, text_of
from conformity.errors import ModelFileError
from conformity.model.base import SubjectId
from conformity.model.subject import Column, ModelSubject, TableSubject
from conformity.model.tally import MISSING
from conformity.model.trials import Robustness
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.intervals import Flags
from conformity.probes.shared.model_files.loading import load_rows
from conformity.probes.shared.models.estimators import EstimatorRunner
from conformity.probes.shared.models.interface import (
    Decisions,
    Predicted,
    PredictionFailedError,
    Runner,
    as_classes,
    differ,
)
from conformity.probes.shared.models.opening import open_model
from conformity.settings import MIN_GROUP

if TYPE_CHECKING:
    import pandas as pd

_TENTH = 0.1


@dataclass(frozen=True)
class Sample:
    """Rows, and what is known of them."""

    table: TableSubject
    """The table that they come from."""
    declared: Robustness
    """What the manifest says of trying them out."""
    every: pd.DataFrame
    """All rows that were read, features only: what spread and values are taken from."""
    rows: pd.DataFrame
    """The rows drawn, features only, (n, features)."""
    truth: Decisions | None
    """(n,) labels as classes or numbers; None if no label is declared."""
    known: Flags
    """(n,) whether the row has a label."""
    groups: Mapping[str, tuple[str, ...]]
    """For each protected attribute the group of each row, n of them."""


@dataclass(frozen=True)
class Tried:
    """A sample with the model and its undisturbed answer."""

    sample: Sample
    """The rows."""
    runner: Runner
    """The model."""
    base: Predicted
    """What it decides for the rows as they are, with probabilities if it gives any."""
    numbers: bool
    """Whether predictions are numbers rather than classes."""
    tolerance: float
    """By how much numbers may differ and count as the same; 0 for classes."""
    notes: tuple[str, ...]
    """What a reader must know."""

    @property
    def right(self) -> Flags | None:
        """Return which undisturbed predictions are right, of rows with a label; None without labels."""
        return None if self.sample.truth is None else self.correct(self.base.decisions)

    def correct(self, decisions: Decisions) -> Flags:
        """Return which decisions for the sampled rows are right, of rows with a label, (labelled,)."""
        assert self.sample.truth is not None
        known = self.sample.known
        return ~differ(self.sample.truth[known], decisions[known], self.tolerance)


def declared_of(target: Target) -> tuple[ModelSubject, Robustness]:
    """Return the model and what is declared of trying it out.

    Raises:
        ModelFileError: the subject is no model.
        NotMeasurableError: nothing is declared.
    """
    if not isinstance(target.subject, ModelSubject):
        raise ModelFileError(f"{target.subject.id} is not a model; declare it with `kind: model`")
    if target.subject.robustness is None:
        raise NotMeasurableError(
            "the manifest does not say on which table to try the model out (`robustness`)"
        )
    return target.subject, target.subject.robustness


def try_model(target: Target, most: int | None = None) -> Tried:
    """Return a sample of the declared table and what the model decides for it.

    Args:
        target: the model, with its tables.
        most: most rows of the sample; as many as suit the kind of model if not given.

    Raises:
        NotMeasurableError: nothing is declared, the table is not at hand or has too few rows, or the model
            cannot be run on its rows.
        ModelFileError: the model cannot be read.
        DataError: the table cannot be read.
        MissingLibraryError: a package that the model needs is not installed.
    """
    subject, declared = declared_of(target)
    table, path = table_of(target, declared.data)
    label = _label(table)
    numbers = label is not None and label.content == "numbers"
    runner = open_model(subject, target.path, target.scratch, numbers=numbers)
    if label is None and isinstance(runner, EstimatorRunner) and runner.is_of_numbers:
        runner, numbers = replace(runner, numbers=True), True
    sample = draw(table, path, declared, most or runner.most_rows, target.seed)
    try:
        base = runner.predict(sample.rows, scores=True)
    except PredictionFailedError as error:
        raise NotMeasurableError(
            f"the model could not predict the declared rows ({error}); the `feature` columns must be those "
            "it was trained on, in their order"
        ) from error
    notes = [
        f"{len(sample.rows)} rows of {table.id} were tried, drawn at random with seed {target.seed}.",
        *runner.notes,
    ]
    if not numbers and not _speaks_of(sample, base):
        # All decisions would be wrong before and after, and no accuracy could be lost.
        sample = replace(sample, truth=None, known=np.zeros_like(sample.known))
        notes.append(
            "No decision of the model is a value of the label, so that none can be called right: bind the "
            "label that it was trained on, or declare `classes`."
        )
    return Tried(sample, runner, base, numbers, _tolerance(declared, base, numbers), tuple(notes))


def table_of(target: Target, name: SubjectId) -> tuple[TableSubject, Path]:
    """Return a declared table and its place.

    Raises:
        NotMeasurableError: it is not at hand.
    """
    if name not in target.tables:
        raise NotMeasurableError(f"the table {name}, on which to try the model, is not at hand")
    return target.tables[name]


def draw(table: TableSubject, path: Path, declared: Robustness, most: int, seed: int) -> Sample:
    """Return a random sample of the rows of a table.

    Raises:
        NotMeasurableError: there are no features, too few rows, or an immutable feature is none.
        DataError: the table cannot be read.
    """
    features = [column.name for column in table.with_role("feature")]
    if unknown := sorted(set(declared.immutable) - set(features)):
        raise NotMeasurableError(f"`immutable` names {unknown[0][:100]!r}, which is no feature of {table.id}")
    label = _label(table)
    protected = table.with_role("protected")
    rows = load_rows(table, path, also=[*(c.name for c in protected), *([label.name] if label else ())])
    if len(rows) < MIN_GROUP:
        raise NotMeasurableError(f"the table {table.id} has fewer than {MIN_GROUP} rows")
    drawn = np.sort(np.random.default_rng(seed).permutation(len(rows))[:most])
    picked = rows.iloc[drawn].reset_index(drop=True)
    truth, known = _truth(picked, label)
    return Sample(
        table=table,
        declared=declared,
        every=rows[features],
        rows=picked[features],
        truth=truth,
        known=known,
        groups={column.name: _groups(column, rows, picked) for column in protected},
    )


def _label(table: TableSubject) -> Column | None:
    """Return the label of a table; None if it has none."""
    return next(iter(table.with_role("label")), None)


def _truth(picked: pd.DataFrame, label: Column | None) -> tuple[Decisions | None, Flags]:
    """Return labels and which of them are there; no labels where fewer are than a rate needs."""
    import pandas

    none = np.zeros(len(picked), dtype=np.bool_)
    if label is None:
        return None, none
    truth: Decisions
    if label.content == "numbers":
        truth = pandas.to_numeric(picked[label.name], errors="coerce").to_numpy(dtype=np.float64)
        known = np.isfinite(truth)
    else:
        truth = as_classes(picked[label.name].to_numpy(dtype=object))
        known = np.asarray(truth != MISSING) & picked[label.name].notna().to_numpy()
    return (truth, known) if int(known.sum()) >= MIN_GROUP else (None, none)


def _tolerance(declared: Robustness, base: Predicted, numbers: bool) -> float:
    """Return by how much predictions may differ and count as the same."""
    if not numbers:
        return 0.0
    if declared.tolerance is not None:
        return declared.tolerance
    given = base.decisions.astype(np.float64)
    finite = given[np.isfinite(given)]
    return _TENTH * float(finite.std()) if len(finite) else 0.0


def _speaks_of(sample: Sample, base: Predicted) -> bool:
    """Tell whether any decision is a value of the label; so it is where there are no labels."""
    if sample.truth is None:
        return True
    return bool(np.isin(base.decisions, sample.truth[sample.known]).any())


def require_variety(tried: Tried) -> None:
    """Check that the model does not answer every row alike: nothing could then be seen to change.

    Raises:
        NotMeasurableError: it does.
    """
    if len(np.unique(tried.base.decisions)) < 2:
        raise NotMeasurableError(
            "the model gives every sampled row the same answer, so that no disturbance can show; hand in "
            "rows on which it decides in more than one way"
        )


def _groups(column: Column, rows: pd.DataFrame, picked: pd.DataFrame) -> tuple[str, ...]:
    """Return the group of each row by one protected attribute."""
    import pandas

    edges = column.edges or _bands(rows, column)
    if not edges:
        return tuple(text_of(value) for value in picked[column.name].tolist())
    given = pandas.to_numeric(picked[column.name], errors="coerce").to_numpy(dtype=np.float64)
    names = (*bin_labels(edges), MISSING)
    where = np.where(np.isnan(given), len(names) - 1, np.searchsorted(edges, given, side="right"))
    return tuple(names[place] for place in where.tolist())


def _bands(rows: pd.DataFrame, column: Column) -> tuple[float, ...]:
    """Return edges that make groups of about equal size; none where values as they stand are the groups."""
    import pandas

    if column.bands is None or rows[column.name].nunique() <= column.bands:
        return ()
    numbers = pandas.to_numeric(rows[column.name], errors="coerce").dropna().to_numpy(dtype=np.float64)
    if not len(numbers):
        return ()
    return edges_of(np.quantile(numbers, np.arange(1, column.bands) / column.bands).tolist())
