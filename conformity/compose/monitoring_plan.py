"""The document ``monitoring_plan``: the skeleton of Art. 72(3), fed by the quantities that were measured."""

from __future__ import annotations

from conformity.catalog.rows import ItemLaw
from conformity.compose.catalogued import items_for, sections_of
from conformity.compose.figures import block, of_groups, overall, readings
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.subjects import tables_of
from conformity.compose.words import quoted, table, told
from conformity.model.document import Block, Cell, Item, Section
from conformity.model.manifest import Criterion

_FILL_IN = "Fill this in for operation; nothing that was handed in speaks to it."
_MOST = 96


def compose(material: Material) -> tuple[Section, ...]:
    """Return the monitoring system, the quantities to watch, and what the provider has to fill in."""
    items = {
        "system": items_for(material, "system", ("art72.1", "art72.3")),
        "quantities": (
            _quantity(material, material.row("bounded"), _bounded(material)),
            _quantity(material, material.row("unbounded"), _unbounded(material)),
        ),
        "conduct": tuple(_conduct(material, row) for row in material.rows_of("conduct")),
    }
    return sections_of(material, items)


def _quantity(material: Material, row: ItemLaw, content: list[Block]) -> Item:
    """Return quantities to watch; they start the plan and do not make it whole."""
    if not content:
        asked = "Measure before supply what is to be watched afterwards, and fix bounds (Art. 9(8))."
        return fill(material, row, status="missing", open=[asked])
    asked = "Say for each quantity on which operating data it is measured again, and when."
    return fill(material, row, content, status="partly", open=[asked], measured=False)


def _bounded(material: Material) -> list[Block]:
    """Return every quantity that a criterion bounds: its value at assessment, and what to watch."""
    rows = [_watch(material, one) for one in material.manifest.criteria]
    if not rows:
        return []
    heads = ["Criterion", "On", "By", "What to watch", "Owner"]
    values = block(
        "Values at assessment, against the provider's bounds", readings(material.assessment.findings), _MOST
    )
    return [table(heads, rows, title="What to watch", widths=[20, 30, 14, 20]), *values]


def _watch(material: Material, criterion: Criterion) -> tuple[Cell, ...]:
    """Return what to watch about one criterion."""
    return (
        quoted(criterion.id),
        quoted(material.title_of(criterion.subject)),
        quoted(", ".join(criterion.by)),
        told(_direction(criterion)),
        quoted(criterion.owner),
    )


def _direction(criterion: Criterion) -> str:
    """Return on which side of the bound the value and its interval must stay."""
    if criterion.at_least is None:
        return f"Whether it rises above {criterion.at_most:g}."
    if criterion.at_most is None:
        return f"Whether it falls below {criterion.at_least:g}."
    return f"Whether it leaves {criterion.at_least:g} to {criterion.at_most:g}."


def _unbounded(material: Material) -> list[Block]:
    """Return accuracy of the whole and of each group, without a bound."""
    tested = [str(one.id) for one in tables_of(material, "testing")]
    return [
        *block("Accuracy of the whole at assessment", overall(material, tested, "accuracy")),
        *block("Accuracy of each group at assessment", of_groups(material, tested), _MOST),
    ]


def _conduct(material: Material, row: ItemLaw) -> Item:
    """Return what the provider has to fill in about operation, with what speaks to it."""
    if row.requirements:
        return fill(material, row)
    return fill(material, row, status="missing", open=[_FILL_IN])
