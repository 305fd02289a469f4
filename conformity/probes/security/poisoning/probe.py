"""Train the declared model anew on labels of which some are wrong, and see what that changes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, Result
from conformity.model.subject import TableSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.poisoning.training import (
    classes_of,
    generator,
    trained_anew,
    wrong_at_random,
    wrong_for_one,
)
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.models.estimators import EstimatorRunner
from conformity.probes.shared.models.interface import Decisions, PredictionFailedError, differ
from conformity.probes.shared.models.sample import Sample, Tried, declared_of, draw, table_of, try_model
from conformity.probes.shared.models.shares import paired_difference, share_of

SHARES = (0.05, 0.1, 0.2)
"""Shares of the labels that are made wrong."""
MOST = 3_000
"""Most rows that are trained on."""

_BY = ("wrong labels",)
_Found = tuple[str, tuple[str, ...], tuple[str, ...], Result]


class PoisoningProbe:
    """Measure how far wrong labels carry."""

    def examine(self, target: Target) -> ProbeResult:
        """Return lost accuracy and changed decisions by share of wrong labels, and how far to trust them.

        Raises:
            NotMeasurableError: no training table is declared, or the model cannot be trained anew.
            ModelFileError: the model cannot be read.
            DataError: a table cannot be read.
            MissingLibraryError: a package that the model needs is not installed.
        """
        _, declared = declared_of(target)
        if declared.training is None:
            raise NotMeasurableError(
                "the manifest does not say on which table the model was trained (`robustness`, `training`)"
            )
        tried = try_model(target)
        runner = tried.runner
        if not isinstance(runner, EstimatorRunner) or tried.numbers:
            raise NotMeasurableError(
                "only estimators of classes saved by joblib, pickle or skops are trained anew"
            )
        if tried.sample.truth is None:
            raise NotMeasurableError(
                f"{declared.data} has no label that the model answers with, or too few rows with one"
            )
        table, path = table_of(target, declared.training)
        sample = draw(table, path, declared, MOST, target.seed)
        found = tuple(_found(tried, runner, sample, target.seed))
        subject = SubjectId(target.subject.id)
        measured = tuple(
            Measurement(metric=MetricId(metric), subject=subject, by=by, group=group, result=result)
            for metric, by, group, result in sorted(found, key=lambda one: one[:3])
        )
        note = f"Trained anew on {int(sample.known.sum())} rows of {table.id}, seeds of chance set alike."
        return ProbeResult(measured, (*tried.notes, note))


def _found(tried: Tried, runner: EstimatorRunner, sample: Sample, seed: int) -> Iterator[_Found]:
    """Yield what wrong labels do.

    Raises:
        NotMeasurableError: the training table has no labels, or the model cannot be trained anew.
    """
    if sample.truth is None:
        raise NotMeasurableError(f"{sample.table.id} has no label, or too few rows with one")
    labels = classes_of(runner.model, sample.truth[sample.known])
    rows = sample.rows[sample.known]
    clean = _decisions(tried, trained_anew(runner, rows, labels, seed))
    yield "retrained_agreement", (), (), share_of(~differ(tried.base.decisions, clean, 0.0))
    for name, wrong in _poisoned(labels, len(runner.model.classes_), _victim(sample.table, runner), seed):
        after = _decisions(tried, trained_anew(runner, rows, wrong, seed))
        yield "poisoned_decision_rate", _BY, (name,), share_of(differ(clean, after, 0.0))
        loss = paired_difference(tried.correct(clean), tried.correct(after))
        yield "poisoned_accuracy_loss", _BY, (name,), loss


def _poisoned(labels: Ints, classes: int, victim: int, seed: int) -> Iterator[tuple[str, Ints]]:
    """Yield labels of which some are wrong, with what was done."""
    if classes < 2:
        raise NotMeasurableError("the model knows one class alone, so that no label can be wrong")
    for share in SHARES:
        name = f"{share:.0%} at random"
        yield name, wrong_at_random(labels, share, classes, generator(seed, name))
        name = f"{share:.0%}, all of one class"
        yield name, wrong_for_one(labels, share, classes, victim, generator(seed, name))


def _victim(table: TableSubject, runner: EstimatorRunner) -> int:
    """Return the class that loses labels: the favourable one, else the last."""
    from conformity.engines.values import same_outcome

    favourable = {same_outcome(value) for value in table.with_role("label")[0].positive}
    known = [same_outcome(value) for value in np.asarray(runner.model.classes_).tolist()]
    return next((k for k, name in enumerate(known) if name in favourable), len(known) - 1)


def _decisions(tried: Tried, runner: EstimatorRunner) -> Decisions:
    """Return what a model that was trained anew decides for the sampled rows.

    Raises:
        NotMeasurableError: it fails.
    """
    try:
        return runner.predict(tried.sample.rows).decisions
    except PredictionFailedError as error:
        raise NotMeasurableError(f"the model that was trained anew could not predict ({error})") from error


PROBE = PoisoningProbe()
"""The probe."""
