"""Which texts a public copy leaves out: by default, as the manifest declares, and on request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformity.archive.redaction.places import Path, matching, pointer
from conformity.archive.redaction.removal import Records, Spot, Why, is_text, words_of
from conformity.errors import DataError
from conformity.model.assessment import Assessment
from conformity.model.manifest import PLACEHOLDER
from conformity.model.redaction import Redaction

_PLACES = Why("security", "Where files lie is no part of the public copy.")
_PEOPLE = Why("personal_data", "Names of people and ways to reach them are left out of the public copy.")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAMED = (
    "/sign_offs/*/by/name",
    "/criteria/*/owner",
    "/non_conformities/*/owner",
    "/declaration/signatory",
    "/provider/contact",
)
"""Where a manifest names people."""

_THINGS = {
    "subject": ("subjects", ("title", "path", "source")),
    "exhibit": ("exhibits", ("title", "path")),
    "criterion": ("criteria", ("reason", "owner")),
    "sign-off": ("sign_offs", ("statement", "by")),
}
"""What is written in words about a thing of the manifest."""

_IDENTIFIES = {("manifest", "system", "name"), ("manifest", "provider", "name")}


def wanted(assessment: Assessment, records: Records, *, names: bool) -> dict[Spot, Why]:
    """Return the places of the texts to leave out, each with why; what the manifest declares comes first.

    Args:
        assessment: the full one.
        records: assessment and evidence as plain data.
        names: whether names of people and their addresses go too.

    Raises:
        DataError: a declared redaction means nothing that there is, or something that may not be left out.
    """
    found: dict[Spot, Why] = {}
    for number, one in enumerate(assessment.manifest.redactions):
        why = Why(one.ground, one.reason)
        for path, text in _declared(one, records["assessment.json"]["manifest"], number):
            _check(path, text, number)
            found.setdefault(("assessment.json", path), why)
    for spot in _paths(records):
        found.setdefault(spot, _PLACES)
    if names:
        for spot in _people(records):
            found.setdefault(spot, _PEOPLE)
    return found


def other_names(assessment: Assessment) -> dict[str, str]:
    """Return another name for each column that the manifest declares, in its order."""
    tables = [one for one in assessment.manifest.subjects if one.kind == "table"]
    known = dict.fromkeys(column.name for table in tables for column in table.columns)
    return {name: f"withheld-column-{number}" for number, name in enumerate(known, 1)}


def _declared(one: Redaction, manifest: Any, number: int) -> Iterator[tuple[Path, str]]:
    """Yield the texts that one declared redaction means.

    Raises:
        DataError: there is none.
    """
    found = list(_at(one.of, manifest) if one.of.startswith("/") else _of_thing(one.of, manifest))
    if not found:
        raise DataError(
            f"redactions[{number}] means no text in the manifest ({one.of}); name a field as a JSON pointer, "
            "such as /criteria/0/reason, or a thing, such as exhibit:ID."
        )
    yield from found


def _at(place: str, manifest: Any) -> Iterator[tuple[Path, str]]:
    """Yield the string at a place, or the texts in words below it."""
    depth = place.count("/")
    for path, text in matching(manifest, place):
        whole = ("manifest", *path)
        if len(path) == depth or is_text(whole):
            yield whole, text


def _of_thing(name: str, manifest: Any) -> Iterator[tuple[Path, str]]:
    """Yield the words about a subject, exhibit, criterion or sign-off; nothing where it is not declared."""
    kind, _, wanted_id = name.partition(":")
    listed, fields = _THINGS.get(kind, ("", ()))
    for number, thing in enumerate(manifest.get(listed) or []):
        if thing.get("id") == wanted_id:
            for key in fields:
                inside = matching(manifest, pointer((listed, number, key)))
                yield from ((("manifest", *path), text) for path, text in inside)


def _check(path: Path, text: str, number: int) -> None:
    """Raise DataError when a text may not be left out: it is not in words, or is still to be filled in."""
    if path in _IDENTIFIES or not is_text(path):
        raise DataError(
            f"redactions[{number}] would leave out {pointer(path[1:])}, on which the report rests; name a "
            "text in words."
        )
    if PLACEHOLDER in text:
        raise DataError(
            f"redactions[{number}] would leave out {pointer(path[1:])}, which is still to be filled in: left "
            "out it would look as if it were; fill it in and assess again."
        )


def _paths(records: Records) -> Iterator[Spot]:
    """Yield the paths of subjects and exhibits, as declared and as found."""
    assessment, evidence = records["assessment.json"], records["evidence.json"]
    for listed in ("subjects", "exhibits"):
        for path, text in matching(assessment["manifest"], f"/{listed}/*/path"):
            if PLACEHOLDER not in text:
                yield ("assessment.json", ("manifest", *path))
    for path, _ in matching(evidence, "/subjects/*/path"):
        yield ("evidence.json", path)


def _people(records: Records) -> Iterator[Spot]:
    """Yield where people are named, and every text with an e-mail address; open placeholders stay."""
    manifest = records["assessment.json"]["manifest"]
    for place in _NAMED:
        for path, text in matching(manifest, place):
            if PLACEHOLDER not in text:
                yield ("assessment.json", ("manifest", *path))
    for spot, text in words_of(records):
        if _MAIL.search(text) and PLACEHOLDER not in text:
            yield spot
