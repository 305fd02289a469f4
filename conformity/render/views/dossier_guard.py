"""The tool's sentences in a document, without counts of few people and rare values."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conformity.model.document import Block, Cell, Document, Facts, Item, Measured, Paragraph, Section, Table
from conformity.render.views.context import Context

Guard = Callable[[str], str]
"""Gives a text without what may not be shown."""


def guarded(document: Document, context: Context) -> Document:
    """Return a document whose own sentences hold nothing that the report would withhold.

    What an item says is of the subjects of its findings; what stands before the items may be of all.

    Args:
        document: a document in English, as composed.
        context: the records.
    """
    sections = tuple(_section(one, context) for one in document.sections)
    return document.model_copy(update={"sections": sections})


def _section(section: Section, context: Context) -> Section:
    """Return a section with its own sentences guarded."""
    guard = _guard(context, sorted(context.subjects))
    return section.model_copy(
        update={
            "content": tuple(_block(one, guard) for one in section.content),
            "items": tuple(_item(one, context) for one in section.items),
        }
    )


def _item(item: Item, context: Context) -> Item:
    """Return an item with its own sentences guarded."""
    guard = _guard(context, sorted(_subjects(item, context)))
    return item.model_copy(
        update={
            "reason": item.reason and guard(item.reason),
            "open": tuple(guard(one) for one in item.open),
            "content": tuple(_block(one, guard) for one in item.content),
        }
    )


def _subjects(item: Item, context: Context) -> set[str]:
    """Return the subjects that an item may speak of: those of its evidence and of its findings."""
    evidence = set(item.evidence)
    found: set[str] = set()
    for finding in context.assessment.findings:
        if finding.requirement in item.requirements:
            evidence.update(finding.evidence)
            criteria = (context.criteria.get(judged.criterion) for judged in finding.measured)
            found.update(one.subject for one in criteria if one is not None)
            found.update(one.measurement.subject for judged in finding.measured for one in judged.readings)
    return found | {context.observations[one].subject for one in evidence if one in context.observations}


def _guard(context: Context, subjects: Iterable[str]) -> Guard:
    """Return what guards a text about some subjects; only those that are tables count people."""
    tables = [one for one in subjects if context.table(one) is not None]

    def guard(text: str) -> str:
        for table in tables:
            text = context.guarded(table, text)
        return text

    return guard


def _block(block: Block, guard: Guard) -> Block:
    """Return a block with the tool's words in it guarded; measurements are withheld when they are shown."""
    if isinstance(block, Measured):
        return block
    if isinstance(block, Paragraph):
        return block.model_copy(update={"text": guard(block.text)}) if block.origin == "tool" else block
    if isinstance(block, Facts):
        facts = tuple(one.model_copy(update={"value": _cell(one.value, guard)}) for one in block.facts)
        return block.model_copy(update={"facts": facts})
    if isinstance(block, Table):
        rows = tuple(
            one.model_copy(update={"cells": tuple(_cell(cell, guard) for cell in one.cells)})
            for one in block.rows
        )
        return block.model_copy(update={"rows": rows})
    return block.model_copy(update={"points": tuple(_cell(one, guard) for one in block.points)})


def _cell(cell: Cell, guard: Guard) -> Cell:
    """Return a piece of text guarded, unless it is the provider's or copied."""
    return cell.model_copy(update={"text": guard(cell.text)}) if cell.origin == "tool" else cell
