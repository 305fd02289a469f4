"""Whether a requirement concerns a system in a role, and from which day it binds."""

from __future__ import annotations

from datetime import date

from conformity.catalog.load import conditions, roles
from conformity.catalog.rows import RoleRow
from conformity.catalog.ternary import Ternary
from conformity.model.classification import Classification, Fact
from conformity.model.manifest import Role
from conformity.model.plan import PlannedRequirement
from conformity.model.requirement import Addressee, Requirement

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
    start = duty_from(requirement, classification) if applies != "no" else None
    if applies == "yes" and start is not None and as_of < start:
        reason = f"{reason} It binds from {start.isoformat()}; until then this is preparation."
    return PlannedRequirement(requirement=requirement, applies=applies, reason=reason, duty_from=start)


def duty_from(requirement: Requirement, classification: Classification) -> date | None:
    """Return the first day on which the row binds this system; None for a voluntary or deleted row.

    Dates for Annex III and Annex I count only for a system that is high-risk on that path; while the
    classification is open, the earliest date is given.
    """
    if "voluntary_commitment" in requirement.conditions:
        return None
    regimes = _regimes(classification)
    return min((row.on for row in requirement.applies_from if row.regime in regimes), default=None)


def _regimes(classification: Classification) -> set[str]:
    """Return the paths on which a date of application counts for this system."""
    if classification.outcome == "high_risk_annex_i_a" and _fact(classification, "annex_iii").holds != "yes":
        return {"all", "annex_i"}
    if classification.outcome == "high_risk_annex_iii":
        return {"all", "annex_iii"}
    return {"all", "annex_iii", "annex_i"}


def _applies(requirement: Requirement, classification: Classification, role: Role) -> tuple[Ternary, str]:
    """Return whether the row applies, with the reason."""
    if requirement.status == "deleted":
        now = ", ".join(requirement.superseded_by)
        return "no", f"{requirement.ref}: this text is no longer in force; see {now}."
    if requirement.addressees == ("commission",):
        return "no", f"{requirement.ref} addresses the Commission, not an operator."
    facts = [_fact(classification, condition) for condition in requirement.conditions]
    failed = [fact for fact in facts if fact.holds == "no"]
    if failed:
        return "no", failed[0].reason
    addressed, whom = _addressed(requirement.addressees, role, classification)
    if addressed == "no":
        return "no", whom
    unknown = [fact.reason for fact in facts if fact.holds == "unknown"]
    if addressed == "unknown":
        unknown.append(whom)
    if unknown:
        return "unknown", " ".join(dict.fromkeys(unknown))
    titles = {condition.id: condition.title for condition in conditions()}
    held = "; ".join(titles[fact.condition] for fact in facts)
    return "yes", f"{whom} What it depends on holds: {held}."


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
    change = _fact(classification, _ROLE_CHANGE)
    if change.holds == "yes":
        return "yes", f"It binds the provider, and Art. 25(1) makes the {row.title.lower()} the provider."
    if change.holds == "no":
        return "no", f"{no}; Art. 25(1) changes nothing, since {change.reason}"
    return "unknown", change.reason


def _names(addressees: tuple[Addressee, ...]) -> str:
    """Return the addressees in words."""
    return " or ".join(_WORDS.get(name, name.replace("_", " ")) for name in addressees)


_WORDS: dict[Addressee, str] = {
    "gpai_provider": "provider of a general-purpose AI model",
    "gpai_system_provider": "provider of a general-purpose AI system",
}


def _role(role: Role) -> RoleRow:
    """Return the row of a role."""
    return next(row for row in roles() if row.role == role)


def _fact(classification: Classification, condition: str) -> Fact:
    """Return the fact for a condition."""
    return next(fact for fact in classification.facts if fact.condition == condition)
