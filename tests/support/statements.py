"""Statements for tests: files, their digests, and something to say of them for every kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from conformity.archive.sums import parse_sums, sums_of
from conformity.model.statement import Predicate, SignedBy, StatementKind
from tests.support.keys import edwards

FILES: Final = {
    "assessment.json": b"{}",
    "evidence.json": b"[]",
    "report.html": b"<p>",
    "tallies/a.json": b"1",
}
SUMMED: Final = parse_sums(sums_of(FILES))
MOMENT: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
DIGEST: Final = "sha256:" + "1" * 64

SIGNED_BY: Final = SignedBy(
    keyid=edwards().public.keyid, algorithm="ed25519", place="file", development=True, certificates=()
)
_SYSTEM: Final = {"system": "Scorer", "system_version": "1", "provider": "Specimen"}
_SAID: Final[dict[StatementKind, dict[str, Any]]] = {
    "assessment": {
        **_SYSTEM,
        "edition": "1.0.0",
        "assessed_at": MOMENT,
        "assessed_by": "conformity 0",
        "as_of": date(2026, 11, 23),
        "law": "Regulation (EU) 2024/1689",
        "assessment_sha256": DIGEST,
        "evidence_sha256": DIGEST,
        "verdicts": {"met": 1},
    },
    "declaration": {
        **_SYSTEM,
        "prepared_at": MOMENT,
        "edition": "1.0.0",
        "assessment_sha256": DIGEST,
        "evidence_sha256": DIGEST,
    },
    "documents": {"system": "Scorer 1", "assessment_sha256": DIGEST, "documents": ["dossier"]},
    "redacted-copy": {"pack": None, "pack_commitment": DIGEST, "redaction_sha256": DIGEST},
    "archive-entry": {
        "sequence": 1,
        "system": "scorer",
        "version": "1.0.0",
        "pack_sha256": DIGEST,
        "entry_sha256": DIGEST,
    },
}


def predicate(kind: StatementKind, **changes: Any) -> Predicate:
    """Return something to say of a folder of a kind."""
    said: Predicate = TypeAdapter(Predicate).validate_python(
        {
            "kind": kind,
            "tool": "conformity 0",
            "signed_at": MOMENT,
            "signed_by": SIGNED_BY,
            **_SAID[kind],
            **changes,
        }
    )
    return said
