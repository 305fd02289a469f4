"""The document ``logs_and_incidents``: how long logs are kept, and the clocks of Art. 73."""

from __future__ import annotations

from conformity.compose.catalogued import items_for, sections_of
from conformity.compose.material import Material
from conformity.compose.words import fact, facts, recorded, said, table, told
from conformity.model.document import Block, Section

_LOGGING = ("12.1", "12.2.a", "12.2.b", "12.2.c", "12.3.a", "12.3.b", "12.3.c", "12.3.d")
_INCIDENTS = ("73.2", "73.3", "73.4", "73.5", "73.6")


def compose(material: Material) -> tuple[Section, ...]:
    """Return what is logged, how long it is kept, the clocks, and what is reported and corrected."""
    return sections_of(
        material,
        {
            "logging": items_for(material, "logging", _named(_LOGGING)),
            "retention": (
                *items_for(material, "retention", ("art19.1", "art18.1")),
                *items_for(material, "retention", ("art26.6",), owner="The deployer"),
            ),
            "incidents": items_for(material, "incidents", _named(_INCIDENTS)),
            "correction": items_for(material, "correction", ("art20.1", "art20.2")),
        },
        {"meaning": _meaning(material), "clocks": _clocks(material), "incidents": _special(material)},
    )


def _named(numbers: tuple[str, ...]) -> list[str]:
    """Return the ids of rows by their numbers."""
    return [f"art{number}" for number in numbers]


def _meaning(material: Material) -> list[Block]:
    """Return what makes an incident a serious one."""
    rows = [(told(row.title), told(row.asks), recorded(row.ref)) for row in material.rows_of("meaning")]
    return [table(["Serious incident", "What it covers", "Provision"], rows, widths=[28, 52])]


def _special(material: Material) -> list[Block]:
    """Return for whom fewer incidents are to be reported, and who else is told."""
    rows = [(told(row.title), told(row.asks), recorded(row.ref)) for row in material.rows_of("incidents")]
    return [table(["What", "How", "Provision"], rows, widths=[28, 52])]


def _clocks(material: Material) -> list[Block]:
    """Return every period with what it is for and when it starts, and the day from which ten years run."""
    rows = [
        (told(row.title), told(", ".join(row.marks)), told(row.note or ""), told(row.asks), recorded(row.ref))
        for row in material.rows_of("clocks")
    ]
    heads = ["What", "Period", "Runs from", "How", "Provision"]
    placed = material.manifest.system.placed_on_market_on
    start = (
        recorded(placed)
        if placed
        else told("Not declared; the ten years have no start until the system is supplied.")
    )
    return [
        table(heads, rows, title="Periods", widths=[22, 13, 24, 27]),
        facts(fact("Placed on the market or put into service", start)),
        said("No serious incident is recorded here: the tool keeps no register of incidents (Art. 73)."),
    ]
