"""What fills each entry of the register (Annex VIII) from the records, and what is left for a person."""

from __future__ import annotations

from collections.abc import Callable

from conformity.compose.material import Material
from conformity.compose.words import fact, facts, quote, quoted, recorded, said
from conformity.model.document import Block, ItemStatus

Filling = tuple[list[Block], ItemStatus, str | None]
"""What stands in an entry, how far that fills it, and what is open."""


def _contact(material: Material) -> Filling:
    """Return the provider's name, address and contact."""
    one = material.manifest.provider
    known = (
        fact("Name", quoted(one.name)),
        fact("Address", quoted(one.address)),
        fact("Contact", quoted(one.contact)),
    )
    return [facts(*known)], "filled", None


def _representative(material: Material) -> Filling:
    """Return the authorised representative, if one is named."""
    signing = material.manifest.declaration
    if signing is None or signing.authorised_representative is None:
        asked = material.planned.get("art22.1")
        if asked is not None and asked.applies == "no":
            return [said(asked.reason)], "not_applicable", None
        return [], "missing", "Name the authorised representative, if there is one (Art. 22)."
    return [facts(fact("Representative", quoted(signing.authorised_representative)))], "filled", None


def _trade_name(material: Material) -> Filling:
    """Return the trade name, with what identifies the system."""
    system, signing = material.manifest.system, material.manifest.declaration
    known = [fact("Trade name", quoted(system.name)), fact("Version", quoted(system.version))]
    if signing is not None:
        known.append(fact("Type", quoted(signing.type)))
    return [facts(*known)], "filled", None


def _purpose(material: Material) -> Filling:
    """Return the intended purpose; the components and functions are for a person to add."""
    asked = "Add the components and functions that the system supports."
    return [quote(material.manifest.system.intended_purpose)], "partly", asked


def _plain_purpose(material: Material) -> Filling:
    """Return the intended purpose."""
    return [quote(material.manifest.system.intended_purpose)], "filled", None


def _status(material: Material) -> Filling:
    """Return whether the system is on the market, as far as is declared."""
    day = material.manifest.system.placed_on_market_on
    if day is None:
        return [], "missing", "Say whether the system is supplied, in use, no longer supplied, or recalled."
    known = fact("Placed on the market or put into service", recorded(day))
    return [facts(known)], "partly", "Say whether it is still supplied or in use."


def _certificate(material: Material) -> Filling:
    """Return the certificate, where a notified body issued one."""
    signing, route = material.manifest.declaration, material.assessment.plan.classification.route
    body = signing.notified_body if signing is not None else None
    if body is not None:
        known = (
            fact("Notified body", quoted(f"{body.name}, {body.number}")),
            fact("Certificate", quoted(body.certificate)),
        )
        return [facts(*known)], "partly", "Add the day on which the certificate expires."
    if route.procedure == "annex_vi":
        return [said(route.reason)], "not_applicable", None
    return [], "missing", "Enter the certificate, if a notified body issued one."


def _no_certificate(material: Material) -> Filling:
    """Return that there is no certificate to scan, or that the scan is missing."""
    route = material.assessment.plan.classification.route
    if route.procedure == "annex_vi":
        return [said(route.reason)], "not_applicable", None
    return [], "missing", "Add a scan of the certificate, if a notified body issued one."


def _condition(material: Material) -> Filling:
    """Return the condition of Art. 6(3) on which the provider relies."""
    steps = material.assessment.plan.classification.steps
    for step in steps:
        if step.question == "art6_3_condition" and step.answer == "yes":
            known = fact(step.ref, quoted(step.because or ", ".join(step.points)))
            return [facts(known)], "filled", None
    return [], "missing", "Name the condition of Art. 6(3) that the system meets."


def _impact(_: Material) -> Filling:
    """Return that the summary rests on the deployer's own assessment."""
    return [], "missing", "Summarise the findings of the fundamental rights impact assessment (Art. 27)."


def _declaration(_: Material) -> Filling:
    """Return that only a signed declaration can be entered."""
    return [], "for_a_person", "Add the signed declaration; `conformity declare` prepares it (Art. 47)."


def _instructions(material: Material) -> Filling:
    """Return the exhibits that are handed in as instructions for use."""
    found = [one for one in material.manifest.exhibits if "art13.2" in one.covers]
    if not found:
        return [], "missing", "Add the electronic instructions for use (Art. 13)."
    rows = [fact(one.id, quoted(f"{one.title}: {one.path}")) for one in found]
    return [facts(*rows)], "partly", "Check that the document handed in is the whole of the instructions."


def _address(_: Material) -> Filling:
    """Return that the address of more information may be left out."""
    return [], "not_applicable", None


MAKERS: dict[str, Callable[[Material], Filling]] = {
    "annexVIII.A.1": _contact,
    "annexVIII.A.3": _representative,
    "annexVIII.A.4": _trade_name,
    "annexVIII.A.5": _purpose,
    "annexVIII.A.7": _status,
    "annexVIII.A.8": _certificate,
    "annexVIII.A.9": _no_certificate,
    "annexVIII.A.11": _declaration,
    "annexVIII.A.12": _instructions,
    "annexVIII.A.13": _address,
    "annexVIII.B.1": _contact,
    "annexVIII.B.3": _representative,
    "annexVIII.B.4": _trade_name,
    "annexVIII.B.5": _plain_purpose,
    "annexVIII.B.6": _condition,
    "annexVIII.B.8": _status,
    "annexVIII.C.4": _impact,
}
"""What fills an entry from the records; the others have no place in the manifest."""
