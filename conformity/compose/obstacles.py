"""What stands in the way of a declaration of conformity, as sentences; none where nothing does."""

from __future__ import annotations

from collections.abc import Iterator

from conformity.model.assessment import Assessment
from conformity.model.nonconformity import NonConformity

NOBODY = (
    "The manifest names nobody who signs: fill in `declaration` with signatory, function, place, the type of "
    "the system, and whether it processes personal data (Annex V)."
)
"""Said where the manifest plans no declaration."""

_ASKED = "art47.1"
"""The requirement that asks for a declaration."""


def obstacles(assessment: Assessment) -> tuple[str, ...]:
    """Return what keeps a declaration from being prepared, one sentence each.

    Placeholders of the manifest are looked for where the manifest is read, not here.

    Args:
        assessment: with its register; one without a register is an obstacle itself.
    """
    return (*besides(assessment), *_open(assessment))


def besides(assessment: Assessment) -> tuple[str, ...]:
    """Return what keeps a declaration from being prepared besides the entries of the register."""
    return (*_not_asked(assessment), *_procedure(assessment), *_signing(assessment))


def blocking(assessment: Assessment) -> tuple[NonConformity, ...]:
    """Return the open entries of the register that a declaration must wait for."""
    register = assessment.non_conformities or ()
    return tuple(entry for entry in register if entry.state == "open" and entry.blocks)


def _not_asked(assessment: Assessment) -> Iterator[str]:
    """Yield why no declaration is asked for, or why that is not known."""
    row = next((one for one in assessment.plan.requirements if one.requirement.id == _ASKED), None)
    if row is None:
        yield "The plan of this assessment does not hold Art. 47(1), so that nobody can tell who declares."
    elif row.applies != "yes":
        yield f"It is not established that a declaration is asked of this role for this system: {row.reason}"


def _procedure(assessment: Assessment) -> Iterator[str]:
    """Yield what is open about the conformity assessment procedure."""
    route, signing = assessment.plan.classification.route, assessment.manifest.declaration
    if route.procedure == "cannot_tell":
        yield f"The conformity assessment procedure is not known ({route.ref}): {route.reason}"
    if route.procedure == "annex_vii" and signing is not None and signing.notified_body is None:
        yield (
            "Annex VII asks for a notified body: name it and its certificate in `declaration.notified_body` "
            "(Annex V(7))."
        )


def _signing(assessment: Assessment) -> Iterator[str]:
    """Yield what is missing or impossible about the person who signs and the day."""
    signing, day = assessment.manifest.declaration, assessment.assessed_at.date()
    if signing is None:
        yield NOBODY
    elif signing.date is not None and signing.date < day:
        yield (
            f"The declaration is dated {signing.date}, before the assessment on which it rests ({day}): "
            "leave `declaration.date` empty until the person signs."
        )


def _open(assessment: Assessment) -> Iterator[str]:
    """Yield the entries of the register that block."""
    if assessment.non_conformities is None:
        yield "The assessment keeps no register of non-conformities: assess again with this version."
    refs = {one.requirement.id: one.requirement.ref for one in assessment.plan.requirements}
    for entry in blocking(assessment):
        yield f"{entry.id}, {refs.get(entry.requirement, entry.requirement)}: {entry.reason}"
