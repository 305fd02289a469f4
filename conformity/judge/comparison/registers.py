"""The two registers of non-conformities beside each other."""

from __future__ import annotations

from conformity.judge.comparison.sides import Side
from conformity.judge.nonconformities import kept
from conformity.model.comparison import Entry, RegisterChange
from conformity.model.nonconformity import NonConformity


def register_change(before: Side, after: Side) -> RegisterChange:
    """Return what is new, closed, still open, and gone without anything that closed it.

    An entry is the same in both by its id; one that was open and is not in the later register was closed by
    nothing.
    """
    then = {str(one.id): one for one in kept(before.assessment) if one.state == "open"}
    now = {str(one.id): one for one in kept(after.assessment)}
    standing = {name: one for name, one in now.items() if one.state == "open"}
    return RegisterChange(
        new=tuple(_entry(one, after) for name, one in standing.items() if name not in then),
        closed=tuple(_entry(now[name], after) for name in then if name in now and name not in standing),
        still_open=tuple(_entry(one, after) for name, one in standing.items() if name in then),
        gone=tuple(_entry(one, after) for name, one in then.items() if name not in now),
    )


def _entry(one: NonConformity, after: Side) -> Entry:
    """Return an entry in short."""
    day = after.assessment.assessed_at.date()
    return Entry(
        id=one.id,
        requirement=one.requirement,
        severity=one.severity,
        blocks=one.blocks,
        due=one.due,
        overdue=one.state == "open" and one.due is not None and one.due < day,
    )
