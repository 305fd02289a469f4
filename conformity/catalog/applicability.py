"""Whether a requirement concerns a system in a role, and from which day it binds."""

from __future__ import annotations

from datetime import date

from conformity.catalog import load
from conformity.catalog.dates import Start, fact, start_of
from conformity.catalog.load import conditions, roles
from conformity.catalog.rows import RoleRow
from conformity.catalog.ternary import Ternary
from conformity.model.classification import Classification
from conformity.model.manifest import Role
from conformity.model.plan import PlannedRequirement
from conformity.model.requirement import Addressee, Requirement
from conformity.model.said import said

_ROLE_CHANGE = "art25_1_role_change"


def applicability(
    requirement: Requirement, classification: Classification, role: Role, as_of: date
) -> PlannedRequirement:
    """Return the requirement with whether it applies, why, and from when.

    Args:
        requirement: the row of law.
        classification: the outcome of the procedure, with the facts.
        role: the role in which the assessment is made.
        as_of: the day whose law applies.
    """
    applies, reason = _applies(requirement, classification, role)
    start = start_of(requirement, classification) if applies != "no" else Start(None)
    if start.why is not None:
        reason = f"{reason} {start.why}"
    if applies == "yes" and start.on is not None and as_of < start.on:
        reason = f"{reason} {_later(requirement, start.on)}"
    return PlannedRequirement(requirement=requirement, applies=applies, reason=reason, duty_from=start.on)


def _later(requirement: Requirement, start: date) -> str:
    """Return that the row binds only from a later day, with what the law files note on that day."""
    notes = [row.note for row in requirement.applies_from if row.on == start and row.note]
    said = f"It binds from {start.isoformat()}; until then this is preparation."
    return " ".join([said, *dict.fromkeys(notes)])


def _applies(requirement: Requirement, classification: Classification, role: Role) -> tuple[Ternary, str]:
    """Return whether the row applies, with the reason."""
    if requirement.status == "deleted":
        now = ", ".join(load.requirement(row).ref for row in requirement.superseded_by)
        return "no", f"{requirement.ref}: this text is no longer in force; see {now}."
    if requirement.addressees == ("commission",):
        return "no", f"{requirement.ref} addresses the Commission, not an operator."
    facts = [fact(classification, condition) for condition in requirement.conditions]
    failed = [row for row in facts if row.holds == "no"]
    if failed:
        return "no", failed[0].reason
    addressed, whom = _addressed(requirement.addressees, role, classification)
    if addressed == "no":
        return "no", whom
    unknown = [row.reason for row in facts if row.holds == "unknown"]
    if addressed == "unknown":
        unknown.append(whom)
    if unknown:
        return "unknown", " ".join(dict.fromkeys(unknown))
    titles = {condition.id: condition.title for condition in conditions()}
    held = "; ".join(titles[row.condition] for row in facts)
    why = f"What it depends on holds: {held}."
    return "yes", f"{whom} {why}"


def _addressed(
    addressees: tuple[Addressee, ...], role: Role, classification: Classification
) -> tuple[Ternary, str]:
    """Return whether the row binds someone in this role, with the reason."""
    row = _role(role)
    names = _names(addressees)
    if set(addressees) & set(row.addressees):
        return "yes", f"It binds the {names}; the assessment is made as {row.title.lower()} ({row.ref})."
    no = f"It binds the {names}, not the {row.title.lower()} ({row.ref})"
    if not (row.can_become_provider and "provider" in addressees):
        return "no", f"{no}."
    change = fact(classification, _ROLE_CHANGE)
    if change.holds == "yes":
        return "yes", f"It binds the provider, and Art. 25(1) makes the {row.title.lower()} the provider."
    if change.holds == "no":
        return "no", f"{no}; Art. 25(1) changes nothing, since {change.reason}"
    return "unknown", change.reason


def _names(addressees: tuple[Addressee, ...]) -> str:
    """Return the addressees in words."""
    return " or ".join(_WORDS.get(name, name.replace("_", " ")) for name in addressees)


_WORDS: dict[Addressee, str] = {
    "supplier": said("supplier"),
    "gpai_provider": "provider of a general-purpose AI model",
    "gpai_system_provider": "provider of a general-purpose AI system",
}


def _role(role: Role) -> RoleRow:
    """Return the row of a role."""
    return next(row for row in roles() if row.role == role)
