"""The document ``impact_assessment_input``: what the records hold for Art. 27(1)(a) to (f), for deployers."""

from __future__ import annotations

from conformity.compose.catalogued import row_of, sections_of
from conformity.compose.figures import block, of_groups, readings
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.registration import points_of
from conformity.compose.speaking import exhibit_table
from conformity.compose.subjects import tables_of
from conformity.compose.words import fact, facts, quote, quoted, said, table, told
from conformity.model.base import RequirementId
from conformity.model.document import Block, Item, Section

_DEPLOYER = "The deployer"
_WHO = {
    "public_services": "Bodies governed by public law, and private providers of public services.",
    "every_deployer": "Every deployer, private ones too.",
    "excluded": "No deployer: this point is left out.",
}
_MOST = 96
_OPEN = {
    "art27.1.a": "Describe the deployer's own processes in which the system is used.",
    "art27.1.b": "State the period and how often the system is used.",
    "art27.1.c": "State the categories of people and groups that this use is likely to affect.",
    "art27.1.d": "Weigh the specific harms for those groups in this use.",
    "art27.1.e": "Describe how people oversee the system in this use, as the instructions for use say.",
    "art27.1.f": "Lay down what is done when a risk materialises, with governance and complaints.",
    "art27.2": "Date the assessment before first use, and update it when an element changes.",
    "art27.3": "Notify the market surveillance authority of the results, on the template.",
    "art27.4": "Where a data-protection impact assessment meets a part, refer to it or take it in.",
}


def compose(material: Material) -> tuple[Section, ...]:
    """Return who owes the assessment, the input to its elements, and what goes with it."""
    content: dict[str, list[Block]] = {
        "art27.1.a": [quote(material.manifest.system.intended_purpose)],
        "art27.1.c": _people(material),
        "art27.1.d": _harms(material),
        "art27.1.e": _handed_in(material, "art14", "art13.3.d"),
        "art27.1.f": _handed_in(material, "art9.5", "art26.5"),
    }
    elements = [f"art27.1.{letter}" for letter in "abcdef"]
    return sections_of(
        material,
        {
            "elements": [_element(material, one, "elements", content.get(one, [])) for one in elements],
            "conduct": [_element(material, f"art27.{one}", "conduct", []) for one in (2, 3, 4)],
        },
        {"who": _who(material)},
    )


def _who(material: Material) -> list[Block]:
    """Return which deployers owe the assessment, for each point of Annex III."""
    rows = [(told(f"{one.ref}. {one.title}"), told(_WHO[one.fria])) for one in points_of(material)]
    if rows:
        return [table(["Use", "Who owes the assessment"], rows, widths=[40])]
    return [said("The classification names no point of Annex III, so that Art. 27 binds no deployer.")]


def _element(material: Material, requirement_id: str, section: str, content: list[Block]) -> Item:
    """Return one element: for the deployer to fill in, with what the provider's records give."""
    row = row_of(requirement_id, section, _DEPLOYER)
    finding = material.findings.get(RequirementId(requirement_id))
    if finding is not None and finding.verdict != "not_applicable":
        return fill(material, row, content, open=() if finding.verdict == "met" else [_OPEN[row.id]])
    given = "The records give what stands here; the rest is the deployer's." if content else None
    return fill(material, row, content, status="for_a_person", open=[_OPEN[row.id]], reason=given)


def _people(material: Material) -> list[Block]:
    """Return by which features groups of people were told apart in the data."""
    found = [
        fact(table.title, quoted(", ".join(c.name for c in table.columns if "protected" in c.roles)))
        for table in tables_of(material)
        if any("protected" in c.roles for c in table.columns)
    ]
    return [said("Groups in the data were told apart by these columns:"), facts(*found)] if found else []


def _harms(material: Material) -> list[Block]:
    """Return how often the system errs in each group, and bounds on bias that are missed or open."""
    tested = [str(one.id) for one in tables_of(material, "testing")]
    kept = ("met", "not_applicable")
    left = [row for row in readings(material.assessment.findings) if row.verdict not in kept]
    return [
        *block("Accuracy and errors of each group, as tested", of_groups(material, tested), _MOST),
        *block("Bounds that are missed or open", left),
    ]


def _handed_in(material: Material, *starts: str) -> list[Block]:
    """Return the exhibits that speak to some provisions."""
    names = [one.id for one in material.manifest.exhibits if any(c.startswith(starts) for c in one.covers)]
    return [exhibit_table(material, names)] if names else []
