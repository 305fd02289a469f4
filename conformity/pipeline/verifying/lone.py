"""All steps over a report in PDF alone: what it carries, what it prints, and its seal."""

from __future__ import annotations

from conformity.archive.standalone.pdf import Pdf, attachments
from conformity.archive.standalone.pdf_objects import PdfError
from conformity.archive.standalone.steps import pdf_told
from conformity.archive.standalone.told import Told, joined
from conformity.archive.verify.seals import seals_told
from conformity.model.assessment import Assessment
from conformity.pipeline.verifying.folders import Trust
from conformity.pipeline.verifying.records import law_told, readable

_NO_EVIDENCE = (
    "The evidence is not in the PDF, since it holds exact counts of small groups; verify the whole pack to "
    "see whether the findings follow from it."
)


def lone_steps(name: str, content: bytes, trust: Trust) -> dict[str, Told]:
    """Return what every step tells of a PDF alone, by its id.

    Args:
        name: the file's name.
        content: its bytes.
        trust: whom the caller trusts.
    """
    told = pdf_told(content)
    told["seal"] = seals_told(
        {"report.pdf" if not name.endswith(".pdf") else name: content}, None, trust.authorities
    )
    try:
        carried = attachments(Pdf(content))
    except PdfError:
        return told
    fits = readable(carried)
    told["records"] = joined(told["records"], fits)
    if "assessment.json" in carried and not fits.faults:
        told["law"] = law_told(Assessment.model_validate_json(carried["assessment.json"]))
        told["findings"] = Told(unknown=(_NO_EVIDENCE,))
    return told
