"""A format for other programs: a name, a file, and a function that writes it from the material."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.exports.material import Material
from conformity.render.translation.speaking import speech


def material_of(assessment: Assessment, evidence: Evidence, disclosure_limit: int) -> Material:
    """Return the material of an assessment; no count of people below the limit leaves it.

    The latest is kept, since several formats are made one after the other from the same records.
    """
    return _made(_Records(assessment, evidence, disclosure_limit))


@dataclass(frozen=True, eq=False)
class _Records:
    """What a material is made of; the same only if both records, which never change, are the very same."""

    assessment: Assessment
    """What was judged."""
    evidence: Evidence
    """What it rests on."""
    limit: int
    """No count of people below this is shown."""

    def __hash__(self) -> int:
        """Return the hash of which records they are; they live as long as this does."""
        return hash((id(self.assessment), id(self.evidence), self.limit))

    def __eq__(self, other: object) -> bool:
        """Tell whether the material would be the same."""
        return (
            isinstance(other, _Records)
            and self.assessment is other.assessment
            and self.evidence is other.evidence
            and self.limit == other.limit
        )


@lru_cache(maxsize=1)
def _made(records: _Records) -> Material:
    """Return the material of records."""
    return Material(speech(records.assessment, records.evidence, records.limit).context)


@dataclass
class Export:
    """A format that other programs read; the same in every language."""

    name: str
    """The name in ``--formats``."""
    filename: str
    """The name of the file."""
    write: Callable[[Material], bytes]
    """What makes the file."""

    def render(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> bytes:
        """Return the file; see :class:`conformity.render.interface.Format`.

        Raises:
            RenderError: the records do not fit together.
        """
        return self.write(material_of(assessment, evidence, disclosure_limit))

    def prepared(self) -> AbstractContextManager[Export]:
        """Return the format as it is: nothing takes long to load."""
        return nullcontext(self)
