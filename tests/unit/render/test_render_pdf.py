"""The PDF: conformant metadata, bundled fonts, both records inside, the same bytes, and nothing fetched."""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from conformity.errors import MissingLibraryError, RenderError
from conformity.render import formats
from conformity.render import pdf as pdf_module
from conformity.render.assets import style
from conformity.render.interface import Early
from conformity.render.pdf import _outcome, print_html
from conformity.render.pdf_parts import jail
from conformity.render.weasy import EXIT_MISSING, EXIT_REFUSED, Collector, House, make_pdf
from tests.unit.render.render_records import LIMIT, Records

WHEN = datetime(2026, 11, 20, 9, 41, 12, tzinfo=UTC)
BUNDLED = {"IBM-Plex-Sans", "IBM-Plex-Sans-Semi-Bold", "IBM-Plex-Mono", "DejaVu-Symbols"}


@pytest.fixture(scope="module")
def reader(pdf: bytes) -> PdfReader:
    """Return the usual PDF, opened."""
    return PdfReader(io.BytesIO(pdf))


@pytest.fixture(scope="module")
def texts(reader: PdfReader) -> list[str]:
    """Return the text of each page of the usual PDF."""
    return [page.extract_text() for page in reader.pages]


def root_of(reader: PdfReader) -> Any:
    """Return the catalogue of a PDF."""
    return reader.trailer["/Root"]


def page_of(body: str) -> str:
    """Return a small page."""
    head = f"<title>t</title><style>{style()}</style>"
    return f'<html lang="en"><head>{head}</head><body>{body}</body></html>'


def test_the_same_records_give_the_same_bytes_also_when_it_begins_early(records: Records, pdf: bytes) -> None:
    assert not isinstance(formats()["pdf"], Early)
    with formats()["pdf"].prepared() as ready:
        assert isinstance(ready, Early)
        ready.begin(*records, disclosure_limit=LIMIT)
        assert ready.render(*records, disclosure_limit=LIMIT) == pdf
        with ready.prepared() as same:
            assert same is ready


def test_the_file_claims_pdf_a_3a_and_pdf_ua_1(reader: PdfReader) -> None:
    root = root_of(reader)
    metadata = root["/Metadata"].get_data().decode("utf-8")
    assert re.search(r'pdfaid:part="3"', metadata)
    assert re.search(r'pdfaid:conformance="A"', metadata)
    assert re.search(r'pdfuaid:part="1"', metadata)
    assert metadata.index("pdfuaid:part") < metadata.index("</rdf:RDF>")
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_title_author_and_dates_come_from_the_record(reader: PdfReader) -> None:
    found = reader.metadata
    assert found is not None
    assert found.title == "Conformity assessment of Creditworthiness Scorer 2.4.1"
    assert found.author == "Example Bank AG"
    assert found.creation_date == WHEN
    assert found.modification_date == WHEN


def test_the_assessment_is_inside_and_the_evidence_is_not(records: Records, reader: PdfReader) -> None:
    inside = {name: contents[0] for name, contents in reader.attachments.items()}
    made = [formats()[name] for name in ("json", "mlbom", "oscal")]
    assert inside == {one.filename: one.render(*records, disclosure_limit=LIMIT) for one in made}
    assert len(root_of(reader)["/AF"]) == 3


def fonts_of(reader: PdfReader) -> set[str]:
    """Return the names of all fonts, without their subset tags."""
    found = set()
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            found.add(font.get_object()["/BaseFont"].lstrip("/").split("+")[-1])
    return found


def test_only_bundled_fonts_are_used(reader: PdfReader) -> None:
    assert fonts_of(reader) == BUNDLED


def test_poppler_agrees_about_the_fonts(pdf: bytes, tmp_path: Path) -> None:
    program = shutil.which("pdffonts")
    names = BUNDLED
    if program:
        (tmp_path / "r.pdf").write_bytes(pdf)
        listed = subprocess.run(
            [program, str(tmp_path / "r.pdf")], capture_output=True, text=True, check=True
        )
        rows = listed.stdout.splitlines()[2:]
        names = {row.split()[0].split("+")[-1] for row in rows}
        assert all(" yes yes yes " in row for row in rows)
    assert names == BUNDLED


def test_bookmarks_go_three_levels_deep(reader: PdfReader) -> None:
    def walk(items: Any, level: int = 1) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for item in items:
            if isinstance(item, list):
                found.extend(walk(item, level + 1))
            else:
                found.append((level, item.title))
        return found

    found = walk(reader.outline)
    assert (1, "Findings by article") in found
    assert (2, "Article 10") in found
    assert (3, "Art. 10(2)(f) Examination for bias") in found
    assert (1, "Annex E: How to verify this report") in found
    assert max(level for level, _ in found) == 3


