"""Records in another language: what the tool wrote changes, what the provider wrote and every id stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import UsageError
from conformity.model.assessment import Assessment
from conformity.model.document import About, Cell, Document, Item, Paragraph, Section, Standing
from conformity.model.evidence import Evidence
from conformity.model.finding import Finding
from conformity.model.measurement import NotAvailable
from conformity.render.html import html_text
from conformity.render.translation import speaking
from conformity.render.translation.catalogue import Catalogue
from conformity.render.translation.records import names_in, translated, translated_document
from conformity.render.translation.translator import Translator
from tests.unit.render.render_records import ASSESSED, LIMIT, Records


class Everything(dict[str, str]):
    """A catalogue in which every text is a message."""

    def __contains__(self, key: object) -> bool:
        """Tell that there is every text."""
        return True

    def __getitem__(self, key: str) -> str:
        """Return the text in marks."""
        return f"«{key}»"

    def get(self, key: str, default: Any = None) -> Any:
        """Return the text in marks."""
        return self[key]


MARKED = Catalogue("de", {}, Everything())


@pytest.fixture(scope="module")
def told(records: Records) -> Records:
    """Return the usual records with every text of the tool in marks."""
    translator = Translator(MARKED, keep=names_in(records[0].manifest))
    return translated(*records, translator, lambda subject, text: f"{subject}: {text}")


def test_what_the_tool_wrote_is_in_the_language(told: Records) -> None:
    assessment, evidence = told
    plan = assessment.plan
    assert plan.law.startswith("«")
    assert plan.classification.summary.startswith("«")
    assert all(row.requirement.obligation.startswith("«") for row in plan.requirements)
    assert all(text.startswith("«") for row in plan.requirements for text in row.requirement.hand_in)
    assert all(spec.title.startswith("«") and spec.metrics[0].title.startswith("«") for spec in plan.probes)
    assert all(finding.reason.startswith("«") for finding in assessment.findings)
    notes = [note for one in evidence.observations for note in one.notes]
    assert notes
    assert all(note.startswith("«") for note in notes)


def test_what_the_provider_wrote_ids_and_numbers_stay(told: Records, records: Records) -> None:
    assert told[0].manifest is records[0].manifest
    assert told[0].evidence_sha256 == records[0].evidence_sha256
    for new, old in zip(told[1].observations, records[1].observations, strict=True):
        assert (new.id, new.step, new.tallies) == (old.id, old.step, old.tallies)
        assert [one.group for one in new.measurements] == [one.group for one in old.measurements]
    assert [row.blocked for row in told[0].plan.steps] == [row.blocked for row in records[0].plan.steps]
    assert [p.sources for p in told[0].plan.probes] == [p.sources for p in records[0].plan.probes]


def test_texts_about_a_subject_are_guarded_before_they_are_translated(told: Records) -> None:
    reasons = [
        (one.subject, one.result.reason)
        for seen in told[1].observations
        for one in seen.measurements
        if isinstance(one.result, NotAvailable)
    ]
    assert reasons
    assert all(reason.startswith(f"«{subject}: ") for subject, reason in reasons)
    readings = [reading for f in told[0].findings for judged in f.measured for reading in judged.readings]
    assert readings
    assert all(one.reason.startswith(f"«{one.measurement.subject}: ") for one in readings)


def test_a_step_that_hands_in_keeps_its_beginning_for_the_views(records: Records) -> None:
    finding = (
        records[0]
        .findings[0]
        .model_copy(
            update={
                "to_do": (
                    "Hand in: The plan.",
                    "Hand in: an item.",
                    "Hand in: what nobody knows.",
                    "Mend it.",
                )
            }
        )
    )
    assessment = records[0].model_copy(update={"findings": (finding,)})
    catalogue = Catalogue("de", {}, {"The plan.": "Der Plan.", "an item": "ein Ding", "Mend it.": "Tu es."})
    told, _ = translated(assessment, records[1], Translator(catalogue), lambda _, text: text)
    done: Finding = told.findings[0]
    assert done.to_do == ("Hand in: Der Plan.", "Hand in: ein Ding.", "Hand in: what nobody knows.", "Tu es.")


def _about() -> About:
    """Return which assessment a document is made from."""
    digest = "sha256:" + "0" * 64
    return About(
        system="System",
        system_version="1",
        provider="Provider",
        role="provider",
        edition="1.0.0",
        assessed_at=ASSESSED,
        as_of=ASSESSED.date(),
        law="Law",
        tool="Tool",
        assessment_sha256=digest,
        evidence_sha256=digest,
    )


def _document(*sections: Section) -> Document:
    """Return a small document."""
    return Document.model_construct(
        id="d",
        title="Title",
        ref="Art. 11",
        purpose="Why.",
        standing=Standing(state="required", reason="So."),
        about=_about(),
        sections=sections,
    )


def test_of_a_document_only_the_words_of_the_tool_change() -> None:
    item = Item(
        id="i",
        ref="Annex IV(1)",
        title="Two words",
        asks="What is asked.",
        status="missing",
        owner=Cell(text="A person", origin="provider"),
        content=(Paragraph(text="Said by a person.", origin="provider"), Paragraph(text="Said by us.")),
        open=("A thing.",),
    )
    document = _document(Section(id="s", title="Part", items=(item,)))
    german = Translator(Catalogue("de", {"citation.annex": "Anhang"}, Everything()))
    told = translated_document(document, german)
    done = told.sections[0].items[0]
    assert (told.title, told.ref, done.ref) == ("«Title»", "Art. 11", "Anhang IV(1)")
    assert done.owner == item.owner
    assert done.content[0] == item.content[0]
    assert done.content[1] == Paragraph(text="«Said by us.»")
    assert done.open == ("«A thing.»",)
    assert done.reason is None


def test_english_is_the_very_same(records: Records) -> None:
    spoken = speaking.speech(*records, LIMIT)
    assert (spoken.context.assessment, spoken.context.evidence) == records
    assert spoken.context.assessment is records[0]
    assert spoken.translator is None
    document = _document()
    assert spoken.document(document) is document


def test_an_unknown_language_is_an_error(records: Records) -> None:
    with pytest.raises(UsageError, match="in the language 'xx'"):
        speaking.speech(*records, LIMIT, "xx")


def test_the_report_is_written_in_the_language(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    def marked(path: Path) -> Catalogue:
        assert path.name == "de.po"
        return MARKED

    monkeypatch.setattr(speaking, "catalogue", marked)
    page = html_text(*records, disclosure_limit=LIMIT, language="de")
    assert '<html lang="de"' in page
    assert "20. November 2026" in page
    assert "«" in page
    spoken = speaking.speech(*records, LIMIT, "de")
    assert spoken.document(_document()).title == "«Title»"


def _ids(records: tuple[Assessment, Evidence]) -> list[str]:
    """Return the ids of all observations."""
    return [one.id for one in records[1].observations]


def test_ids_of_evidence_stay(told: Records, records: Records) -> None:
    assert _ids(told) == _ids(records)
