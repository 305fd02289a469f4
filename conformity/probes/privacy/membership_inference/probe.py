"""Run the declared model over its training data and over unseen data, and compare its confidence."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from conformity.engines.values import same_outcome
from conformity.errors import ModelFileError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.privacy.membership_inference.attack import (
    advantage,
    area,
    difference,
    found_at_few_alarms,
)
from conformity.probes.shared.intervals import Floats
from conformity.probes.shared.model_files.loading import load_model, load_rows
from conformity.settings import MIN_GROUP

MOST = 10_000
"""Most rows of each table that are predicted."""

_SURE = 1e-12


class MembershipProbe:
    """Measure how well a model's confidence tells whom it was trained on."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the advantage of a guess, the area, the share found at few false alarms, and the gap.

        Raises:
            NotMeasurableError: no tables are declared, they lack a label, rows or features, or the model
                cannot be run.
            ModelFileError: the model cannot be read.
            DataError: a table cannot be read.
        """
        subject = target.subject
        if not isinstance(subject, ModelSubject):
            raise ModelFileError(f"{subject.id} is not a model; declare it with `kind: model`")
        declared = subject.membership
        if declared is None:
            raise NotMeasurableError(
                "the manifest does not say on which table the model was trained and which it has never seen "
                "(`membership`)"
            )
        if declared.members == declared.others:
            raise NotMeasurableError(
                "`members` and `others` are one table; name one the model has never seen"
            )
        loaded = load_model(subject, target.path, target.scratch)
        members = _scores(loaded.model, target, declared.members)
        others = _scores(loaded.model, target, declared.others)
        results = {
            "generalisation_gap": difference(members[1], others[1]),
            "membership_advantage": advantage(members[0], others[0]),
            "membership_auc": area(members[0], others[0]),
            "membership_found_at_1_percent": found_at_few_alarms(members[0], others[0]),
        }
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=SubjectId(subject.id), result=result)
                for metric, result in results.items()
            ),
            (
                f"{len(members[0])} rows of {declared.members} and {len(others[0])} of {declared.others} "
                f"were predicted, drawn at random with seed {target.seed}.",
                *(() if hasattr(loaded.model, "predict_proba") else (_NO_CONFIDENCE,)),
                *loaded.notes,
            ),
        )


_NO_CONFIDENCE = "The model gives no probabilities: only whether it was right could be compared."


def _scores(model: Any, target: Target, name: SubjectId) -> tuple[Floats, np.ndarray]:
    """Return for each row of a sample how sure the model is of the true class, and whether it is right.

    Raises:
        NotMeasurableError: the table is not at hand, has no label, too few rows, or cannot be predicted.
    """
    if name not in target.tables:
        raise NotMeasurableError(f"the table {name}, over which to run the model, is not at hand")
    table, path = target.tables[name]
    labels = table.with_role("label")
    if not labels or labels[0].content == "numbers":
        raise NotMeasurableError(f"the table {name} has no label of two outcomes or classes")
    label = labels[0].name
    features = [column.name for column in table.with_role("feature")]
    rows = load_rows(table, path, also=[label])
    rows = rows[rows[label].notna()]
    if len(rows) < MIN_GROUP:
        raise NotMeasurableError(f"the table {name} has fewer than {MIN_GROUP} rows with a label")
    drawn = np.random.default_rng(target.seed).permutation(len(rows))[:MOST]
    rows = rows.iloc[drawn]
    given = rows[features] if hasattr(model, "feature_names_in_") else rows[features].to_numpy()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _confidence(model, given, [same_outcome(value) for value in rows[label].tolist()])
    except NotMeasurableError:
        raise
    except Exception as error:
        # The library's own words may hold values of the data.
        raise NotMeasurableError(
            f"the model could not predict {name} ({type(error).__name__}); the `feature` columns must be "
            "those it was trained on, in their order"
        ) from error


def _confidence(model: Any, given: Any, truth: list[str]) -> tuple[Floats, np.ndarray]:
    """Return how sure the model is of the true class (a log odds, or 0 and 1), and whether it is right."""
    right = np.array([same_outcome(value) for value in np.asarray(model.predict(given)).tolist()])
    right = right == np.array(truth)
    if not hasattr(model, "predict_proba"):
        return right.astype(np.float64), right
    classes = {same_outcome(value): index for index, value in enumerate(np.asarray(model.classes_).tolist())}
    if unknown := set(truth) - set(classes):
        raise NotMeasurableError(
            f"the label has {len(unknown)} values that the model does not know; bind its own label"
        )
    chances = np.asarray(model.predict_proba(given), dtype=np.float64)
    sure = np.clip(chances[np.arange(len(truth)), [classes[value] for value in truth]], _SURE, 1 - _SURE)
    return np.log(sure / (1 - sure)), right


PROBE = MembershipProbe()
"""The probe."""
