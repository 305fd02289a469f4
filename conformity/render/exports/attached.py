"""Which exports a report carries inside itself, so that one file is enough for other programs too."""

from __future__ import annotations

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.exports.ml_bom import FORMAT as ML_BOM
from conformity.render.exports.oscal import FORMAT as OSCAL


def attached(assessment: Assessment, evidence: Evidence, disclosure_limit: int) -> dict[str, bytes]:
    """Return OSCAL assessment results and the ML-BOM by the name of their file.

    Args:
        assessment: what was judged.
        evidence: what it rests on.
        disclosure_limit: no count of people below this is shown.
    """
    return {
        one.filename: one.render(assessment, evidence, disclosure_limit=disclosure_limit)
        for one in (ML_BOM, OSCAL)
    }
