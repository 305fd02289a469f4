"""Load the law: one YAML file an article or annex, each checked when it is read, each read once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from conformity.catalog.rows import (
    AnnexField,
    AnnexIAct,
    AnnexIIIPoint,
    Condition,
    DerogationCondition,
    Knowledge,
    LawSource,
    Milestone,
    Point,
    ProhibitedPractice,
    Question,
    RoleRow,
    Standard,
)
from conformity.errors import CatalogError, UsageError
from conformity.model.base import Value
from conformity.model.plain_yaml import Node, read_plain_yaml
from conformity.model.requirement import Requirement

LAW = (
    "Regulation (EU) 2024/1689 as amended by Regulation (EU) 2026/1744, consolidated text of 27 July 2026 "
    "(CELEX 02024R1689-20260727)"
)
"""The text that the catalogue paraphrases."""

DATA = Path(__file__).parent / "data" / "ai_act" / "2026-07-27"
"""The folder of this consolidated text."""

_SHARED = ("article", "applies_from", "hand_in", "addressees", "as_of", "found_in")
_Row = TypeVar("_Row", bound=Value)


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return all requirements in the order of the law: articles by number, then annexes.

    Raises:
        CatalogError: a file does not fit its schema, or a reference leads nowhere.
    """
    found: list[Requirement] = []
    for file in (*sorted(DATA.glob("article_*.yaml")), *sorted(DATA.glob("annex_*.yaml"))):
        if _document(file.name)["kind"] == "requirements":
            found.extend(_rows(file.name, "requirements", Requirement))
    _check_references(found)
    return tuple(found)


def requirement(requirement_id: str) -> Requirement:
    """Return one requirement.

    Raises:
        UsageError: there is none with this id; the message names the nearest.
    """
    known = _by_id()
    if requirement_id in known:
        return known[requirement_id]
    hint = did_you_mean(requirement_id, known)
    raise UsageError(f"there is no requirement {requirement_id!r}{hint}; `conformity catalog` lists all ids")


@cache
def annex_iii_points() -> tuple[AnnexIIIPoint, ...]:
    """Return the uses of Annex III, with route, impact assessment and registration."""
    return _rows("annex_iii.yaml", "annex_iii_points", AnnexIIIPoint)


@cache
def prohibited_practices() -> tuple[ProhibitedPractice, ...]:
    """Return the practices of Art. 5(1), each with the first day of its prohibition."""
    return _rows("article_05.yaml", "prohibited_practices", ProhibitedPractice)


@cache
def derogation_conditions() -> tuple[DerogationCondition, ...]:
    """Return the conditions of Art. 6(3) and the profiling bar."""
    return _rows("article_06_3.yaml", "derogation_conditions", DerogationCondition)


@cache
def annex_i_acts() -> tuple[AnnexIAct, ...]:
    """Return the acts of Annex I, the deleted point included."""
    return _rows("annex_i.yaml", "annex_i_acts", AnnexIAct)


@cache
def annex_v_fields() -> tuple[AnnexField, ...]:
    """Return the fields of the EU declaration of conformity."""
    return _rows("annex_v.yaml", "fields", AnnexField)


@cache
def annex_viii_fields() -> tuple[AnnexField, ...]:
    """Return the fields of the register, the deleted ones included."""
    return _rows("annex_viii.yaml", "fields", AnnexField)


@cache
def timeline() -> tuple[Milestone, ...]:
    """Return the days on which something starts to apply or falls due, in order."""
    return _rows("timeline.yaml", "timeline", Milestone)


def milestone(milestone_id: str) -> Milestone:
    """Return one day of the timeline.

    Raises:
        CatalogError: there is none with this id.
    """
    for row in timeline():
        if row.id == milestone_id:
            return row
    raise CatalogError(f"timeline.yaml has no row {milestone_id!r}; add it")


@cache
def knowledge() -> tuple[Knowledge, ...]:
    """Return what is known of the world outside the Act, each with its day."""
    return _rows("knowledge.yaml", "knowledge", Knowledge)


def known(knowledge_id: str) -> Knowledge:
    """Return one thing known.

    Raises:
        CatalogError: there is none with this id.
    """
    for row in knowledge():
        if row.id == knowledge_id:
            return row
    raise CatalogError(f"knowledge.yaml has no row {knowledge_id!r}; add it")


