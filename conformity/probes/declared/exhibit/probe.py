"""Count the bytes and words of a document; whether it says what it must is for a person to state."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from conformity.errors import PathError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target

_TEXT = frozenset({".txt", ".md", ".markdown", ".rst"})
_HTML = frozenset({".html", ".htm"})
_UNSEEN = frozenset({"script", "style", "template", "head"})
_EMPTY = "the document is empty"


class ExhibitProbe:
    """Count what is in a document."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the number of bytes and, for text formats, of words.

        Raises:
            NotMeasurableError: the document is empty or blank.
            PathError: the file cannot be read.
        """
        try:
            content = target.path.read_bytes()
        except OSError as error:
            raise PathError(
                f"the document {target.path.name} cannot be read: {error.strerror}; check the path"
            ) from error
        if not content.strip():
            raise NotMeasurableError(_EMPTY)
        results: tuple[tuple[str, Result], ...] = (
            ("document_bytes", Count(value=len(content), unit="bytes")),
            ("document_words", _words(target.path, content)),
        )
        subject = SubjectId(target.subject.id)
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=subject, result=result)
                for metric, result in results
            )
        )


def _words(path: Path, content: bytes) -> Result:
    """Return the number of words, or why they were not counted.

    Raises:
        NotMeasurableError: there is markup or white space, but not one word.
    """
    suffix = path.suffix.lower()
    if suffix not in _TEXT | _HTML:
        kind = suffix.lstrip(".").upper() or "nameless"
        return NotAvailable(why="undefined", reason=f"the words of a {kind} file are not counted")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return NotAvailable(
            why="undefined", reason="the file is not UTF-8 text, so its words could not be counted"
        )
    if suffix in _HTML:
        text = visible_text(text)
    count = sum(any(character.isalnum() for character in run) for run in text.split())
    if count == 0:
        raise NotMeasurableError(_EMPTY)
    return Count(value=count, unit="words")


def visible_text(html: str) -> str:
    """Return the text of an HTML document without markup, scripts and styles.

    >>> visible_text("<style>p{}</style><p>Two<b> words</b></p>").split()
    ['Two', 'words']
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.pieces)


class _Reader(HTMLParser):
    """Collect the text that a reader would see."""

    def __init__(self) -> None:
        """Start outside every element."""
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element; its border separates words unless it is inside a line."""
        if tag in _UNSEEN:
            self._unseen.append(tag)
        if tag not in _INLINE:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag in self._unseen:
            self._unseen.remove(tag)
        if tag not in _INLINE:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        """Keep text that is seen."""
        if not self._unseen:
            self.pieces.append(data)


_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)

PROBE = ExhibitProbe()
"""The probe."""
