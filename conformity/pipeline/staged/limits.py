"""Which files a run may reach: those inside the root, but of the server's runs its own input alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformity.engines.remote import is_address
from conformity.errors import PathError
from conformity.intake.loaded import LoadedManifest
from conformity.intake.paths import NothingThereError, files_at, resolve_inside
from conformity.model.run import AssessmentRequest, Run, RunRequest
from conformity.pipeline.staged.places import INPUT
from conformity.settings import Settings


def paths_of(request: RunRequest) -> dict[str, Path]:
    """Return every path that a request names, by the field that names it."""
    fields = ("manifest", "output", "previous", "data", "log", "model", "record")
    named: dict[str, Path] = {}
    for field in fields:
        value = getattr(request, field, None)
        for number, path in enumerate(value if isinstance(value, tuple) else (value,)):
            if path is not None:
                named[field if number == 0 else f"{field}.{number}"] = Path(path)
    return named


def settings_of(run: Run, settings: Settings) -> Settings:
    """Return the limits of a run: those it chose itself, and uploads that reach nothing else."""
    request = run.request
    if isinstance(request, AssessmentRequest):
        depth, engine = request.depth or settings.depth, request.engine or settings.engine
        settings = replace(settings, depth=depth, engine=engine)
    uploaded = (Path(run.folder) / INPUT).resolve()
    read = [path for name, path in paths_of(request).items() if name not in ("output", "previous")]
    if read and all(path.resolve().is_relative_to(uploaded) for path in read):
        return replace(settings, root=uploaded)
    return settings


def check_reach(loaded: LoadedManifest, run: Run, settings: Settings) -> None:
    """Check that a manifest reads nothing of other runs.

    Raises:
        PathError: something that it names lies among the server's runs.
    """
    runs = settings.data_folder.resolve()
    own = (Path(run.folder) / INPUT).resolve()
    if not runs.is_relative_to(loaded.folder) and not loaded.folder.is_relative_to(runs):
        return
    limit = (settings.root or loaded.folder).resolve()
    for thing in (*loaded.manifest.subjects, *loaded.manifest.exhibits):
        if is_address(thing.path):
            continue
        try:
            files = files_at(resolve_inside(thing.path, loaded.folder, limit), limit)
        except NothingThereError:
            continue  # Told where it is looked for, unless it may be gone.
        real = (file.resolve() for file in files)
        if any(file.is_relative_to(runs) and not file.is_relative_to(own) for file in real):
            raise PathError(f"{thing.path} lies in the folder of the server's runs; name a file outside it.")
