"""The document ``risk_register``: risks and bounds, what is missed or open, and what remains (Art. 9)."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.catalog.rows import ItemLaw
from conformity.compose.catalogued import items_for, sections_of
from conformity.compose.figures import block, readings
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.words import said
from conformity.model.document import Block, Item, MeasuredRow, Section

_SYSTEM = ("art9.1", "art9.2", "art9.2.a", "art9.2.b", "art9.2.c", "art9.3", "art9.4", "art9.10")
_MEASURES = ("art9.2.d", "art9.5.a", "art9.5.b", "art9.5.c", "art9.5.context", "art9.5")
_TESTING = ("art9.6", "art9.7", "art9.8.timing", "art9.8.thresholds")
_MOST = 60


def compose(material: Material) -> tuple[Section, ...]:
    """Return the system, the risks that were tested, measures and what remains, and how it was tested."""
    bounded = readings(material.assessment.findings)
    return sections_of(
        material,
        {
            "system": items_for(material, "system", _SYSTEM),
            "tested": [_risk(material, row, bounded) for row in material.rows_of("tested")],
            "measures": items_for(material, "measures", _MEASURES, {"art9.5": _remaining(bounded)}),
            "testing": items_for(material, "testing", _TESTING),
            "vulnerable": items_for(material, "vulnerable", ("art9.9",)),
        },
    )


def _risk(material: Material, row: ItemLaw, bounded: Sequence[MeasuredRow]) -> Item:
    """Return what speaks to one kind of risk; bounds that are kept never settle it, a person does."""
    rows = [one for one in bounded if _domain(material, one) in row.marks]
    if not rows:
        asked = "Fix bounds on what can be measured of this risk, before the next test (Art. 9(8))."
        return fill(material, row, _unbounded(material, row), status="missing", open=[asked])
    left = dict.fromkeys(str(one.criterion) for one in rows if one.verdict != "met")
    asked_for = [
        f"Criterion {name} is missed or open: mend it, or say why it is acceptable." for name in left
    ]
    asked_for.append("Say whether these bounds cover the risk, and who accepts what remains (Art. 9(5)).")
    content = block("Bounds and what was measured", rows, _MOST)
    return fill(material, row, content, status="partly", open=asked_for)


def _domain(material: Material, row: MeasuredRow) -> str:
    """Return which domain of probes a reading comes from; none for an observation that is gone."""
    seen = material.observations.get(row.evidence)
    return seen.probe.split("/")[0] if seen else ""


def _unbounded(material: Material, row: ItemLaw) -> list[Block]:
    """Return whether anything was measured of a risk for which no bound was fixed."""
    for seen in material.evidence.observations:
        if seen.probe.split("/")[0] in row.marks and seen.outcome == "measured":
            return [said("Something was measured, but without a bound; the report holds the figures.")]
    return [said("Nothing was measured of it.")]


def _remaining(bounded: Sequence[MeasuredRow]) -> list[Block]:
    """Return every reading that is not on the right side of its bound: what remains after the measures."""
    left = [one for one in bounded if one.verdict not in ("met", "not_applicable")]
    if not left:
        return [said("No bound is missed or open among those that were fixed.")]
    return block("Missed or open after the measures taken", left, _MOST)
