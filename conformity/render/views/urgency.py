"""In which order open points are told: what matters most comes first, by a rule that is printed."""

from __future__ import annotations

from conformity.model.finding import Finding, Verdict
from conformity.model.nonconformity import NonConformity
from conformity.render.views.binding import binds_now
from conformity.render.views.context import Context

_OPEN: tuple[Verdict, ...] = ("not_met", "undetermined", "not_collected")
"""The verdicts that leave a point open, worst first."""


def by_urgency(context: Context) -> tuple[Finding, ...]:
    """Return the open findings, the most important first; the plan's order settles ties.

    Not met comes before undetermined, and undetermined before not collected. Among those with one verdict,
    what a declaration must wait for comes first, then what binds already. What the law only allows stands at
    the end.
    """
    entries = register(context)
    found = [finding for finding in context.assessment.findings if finding.verdict in _OPEN]
    return tuple(sorted(found, key=lambda finding: _rank(context, finding, entries)))


def register(context: Context) -> dict[str, NonConformity]:
    """Return the open entries of the register of non-conformities, by requirement."""
    entries = context.assessment.non_conformities or ()
    return {entry.requirement: entry for entry in entries if entry.state == "open"}


def is_permission(context: Context, finding: Finding) -> bool:
    """Tell whether a finding is on a provision that only allows something."""
    return context.requirement_of(finding).requirement.permits


def is_binding(context: Context, finding: Finding) -> bool:
    """Tell whether a finding is on a duty that bound already on the day of the law that was assessed."""
    row = context.requirement_of(finding)
    return not row.requirement.permits and binds_now(context, row.duty_from)


def _rank(
    context: Context, finding: Finding, entries: dict[str, NonConformity]
) -> tuple[bool, int, bool, bool]:
    """Return what findings are ordered by, the smallest first."""
    entry = entries.get(finding.requirement)
    return (
        is_permission(context, finding),
        _OPEN.index(finding.verdict),
        not (entry is not None and entry.blocks),
        not is_binding(context, finding),
    )
