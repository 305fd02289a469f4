"""Known answers for the size and words of documents; counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformity.errors import PathError
from conformity.model.base import ExhibitId, RequirementId
from conformity.model.manifest import Exhibit
from conformity.model.measurement import Count, NotAvailable
from conformity.probes.declared.exhibit.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target


def _examine(path: Path) -> ProbeResult:
    """Run the probe on a file."""
    exhibit = Exhibit(
        id=ExhibitId("doc"),
        title="A document",
        path=path.name,
        dated=date(2026, 1, 1),
        covers=(RequirementId("art11.1"),),
    )
    return PROBE.examine(Target(subject=exhibit, path=path, tables={}, scratch=path.parent, seed=1))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.txt", "One two  three\nfour.", 4),
        ("a.md", "# Risk file\n\n- first - second\n", 4),
        ("a.rst", "Title\n=====\n", 1),
        ("a.html", "<head><title>no</title></head><p>A<b>B</b> c</p><p>d</p><script>x y z</script>", 3),
        ("a.HTM", "<p>caf&eacute;</p></script>", 1),
        ("bom.txt", "\ufeffhello", 1),
    ],
)
def test_words_are_counted(tmp_path: Path, name: str, text: str, words: int) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    result = _examine(path)
    assert [m.metric for m in result.measurements] == ["document_bytes", "document_words"]
    assert result.measurements[0].result == Count(value=len(text.encode("utf-8")), unit="bytes")
    assert result.measurements[1].result == Count(value=words, unit="words")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "a PDF file are not counted"),
        ("README", b"text", "a nameless file are not counted"),
        ("a.txt", b"caf\xe9", "not UTF-8"),
    ],
)
def test_words_of_other_formats_are_not_available(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    size, words = _examine(path).measurements
    assert size.result == Count(value=len(content), unit="bytes")
    assert isinstance(words.result, NotAvailable)
    assert reason in words.result.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b""), ("a.pdf", b"  \n"), ("a.html", b"<p> </p><style>p {}</style>"), ("a.md", b"---\n***\n")],
)
def test_an_empty_document_is_no_document(tmp_path: Path, name: str, content: bytes) -> None:
    """A requirement must not look served because a file exists (a defect seen in peers)."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotMeasurableError, match="the document is empty"):
        _examine(path)


def test_a_missing_document_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PathError, match=r"gone\.md cannot be read"):
        _examine(tmp_path / "gone.md")