def test_pages_have_numbers_heads_and_the_evidence_digest(records: Records, texts: list[str]) -> None:
    total = len(texts)
    assert 8 <= total <= 20
    for number in range(2, total + 1):
        text = texts[number - 1]
        assert f"{number} / {total}" in text
        assert records[0].evidence_sha256 in text
        assert "Creditworthiness Scorer 2.4.1 · assessment 1.0.0" in text
    assert f"1 / {total}" not in texts[0]


def test_words_can_be_extracted(texts: list[str]) -> None:
    text = "\n".join(texts)
    assert "not an EU declaration of conformity" in " ".join(text.split())
    assert "✖ not met" in text
    assert "Contents" in text


def test_contents_name_the_page(texts: list[str]) -> None:
    # The summary keeps to the one page before the contents.
    assert texts[1].count("Summary") == 2
    text = texts[2]
    found = re.search(r"Sign-offs and signatures[\s.]+(\d+)", text)
    assert found
    assert int(found.group(1)) == len(texts)


def test_table_headings_say_what_they_head(pdf: bytes) -> None:
    import pikepdf

    scopes = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for thing in opened.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/TH":
                scopes.append(str(thing.A.Scope))
    assert set(scopes) == {"/Row", "/Column"}
    assert len(scopes) > 100


@pytest.mark.parametrize(
    "body", ['<img src="https://example.org/x.png" alt="x">', '<p style="unknown-property: 1">x</p>']
)
def test_anything_missing_or_fetched_refuses_the_pdf(body: str) -> None:
    with pytest.raises(RenderError, match="because WeasyPrint warned"):
        print_html(page_of(body), {}, WHEN)


def test_characters_without_a_glyph_are_printed_as_codes_in_a_bundled_font() -> None:
    content = print_html(page_of("<p>中 א ✓</p>"), {}, WHEN)
    reader = PdfReader(io.BytesIO(content))
    assert "[U+4E2D] [U+05D0] ✓" in reader.pages[0].extract_text()
    assert fonts_of(reader) <= BUNDLED


def test_taking_too_long_is_an_error() -> None:
    with pytest.raises(RenderError, match=r"longer than 0\.01 s"):
        print_html(page_of("x"), {}, WHEN, wall_s=0.01)


def test_missing_libraries_are_an_error_with_the_line_that_installs_them() -> None:
    with pytest.raises(MissingLibraryError, match=r"libpango.*apt-get install .*libpango-1\.0-0") as raised:
        _outcome(EXIT_MISSING, b"", "noise\ncannot load library 'libpango-1.0-0'\n")
    assert raised.value.exit_code == 69


