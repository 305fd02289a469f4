"""Small real packs to archive, and what git itself says of an archive."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from conformity.archive.pack import write_pack
from conformity.archive.store.chain import INDEX, entries_of
from conformity.archive.sums import SUMS
from conformity.model.archive import ArchiveEntry, ArchiveOutcome
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256, canonical_json, digest_of, sha256_of
from conformity.model.finding import Finding
from conformity.pipeline.archiving import archive
from conformity.settings import Settings
from tests.support import assessments as made

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""When packs are archived in tests."""
PLACED = date(2026, 12, 1)
"""When the system of tests is placed on the market, where it is."""


def small_pack(
    folder: Path,
    version: str = "1.0.0",
    *,
    previous: Sha256 | None = None,
    name: str = "Scorer",
    placed: date | None = None,
    files: Mapping[str, bytes] | None = None,
    outcome: str = "high_risk_annex_iii",
) -> Sha256:
    """Write a small pack, and return the digest of its ``assessment.json``.

    Args:
        folder: where.
        version: version of the assessment.
        previous: digest of the version before.
        name: the system's name.
        placed: when it was placed on the market.
        files: further files.
        outcome: where the classification ended.
    """
    manifest = made.manifest(
        system={
            "name": name,
            "version": "2.0",
            "intended_purpose": "Testing.",
            "placed_on_market_on": placed,
        },
        edition={"version": version, "previous": previous},
    )
    plan = made.plan()
    seen = made.evidence()
    assessment = Assessment(
        tool="conformity 0.0.0",
        assessed_at=made.RUN,
        manifest=manifest,
        manifest_sha256=digest_of(manifest),
        plan=plan.model_copy(
            update={"classification": plan.classification.model_copy(update={"outcome": outcome})}
        ),
        evidence_sha256=digest_of(seen),
        findings=(Finding(requirement=made.requirement().id, verdict="undetermined", reason="r"),),
    )
    record = canonical_json(assessment)
    write_pack(folder, {"assessment.json": record, "evidence.json": canonical_json(seen), **(files or {})})
    return sha256_of(record)


def archived(pack: Path, repository: Path, **changes: Any) -> ArchiveOutcome:
    """Archive a pack at the time of tests."""
    return archive(pack, repository, changes.pop("moment", NOW), Settings(), **changes)


def git(folder: Path, *arguments: str, content: str | None = None) -> str:
    """Return what git itself writes, as its user would run it; the test fails where it does."""
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "Tester"), ("EMAIL", "tester@example.invalid"))
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=content,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **quiet, **who},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sound(folder: Path) -> None:
    """Check with git itself that a repository is sound."""
    git(folder, "fsck", "--strict", "--no-dangling")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by name."""
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def entry(**changes: Any) -> ArchiveEntry:
    """Return the first entry of an archive, unless changed."""
    fields: dict[str, Any] = {
        "sequence": 1,
        "system": "scorer",
        "name": "Scorer",
        "system_version": "2.0",
        "provider": "Provider",
        "version": "1.0.0",
        "pack_sha256": "sha256:" + "1" * 64,
        "assessment_sha256": "sha256:" + "2" * 64,
        "previous_entry": None,
        "previous_version": None,
        "archived_at": NOW,
        "assessed_at": NOW,
        "placed_on_market_on": date(2026, 12, 1),
        "retain_until": date(2036, 12, 1),
        "retain_because": "Art. 18(1).",
        "tallies": "kept",
        "statement": None,
        "tool": "conformity 0",
        **changes,
    }
    fields.setdefault("path", f"systems/{fields['system']}/{fields['version']}")
    return ArchiveEntry.model_validate(fields)


def read_index(folder: Path) -> tuple[ArchiveEntry, ...]:
    """Return the entries of the archive whose files lie in ``folder``, its chain checked."""
    return entries_of((folder / INDEX).read_bytes())


def pack_digests(folder: Path, entries: Sequence[ArchiveEntry]) -> dict[str, Sha256 | None]:
    """Return the digest of each version's list of digests, by path; None where there is no plain file."""
    lists = {entry.path: folder / entry.path / SUMS for entry in entries}
    return {
        path: sha256_of(place.read_bytes()) if place.is_file() and not place.is_symlink() else None
        for path, place in lists.items()
    }
