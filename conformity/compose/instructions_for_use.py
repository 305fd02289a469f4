"""The document ``instructions_for_use``: facts for Art. 13(3)(a) to (f), with accuracy for each group."""

from __future__ import annotations

from collections.abc import Iterable

from conformity.catalog.load import requirement
from conformity.compose.catalogued import items_for, sections_of
from conformity.compose.figures import block, caveats, has_number, of_groups, overall, readings
from conformity.compose.material import Material
from conformity.compose.subjects import input_columns, tables_of
from conformity.compose.words import fact, facts, quote, quoted, told
from conformity.model.base import RequirementId
from conformity.model.document import Block, Item, MeasuredRow, Section
from conformity.model.subject import TableSubject

_PERFORMANCE = ("b.i", "b.ii", "b.iii", "b.iv", "b.v", "b.vi", "b.vii")
_USE = ("c", "d", "e", "f")
_MOST_GROUPS = 96
_LEVELS = "art13.3.b.ii"
_ROBUSTNESS = "art15.1.robustness"
"""The requirement whose probes measure robustness; the other probes of security speak to cybersecurity."""


def compose(material: Material) -> tuple[Section, ...]:
    """Return who answers, what was measured, and what deployers must be told besides."""
    content: dict[str, list[Block]] = {
        "art13.3.a": _provider(material),
        "art13.3.b.i": [quote(material.manifest.system.intended_purpose)],
        _LEVELS: _levels(material),
        "art13.3.b.v": _groups(material),
        "art13.3.b.vi": [one for table in _tested(material) for one in input_columns(table)],
    }
    added = {name: blocks for name, blocks in content.items() if blocks}
    unmeasured = _unmeasured(material)
    performance = items_for(
        material,
        "performance",
        [f"art13.3.{name}" for name in _PERFORMANCE],
        added,
        open={_LEVELS: [*unmeasured.values()]},
    )
    return sections_of(
        material,
        {
            "whole": items_for(material, "whole", ("art13.1", "art13.2")),
            "provider": items_for(material, "provider", ("art13.3.a",), added),
            "performance": [_told(one, unmeasured) for one in performance],
            "use": items_for(material, "use", [f"art13.3.{name}" for name in _USE], added),
        },
    )


def _provider(material: Material) -> list[Block]:
    """Return the provider's identity and contact."""
    provider = material.manifest.provider
    known = [
        fact("Provider", quoted(provider.name)),
        fact("Address", quoted(provider.address)),
        fact("Contact", quoted(provider.contact)),
    ]
    signing = material.manifest.declaration
    if signing is not None and signing.authorised_representative is not None:
        known.append(fact("Authorised representative", quoted(signing.authorised_representative)))
    return [facts(*known)]


def _tested(material: Material) -> tuple[TableSubject, ...]:
    """Return the tables on which the system was tested."""
    return tables_of(material, "testing")


def _levels(material: Material) -> list[Block]:
    """Return the levels stated to deployers, then accuracy, robustness and cybersecurity as tested."""
    finding = material.findings.get(RequirementId(_LEVELS))
    tested = [str(one.id) for one in _tested(material)]
    robust, secure = _security(material)
    return [
        *block("Levels stated to deployers, against the test", readings([finding] if finding else [])),
        *block("Accuracy of the whole, as tested", overall(material, tested, "accuracy")),
        *block("Robustness, as tested", robust),
        *block("Cybersecurity, as tested", secure),
        *caveats(material, [*robust, *secure]),
    ]


def _security(material: Material) -> tuple[list[MeasuredRow], list[MeasuredRow]]:
    """Return the figures of robustness, and those of cybersecurity."""
    rows = overall(material, [str(one.id) for one in material.manifest.subjects], "security")
    probes = requirement(_ROBUSTNESS).probes
    robust = [row for row in rows if material.observations[row.evidence].probe in probes]
    return robust, [row for row in rows if row not in robust]


def _unmeasured(material: Material) -> dict[str, str]:
    """Return the qualities for which there is no figure, each with what is to be done."""
    asked = {
        "Robustness": "Measure the robustness of the system, or state from which test its level comes.",
        "Cybersecurity": "Measure the cybersecurity of the system, or state from which test its level comes.",
    }
    found = zip(asked.items(), _security(material), strict=True)
    return {name: step for (name, step), rows in found if not has_number(material, rows)}


def _told(item: Item, unmeasured: Iterable[str]) -> Item:
    """Return the item on levels with what was not measured before its content; that fills nothing."""
    missing = [fact(name, told("Not measured.")) for name in unmeasured]
    if item.id != _LEVELS or item.status == "not_applicable" or not missing:
        return item
    return item.model_copy(update={"content": (facts(*missing), *item.content)})


def _groups(material: Material) -> list[Block]:
    """Return accuracy for each group of people on whom the system was tested."""
    tested = [str(one.id) for one in _tested(material)]
    return block("Accuracy for each group, as tested", of_groups(material, tested), _MOST_GROUPS)
