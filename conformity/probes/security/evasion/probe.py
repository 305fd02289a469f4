"""Look for the smallest change of a case that turns the declared model's decision."""

from __future__ import annotations

import math

import numpy as np

from conformity.errors import MissingLibraryError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.evasion.hop_skip_jump import ROWS, refine
from conformity.probes.security.evasion.search import Found, search
from conformity.probes.security.evasion.space import Space
from conformity.probes.shared.intervals import Floats
from conformity.probes.shared.models.features import features_of, movable
from conformity.probes.shared.models.sample import Tried, require_variety, try_model
from conformity.probes.shared.models.shares import share_of

MOST = 200
"""Most rows that are attacked."""
BUDGETS = (0.25, 0.5, 1.0, 2.0)
"""How far a case may be moved, in standard deviations."""


class EvasionProbe:
    """Measure how easily decisions are turned on purpose."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the share of decisions turned within each budget, and the median change.

        Raises:
            NotMeasurableError: nothing is declared, no number may be changed, or the model cannot be run.
            ModelFileError: the model cannot be read.
            DataError: the table cannot be read.
            MissingLibraryError: a package that the model needs is not installed.
        """
        tried = try_model(target, MOST)
        if tried.numbers:
            raise NotMeasurableError(
                "the model predicts numbers; whether a decision can be turned is asked of classes only"
            )
        require_variety(tried)
        numbers = movable(features_of(tried.sample), "number")
        if not numbers:
            raise NotMeasurableError("no feature is a number that may be changed")
        found, note = _found(tried, Space(numbers), target.seed)
        start = Space(numbers).points(tried.sample.rows)
        moved = np.abs(found.points - start)
        reach = np.where(found.turned, np.sqrt((moved**2).sum(axis=1)), np.inf)
        results: list[tuple[str, tuple[str, ...], tuple[str, ...], Result]] = [
            ("evasion_distance", (), (), _median(reach)),
            ("evasion_features", (), (), _median(np.where(found.turned, (moved > 0).sum(axis=1), np.inf))),
            *(
                ("evasion_rate", ("budget",), (f"{budget:g} standard deviations",), share_of(reach <= budget))
                for budget in BUDGETS
            ),
        ]
        subject = SubjectId(target.subject.id)
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=subject, by=by, group=group, result=result)
                for metric, by, group, result in results
            ),
            (*tried.notes, f"Features that could be changed: {len(numbers)} numbers.", note),
        )


def _found(tried: Tried, space: Space, seed: int) -> tuple[Found, str]:
    """Return the smallest changes found, and by what."""
    rows, before = tried.sample.rows, tried.base.decisions
    found = search(tried.runner, rows, before, space)
    try:
        better = refine(tried.runner, rows, before, space, found, seed)
    except MissingLibraryError:
        return found, (
            "Searched on lines between cases only; with the extra `adversarial`, HopSkipJump goes on "
            "from there."
        )
    return better, (
        f"Searched on lines between cases, and for at most {ROWS} of them on from there by HopSkipJump."
    )


def _median(values: Floats) -> Result:
    """Return the median; none where it lies among the cases that were not turned."""
    middle = float(np.median(values))
    if not math.isfinite(middle):
        return NotAvailable(
            why="undefined", reason="for half of the cases or more no change was found", n=len(values)
        )
    return Scalar(value=middle, unit="1", n=len(values))


PROBE = EvasionProbe()
"""The probe."""
