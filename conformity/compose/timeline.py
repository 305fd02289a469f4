"""The document ``timeline``: what applies to this system from when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from conformity.catalog.dates import in_words, legacy_rule
from conformity.catalog.load import timeline
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.words import fact, facts, recorded, said, table, told
from conformity.model.document import Block, Item, ItemStatus, Section
from conformity.model.plan import PlannedRequirement


def compose(material: Material) -> tuple[Section, ...]:
    """Return the days that concern the system, its duties by day, and the calendar of the Act."""
    sections = {one.id: one for one in material.law.sections}
    contents = {"duties": _duties(material), "calendar": _calendar(material)}
    items = {"system": (_start(material), _placing(material))}
    return tuple(
        Section(
            id=one.id,
            title=one.title,
            ref=one.ref,
            intro=one.intro,
            content=contents.get(one.id, ()),
            items=items.get(one.id, ()),
        )
        for one in sections.values()
    )


def _start(material: Material) -> Item:
    """Return from when the duties for high-risk systems bind this one."""
    found = material.assessment.plan.classification
    on = found.high_risk_from
    answer = (
        f"From {in_words(on)}."
        if on
        else "No day is set for this system: it is not high-risk, or the transitional rules set none."
    )
    content = [
        facts(
            fact("Classification", told(found.summary)),
            fact("Law as of", recorded(found.as_of)),
            fact("Start", told(answer)),
            fact("Systems of before", told(legacy_rule())),
        )
    ]
    status: ItemStatus = "missing" if found.outcome == "cannot_tell" else "filled"
    return fill(material, material.row("high_risk_start"), content, status=status, open=found.missing)


def _placing(material: Material) -> Item:
    """Return when the system was placed on the market, as declared."""
    on = material.manifest.system.placed_on_market_on
    row = material.row("placing")
    if on is None:
        return fill(
            material,
            row,
            status="missing",
            open=["Declare the day in `system.placed_on_market_on` once the system is on the market."],
        )
    return fill(material, row, [facts(fact("Placed on the market", recorded(on)))], status="filled")


def _duties(material: Material) -> tuple[Block, ...]:
    """Return the requirements that concern the system, or may, by the day from which they bind."""
    as_of = material.assessment.plan.as_of
    grouped: dict[tuple[date | None, str], list[PlannedRequirement]] = {}
    for row in material.assessment.plan.requirements:
        if row.applies != "no":
            grouped.setdefault((row.duty_from, _state(row, as_of)), []).append(row)
    if not grouped:
        return (said("No requirement of the catalogue concerns this system in this role."),)
    ordered = sorted(grouped, key=lambda key: (key[0] or date.max, key[1]))
    return tuple(_of_one_day(key[0], key[1], grouped[key]) for key in ordered)


def _of_one_day(on: date | None, state: str, rows: Sequence[PlannedRequirement]) -> Block:
    """Return the requirements that start on one day, or on none, with what that means."""
    title = f"From {in_words(on)}. {state}" if on else state
    cells = [(told(row.requirement.ref), told(row.requirement.title)) for row in rows]
    return table(["Citation", "Duty"], cells, title=title, widths=[36])


def _state(row: PlannedRequirement, as_of: date) -> str:
    """Return whether a requirement binds on a day."""
    if row.applies == "unknown":
        return "Open: whether it concerns the system is not known yet."
    if row.duty_from is None:
        return "No day is set."
    return "Binds." if row.duty_from <= as_of else "Not yet; until then the assessment is preparation."


def _calendar(material: Material) -> tuple[Block, ...]:
    """Return all days of the Act on which something starts to apply or falls due."""
    as_of = material.assessment.plan.as_of
    return (
        table(
            ["Day", "What", "Citation", f"On {in_words(as_of)}"],
            [
                (
                    recorded(one.on),
                    told(one.what),
                    told(one.ref),
                    told("Has begun" if one.on <= as_of else "Lies ahead"),
                )
                for one in timeline()
            ],
            widths=[12, 52, 22],
        ),
        said(legacy_rule()),
    )
