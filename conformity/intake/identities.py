"""Find ids that occur twice or name nothing, each at its own place in the manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from conformity.intake.names import quoted
from conformity.intake.problems import Problem
from conformity.intake.yaml_text import FieldPath

_LISTS = (
    ("subjects", "id", "subject"),
    ("exhibits", "id", "exhibit"),
    ("criteria", "id", "criterion"),
    ("sign_offs", "id", "sign-off"),
    ("classification", "question", "answer to question"),
    ("special_category_use", "subject", "special-category use of"),
    ("non_conformities", "requirement", "non-conformity of"),
    ("standards", "reference", "standard"),
)


def identity_problems(data: Any) -> tuple[Problem, ...]:
    """Return every id that is used twice and every id that is not declared.

    The model checks most of this but can only report the first, without a place in the file. Beyond
    it, no exhibit may bear the id of a subject: evidence names both by their id alone.

    Args:
        data: a manifest as plain data whose fields all have the right type.
    """
    return (*_repeated_ids(data), *_shared_ids(data), *_dangling(data))


def repeated_columns(data: Any, path: FieldPath) -> tuple[Problem, ...]:
    """Return the columns that a table lists twice.

    Args:
        data: a manifest as plain data.
        path: path of the table.
    """
    table = data["subjects"][path[1]]
    return tuple(_repeats(table["columns"], (*path, "columns"), "name", "column"))


def _repeated_ids(data: Any) -> Iterator[Problem]:
    """Yield ids that occur twice within one list."""
    for list_name, key, what in _LISTS:
        yield from _repeats(data.get(list_name, ()), (list_name,), key, what)


def _shared_ids(data: Any) -> Iterator[Problem]:
    """Yield ids of exhibits that a subject has too."""
    subjects = {item["id"] for item in data.get("subjects", ())}
    for index, item in enumerate(data.get("exhibits", ())):
        if item["id"] in subjects:
            text = f"a subject has the id {quoted(item['id'])} too; give the exhibit another"
            yield Problem(("exhibits", index, "id"), text)


def _repeats(items: Any, path: FieldPath, key: str, what: str) -> Iterator[Problem]:
    """Yield the items whose name an earlier one of the list has."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item[key] in seen:
            yield Problem((*path, index, key), f"the {what} {quoted(item[key])} is listed twice; keep one")
        seen.add(item[key])


_TABLES_OF = {
    "inference": ("data",),
    "robustness": ("data", "training"),
    "membership": ("members", "others"),
}
"""Where a subject names tables."""


def _dangling(data: Any) -> Iterator[Problem]:
    """Yield names of subjects, tables and exhibits that are not declared."""
    subjects = {item["id"]: item["kind"] for item in data.get("subjects", ())}
    tables = {name: kind for name, kind in subjects.items() if kind == "table"}
    exhibits = {item["id"]: "exhibit" for item in data.get("exhibits", ())}
    for index, criterion in enumerate(data.get("criteria", ())):
        yield from _known(("criteria", index, "subject"), criterion["subject"], subjects, "subject")
        if criterion.get("claimed_in"):
            yield from _known(("criteria", index, "claimed_in"), criterion["claimed_in"], exhibits, "exhibit")
    for index, use in enumerate(data.get("special_category_use", ())):
        yield from _known(("special_category_use", index, "subject"), use["subject"], tables, "table")
    for index, sign_off in enumerate(data.get("sign_offs", ())):
        for number, seal in enumerate(sign_off["over"]):
            sealed = ("sign_offs", index, "over", number, "exhibit")
            yield from _known(sealed, seal["exhibit"], exhibits, "exhibit")
    for index, subject in enumerate(data.get("subjects", ())):
        for part, sides in _TABLES_OF.items():
            for side in sides:
                if (name := (subject.get(part) or {}).get(side)) is not None:
                    yield from _known(("subjects", index, part, side), name, tables, "table")


def _known(path: FieldPath, name: str, known: Collection[str], what: str) -> Iterator[Problem]:
    """Yield a problem when nothing of this kind bears the name."""
    if name not in known:
        yield Problem(path, f"no {what} {quoted(name)} is declared", name, known)