def test_missing_libraries_are_noticed_by_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package of the same name that fails as WeasyPrint does without pango stands in front of it."""
    (tmp_path / "weasyprint").mkdir()
    (tmp_path / "weasyprint" / "__init__.py").write_text(
        "print('banner on stdout')\nraise OSError(\"cannot load library 'libpango-1.0-0'\")\n"
    )
    environment = pdf_module._environment()
    environment["PYTHONPATH"] = f"{tmp_path}:{environment['PYTHONPATH']}"
    monkeypatch.setattr(pdf_module, "_environment", lambda: environment)
    with pytest.raises(MissingLibraryError, match=r"cannot load library 'libpango-1\.0-0'"):
        print_html(page_of("x"), {}, WHEN)


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        (EXIT_REFUSED, "No anchor", "warned: No anchor"),
        (-9, "", "exit status -9"),
        (1, "a\nValueError: b\n", "ValueError: b"),
    ],
)
def test_failures_of_the_process_become_one_sentence(status: int, said: str, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        _outcome(status, b"partial", said)


@pytest.fixture(scope="module")
def house() -> House:
    """Return what the process reads before there is an order."""
    import weasyprint

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return House.read(weasyprint)


def made(house: House, body: str, files: dict[str, str] | None = None) -> bytes:
    """Return a small page as PDF, by the function that the process runs: so its branches are seen."""
    import weasyprint

    order = {"html": page_of(body), "when": WHEN.isoformat()}
    return make_pdf(weasyprint, house, order, lambda: files or {})


# The library leaves the file of a colour profile to be closed by the interpreter.
PROFILE = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")


@PROFILE
def test_the_process_makes_the_pdf_from_an_order_alone(house: House) -> None:
    body = "<table><tr><th>a</th><td>b</td></tr></table>"
    opened = PdfReader(io.BytesIO(made(house, body)))
    assert "/AF" not in root_of(opened)
    opened = PdfReader(io.BytesIO(made(house, body, {"a.json": "e30="})))
    assert opened.attachments["a.json"] == [b"{}"]
    assert len(root_of(opened)["/AF"]) == 1


@PROFILE
@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/hostname" alt="x">',
        '<link rel="stylesheet" href="http://127.0.0.1/x.css">',
        "<style>body{background:url(ftp://example.org/a)}</style>",
        '<style>@import url("file:///etc/passwd");</style>',
        '<a rel="attachment" href="file:///etc/hostname">x</a>',
        '<object data="http://example.org/x.svg"></object>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        '<image href="http://example.org/i.png" width="9" height="9"/></svg>',
        '<a href="#nowhere">x</a>',
        "<style>p { color: }</style>",
    ],
)
def test_anything_missing_or_fetched_is_collected_by_the_process(house: House, body: str) -> None:
    """Which is what refuses the PDF; two kinds are refused above by the process itself."""
    collector, logger = Collector(), logging.getLogger("weasyprint")
    logger.addHandler(collector)
    try:
        made(house, "<p>x</p>")
        assert collector.lines == []
        made(house, body)
    finally:
        logger.removeHandler(collector)
    assert collector.lines


def shown(house: House, body: str) -> list[float]:
    """Return where each piece of text begins that is shown on a small page, in the order of the page."""
    page: Any = PdfReader(io.BytesIO(made(house, body))).pages[0]
    assert page["/Resources"]["/XObject"] == {}
    found, at = [], 0.0
    for operands, operator in page.get_contents().operations:
        if operator == b"Tm":
            at = float(operands[4])
        elif operator in (b"TJ", b"Tj"):
            found.append(at)
    return found


@PROFILE
def test_words_in_a_figure_are_drawn_whole_where_they_are_anchored(house: House) -> None:
    words = "".join(
        f'<text x="50" y="{20 * n}" text-anchor="{where}">Selection <tspan fill="#B42318">rate</tspan></text>'
        for n, where in enumerate(("start", "middle", "end"), start=1)
    )
    figure = f'<svg width="99" height="99" font-family="IBM Plex Sans"><text x="1"></text>{words}</svg>'
    # A word is shown by one operator and not letter by letter.
    begin = shown(house, figure)[: 2 * 3]
    assert len(shown(house, figure)) - len(shown(house, "<p></p>")) == len(begin)
    start, middle, end = begin[::2]
    assert start == 50
    assert middle == pytest.approx((start + end) / 2, abs=0.01)
    assert begin[1] - start == pytest.approx(start - end, abs=0.01)


@PROFILE
def test_row_headings_that_outnumber_data_are_data(house: House) -> None:
    import pikepdf

    head = "<thead><tr>" + '<th scope="col">a</th>' * 3 + "</tr></thead>"
    row = '<tr><th scope="row">c</th><td>d</td><td>e</td></tr>'
    alone = '<tr><th scope="rowgroup" colspan="3">f</th></tr>'
    tables = (
        f"<table>{head}<tbody>{row}</tbody></table>",
        f"<table>{head}<tbody>{row * 3}</tbody></table>",
        f"<table>{head}<tbody>{(alone + row * 4) * 3}</tbody></table>",
        f"<table><tbody>{row}</tbody></table>",
    )
    heads = []
    for table in tables:
        with pikepdf.open(io.BytesIO(made(house, table))) as pdf:
            cells = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/A" in one]
            tags = [str(one.get("/S")) for one in cells]
            named = {str(one.ID) for one in cells if "/ID" in one}
            assert {str(name) for one in cells for name in one.A.get("/Headers", ())} <= named
            assert all("/Scope" in one.A for one in cells if one.S == "/TH")
            assert not any("/Scope" in one.A for one in cells if one.S == "/TD")
        heads.append((tags.count("/TH"), tags.count("/TD")))
    assert heads == [(3, 3), (6, 6), (15, 27), (1, 2)]


def test_the_jail_opens_data_and_nothing_else() -> None:
    closed = jail()
    assert closed.fetch("data:text/plain,inside").read() == b"inside"
    for address in (
        "file:///etc/hostname",
        "http://127.0.0.1/",
        "ftp://example.org/",
        "DATA-:x",
        "about:blank",
    ):
        with pytest.raises(ValueError, match="from outside"):
            closed.fetch(address)


def test_what_is_logged_is_kept_on_one_line_and_cut() -> None:
    collector = Collector()
    collector.emit(logging.LogRecord("weasyprint", logging.WARNING, "", 1, "a\n%s", ("b" * 400,), None))
    assert collector.lines == ["a " + "b" * 298]
