"""The seam to the formats: a format turns an assessment and its evidence into bytes, and decides nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence


class Format(Protocol):
    """One kind of document."""

    name: str
    """The name in ``--formats``."""
    filename: str
    """The name of the file in the pack."""

    def render(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> bytes:
        """Return the document; the same input gives the same bytes.

        Args:
            assessment: what was judged.
            evidence: what it rests on.
            disclosure_limit: no count of people below this is shown.
            language: the language of a document for readers; records are the same in all.

        Raises:
            RenderError: the document cannot be made.
        """
        ...

    def prepared(self) -> AbstractContextManager[Format]:
        """Return the format with what takes long to load already loading, until the block ends."""
        ...


@runtime_checkable
class Early(Protocol):
    """A format that can begin while others are made, in a process of its own."""

    def begin(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> None:
        """Begin the document that ``render`` will be asked for with the very same arguments.

        Raises:
            RenderError: the document cannot be made.
        """
        ...
