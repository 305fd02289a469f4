"""Assessment, evidence and law in, documents as values out; pure, and nothing is rendered here.

Every document is one file below ``catalog/data/.../documents`` (the law's side) and one module here of the
same name, with a function ``compose`` that returns its sections.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformity.model.assessment import Assessment
    from conformity.model.base import Sha256
    from conformity.model.document import Document
    from conformity.model.evidence import Evidence


def compose(
    assessment: Assessment, evidence: Evidence, assessment_sha256: Sha256, ids: Sequence[str] = ()
) -> tuple[Document, ...]:
    """Return documents in the order of the set: those with these ids, or all.

    Args:
        assessment: what was judged.
        evidence: what it rests on.
        assessment_sha256: digest of the bytes of ``assessment.json``.
        ids: which documents; all of them when empty.

    Raises:
        UsageError: there is no document with one of the ids.
    """
    from conformity.catalog.documents import document_law, document_laws
    from conformity.compose.material import Material
    from conformity.compose.whole import document

    chosen = {document_law(one).id for one in ids}
    made = []
    for law in document_laws():
        if not chosen or law.id in chosen:
            module = importlib.import_module(f"conformity.compose.{law.id}")
            material = Material(assessment, evidence, law)
            made.append(document(material, module.compose(material), assessment_sha256))
    return tuple(made)
