"""Data sets, models and exhibits as they were found, with their digests."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.evidence import SubjectRecord
from conformity.model.manifest import Exhibit
from conformity.model.subject import Column, Subject, TableSubject
from conformity.render.views.ages import older_than_data
from conformity.render.views.context import Context, Link
from conformity.render.views.front import requirement_links
from conformity.render.views.limits import MOST_COLUMNS, cut


@dataclass(frozen=True)
class Found:
    """A file or folder as it was found."""

    path: str
    """Where it was."""
    size: str
    """How many files and bytes, or empty."""
    digest: str
    """Its digest, or empty."""
    problem: str
    """Why it could not be read, or empty."""


@dataclass(frozen=True)
class SubjectView:
    """One subject."""

    id: str
    """Its id."""
    title: str
    """What it is."""
    kind: str
    """Kind and purpose."""
    remarks: tuple[str, ...]
    """Source and date."""
    found: Found
    """As it was found."""


@dataclass(frozen=True)
class TableView:
    """The declared columns of one table."""

    title: str
    """The table."""
    columns: tuple[ColumnView, ...]
    """Its columns."""
    more: str
    """How many are not printed, or empty."""


@dataclass(frozen=True)
class ColumnView:
    """One column that the manifest declares."""

    name: str
    """The column."""
    roles: str
    """What it means."""
    coding: str
    """Favourable values, edges and names of values."""


@dataclass(frozen=True)
class ExhibitView:
    """One document handed in."""

    anchor: str
    """Its place."""
    title: str
    """What it is."""
    id: str
    """Its id."""
    dated: str
    """The date that it bears."""
    older: str
    """That it is older than data that it speaks of, or empty."""
    covers: tuple[Link, ...]
    """The requirements it speaks to."""
    signed: tuple[str, ...]
    """Who signed for it."""
    found: Found
    """As it was found."""


def subject_views(context: Context) -> tuple[SubjectView, ...]:
    """Return the subjects in the manifest's order."""
    return tuple(_subject(context, subject) for subject in context.assessment.manifest.subjects)


def table_views(context: Context) -> tuple[TableView, ...]:
    """Return the declared columns of all tables; those that only feed the model share one line."""
    return tuple(
        TableView(subject.title, *cut(context, _columns(context, subject), MOST_COLUMNS, "columns"))
        for subject in context.assessment.manifest.subjects
        if isinstance(subject, TableSubject)
    )


def exhibit_views(context: Context) -> tuple[ExhibitView, ...]:
    """Return the exhibits in the manifest's order."""
    return tuple(_exhibit(context, exhibit) for exhibit in context.assessment.manifest.exhibits)


def _subject(context: Context, subject: Subject) -> SubjectView:
    """Return one subject."""
    words = context.words
    kind = words["kind"][subject.kind]
    if isinstance(subject, TableSubject):
        kind = f"{kind}, {words['purpose'][subject.purpose]}"
    remarks = []
    if subject.source:
        remarks.append(words["subjects"]["source"].format(source=subject.source))
    if subject.produced_on:
        day = context.locale.day(subject.produced_on)
        remarks.append(words["subjects"]["produced"].format(day=day))
    return SubjectView(
        subject.id, subject.title, kind, tuple(remarks), _found(context, subject.id, subject.path)
    )


def _found(context: Context, ident: str, path: str) -> Found:
    """Return how a subject or exhibit was found; nothing but the path when it was not looked at."""
    for record in context.evidence.subjects:
        if record.id == ident:
            return _record(context, record)
    return Found(path, "", "", "")


def _record(context: Context, record: SubjectRecord) -> Found:
    """Return size and digest of what was found."""
    files = context.plural("common", "file", record.files)
    problem = record.problem or ""
    return Found(
        path=record.path,
        size=f"{files}, {context.locale.size(record.size_bytes)}",
        digest=record.sha256 or "",
        problem=context.words["subjects"]["unreadable"].format(why=problem) if problem else "",
    )


def _columns(context: Context, table: TableSubject) -> tuple[ColumnView, ...]:
    """Return the columns of one table, plain features together at the end."""
    rows, features = [], []
    for column in table.columns:
        if column.roles == ("feature",) and not column.names:
            features.append(column.name)
            continue
        roles = ", ".join(context.words["column_role"][role] for role in column.roles)
        rows.append(ColumnView(column.name, roles, _coding(context, column)))
    if features:
        role = context.words["column_role"]["feature"]
        rows.append(ColumnView(", ".join(features), role, ""))
    return tuple(rows)


def _coding(context: Context, column: Column) -> str:
    """Return what the values of a column mean."""
    words = context.words["subjects"]
    named = {str(name.value): name.name for name in column.names}

    def values(cells: tuple[object, ...]) -> str:
        return ", ".join(
            f"{cell} ({named.pop(str(cell))})" if str(cell) in named else str(cell) for cell in cells
        )

    parts = []
    if column.positive:
        parts.append(words["favourable"].format(values=values(column.positive)))
    if column.negative:
        parts.append(words["unfavourable"].format(values=values(column.negative)))
    if column.edges:
        edges = ", ".join(context.locale.bound(edge) for edge in column.edges)
        parts.append(words["edges"].format(values=edges))
    if named:
        parts.append(", ".join(f"{value} = {name}" for value, name in named.items()))
    return "; ".join(parts)


def _exhibit(context: Context, exhibit: Exhibit) -> ExhibitView:
    """Return one exhibit with those who signed for it."""
    signed = [
        context.words["findings"]["sign_off"].format(
            person=sign_off.by.name,
            function=sign_off.by.function,
            day=context.locale.day(sign_off.signed_on),
        )
        for sign_off in context.assessment.manifest.sign_offs
        if exhibit.id in {seal.exhibit for seal in sign_off.over}
    ]
    return ExhibitView(
        anchor=f"x-{exhibit.id}",
        title=exhibit.title,
        id=exhibit.id,
        dated=context.locale.day(exhibit.dated),
        older=older_than_data(context, exhibit),
        covers=requirement_links(context, exhibit.covers),
        signed=tuple(signed),
        found=_found(context, exhibit.id, exhibit.path),
    )
