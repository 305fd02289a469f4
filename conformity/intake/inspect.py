"""Hold what a manifest says about tables against the columns they really have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from conformity.intake.loaded import LoadedManifest
from conformity.intake.names import quoted
from conformity.intake.problems import Problem
from conformity.model.subject import TableSubject


def check_tables(loaded: LoadedManifest, inspected: Mapping[str, Collection[str]]) -> None:
    """Check that every declared column is in its table, and every criterion's columns are declared.

    Args:
        loaded: the manifest as read.
        inspected: for each table that could be opened, by the subject's id, the names of all its
            columns; tables that are missing here are not checked.

    Raises:
        ManifestError: a column is not there; each has a line with its place and the nearest name.
    """
    problems = [*_missing_columns(loaded, inspected), *_unbound_groups(loaded)]
    if problems:
        raise loaded.error(problems)


def _missing_columns(loaded: LoadedManifest, inspected: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """Yield the declared columns that the table does not have."""
    for index, subject in enumerate(loaded.manifest.subjects):
        if not isinstance(subject, TableSubject) or subject.id not in inspected:
            continue
        there = dict.fromkeys(inspected[subject.id])
        for number, column in enumerate(subject.columns):
            if column.name not in there:
                yield Problem(
                    ("subjects", index, "columns", number, "name"),
                    f"{subject.path} has no column {quoted(column.name)}",
                    column.name,
                    there,
                )


def _unbound_groups(loaded: LoadedManifest) -> Iterator[Problem]:
    """Yield the columns in ``by`` of criteria that the subject does not declare."""
    tables = {s.id: s for s in loaded.manifest.subjects if isinstance(s, TableSubject)}
    for index, criterion in enumerate(loaded.manifest.criteria):
        table = tables.get(criterion.subject)
        if table is None:
            continue
        declared = dict.fromkeys(column.name for column in table.columns)
        for number, name in enumerate(criterion.by):
            if name not in declared:
                yield Problem(
                    ("criteria", index, "by", number),
                    f"the subject {quoted(table.id)} declares no column {quoted(name)}",
                    name,
                    declared,
                )
