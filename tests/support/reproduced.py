"""A small system that is assessed once, and workers that run in this process, to compute its pack again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.archive.sums import sums_of
from conformity.judge import judge
from conformity.model.base import canonical_json, digest_of
from conformity.model.evidence import Evidence, Isolation, Observation
from conformity.pipeline import assessing
from conformity.pipeline.assessing import assess
from conformity.pipeline.packs import read_pack
from conformity.sandbox.interface import AnyJob, Event, MeasureJob
from conformity.sandbox.tasks import do
from conformity.settings import Settings

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NORTH, SOUTH = "north of the river and its delta", "south of the river and its hills"
"""Values of so many words are sealed in tallies; the report names their groups."""

_COLUMNS = (
    "{name: region, roles: [protected]}, {name: default, roles: [label], positive: [0], negative: [1]}, "
    "{name: yhat, roles: [prediction], positive: [0], negative: [1]}"
)
_MANIFEST = """\
conformity: 1
system: {name: Scorer, version: "2.0", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
subjects:
  - id: test
    kind: table
    title: Test set
    path: data/test.csv
    purpose: testing
    produced_on: 2026-10-19
    columns: [COLUMNS]
  - {id: train, kind: table, title: Training set, path: data/train.csv, purpose: training, columns: [COLUMNS]}
  - id: model
    kind: model
    title: Model
    path: model.bin
    format: joblib
    inference: {data: test, country: DEU}
exhibits:
  - {id: sheet, title: Data sheet, path: sheet.md, dated: 2026-10-20, covers: [art10.2.b]}
criteria:
  - id: ratio
    metric: disparate_impact_ratio
    subject: test
    by: [region]
    at_least: 0.5
    requirements: [art10.2.f]
    reason: Fixed for this test.
    owner: Model risk function
    fixed_at: 2026-10-01
"""


@dataclass(frozen=True)
class Here:
    """Runs jobs in this process; starting workers is tested elsewhere."""

    def isolation(self) -> Isolation:
        """Return that nothing is kept apart."""
        return Isolation(mechanism="none", guarantees=())

    def isolation_of(self, job: MeasureJob) -> str:
        """Return that nothing is kept apart."""
        return f"none for {len(job.steps)} steps"

    def run(self, job: AnyJob, on_event: Callable[[Event], None]) -> None:
        """Do a job."""
        do(job, on_event)


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


def system_of(folder: Path) -> Path:
    """Write the system's files; return the manifest."""
    (folder / "data").mkdir(parents=True)
    lines = ["region,default,yhat"]
    for i in range(240):
        label = (i // 3) % 2
        lines.append(f"{NORTH if i % 3 else SOUTH},{label},{label if i % 7 else 1 - label}")
    (folder / "data" / "test.csv").write_text("\n".join(lines[:181]) + "\n", "utf-8")
    (folder / "data" / "train.csv").write_text("\n".join([lines[0], *lines[120:]]) + "\n", "utf-8")
    (folder / "model.bin").write_bytes(b"no model")
    (folder / "sheet.md").write_text("# Data sheet\n\nMade for a test.\n", "utf-8")
    manifest = folder / "conformity.yaml"
    manifest.write_text(_MANIFEST.replace("COLUMNS", _COLUMNS), "utf-8")
    return manifest


def assessed(folder: Path) -> Path:
    """Assess the system, at full depth, in a folder of its own; return the pack beside it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(assessing, "sandbox_of", lambda _settings: Here())
        assess(
            system_of(folder / "system"),
            folder / "pack",
            formats=("json",),
            moment=MOMENT,
            as_of=MOMENT.date(),
            settings=Settings(depth="full", workers=1),
            on_progress=silent,
        )
    return folder / "pack"


def copied(pack: Path, folder: Path) -> Path:
    """Return a copy of a pack that a test may change."""
    shutil.copytree(pack, folder)
    return folder


def changed(pack: Path, step: str, change: Callable[[Observation], dict[str, Any]]) -> None:
    """Change one observation of a pack, and everything that names its digest, as a forger would."""
    evidence = Evidence.model_validate_json((pack / "evidence.json").read_bytes())
    seen = []
    for one in evidence.observations:
        if one.step == step:
            fields = {name: getattr(one, name) for name in Observation.model_fields if name != "id"}
            one = Observation.of(**{**fields, **change(one)})
        seen.append(one)
    forged = evidence.model_copy(update={"observations": tuple(seen)})
    (pack / "evidence.json").write_bytes(canonical_json(forged))
    text = (pack / "assessment.json").read_text("utf-8")
    for before, after in zip(evidence.observations, forged.observations, strict=True):
        text = text.replace(before.id, after.id)
    (pack / "assessment.json").write_text(text.replace(digest_of(evidence), digest_of(forged)), "utf-8")
    relisted(pack)


def rejudged(pack: Path) -> None:
    """Judge a pack anew on its evidence as it is, as a thorough forger would."""
    held = read_pack(pack, Settings())
    findings = judge(held.assessment.manifest, held.assessment.plan, held.evidence, MOMENT.date())
    made = held.assessment.model_copy(update={"findings": findings})
    (pack / "assessment.json").write_bytes(canonical_json(made))
    relisted(pack)


def relisted(pack: Path) -> None:
    """Write the list of digests anew."""
    files = {
        file.relative_to(pack).as_posix(): file.read_bytes() for file in pack.rglob("*") if file.is_file()
    }
    (pack / "SHA256SUMS").write_bytes(sums_of(files))
