"""Count the prompts of a log that match rules for attacks; the prompts themselves are never kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Interval, Measurement, Result, Scalar
from conformity.model.subject import PromptLogSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.prompt_injection_rules.log import prompts
from conformity.probes.security.prompt_injection_rules.rules import CATEGORIES, rules, scan_text

_UNIT = "prompts"


class PromptInjectionRulesProbe:
    """Search every prompt of a log."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many prompts match, in all and by category.

        Raises:
            DataError: the file is no such log.
            NotMeasurableError: there is no prompt in it.
        """
        subject = target.subject
        if not isinstance(subject, PromptLogSubject):
            raise DataError(f"{subject.id} is not a prompt log; declare it with `kind: prompt_log`")
        counted = _Counted()
        for prompt in prompts(target.path, subject.text_field):
            counted.add(prompt)
        if counted.read == 0:
            raise NotMeasurableError(f"there is no prompt in {subject.path}: {counted.blank} rows are blank")
        return ProbeResult(_measurements(counted, SubjectId(subject.id)), _notes(counted))


@dataclass
class _Counted:
    """What has been counted so far."""

    read: int = 0
    """Prompts searched."""
    blank: int = 0
    """Rows without one."""
    flagged: int = 0
    """Prompts that match a rule."""
    categories: Counter[str] = field(default_factory=Counter)
    """Prompts that match a rule of each category."""

    def add(self, prompt: str | None) -> None:
        """Count one row."""
        if prompt is None:
            self.blank += 1
            return
        found = {hit.category for hit in scan_text(prompt)}
        self.read += 1
        self.flagged += bool(found)
        self.categories.update(found)


def _measurements(counted: _Counted, subject: SubjectId) -> tuple[Measurement, ...]:
    """Return the counts and the share."""
    rows: list[tuple[str, tuple[str, ...], Result]] = [
        ("flagged_in_category", (category,), Count(value=counted.categories[category], unit=_UNIT))
        for category in CATEGORIES
    ]
    rows.append(("flagged_prompts", (), Count(value=counted.flagged, unit=_UNIT)))
    rows.append(("flagged_share", (), _share(counted)))
    rows.append(("prompts", (), Count(value=counted.read, unit=_UNIT)))
    return tuple(
        Measurement(
            metric=MetricId(metric),
            subject=subject,
            by=("category",) if group else (),
            group=group,
            result=result,
        )
        for metric, group, result in rows
    )


def _share(counted: _Counted) -> Scalar:
    """Return the share of prompts that match; blank rows might have, so they widen the interval."""
    import numpy as np

    from conformity.probes.shared.intervals import LEVEL, quantile, wilson

    flagged = np.array([counted.flagged, counted.flagged + counted.blank])
    low, high = wilson(flagged, counted.read + counted.blank - flagged, quantile(LEVEL))
    how = "Wilson score" + (", blank rows taken either way" if counted.blank else "")
    return Scalar(
        value=counted.flagged / counted.read,
        unit="1",
        n=counted.read,
        interval=Interval(low=float(low[0]), high=float(high[1]), level=LEVEL, method=how),
    )


def _notes(counted: _Counted) -> tuple[str, ...]:
    """Return what a reader must know about these numbers."""
    notes = [
        f"{len(rules())} rules were used and no detector that learns. They see few attacks: a prompt that is "
        "not flagged is not thereby harmless."
    ]
    if counted.blank:
        notes.append(f"{counted.blank} rows hold no prompt; they were not searched.")
    return tuple(notes)


PROBE = PromptInjectionRulesProbe()
"""The probe."""
