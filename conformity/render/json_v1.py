"""JSON, version 1: the assessment, to read and to compare; the evidence, in the bytes its digest is of."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json
from conformity.model.evidence import Evidence


class JsonFormat:
    """``assessment.json``: all of the assessment, in the order of the model's fields."""

    name = "json"
    filename = "assessment.json"

    def render(
        self, assessment: Assessment, evidence: Evidence, *, disclosure_limit: int, language: str = "en"
    ) -> bytes:
        """Return the assessment, indented, with a newline at the end.

        Nothing is withheld, rounded or translated: the record is for those who may see the data, and limit
        and language are for print.
        """
        plain = assessment.model_dump(mode="json")
        return (json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")

    def prepared(self) -> AbstractContextManager[JsonFormat]:
        """Return the format as it is: nothing takes long to load."""
        return nullcontext(self)


FORMAT = JsonFormat()
"""The format, found by :func:`conformity.render.formats`."""


def evidence_json(evidence: Evidence) -> bytes:
    """Return ``evidence.json``: canonical JSON, so that its SHA-256 is the evidence digest of the assessment.

    Raises:
        RenderError: a number cannot be written exactly (an integer beyond 2**53).
    """
    import rfc8785

    try:
        return canonical_json(evidence)
    except rfc8785.CanonicalizationError as error:
        raise RenderError(f"the evidence holds a number that JSON cannot carry exactly: {error}") from error
