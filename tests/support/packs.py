"""Small whole packs as `conformity assess` writes them: every file follows from the others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

from conformity.archive.pack import write_pack
from conformity.intake.lock import lock_manifest
from conformity.intake.manifest import parse_manifest
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json, digest_of, sha256_of
from conformity.model.evidence import Evidence, Isolation, Observation, TallyRef
from conformity.model.measurement import Count, Measurement
from conformity.model.nonconformity import Previous
from conformity.model.tally import CategoryKey, CellCounts, Tally
from conformity.pipeline.assessing import conclude
from conformity.pipeline.previous import Before
from conformity.plan import make_plan
from conformity.render import evidence_json
from conformity.render.html import FORMAT as HTML
from conformity.render.json_v1 import FORMAT as JSON
from conformity.settings import DISCLOSURE_LIMIT
from tests.support.assessments import record

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_TEXT = """\
conformity: 1
system:
  name: {name}
  version: "2.0"
  intended_purpose: Testing.
provider:
  name: Provider
  address: Street 1
  contact: mail
edition:
  version: {version}
{previous}subjects:
  - id: test
    kind: table
    title: Test set
    path: test.csv
    purpose: testing
    columns:
      - name: SEX
        roles: [protected]
"""
_CELLS = (("a", 40), ("b", 60))


def pack_text(name: str = "Scorer", version: str = "1.0.0", previous: str = "") -> str:
    """Return the manifest from which a pack is made."""
    return _TEXT.format(name=name, version=version, previous=previous)


@cache
def pack_files(
    name: str = "Scorer", cells: tuple[tuple[str, int], ...] = _CELLS, minor: int = 0
) -> Mapping[str, bytes]:
    """Return the files of a pack but for its list of digests and its PDF.

    Args:
        name: the system's name.
        cells: values of the one column that was counted, with how often each occurs.
        minor: the second number of its version; from 1 on it follows the version before.
    """
    before = _before(name, cells, minor - 1) if minor else None
    previous = f"  previous: {before.named.sha256}\n" if before else ""
    text = pack_text(name, f"1.{minor}.0", previous)
    loaded = parse_manifest(text.encode(), name="conformity.yaml", folder=Path("/"))
    plan = make_plan(loaded.manifest, date(2026, 11, 22))
    tally = Tally(
        spec=CellCounts(keys=(CategoryKey(column="SEX"),)),
        columns=("SEX", "rows"),
        entries=cells,
    )
    rows = Measurement.model_validate(
        {"metric": "rows", "subject": "test", "result": Count(value=sum(n for _, n in cells), unit="rows")}
    )
    step = next(one for one in plan.steps if one.probe == "data_quality/completeness")
    seen = Observation.of(
        step=step.id,
        probe=step.probe,
        probe_version=1,
        subject="test",
        outcome="measured",
        measurements=(rows,),
        tallies=(TallyRef(name="cell_counts[SEX]", sha256=digest_of(tally), entries=len(cells)),),
        collected_at=MOMENT,
    )
    evidence = Evidence(
        collected_at=MOMENT,
        subjects=(record("test"),),
        observations=(seen,),
        software=(),
        platform="test",
        isolation=Isolation(mechanism="none", guarantees=()),
    )
    assessment = conclude(loaded, plan, evidence, MOMENT + timedelta(days=minor), before)
    limit = DISCLOSURE_LIMIT
    return {
        "assessment.json": JSON.render(assessment, evidence, disclosure_limit=limit),
        "evidence.json": evidence_json(evidence),
        "manifest.lock.yaml": lock_manifest(loaded, {"test": str(record("test").sha256)}),
        f"tallies/{digest_of(tally)[7:]}.json": canonical_json(tally),
        "report.html": HTML.render(assessment, evidence, disclosure_limit=limit),
    }


def _before(name: str, cells: tuple[tuple[str, int], ...], minor: int) -> Before:
    """Return the version before as it is read when one follows it."""
    content = pack_files(name, cells, minor)["assessment.json"]
    assessment = Assessment.model_validate_json(content)
    named = Previous(
        version=assessment.manifest.edition.version,
        assessed_at=assessment.assessed_at,
        sha256=sha256_of(content),
    )
    return Before(assessment, named)


@cache
def whole_pack(
    name: str = "Scorer", cells: tuple[tuple[str, int], ...] = _CELLS, minor: int = 0
) -> Mapping[str, bytes]:
    """Return the files of a pack with a PDF of one blank page that carries the record, as a report does."""
    files = pack_files(name, cells, minor)
    pdf = small_pdf({"assessment.json": files["assessment.json"]}, files["report.html"])
    return {**files, "report.pdf": pdf}


def small_pdf(carried: Mapping[str, bytes], page: bytes) -> bytes:
    """Return a PDF of one blank page that carries files, and says that it was made of a page of HTML."""
    import pikepdf

    made = pikepdf.new()
    made.add_blank_page()
    for name, content in carried.items():
        made.attachments[name] = content
    first = pikepdf.String(hashlib.sha256(page).digest()[:16])
    made.trailer["/ID"] = pikepdf.Array([first, first])
    out = BytesIO()
    # A table of cross-references, which is the other form that a viewer may meet.
    made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=False, linearize=False)
    return out.getvalue()


def write(folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """Write a pack and return its folder."""
    write_pack(folder, files if files is not None else whole_pack())
    return folder
