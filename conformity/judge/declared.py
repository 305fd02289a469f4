"""The declared side of a requirement: a named person's sign-off over exhibits that have not changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conformity.model.base import ExhibitId, RequirementId
from conformity.model.evidence import Evidence, SubjectRecord
from conformity.model.finding import Declared, Verdict
from conformity.model.manifest import PLACEHOLDER, Exhibit, Manifest, Seal, SignOff
from conformity.model.said import said

_STANCES: dict[str, tuple[Verdict, str]] = {
    "confirms": ("met", "Signed for by {people}."),
    "reserves": (
        "undetermined",
        "Signed for with a reservation by {people}. A signature without one would settle it.",
    ),
    "denies": ("not_met", "Denied by {people}."),
}
"""What a sign-off leads to, from best to worst; of several the worst counts."""


def judge_declared(
    requirement: RequirementId, manifest: Manifest, evidence: Evidence, today: date
) -> Declared:
    """Return what people handed in and signed for a requirement.

    ``met`` needs a sign-off that names the requirement, by a named person, over exhibits of which at
    least one covers it, each found with the very digest that was signed for.
    """
    records = {str(record.id): record for record in evidence.subjects}
    exhibits = {exhibit.id: exhibit for exhibit in manifest.exhibits}
    unread = _unread(evidence)
    covering = tuple(e.id for e in manifest.exhibits if requirement in e.covers)
    signed = [s for s in manifest.sign_offs if requirement in s.requirements]
    faults = [(s, _fault(requirement, s, exhibits, records, unread, today)) for s in signed]
    good = [s for s, fault in faults if fault is None]
    if good:
        verdict, words = _STANCES[max((s.stance for s in good), key=list(_STANCES).index)]
        names = "; ".join(
            said("{name}, {function}, on {day}", name=s.by.name, function=s.by.function, day=s.signed_on)
            for s in good
        )
        return Declared(
            verdict=verdict,
            reason=said(words, people=names),
            sign_offs=tuple(s.id for s in good),
            exhibits=_all_exhibits(covering, good),
        )
    if faults:
        reason = " ".join(f"Sign-off {s.id} does not count: {fault}." for s, fault in faults)
    elif covering:
        reason = f"Handed in ({', '.join(covering)}), but no named person has signed for it."
    else:
        reason = "Nothing was handed in."
    return Declared(verdict="not_collected", reason=reason, exhibits=_all_exhibits(covering, signed))


def _unread(evidence: Evidence) -> dict[str, str]:
    """Return the subjects that nothing measured, each with the reason."""
    measured = {o.subject for o in evidence.observations if o.outcome == "measured"}
    reasons = {o.subject: o.reason for o in evidence.observations}
    return {
        str(record.id): reasons.get(record.id) or "nothing looked at it"
        for record in evidence.subjects
        if record.id not in measured
    }


def _all_exhibits(covering: tuple[ExhibitId, ...], signed: list[SignOff]) -> tuple[ExhibitId, ...]:
    """Return the exhibits that cover the requirement or were signed for, without repeats."""
    return tuple(dict.fromkeys([*covering, *(seal.exhibit for s in signed for seal in s.over)]))


def _fault(
    requirement: RequirementId,
    sign_off: SignOff,
    exhibits: Mapping[ExhibitId, Exhibit],
    records: Mapping[str, SubjectRecord],
    unread: Mapping[str, str],
    today: date,
) -> str | None:
    """Return why a sign-off does not count, or None when it does."""
    who = f"{sign_off.by.name} {sign_off.by.function}"
    if PLACEHOLDER in who or not any(letter.isalpha() for letter in sign_off.by.name):
        return "it does not name a person yet"
    if PLACEHOLDER in sign_off.statement:
        return "its statement still holds a placeholder"
    if not any(requirement in exhibits[seal.exhibit].covers for seal in sign_off.over):
        return "none of the exhibits signed for covers this requirement"
    if sign_off.signed_on > today:
        return f"it is dated {sign_off.signed_on}, after this assessment"
    for seal in sign_off.over:
        exhibit = exhibits[seal.exhibit]
        if sign_off.signed_on < exhibit.dated:
            return f"it was signed on {sign_off.signed_on}, before {exhibit.id} was dated {exhibit.dated}"
        if fault := _seal_fault(seal, records.get(seal.exhibit), unread):
            return fault
    return None


def _seal_fault(seal: Seal, record: SubjectRecord | None, unread: Mapping[str, str]) -> str | None:
    """Return why the exhibit is not the one that was signed for, or None when it is."""
    if record is None or record.sha256 is None:
        problem = record.problem if record else None
        return f"exhibit {seal.exhibit} was not found" + (f" ({problem})" if problem else "")
    if record.sha256 != seal.sha256:
        return f"exhibit {seal.exhibit} has changed since it was signed for; it now is {record.sha256}"
    if seal.exhibit in unread:
        return f"exhibit {seal.exhibit} could not be examined ({unread[seal.exhibit].rstrip('.')})"
    return None
