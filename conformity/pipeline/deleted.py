"""Tables that the manifest declares deleted, and that are gone: nothing is measured, and it is said why.

Source:
    Art. 4a(1)(e): special categories used against bias are deleted in the end; the manifest goes on to list
    the table, so that the assessment can tell that it is no longer there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conformity.intake.digest import unreadable_record
from conformity.model.evidence import SubjectRecord
from conformity.model.manifest import Manifest
from conformity.model.plan import Plan


def deletions(manifest: Manifest) -> dict[str, date]:
    """Return the tables whose special-category data are declared deleted, with the day."""
    return {
        str(use.subject): use.deleted_on
        for use in manifest.special_category_use
        if use.deleted_on is not None
    }


def gone_records(manifest: Manifest, gone: Mapping[str, date]) -> dict[str, SubjectRecord]:
    """Return the records, without a digest, of the tables that are gone.

    Args:
        manifest: what lists them.
        gone: their ids, with the days on which they were deleted as declared.
    """
    return {
        str(table.id): unreadable_record(
            table,
            f"Nothing lies at its path; the manifest says that it was deleted on {gone[str(table.id)]}.",
        )
        for table in manifest.subjects
        if str(table.id) in gone
    }


def without_gone(plan: Plan, gone: Mapping[str, date]) -> Plan:
    """Return a plan in which no step looks at a table that is gone, and each such step says why.

    Args:
        plan: the plan as it follows from the manifest.
        gone: the ids of the tables, with the days on which they were deleted as declared.
    """
    steps = tuple(
        step.model_copy(update={"blocked": _why(step.subject, gone[step.subject])})
        if step.subject in gone
        else step
        for step in plan.steps
    )
    return plan.model_copy(update={"steps": steps})


def _why(table: str, day: date) -> str:
    """Return why nothing is measured on a table that is gone."""
    return f"The table {table} is not there; the manifest says that it was deleted on {day}."
