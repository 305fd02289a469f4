"""The artefacts of a system as tables: data sets, models, lists of packages, columns."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.compose.material import Material
from conformity.compose.words import fact, facts, quoted, recorded, table, told
from conformity.model.document import Block, Cell
from conformity.model.subject import Column, ModelSubject, Subject, TableSubject

_PURPOSES = {
    "training": "Training data",
    "validation": "Validation data",
    "testing": "Testing data",
    "operation": "Operating data",
    "reference": "Population to compare with",
}


def tables_of(material: Material, *purposes: str) -> tuple[TableSubject, ...]:
    """Return the tables of the manifest, those with one of the purposes or all."""
    return tuple(
        subject
        for subject in material.manifest.subjects
        if isinstance(subject, TableSubject) and (not purposes or subject.purpose in purposes)
    )


def models_of(material: Material) -> tuple[ModelSubject, ...]:
    """Return the models of the manifest."""
    return tuple(one for one in material.manifest.subjects if isinstance(one, ModelSubject))


def data_sets(material: Material, subjects: Sequence[TableSubject]) -> list[Block]:
    """Return data sets with use, origin, day and digest; nothing when there are none."""
    rows = [
        (
            quoted(one.title),
            told(_PURPOSES[one.purpose]),
            quoted(one.source or ""),
            recorded(one.produced_on),
            digest_cell(material, one.id),
        )
        for one in subjects
    ]
    heads = ["Data set", "Use", "Origin", "Made on", "SHA-256"]
    return [table(heads, rows, title="Data sets", widths=[22, 15, 27, 10])] if rows else []


def artefacts(material: Material, subjects: Sequence[Subject], title: str) -> list[Block]:
    """Return subjects of any kind with path, origin and digest; nothing when there are none."""
    rows = [
        (quoted(one.title), quoted(one.path), quoted(one.source or ""), digest_cell(material, one.id))
        for one in subjects
    ]
    heads = ["Artefact", "File", "Origin", "SHA-256"]
    return [table(heads, rows, title=title, widths=[24, 20, 26])] if rows else []


def digest_cell(material: Material, subject_id: str) -> Cell:
    """Return the digest of a subject as it was found, or why there is none."""
    record = material.records.get(subject_id)
    if record is None or record.sha256 is None:
        return told((record.problem if record else None) or "Not found.")
    return recorded(record.sha256.removeprefix("sha256:"))


def input_columns(subject: TableSubject) -> list[Block]:
    """Return the columns that are fed to the system, with what the manifest allows in them."""
    features = [column for column in subject.columns if "feature" in column.roles]
    limited = [column for column in features if _allowed(column)]
    free = ", ".join(column.name for column in features if not _allowed(column))
    rows = [(recorded(column.name), told(_allowed(column))) for column in limited]
    heads = ["Input column", "Values that the manifest allows"]
    blocks: list[Block] = [table(heads, rows, title="Input data as declared", widths=[34])] if rows else []
    return (
        [*blocks, facts(fact("Input columns without a declared limit", recorded(free)))] if free else blocks
    )


def _allowed(column: Column) -> str:
    """Return which values a column may hold; empty where the manifest sets no limit."""
    if column.allowed:
        return "One of the values listed in the manifest."
    if column.minimum is not None and column.maximum is not None:
        return f"From {column.minimum:g} to {column.maximum:g}."
    if column.minimum is not None:
        return f"At least {column.minimum:g}."
    if column.maximum is not None:
        return f"At most {column.maximum:g}."
    return ""
