"""Documents that bear an earlier date than the data they speak of."""

from __future__ import annotations

from conformity.model.manifest import Exhibit
from conformity.model.subject import TableSubject
from conformity.render.views.context import Context

_ON_DATA = ("art10.", "annexIV.2.d")
"""What the ids of requirements on the data themselves begin with: Art. 10 and Annex IV(2)(d)."""

_OF_THE_SYSTEM = frozenset({"training", "validation", "testing"})
"""The purposes of the data that these requirements are about."""


def older_than_data(context: Context, exhibit: Exhibit) -> str:
    """Return which data came into being after an exhibit on data was dated, or nothing.

    A plan may well be older than what it plans; what describes data cannot have seen them then. The days are
    the provider's own statements.
    """
    if not any(requirement.startswith(_ON_DATA) for requirement in exhibit.covers):
        return ""
    words = context.words["subjects"]
    younger = [
        words["older_data"].format(title=subject.title, day=context.locale.day(subject.produced_on))
        for subject in context.assessment.manifest.subjects
        if isinstance(subject, TableSubject) and subject.purpose in _OF_THE_SYSTEM
        if subject.produced_on is not None and exhibit.dated < subject.produced_on
    ]
    return str(words["older"].format(data="; ".join(younger))) if younger else ""
