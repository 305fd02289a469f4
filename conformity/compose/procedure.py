"""The document ``procedure``: Annex VI step by step, Annex VII beside it, and what standards presume."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.catalog.dates import in_words
from conformity.catalog.rows import ItemLaw
from conformity.compose.items import fill
from conformity.compose.layout import Maker, parts
from conformity.compose.material import Material
from conformity.compose.norms import presumption_blocks, standards_state, standards_table
from conformity.compose.subjects import digest_cell
from conformity.compose.tracing import evidence_of
from conformity.compose.words import VERDICTS, fact, facts, quoted, said, table, told
from conformity.model.document import Block, Cell, Item, Section
from conformity.model.finding import Finding
from conformity.model.plan import PlannedRequirement

_SECTION_2 = frozenset(f"Article {number}" for number in range(8, 16))
"""Chapter III Section 2."""

_PROCEDURES = {
    "annex_vi": "Internal control (Annex VI)",
    "annex_vii": "Assessment by a notified body (Annex VII)",
    "annex_vi_or_vii": "Internal control or a notified body, at the provider's choice (Annex VI or VII)",
    "sectoral": "Procedure of the sectoral act",
    "none": "None",
    "cannot_tell": "Open",
}
_OF_OTHERS = {
    True: "Measurements of other programs, and documents",
    False: "Measurements of other programs",
}
"""What is told where every number is one of another program, by whether there are documents too."""

_HANDED_OVER = (
    (
        "Annex VII(3.1)",
        "Name and address of the provider, and of its authorised representative if it applies.",
    ),
    ("Annex VII(3.1)", "The list of the AI systems that the quality management system covers."),
    (
        "Annex VII(3.1), (4.2)",
        "The technical documentation of each system (document technical_documentation).",
    ),
    ("Annex VII(3.1)", "The documentation of the quality management system (Art. 17(1)(a) to (m))."),
    ("Annex VII(3.1)", "The procedures that keep the quality management system adequate and effective."),
    ("Annex VII(3.1), (4.2)", "A statement that no other notified body has received the same application."),
    ("Annex VII(4.3)", "On request, full access to training, validation and testing data."),
    ("Annex VII(4.4)", "On request, more evidence or further tests."),
    ("Annex VII(4.5)", "As a last resort, on reasoned request, access to models and their parameters."),
)
"""What the provider hands over, in our own words, with citations."""


def compose(material: Material) -> tuple[Section, ...]:
    """Return the route, the three steps of internal control, the other path, and what standards presume."""
    makers: dict[str, Maker] = {"route": _route, "harmonised_standards": _standards}
    contents: dict[str, Sequence[Block]] = {
        "examination": _examination(material),
        "consistency": _artefacts(material),
        "notified_body": _handed_over(),
        "standards": [standards_table(), said(standards_state())],
    }
    return parts(material, makers, contents)


def _route(material: Material, row: ItemLaw) -> Item:
    """Return the procedure with its reason, and the answers that led to it."""
    found = material.assessment.plan.classification
    route = found.route
    start = in_words(found.high_risk_from) if found.high_risk_from else "No day is set."
    content: list[Block] = [
        facts(
            fact("Classification", told(found.summary)),
            fact("Procedure", told(_PROCEDURES[route.procedure])),
            fact("Provision", told(route.ref)),
            fact("Why", told(route.reason)),
            fact("Duties for high-risk systems from", told(start)),
        ),
        table(
            ["Question", "Citation", "Answer", "Reason given"],
            [
                (told(step.text), told(step.ref), told(step.answer), quoted(step.because or ""))
                for step in found.steps
            ],
            title="Answers that led there",
            widths=[40, 16, 10],
        ),
    ]
    if route.procedure == "cannot_tell":
        return fill(material, row, content, status="missing", open=found.missing)
    if route.procedure == "none":
        return fill(material, row, content, status="not_applicable", reason=route.reason)
    return fill(material, row, content, status="filled")


def _standards(material: Material, row: ItemLaw) -> Item:
    """Return the standards that the provider declares, with their presumption."""
    declared = material.manifest.standards
    if declared:
        return fill(material, row, presumption_blocks(declared), status="filled")
    route = material.assessment.plan.classification.route
    if route.procedure == "none":
        return fill(material, row, status="not_applicable", reason=route.reason)
    return fill(
        material,
        row,
        status="missing",
        open=[
            "Declare the standards applied in `standards`, or describe the other solutions by which "
            "Section 2 is met (Annex IV(7))."
        ],
    )


def _examination(material: Material) -> list[Block]:
    """Return the requirements of Section 2, each with its verdict and what that rests on."""
    rows = [
        row
        for row in material.assessment.plan.requirements
        if row.requirement.article in _SECTION_2 and row.applies != "no"
    ]
    if not rows:
        return [said("No requirement of Section 2 concerns this system in this role.")]
    heads = ["Citation", "Requirement", "Verdict", "Rests on", "Reason"]
    made = [_examined(material, row) for row in rows]
    return [table(heads, made, title="Requirement by requirement", widths=[15, 22, 11, 16])]


def _examined(material: Material, row: PlannedRequirement) -> tuple[Cell, ...]:
    """Return one requirement of Section 2 as a row."""
    law = row.requirement
    finding = material.findings.get(law.id)
    return (
        told(law.ref),
        told(law.title),
        told(VERDICTS[finding.verdict] if finding else "No finding"),
        told(_basis(material, finding)),
        told(finding.reason if finding else row.reason),
    )


def _basis(material: Material, finding: Finding | None) -> str:
    """Return what a verdict rests on: measurements, those of others, documents, several, or nothing yet."""
    seen = [material.observations.get(name) for name in evidence_of(finding)]
    measured = any(one and one.measurements and not one.probe.startswith("declared/") for one in seen)
    declared = bool(finding and finding.declared and finding.declared.exhibits)
    if measured and finding and finding.basis in {"imported", "imported_and_declared"}:
        return _OF_OTHERS[declared]
    if measured and declared:
        return "Measurements and documents"
    if measured:
        return "Measurements"
    return "Documents" if declared else "Nothing yet"


def _artefacts(material: Material) -> list[Block]:
    """Return everything that was assessed with its digest, for the comparison with what is in operation."""
    things = (*material.manifest.subjects, *material.manifest.exhibits)
    if not things:
        return [said("The manifest names no artefact.")]
    return [
        said("What is in operation is the system assessed only if these digests are those of its files."),
        table(
            ["Artefact", "File", "SHA-256"],
            [(quoted(one.title), quoted(one.path), digest_cell(material, one.id)) for one in things],
            title="Artefacts as they were assessed",
            widths=[32, 26],
        ),
    ]


def _handed_over() -> list[Block]:
    """Return what the provider hands to the notified body."""
    return [
        table(
            ["Provision", "What the provider hands over or opens"],
            [(told(ref), told(text)) for ref, text in _HANDED_OVER],
            title="For the notified body",
            widths=[22],
        )
    ]