@cache
def conditions() -> tuple[Condition, ...]:
    """Return the closed vocabulary of conditions.

    Raises:
        CatalogError: a condition names an unknown question, or is neither asked nor derived.
    """
    rows = _rows("conditions.yaml", "conditions", Condition)
    asked = {question.id for question in questions()}
    for row in rows:
        if (row.question is None) == (row.derived is None):
            raise CatalogError(f"conditions.yaml: {row.id} needs either `question` or `derived`")
        if row.question is not None and row.question not in asked:
            raise CatalogError(f"conditions.yaml: {row.id} names the unknown question {row.question!r}")
    return rows


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions in the order in which they are put, each with the points a yes may name.

    Raises:
        CatalogError: a question takes its points from a list that does not exist.
    """
    rows = _rows("questions.yaml", "questions", Question)
    return tuple(
        row if row.points_from is None else row.model_copy(update={"points": _points(row.points_from)})
        for row in rows
    )


@cache
def standards() -> tuple[Standard, ...]:
    """Return the standards that bear on the Act, with how far they had come on a day."""
    return _rows("standards.yaml", "standards", Standard)


@cache
def roles() -> tuple[RoleRow, ...]:
    """Return the roles with the addressees that each of them is."""
    return _rows("roles.yaml", "roles", RoleRow)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` with the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {near[0]!r}?" if near else ""


def law_file(name: str) -> dict[str, Node]:
    """Return the header and rows of a law file that has no reader of its own here.

    Raises:
        CatalogError: the file is missing, is not a law file, or paraphrases another text.
    """
    return _document(name)


@cache
def _by_id() -> dict[str, Requirement]:
    """Return the requirements by id."""
    return {row.id: row for row in requirements()}


def _points(source: str) -> tuple[Point, ...]:
    """Return the points of a list that an answer may name, without deleted ones."""
    if source == "prohibited_practices":
        return tuple(Point(id=p.id, ref=p.ref, title=p.title) for p in prohibited_practices())
    if source == "annex_iii_points":
        return tuple(Point(id=p.id, ref=p.ref, title=p.title) for p in annex_iii_points())
    if source == "annex_i_acts":
        return tuple(Point(id=a.id, ref=a.ref, title=a.act) for a in annex_i_acts() if a.status == "in_force")
    if source == "derogation_conditions":
        return tuple(
            Point(id=c.id, ref=c.ref, title=c.title)
            for c in derogation_conditions()
            if c.id != "art6.3.profiling"
        )
    raise CatalogError(f"questions.yaml takes points from {source!r}, which is no list of the catalogue")


def _check_references(rows: list[Requirement]) -> None:
    """Raise CatalogError when an id occurs twice, or a condition or a successor is unknown."""
    ids = [row.id for row in rows]
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise CatalogError(f"the requirement {sorted(twice)[0]!r} stands twice in the catalogue")
    vocabulary = {condition.id for condition in conditions()}
    for row in rows:
        for condition in row.conditions:
            if condition not in vocabulary:
                raise CatalogError(f"{row.id} depends on the unknown condition {condition!r}")
        for successor in row.superseded_by:
            if successor not in ids:
                raise CatalogError(f"{row.id} is superseded by {successor!r}, which does not exist")


def _rows(name: str, kind: str, model: type[_Row]) -> tuple[_Row, ...]:
    """Return the rows of a file, with what its header says for all of them.

    A row's own ``conditions`` are added to the header's; other fields of the row replace the header's.

    Raises:
        CatalogError: the file is of another kind, or a row does not fit.
    """
    document = _document(name)
    rows = document.get("rows")
    if document["kind"] != kind or not isinstance(rows, list):
        raise CatalogError(f"{name} is no file of {kind}; give it the `kind` and `rows` of one")
    shared = {key: document[key] for key in _SHARED if key in document and key in model.model_fields}
    common = document.get("conditions", [])
    found = []
    for row in rows:
        fields = {**shared, **row} if isinstance(row, dict) else {}
        if "conditions" in model.model_fields:
            fields["conditions"] = [*common, *fields.get("conditions", [])]
        try:
            found.append(model.model_validate(fields))
        except ValidationError as error:
            named = fields.get("id", "a row")
            raise CatalogError(f"{name}: {named} does not fit: {error}") from error
    return tuple(found)


@cache
def _document(name: str) -> dict[str, Node]:
    """Return a law file's header and rows.

    Raises:
        CatalogError: the file is missing, is not a law file, or paraphrases another text.
    """
    try:
        text = (DATA / name).read_text("utf-8")
    except OSError as error:
        raise CatalogError(f"the law file {name} cannot be read: {error.strerror}; reinstall") from error
    document = read_plain_yaml(text, name)
    if not isinstance(document, dict) or not {"source", "kind", "rows"} <= document.keys():
        raise CatalogError(f"{name} needs `source`, `kind` and `rows`")
    try:
        source = LawSource.model_validate(document["source"])
    except ValidationError as error:
        raise CatalogError(f"{name}: `source` does not fit: {error}") from error
    if source.celex not in LAW:
        raise CatalogError(f"{name} paraphrases {source.celex}, not the text of this catalogue")
    return document
