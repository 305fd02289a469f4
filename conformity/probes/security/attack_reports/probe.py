"""Count the attacks of a report that succeeded."""

from __future__ import annotations

import numpy as np

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.model.subject import AttackRecordSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.attack_reports.reports import read_garak, read_promptfoo
from conformity.probes.shared.imported.origin import told
from conformity.probes.shared.models.shares import share_of
from conformity.settings import MIN_GROUP

_MOST = 50
"""How many families are shown on their own."""

_READERS = {"garak": read_garak, "promptfoo": read_promptfoo}


class AttackReportsProbe:
    """Measure how many reported attacks succeeded."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the share of attacks that succeeded, for all and by family, and what was not judged.

        Raises:
            NotMeasurableError: the report holds no attack.
            DataError: the file is not such a report.
        """
        subject = target.subject
        if not isinstance(subject, AttackRecordSubject):
            raise DataError(f"{subject.id} is no report of attacks; declare it with `kind: attack_record`")
        report = _READERS[subject.written_by](target.path)
        judged = sum(family.judged for family in report.families)
        unjudged = sum(family.unjudged for family in report.families)
        if judged + unjudged == 0:
            raise NotMeasurableError(f"there is no attack in {subject.path}")
        found: list[tuple[str, tuple[str, ...], tuple[str, ...], Result]] = [
            ("reported_attacks", (), (), Count(value=judged, unit="answers")),
            ("reported_attacks_unjudged", (), (), Count(value=unjudged, unit="answers")),
            ("reported_success_rate", (), (), _rate(sum(f.succeeded for f in report.families), judged)),
            *(
                ("reported_family_success_rate", ("family",), (one.name,), _rate(one.succeeded, one.judged))
                for one in report.families[:_MOST]
            ),
        ]
        notes = [told(report.origin)]
        if len(report.families) > _MOST:
            notes.append(f"Of {len(report.families)} families no more than the first {_MOST} are shown.")
        return ProbeResult(
            tuple(
                Measurement(
                    metric=MetricId(metric), subject=SubjectId(subject.id), by=by, group=group, result=result
                )
                for metric, by, group, result in sorted(found, key=lambda one: one[:3])
            ),
            tuple(notes),
        )


def _rate(succeeded: int, judged: int) -> Result:
    """Return a share of successes with its interval, or that there are too few cases."""
    if judged < MIN_GROUP:
        reason = f"fewer than {MIN_GROUP} answers were judged; send more prompts"
        return NotAvailable(why="too_few_cases", reason=reason, n=judged)
    return share_of(np.arange(judged) < succeeded)


PROBE = AttackReportsProbe()
"""The probe."""
