"""Where a code host shows what is said of a requirement: the manifest in its repository, and the line."""

from __future__ import annotations

import posixpath
from pathlib import Path

from conformity.intake.manifest import LoadedManifest
from conformity.model.assessment import Assessment
from conformity.model.base import RequirementId
from conformity.model.finding import Finding
from conformity.render.ci.points import Placing


def placing_of(manifest: Path, repository: Path, loaded: LoadedManifest, judged: Assessment) -> Placing:
    """Return where the manifest lies, and the line for each requirement.

    Args:
        manifest: the file.
        repository: the root of the repository.
        loaded: the manifest, which was assessed.
        judged: the assessment.
    """
    lines = {one.requirement: _line(loaded, one) for one in judged.findings}
    return Placing(in_repository(manifest, repository), lines)


def in_repository(file: Path, repository: Path) -> str:
    """Return a file as a code host names it: relative to the root of the repository, or by its name alone."""
    real, root = file.resolve(), repository.resolve()
    if real.is_relative_to(root):
        return real.relative_to(root).as_posix()
    return posixpath.basename(real.as_posix())


def _line(loaded: LoadedManifest, finding: Finding) -> int:
    """Return the line of the manifest that speaks of a requirement: of a bound, an exhibit, or the system."""
    manifest = loaded.manifest
    open_bounds = {one.criterion for one in finding.measured if one.verdict != "met"}
    candidates = (
        *(("criteria", n) for n, one in enumerate(manifest.criteria) if one.id in open_bounds),
        *(("criteria", n) for n, one in enumerate(manifest.criteria) if _named(finding, one.requirements)),
        *(("exhibits", n) for n, one in enumerate(manifest.exhibits) if _named(finding, one.covers)),
        ("system",),
    )
    return loaded.source.spot(candidates[0]).line


def _named(finding: Finding, requirements: tuple[RequirementId, ...]) -> bool:
    """Tell whether a requirement is among those that something names."""
    return finding.requirement in requirements
