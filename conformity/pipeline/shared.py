"""What several operations need: reading a manifest, finding files, starting workers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from conformity.catalog.default_criteria import default_sets
from conformity.catalog.load import questions, requirements
from conformity.errors import DataError, PathError, UsageError
from conformity.intake.digest import state_of
from conformity.intake.manifest import LoadedManifest, read_manifest
from conformity.intake.paths import NothingThereError, resolve_inside
from conformity.intake.references import check_references
from conformity.model.manifest import Exhibit
from conformity.model.subject import Subject, TableSubject
from conformity.pipeline.deleted import deletions
from conformity.probes.registry import probe_specs
from conformity.sandbox.choose import choose
from conformity.sandbox.interface import Event, InspectJob, Located, Sandbox, TableInspected
from conformity.settings import Settings


def load_manifest(manifest: Path, settings: Settings) -> LoadedManifest:
    """Read a manifest and check that what it names exists in the catalogue and the probes."""
    loaded = read_manifest(manifest, root=settings.root, max_bytes=settings.manifest_max_bytes)
    check_names(loaded)
    return loaded


def check_names(loaded: LoadedManifest) -> None:
    """Check that what a manifest names exists in the catalogue and the probes.

    Raises:
        ManifestError: a name is unknown.
    """
    check_references(
        loaded,
        requirement_ids=[row.id for row in requirements()],
        question_ids={question.id: [point.id for point in question.points] for question in questions()},
        of_claims=[row.id for row in requirements() if row.of_claims],
        metric_ids={metric.id: (spec.works_on,) for spec in probe_specs() for metric in spec.metrics},
        default_bounds={
            one.id: {bound.metric: (bound.at_least, bound.at_most) for bound in one.bounds}
            for one in default_sets()
        },
    )


def locate(
    loaded: LoadedManifest, settings: Settings, *, without: Collection[str] = ()
) -> dict[str, Located]:
    """Return every subject and exhibit with the place where it lies, but those ``without``.

    A table that the manifest declares deleted may be gone; it is left out then.

    Raises:
        PathError: a path leads nowhere else, or out of the root.
    """
    things = [*loaded.manifest.subjects, *loaded.manifest.exhibits]
    said = deletions(loaded.manifest)
    places = {
        str(thing.id): _place(thing, loaded, settings, may_be_gone=str(thing.id) in said)
        for thing in things
        if str(thing.id) not in without
    }
    return {name: place for name, place in places.items() if place is not None}


def _place(
    thing: Subject | Exhibit, loaded: LoadedManifest, settings: Settings, *, may_be_gone: bool
) -> Located | None:
    """Return a subject or exhibit with the place where it lies; None where it is gone and may be.

    Raises:
        PathError: its path leads nowhere, or out of the root.
    """
    try:
        path = resolve_inside(thing.path, loaded.folder, settings.root or loaded.folder)
    except NothingThereError:
        if may_be_gone:
            return None
        raise
    return Located(subject=thing, path=path)


def states(located: Mapping[str, Located], roots: Mapping[str, Path]) -> dict[str, object]:
    """Return the state of the files of everything located, by id; none may leave its root."""
    return {name: state_of(place.path, roots[name]) for name, place in located.items()}


def check_unchanged(
    before: Mapping[str, object], located: Mapping[str, Located], roots: Mapping[str, Path]
) -> None:
    """Check that files are still as they were, so that the digests are of what was measured.

    Raises:
        DataError: one changed, is gone or was exchanged.
    """
    after = states(located, roots)
    for name, place in located.items():
        if after[name] != before[name]:
            raise DataError(
                f"{place.subject.path} changed while it was assessed; wait until it is whole and run again."
            )


def sandbox_of(settings: Settings) -> Sandbox:
    """Return the way to run workers on this machine.

    Raises:
        MissingLibraryError: what was asked for does not work here, or nothing that is strong enough does.
    """
    return choose(settings)


def existing(path: Path, settings: Settings) -> Path:
    """Return where a path leads, inside the allowed root if there is one.

    Raises:
        PathError: there is nothing, or it lies outside the root.
    """
    absolute = path if path.is_absolute() else Path.cwd() / path
    return resolve_inside(absolute.name, absolute.parent, settings.root or Path("/"))


def check_output(place: Path, root: Path | None) -> None:
    """Check that something may be written at ``place``: strictly inside the allowed root, if there is one.

    Args:
        place: where; links on the way are followed, a link in its place is not.
        root: the folder that nothing may leave.

    Raises:
        PathError: it lies outside, or is the root itself.
    """
    if root is None:
        return
    real = place.parent.resolve() / place.name
    limit = root.resolve()
    if place.name in ("", "..") or real == limit or not real.is_relative_to(limit):
        raise PathError(f"{place} does not lie inside {root}; choose a folder below it.")


def chosen_formats(names: Sequence[str], known: Collection[str], of: str) -> tuple[str, ...]:
    """Return the formats named, without repeats.

    Args:
        names: as they were asked for.
        known: those that there are.
        of: what is written in them, for an error.

    Raises:
        UsageError: there is no such format, or none was named.
    """
    listed = ", ".join(known)
    for name in names:
        if name not in known:
            raise UsageError(f"There is no format {name!r} of {of}; choose from {listed}.")
    if not names:
        raise UsageError(f"Name at least one format of {of}: {listed}.")
    return tuple(dict.fromkeys(names))


def columns_found(located: dict[str, Located], sandbox: Sandbox) -> dict[str, tuple[str, ...]]:
    """Return which columns the tables really have, by subject.

    Raises:
        DataError: a table cannot be opened.
    """
    tables = tuple(place for place in located.values() if isinstance(place.subject, TableSubject))
    if not tables:
        return {}
    events: list[Event] = []
    sandbox.run(InspectJob(tables=tables), events.append)
    found: dict[str, tuple[str, ...]] = {}
    for event in events:
        if isinstance(event, TableInspected):
            if event.problem is not None:
                raise DataError(f"{located[event.subject].subject.path}: {event.problem}")
            found[event.subject] = tuple(name for name, _ in event.columns)
    for place in tables:
        if place.subject.id not in found:
            raise DataError(
                f"{place.subject.path}: the worker could not say which columns it has; try again."
            )
    return found
