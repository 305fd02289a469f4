"""Documents are rendered again: the same bytes, or why that cannot be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.seal import seal_pdf
from conformity.archive.signing.seal_keys import seal_key_of
from conformity.errors import MissingLibraryError, RenderError
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.reproducing import documents
from conformity.pipeline.reproducing.documents import documents_again
from conformity.render import formats
from conformity.settings import DISCLOSURE_LIMIT, Settings
from tests.support.keys import certified
from tests.support.reproduced import MOMENT, copied, relisted, silent
from tests.support.small_pdf import small_pdf


def told(found: Pack) -> dict[str, tuple[str, str | None]]:
    """Return outcome and reason by document."""
    return {one.name: (one.outcome, one.reason) for one in documents_again(found, silent)}


def with_file(pack: Path, folder: Path, name: str, content: bytes) -> Pack:
    """Return a copy of a pack with one file more, or another one."""
    other = copied(pack, folder)
    (other / name).write_bytes(content)
    relisted(other)
    return read_pack(other, Settings())


def rendered(found: Pack, language: str) -> bytes:
    """Return the page of a pack in a language."""
    return formats()["html"].render(
        found.assessment, found.evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language
    )


@pytest.mark.no_cover
def test_a_page_is_rendered_in_its_own_language(pack: Path, tmp_path: Path) -> None:
    page = rendered(read_pack(pack, Settings()), "de")
    assert told(with_file(pack, tmp_path / "de", "report.html", page))["report.html"] == ("identical", None)


def test_a_page_that_was_changed_differs_and_both_digests_are_told(pack: Path, tmp_path: Path) -> None:
    outcome, reason = told(with_file(pack, tmp_path / "bad", "report.html", b'<html lang="en">'))[
        "report.html"
    ]
    assert outcome == "differs"
    assert str(reason).count("sha256:") == 2


class Sealable:
    """Stands in for the slow renderer of PDF: the test is of the comparison."""

    filename = "report.pdf"

    def render(self, *_records: Any, **_rest: Any) -> bytes:
        """Return a small PDF."""
        return small_pdf()


@pytest.fixture
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing but a quick PDF be rendered."""
    monkeypatch.setattr(documents, "formats", lambda: {"pdf": Sealable()})


def sealed() -> bytes:
    """Return the PDF with a seal of a specimen authority."""
    made = certified()
    return seal_pdf(small_pdf(), seal_key_of(signer_of(made.key, made.chain)), MOMENT)


@pytest.mark.usefixtures("quick_pdf")
def test_what_follows_the_bytes_that_are_rendered_must_be_a_seal(pack: Path, tmp_path: Path) -> None:
    found = with_file(pack, tmp_path / "pdf", "report.html", b'<html lang="en">')
    contents = {
        "as it is": small_pdf(),
        "sealed": sealed(),
        "broken": sealed()[:-9] + b"x" * 9,
        "longer": small_pdf() + b"\n%%EOF\n",
        "another": small_pdf("Verdict: met"),
    }
    outcomes = {}
    for name, content in contents.items():
        (found.folder / "report.pdf").write_bytes(content)
        relisted(found.folder)
        outcomes[name] = told(found)["report.pdf"]
    assert {name: outcome for name, (outcome, _) in outcomes.items()} == {
        "as it is": "identical",
        "sealed": "identical",
        "broken": "differs",
        "longer": "differs",
        "another": "differs",
    }
    assert "What follows is a seal, which holds" in str(outcomes["sealed"][1])
    assert "What follows is not a seal that holds" in str(outcomes["longer"][1])


@pytest.mark.usefixtures("quick_pdf")
def test_without_the_library_for_seals_it_cannot_be_told(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_pdf: bytes) -> None:
        """Fail as where the extra is not installed."""
        raise MissingLibraryError("Seals need pyhanko: install the extra `seal`.")

    monkeypatch.setattr("conformity.archive.signing.seal_check.check_seal", missing)
    found = told(with_file(pack, tmp_path / "pdf", "report.pdf", sealed()))["report.pdf"]
    assert found == (
        "cannot_tell",
        "It begins with the very bytes that were rendered. Seals need pyhanko: install the extra `seal`.",
    )


@pytest.mark.usefixtures("quick_pdf")
def test_of_a_pdf_that_may_be_in_another_language_it_cannot_be_told(pack: Path, tmp_path: Path) -> None:
    page = b'<html lang="xx">'
    other = with_file(pack, tmp_path / "xx", "report.html", page)
    (other.folder / "report.pdf").write_bytes(b"%PDF auf Deutsch")
    relisted(other.folder)
    assert told(other)["report.pdf"][0] == "cannot_tell"
    (other.folder / "report.html").write_bytes(b'<html lang="en">')
    assert told(other)["report.pdf"][0] == "differs"


@pytest.mark.usefixtures("quick_pdf")
def test_another_version_renders_other_bytes(pack: Path, tmp_path: Path) -> None:
    found = with_file(pack, tmp_path / "old", "report.pdf", b"%PDF")
    older = found.assessment.model_copy(update={"tool": "conformity 0.0.1"})
    outcome, reason = told(Pack(found.folder, older, found.evidence, found.assessment_sha256))["report.pdf"]
    assert outcome == "cannot_tell"
    assert "It was made by conformity 0.0.1, and this is conformity " in str(reason)


@pytest.mark.usefixtures("quick_pdf")
def test_a_document_that_is_a_link_is_not_followed(pack: Path, tmp_path: Path) -> None:
    found = with_file(pack, tmp_path / "link", "report.pdf", small_pdf())
    (tmp_path / "elsewhere").write_bytes(small_pdf())
    (found.folder / "report.pdf").unlink()
    (found.folder / "report.pdf").symlink_to(tmp_path / "elsewhere")
    assert told(found)["report.pdf"] == ("cannot_tell", "The file cannot be read.")


@pytest.mark.usefixtures("quick_pdf")
def test_a_document_that_cannot_be_rendered_is_told(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_records: Any, **_rest: Any) -> bytes:
        """Fail as a renderer does."""
        raise RenderError("No font was found.")

    monkeypatch.setattr(Sealable, "render", fail)
    found = with_file(pack, tmp_path / "no-font", "report.pdf", b"%PDF")
    assert told(found)["report.pdf"] == ("cannot_tell", "No font was found.")


@pytest.mark.usefixtures("quick_pdf")
def test_a_document_that_vanishes_is_told(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = with_file(pack, tmp_path / "gone", "report.pdf", small_pdf())

    def broken(_file: Path) -> bytes:
        """Fail as a disk does."""
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", broken)
    monkeypatch.setattr(documents, "read_sums", lambda _folder: {"report.pdf": ""})
    assert told(found)["report.pdf"] == ("cannot_tell", "The file cannot be read.")
