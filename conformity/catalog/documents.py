"""The law's side of each document: which items it has, with citations, in our own words."""

from __future__ import annotations

from functools import cache

from pydantic import ValidationError

from conformity.catalog.load import DATA, did_you_mean, law_file, requirements
from conformity.catalog.rows import DocumentLaw
from conformity.errors import CatalogError, UsageError
from conformity.model.plain_yaml import Node


@cache
def document_laws() -> tuple[DocumentLaw, ...]:
    """Return what the law asks of every document, in the order of the set.

    Raises:
        CatalogError: a file does not fit its schema, or names a requirement that does not exist.
    """
    found = [_read(file.name) for file in sorted((DATA / "documents").glob("*.yaml"))]
    return tuple(sorted(found, key=lambda one: (one.order, one.id)))


def document_law(document_id: str) -> DocumentLaw:
    """Return what the law asks of one document.

    Raises:
        UsageError: there is none with this id; the message names the nearest.
    """
    known = {one.id: one for one in document_laws()}
    if document_id in known:
        return known[document_id]
    hint = did_you_mean(document_id, known)
    raise UsageError(f"there is no document {document_id!r}{hint}; choose from {', '.join(known)}")


def _read(name: str) -> DocumentLaw:
    """Return one file, checked.

    Raises:
        CatalogError: it does not fit, or names what does not exist.
    """
    content = law_file(f"documents/{name}")
    fields = {key: value for key, value in content.items() if key not in ("source", "kind")}
    fields["id"] = name.removesuffix(".yaml")
    if content["kind"] != "document":
        raise CatalogError(f"documents/{name} is no file of a document; give it the `kind` of one")
    fields["rows"] = [_whole(row) for row in content["rows"]]
    try:
        law = DocumentLaw.model_validate(fields)
    except ValidationError as error:
        raise CatalogError(f"documents/{name} does not fit: {error}") from error
    _check(law, name)
    return law


def _whole(row: Node) -> Node:
    """Return an item; what it leaves out comes from the requirement, when it serves exactly one."""
    named = row.get("requirements", []) if isinstance(row, dict) else []
    found = [one for one in requirements() if [one.id] == named]
    if not isinstance(row, dict) or not found:
        return row
    return {"ref": found[0].ref, "title": found[0].title, "asks": found[0].obligation, **row}


def _check(law: DocumentLaw, name: str) -> None:
    """Raise CatalogError when an id stands twice, or a section or requirement does not exist."""
    sections = [section.id for section in law.sections]
    for what, ids in (("item", [row.id for row in law.rows]), ("section", sections)):
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise CatalogError(f"documents/{name}: the {what} {sorted(twice)[0]!r} stands twice")
    known = {row.id for row in requirements()}
    for row in law.rows:
        if row.section not in sections:
            raise CatalogError(f"documents/{name}: {row.id} stands in the unknown section {row.section!r}")
    named = [*law.requirements, *(one for row in law.rows for one in row.requirements)]
    if unknown := sorted({one for one in named if one not in known}):
        raise CatalogError(f"documents/{name} names the unknown requirement {unknown[0]!r}")
