"""What of a pack may be quoted in a chat: the figures that its report shows, and no others."""

from __future__ import annotations

import json
from pathlib import Path

from conformity.model.evidence import Evidence
from conformity.pipeline.exporting import export_one
from conformity.pipeline.packs import read_pack
from conformity.pipeline.untold import without_untold
from conformity.settings import DISCLOSURE_LIMIT, Settings


def quotable_record(pack: Path, settings: Settings) -> str:
    """Return the assessment as JSON, without the figures that its report withholds.

    The record itself, in the pack, has them: it is for those who may see the data.

    Args:
        pack: the folder that an assessment wrote.
        settings: limits.

    Raises:
        ConformityError: the pack cannot be used as it is.
    """
    found = read_pack(pack, settings)
    told = without_untold(found.assessment, found.evidence, DISCLOSURE_LIMIT)
    return json.dumps(told.model_dump(mode="json"), ensure_ascii=False, allow_nan=False) + "\n"


def quotable_summary(pack: Path, settings: Settings) -> str:
    """Return the summary of an assessment in Markdown, which withholds what the report does.

    Raises:
        ConformityError: the pack cannot be used as it is.
    """
    return export_one(pack, formats=("md",), settings=settings).decode("utf-8")


def evidence_of(pack: Path, settings: Settings) -> Evidence:
    """Return the evidence of a pack, checked; it holds exact figures, so whoever shows it withholds some.

    Raises:
        ConformityError: the pack cannot be used as it is.
    """
    return read_pack(pack, settings).evidence
