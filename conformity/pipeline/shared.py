"""What several operations need: reading a manifest, finding files, starting workers."""

from __future__ import annotations

from pathlib import Path

from conformity.catalog.load import questions, requirements
from conformity.intake.manifest import LoadedManifest, read_manifest
from conformity.intake.paths import resolve_inside
from conformity.intake.references import check_references
from conformity.probes.registry import probe_specs
from conformity.sandbox.interface import Located, Sandbox
from conformity.sandbox.process import ProcessSandbox
from conformity.settings import Settings


def load_manifest(manifest: Path, settings: Settings) -> LoadedManifest:
    """Read a manifest and check that what it names exists in the catalogue and the probes."""
    loaded = read_manifest(manifest, root=settings.root, max_bytes=settings.manifest_max_bytes)
    check_references(
        loaded,
        requirement_ids=[row.id for row in requirements()],
        question_ids={question.id: [point.id for point in question.points] for question in questions()},
        metric_ids={metric.id: (spec.works_on,) for spec in probe_specs() for metric in spec.metrics},
    )
    return loaded


def locate(loaded: LoadedManifest, settings: Settings) -> dict[str, Located]:
    """Return every subject and exhibit with the place where it lies."""
    root = settings.root or loaded.folder
    things = [*loaded.manifest.subjects, *loaded.manifest.exhibits]
    return {
        str(thing.id): Located(subject=thing, path=resolve_inside(thing.path, loaded.folder, root))
        for thing in things
    }


def sandbox_of(settings: Settings) -> Sandbox:
    """Return the way to run workers on this machine."""
    return ProcessSandbox(settings)


def existing(path: Path, settings: Settings) -> Path:
    """Return where a path leads, inside the allowed root if there is one.

    Raises:
        PathError: there is nothing, or it lies outside the root.
    """
    absolute = path if path.is_absolute() else Path.cwd() / path
    return resolve_inside(absolute.name, absolute.parent, settings.root or Path("/"))
