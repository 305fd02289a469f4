"""The records with everything that the tool wrote in another language; what the provider wrote stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

from conformity.model.assessment import Assessment
from conformity.model.base import Value
from conformity.model.document import Cell, Document, Paragraph
from conformity.model.evidence import Evidence, Observation
from conformity.model.finding import CriterionJudgement, Finding, Reading
from conformity.model.manifest import Manifest
from conformity.model.measurement import Measurement
from conformity.model.nonconformity import NonConformity
from conformity.render.translation.translator import Translator

Guard = Callable[[str, str], str]
"""Takes the id of a subject and a text; gives the text without small counts and rare values, in English."""

_HAND_IN = "Hand in: "
"""How a step begins that the views gather under a head of their own; they look for the English."""

_CHOSEN = frozenset(["role", "roles", "kind", "purpose", "answer", "stance", "depth"])
"""The fields of a manifest that hold a word of ours and not of the provider's."""

_ACTION = "corrective_action"
"""The field of a non-conformity that is the provider's own once a correction is planned."""

_TEXTS = MappingProxyType(
    {
        "Plan": "law",
        "Classification": "summary also missing",
        "DecisionStep": "text consequence",
        "classification.Fact": "reason",
        "Route": "reason",
        "PlannedRequirement": "reason",
        "Requirement": "title obligation hand_in note",
        "AppliesFrom": "note",
        "ProbeSpec": "title question method limits",
        "Metric": "title definition",
        "Finding": "reason to_do",
        "CriterionJudgement": "reason",
        "Reading": "reason",
        "Declared": "reason",
        "NonConformity": "reason rule severity_rule corrective_action",
        "Closure": "reason",
        "SubjectRecord": "problem",
        "Observation": "reason notes",
        "NotAvailable": "reason",
        "Interval": "method",
        "Isolation": "guarantees gaps",
        "About": "law",
        "Document": "title purpose",
        "Standing": "reason",
        "Section": "title intro",
        "Item": "title asks reason open",
        "Paragraph": "text",
        "Cell": "text",
        "Link": "text",
        "Points": "title",
        "document.Fact": "name",
        "Table": "title columns",
        "Measured": "title",
    }
)
"""The fields that the tool writes, by the kind of record; everything else is copied."""

_CITATIONS = MappingProxyType(
    {
        "DecisionStep": "ref",
        "Route": "ref",
        "Requirement": "ref article",
        "Document": "ref",
        "Section": "ref",
        "Item": "ref",
    }
)
"""The fields that hold a citation and nothing else."""


def translated(
    assessment: Assessment, evidence: Evidence, translator: Translator, guard: Guard
) -> tuple[Assessment, Evidence]:
    """Return both records in the language of the translator.

    Ids, digests and numbers are as before, so that an observation's id no longer follows from its text:
    such a copy is for rendering alone.

    Args:
        assessment: the assessment, in English.
        evidence: the evidence, in English.
        translator: the language.
        guard: what takes small counts out of a text; it reads English, and so comes first.
    """
    bounds = {str(one.id): str(one.subject) for one in assessment.manifest.criteria}
    walk = _Walk(translator, guard, bounds)
    return walk.value(assessment), walk.value(evidence)


def translated_document(document: Document, translator: Translator) -> Document:
    """Return a document in the language of the translator."""
    made: Document = _Walk(translator, lambda _, text: text, {}).value(document)
    return made


def names_in(manifest: Manifest) -> frozenset[str]:
    """Return every name and text that the provider wrote, which is never taken for a message."""
    found: set[str] = set()
    _gather(manifest.model_dump(mode="json"), found)
    return frozenset(found)


def _gather(value: Any, found: set[str]) -> None:
    """Add every string of plain data to ``found``, but for words chosen from our own lists."""
    if isinstance(value, str):
        found.add(value)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in _CHOSEN:
                _gather(one, found)
    elif isinstance(value, list):
        for one in value:
            _gather(one, found)


class _Walk:
    """One pass over the records."""

    def __init__(self, translator: Translator, guard: Guard, bounds: Mapping[str, str]) -> None:
        """Keep the language, the guard, and the subjects of the criteria."""
        self._translator = translator
        self._guard = guard
        self._bounds = bounds

    def value(self, record: Any, subject: str = "") -> Any:
        """Return a copy of a record; the record itself where nothing in it changes.

        Args:
            record: the record.
            subject: the id of the subject that the record above it is about.
        """
        if isinstance(record, tuple):
            return self._several(record, subject)
        if not isinstance(record, Value) or _is_of_the_provider(record):
            return record
        subject = self._subject_of(record) or subject
        texts, citations, others = _fields(type(record))
        changes = {name: self._texts(record, name, subject) for name in texts}
        changes |= {name: self._cited(getattr(record, name)) for name in citations}
        changes |= {name: self.value(getattr(record, name), subject) for name in others}
        changes = {name: new for name, new in changes.items() if new is not getattr(record, name)}
        return record.model_copy(update=changes) if changes else record

    def _several(self, records: tuple[Any, ...], subject: str) -> tuple[Any, ...]:
        """Return copies of records; the very same tuple where nothing changes."""
        if not records or not isinstance(records[0], Value):
            return records
        return tuple(self.value(record, subject) for record in records)

    def _subject_of(self, record: Value) -> str:
        """Return the id of the subject that a record is about; empty when it names none."""
        if isinstance(record, Observation | Measurement):
            return record.subject
        if isinstance(record, Reading):
            return record.measurement.subject
        return self._bounds.get(record.criterion, "") if isinstance(record, CriterionJudgement) else ""

    def _texts(self, record: Value, name: str, subject: str) -> Any:
        """Return a field of texts in the language."""
        old = getattr(record, name)
        if old is None or (isinstance(record, NonConformity) and name == _ACTION and record.planned):
            return old
        if isinstance(old, tuple):
            return tuple(self._text(record, one, subject) for one in old)
        return self._text(record, old, subject)

    def _text(self, record: Value, text: str, subject: str) -> str:
        """Return one text in the language; a step that hands something in keeps its English beginning."""
        if isinstance(record, Finding) and text.startswith(_HAND_IN) and text.endswith("."):
            item = text.removeprefix(_HAND_IN)
            known = self._translator.text(item)
            if known == item:
                known = self._translator.text(item.removesuffix(".")) + "."
            return _HAND_IN + known
        guarded = self._guard(subject, text) if subject else text
        return self._translator.text(guarded)

    def _cited(self, text: str | None) -> str | None:
        """Return a citation in the language."""
        return None if text is None else self._translator.citation(text)


def _is_of_the_provider(record: Value) -> bool:
    """Tell whether a record is the provider's words, or something copied as it stands."""
    return isinstance(record, Manifest) or (isinstance(record, Cell | Paragraph) and record.origin != "tool")


@cache
def _fields(kind: type[Value]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the fields of a kind of record that hold texts, those with citations, and the others."""
    name = f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"
    texts = tuple((_TEXTS.get(name) or _TEXTS.get(kind.__name__, "")).split())
    citations = tuple(_CITATIONS.get(kind.__name__, "").split())
    others = tuple(
        field
        for field, about in kind.model_fields.items()
        if field not in (*texts, *citations) and _holds_records(about.annotation)
    )
    return texts, citations, others


def _holds_records(annotation: Any) -> bool:
    """Tell whether a field of this type may hold records."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return True
    return any(_holds_records(one) for one in get_args(annotation))
