"""Documents of the set as HTML, PDF and JSON: nothing small is shown, nothing handed in acts, links hold."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from conformity.errors import RenderError
from conformity.model.base import Line
from conformity.model.document import (
    About,
    Block,
    Cell,
    Document,
    Fact,
    Facts,
    Item,
    Link,
    Measured,
    MeasuredRow,
    Paragraph,
    Points,
    Row,
    Section,
    Standing,
    Table,
)
from conformity.render import dossier
from conformity.render.assets import words_in
from conformity.render.dossier import rendered
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.dossier import MOST_ROWS, resolved, view_of
from conformity.render.views.dossier_figures import measured_tables
from conformity.render.views.dossier_guard import guarded
from tests.unit.render.render_declared import SHA
from tests.unit.render.render_records import LIMIT, Records

HOSTILE = "<script>alert(1)</script><img src=http://x/y>\u202e"


def _context(records: Records) -> Context:
    return Context(*records, LIMIT, locale_for("en"), words_in("en"))


def _document(*blocks: Block, items: tuple[Item, ...] = (), **changes: Any) -> Document:
    fields: dict[str, Any] = {
        "id": "sample",
        "title": "Sample",
        "ref": "Art. 1",
        "purpose": "To try the templates.",
        "standing": Standing(state="required", reason="It binds.", since=date(2027, 12, 2)),
        "about": About(
            system="Scorer",
            system_version="1.0",
            provider="Provider",
            role="provider",
            edition="1.0.0",
            assessed_at="2026-11-22T12:00:00Z",
            as_of=date(2026, 11, 22),
            law="the Act",
            tool="conformity 0.0.0",
            assessment_sha256=SHA,
            evidence_sha256=SHA,
        ),
        "sections": (Section(id="one", title="One", content=blocks, items=items),),
    }
    return Document.model_validate({**fields, **changes})


def _files(records: Records, *documents: Document, formats: tuple[str, ...] = ("html", "json")) -> Any:
    return rendered(documents, *records, formats=formats, disclosure_limit=LIMIT)


class _Page(HTMLParser):
    """Collect the places, links and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag brings."""
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value:
                self.links.append(value)


def _every_block() -> tuple[Block, ...]:
    link = Link(text="there", to="r-1")
    return (
        Paragraph(text="In our words."),
        Paragraph(text=f"In theirs. {HOSTILE}", origin="provider"),
        Points(title="Some", points=(Cell(text="a point", links=(link, link)),)),
        Points(points=(Cell(links=(link,)),)),
        Facts(facts=(Fact(name="Name", value=Cell(text=HOSTILE, origin="provider")),)),
        Table(
            columns=("A", "B"),
            widths=(30,),
            rows=(Row(id="r-1", cells=(Cell(text="x", origin="record"), Cell())),),
        ),
        Table(title="Bare", columns=("A",), rows=()),
    )


def test_a_page_has_unique_places_whole_links_and_nothing_that_acts(records: Records) -> None:
    item = Item(
        id="it",
        ref="Art. 2",
        title="Thing",
        asks="A thing.",
        status="partly",
        reason="Because.",
        owner=Cell(text=HOSTILE, origin="provider"),
        content=_every_block()[:2],
        open=("Hand it in.",),
    )
    aside = Item(id="off", ref="Art. 3", title="No", asks="N.", status="not_applicable", reason="It is not.")
    files = _files(records, _document(*_every_block(), items=(item, aside)))
    page = _Page(files["sample.html"].decode())
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.ids)
    assert not page.tags & {"script", "img", "iframe", "object", "link"}
    text = files["sample.html"].decode()
    assert "&lt;script&gt;" in text
    assert "[U+202E]" in text
    assert "\u202e" not in text
    assert "From 2 December 2027." in text
    assert "Hand it in." in text
    assert 'tr id="i-off"' in text


def test_the_index_leads_to_every_file(records: Records) -> None:
    files = _files(records, _document(), _document(id="other"))
    assert set(files) == {
        "sample.html",
        "sample.json",
        "other.html",
        "other.json",
        "index.html",
        "documents.json",
    }
    page = _Page(files["index.html"].decode())
    assert set(page.links) == {"sample.html", "sample.json", "other.html", "other.json"}
    listed = json.loads(files["documents.json"])
    assert [one["id"] for one in listed["documents"]] == ["sample", "other"]
    assert listed["documents"][0]["files"] == ["sample.html", "sample.json"]


def test_json_reads_back_as_the_document_that_is_shown(records: Records) -> None:
    made = _document(*_every_block())
    read = Document.model_validate_json(_files(records, made, formats=("json",))["sample.json"])
    assert read == resolved(made, _context(records))


def test_a_long_table_is_cut_and_each_part_says_which_rows_it_holds(records: Records) -> None:
    rows = tuple(Row(cells=(Cell(text=str(n)),)) for n in range(2 * MOST_ROWS + 1))
    named = Table(title="Numbers", columns=("N",), rows=rows)
    parts = resolved(_document(named, named.model_copy(update={"title": None})), _context(records)).sections[
        0
    ]
    tables = [block for block in parts.content if isinstance(block, Table)]
    assert [len(one.rows) for one in tables] == [MOST_ROWS, MOST_ROWS, 1] * 2
    assert tables[2].title == "Numbers: rows 121 to 121 of 121"
    assert tables[3].title == "rows 1 to 60 of 121"
    assert [row for one in tables[:3] for row in one.rows] == list(rows)


def _tables(records: Records, *rows: MeasuredRow, title: Line | None = "Figures") -> list[Table]:
    return list(measured_tables(Measured(title=title, rows=rows), _context(records)))


def _all_rows(records: Records) -> tuple[MeasuredRow, ...]:
    return tuple(
        MeasuredRow(evidence=seen.id, metric=one.metric, by=one.by, group=one.group)
        for seen in records[1].observations
        for one in seen.measurements
    )


def test_no_figure_shows_fewer_people_than_the_limit(records: Records) -> None:
    # k-anonymity says how small the smallest class is; hiding it would hide the risk.
    tables = _tables(records, *(row for row in _all_rows(records) if row.metric != "k_anonymity"))
    text = "\n".join(cell.text for one in tables for row in one.rows for cell in row.cells)
    small = [int(n) for n in re.findall(r"(?<![<\d.,] )(?<![\d.,])\b(\d+) (?:rows|people|cases)\b", text)]
    assert [n for n in small if 0 < n < LIMIT] == []
    assert "not shown" in text
    assert f"< {LIMIT}" in text


def test_groups_are_rows_and_metrics_columns(records: Records) -> None:
    grouped = [row for row in _all_rows(records) if row.group]
    tables = _tables(records, *grouped)
    assert all(one.columns[0] == "Group" for one in tables)
    assert all(2 <= len(one.columns) <= 5 for one in tables)
    assert {len(row.cells) - len(one.columns) for one in tables for row in one.rows} == {0}


def test_subjects_have_tables_of_their_own(records: Records) -> None:
    tables = _tables(records, *(row for row in _all_rows(records) if not row.group))
    assert len({one.title for one in tables}) == len(tables) > 1
    assert all(one.title and one.title.startswith("Figures: ") for one in tables)
    untitled = _tables(records, _all_rows(records)[0], title=None)
    assert untitled[0].title


def test_a_reading_stands_beside_its_bound_and_verdict(records: Records) -> None:
    judged = next(one for finding in records[0].findings for one in finding.measured if one.readings)
    reading = judged.readings[0]
    row = MeasuredRow(
        evidence=reading.evidence,
        metric=reading.measurement.metric,
        by=reading.measurement.by,
        group=reading.measurement.group,
        criterion=judged.criterion,
        verdict="not_met",
    )
    bare = row.model_copy(update={"criterion": "gone", "verdict": None})
    (table,) = _tables(records, row, bare)
    assert table.columns[-3:] == ("Bound", "Verdict", "Evidence")
    first, second = table.rows
    assert first.cells[-2].text == "✖ not met"
    assert first.cells[-3].text.startswith(("at least", "at most"))
    assert [second.cells[-3].text, second.cells[-2].text] == ["", ""]


def test_a_measurement_that_the_evidence_does_not_hold_is_no_number(records: Records) -> None:
    seen = records[1].observations[0]
    gone = MeasuredRow(evidence=seen.id, metric="no_such_metric")
    lost = MeasuredRow(evidence="EV-0000000000", metric="no_such_metric")
    tables = _tables(records, gone, lost)
    assert [cell.text for one in tables for cell in one.rows[0].cells if cell.text == "no number"] == [
        "no number",
        "no number",
    ]
    assert tables[1].title == "Figures"


def test_counts_are_told_by_status(records: Records) -> None:
    def item(name: str, status: Any) -> Item:
        return Item(id=name, ref="Art. 2", title="T", asks="A.", status=status)

    made = _document(items=(item("a", "filled"), item("b", "missing"), item("c", "missing")))
    counts = view_of(made, _context(records)).counts
    assert [(one.word, one.n) for one in counts] == [("filled", "1"), ("missing", "2")]
    none = _document(standing=Standing(state="informative", reason="For information."))
    shown = view_of(none, _context(records))
    assert (shown.counts, shown.since) == ((), "")


def test_a_template_that_fails_is_our_fault(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    context = _context(records)
    with pytest.raises(RenderError, match=r"dossier/index\.html\.j2 fails"):
        dossier._from("dossier/index.html.j2", context)
    monkeypatch.setattr(dossier, "style", lambda: "")
    monkeypatch.setattr(dossier, "templates_folder", lambda: Path("nowhere"))
    with pytest.raises(RenderError, match="a part of the style cannot be read"):
        dossier._own_style()


def test_a_pdf_holds_the_document_and_is_archival(records: Records) -> None:
    made = _document(*_every_block())
    files = _files(records, made, formats=("pdf",))
    assert set(files) == {"sample.pdf", "documents.json"}
    reader = PdfReader(io.BytesIO(files["sample.pdf"]))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode("utf-8")  # type: ignore[index] # a PDF
    assert 'pdfaid:part="3"' in metadata
    assert 'pdfuaid:part="1"' in metadata
    assert reader.attachments["sample.json"] == [dossier.document_json(resolved(made, _context(records)))]
    assert reader.metadata is not None
    assert reader.metadata.title == "Sample: Scorer"


@pytest.mark.parametrize("language", ["en", "de"])
def test_sentences_of_the_tool_withhold_what_the_report_withholds(records: Records, language: str) -> None:
    told = "Of these, 3 rows say so."
    seen = next(one for one in records[1].observations if _context(records).table(one.subject))
    item = Item(
        id="it",
        ref="Art. 2",
        title="Thing",
        asks="A thing.",
        status="partly",
        reason=told,
        content=(Paragraph(text=told), Paragraph(text="We asked 4 people.", origin="provider")),
        open=(told,),
        evidence=(seen.id,),
    )
    cells = (Cell(text=told), Cell(text="5 rows", origin="record"))
    blocks = (
        Points(points=cells),
        Facts(facts=(Fact(name="Name", value=cells[0]),)),
        Table(columns=("A", "B"), rows=(Row(cells=cells),)),
    )
    made = _document(*blocks, items=(item, item.model_copy(update={"id": "other", "evidence": ()})))
    files = rendered([made], *records, formats=("html", "json"), disclosure_limit=LIMIT, language=language)
    page, plain = files["sample.html"].decode(), files["sample.json"].decode()
    # The other item speaks of no table: reason, open point and paragraph stay as they are.
    assert (page.count("3 rows"), plain.count("3 rows")) == (3, 3)
    assert (page.count("&lt; 10 rows"), plain.count("< 10 rows")) == (6, 6)
    assert plain.count("We asked 4 people.") == 2
    assert plain.count('"5 rows"') == 2


def test_an_item_speaks_of_the_subjects_of_its_findings(records: Records) -> None:
    context = _context(records)
    finding = next(one for one in records[0].findings if any(j.readings for j in one.measured))
    item = Item(
        id="it",
        ref="Art. 2",
        title="Thing",
        asks="A thing.",
        status="partly",
        reason="Of these, 3 rows say so.",
        requirements=(finding.requirement,),
    )
    shown = resolved(_document(items=(item,)), context)
    assert shown.items[0].reason == "Of these, < 10 rows say so."


def test_measurements_are_withheld_where_they_are_shown_and_not_before(records: Records) -> None:
    one = next(one for one in records[1].observations if one.measurements)
    row = MeasuredRow(evidence=one.id, metric=one.measurements[0].metric)
    made = _document(Measured(rows=(row,)))
    assert guarded(made, _context(records)) == made
