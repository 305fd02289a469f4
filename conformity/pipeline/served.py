"""Let a server assess: hand it the manifest and the files that it names, wait, and take what it rendered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conformity.errors import (
    BusyError,
    ConformityError,
    DataError,
    InputError,
    IntegrityError,
    MissingLibraryError,
    PathError,
    UsageError,
)
from conformity.intake.manifest import LoadedManifest
from conformity.measure import Progress
from conformity.model.subject import TableSubject
from conformity.pipeline.gating import Gated, PipelineRequest, Views, prepare, publish
from conformity.pipeline.remote import lies_elsewhere
from conformity.pipeline.server_client import Answer, Server
from conformity.pipeline.shared import locate
from conformity.settings import Settings

_ERRORS: dict[int, type[ConformityError]] = {
    2: UsageError,
    3: InputError,
    5: IntegrityError,
    69: MissingLibraryError,
    75: BusyError,
}
_LEAST_S, _MOST_S = 1.0, 30.0
_MOST_FILES = 10_000


@dataclass(frozen=True)
class Waiting:
    """How long a pipeline waits for a server."""

    seconds: float
    """At most so long."""
    clock: Callable[[], float] = time.monotonic
    """Tells the time."""
    sleep: Callable[[float], None] = time.sleep
    """Waits."""


def assess_at_server(
    asked: PipelineRequest,
    server: Server,
    *,
    key: str,
    today: date,
    settings: Settings,
    waiting: Waiting,
    on_progress: Progress,
) -> Gated:
    """Let a server assess a system, and write what code hosts read; the pack stays with the server.

    Args:
        asked: what the pipeline asks for.
        server: the server.
        key: names the request, so that it is begun once however often it is sent.
        today: the present day.
        settings: limits.
        waiting: how long to wait.
        on_progress: told how far the run is.

    Raises:
        UsageError: a version before is named, which only the server could have, or the key is refused.
        BusyError: the server cannot be reached, takes no more runs, or is not done in time.
        ConformityError: something handed in is unusable, or the run failed.
    """
    if asked.previous is not None:
        raise UsageError("A server knows its own versions; leave --previous out together with --server.")
    ready = prepare(asked, today, settings)
    run = _begin(ready.loaded, asked, server, key, settings)
    _wait(server, str(run["id"]), waiting, on_progress)
    return publish(ready, _views(server, str(run["id"]), asked.formats))


def _begin(
    loaded: LoadedManifest, asked: PipelineRequest, server: Server, key: str, settings: Settings
) -> Any:
    """Return the run that the server began."""
    formats = ",".join(dict.fromkeys(["json", *asked.formats]))
    options = {"formats": formats, "language": asked.language, "as_of": asked.as_of.isoformat()}
    files = [("manifest", "conformity.yaml", loaded.raw)]
    answer = server.upload(
        f"/v1/runs?{urlencode({**options, 'depth': settings.depth, 'engine': settings.engine})}",
        [*files, *(("files", name, path) for name, path in _files(loaded, settings))],
        {"Idempotency-Key": key},
    )
    return answer.json()


def _files(loaded: LoadedManifest, settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield every file that a manifest names, by its name relative to the manifest.

    Raises:
        PathError: one is not below the folder of the manifest, or there are too many.
    """
    things = [one for one in loaded.manifest.subjects if isinstance(one, TableSubject)]
    elsewhere = {str(one.id) for one in things if lies_elsewhere(one)}
    places = [place.path for place in locate(loaded, settings, without=elsewhere).values()]
    if loaded.manifest.criteria_lock is not None:
        places.append((loaded.folder / loaded.manifest.criteria_lock).resolve())
    files = [file for place in places for file in ([place] if place.is_file() else _below(place))]
    if len(files) > _MOST_FILES:
        raise PathError(f"The manifest names {len(files)} files; a server takes at most {_MOST_FILES}.")
    for file in dict.fromkeys(files):
        if not file.is_relative_to(loaded.folder):
            raise PathError(
                f"{file} does not lie below {loaded.folder}; only what does is handed to a server."
            )
        yield file.relative_to(loaded.folder).as_posix(), file


def _below(folder: Path) -> list[Path]:
    """Return the files below a folder, in order."""
    return sorted(one for one in folder.rglob("*") if one.is_file())


def _wait(server: Server, run: str, waiting: Waiting, on_progress: Progress) -> None:
    """Wait until a run has succeeded.

    Raises:
        BusyError: it takes too long.
        ConformityError: it failed or was cancelled; the exit code is that of the run.
    """
    until = waiting.clock() + waiting.seconds
    while True:
        answer = server.get(f"/v1/runs/{run}")
        now = answer.json()
        if now["status"] == "succeeded":
            return
        if now["status"] in ("failed", "cancelled"):
            failure = now["failure"] or {"message": f"The run {run} was cancelled.", "exit_code": 70}
            raise _ERRORS.get(failure["exit_code"], ConformityError)(str(failure["message"]))
        on_progress(str(now["stage"]), int(now["done"]), int(now["total"]))
        if waiting.clock() >= until:
            raise BusyError(
                f"The run {run} was not done after {waiting.seconds:g} seconds; it goes on: ask the server "
                "for it, or wait longer with --wait."
            )
        waiting.sleep(_pause(answer))


def _pause(answer: Answer) -> float:
    """Return how long to wait before a server is asked again, as it wishes within bounds."""
    given = answer.headers.get("retry-after", "")
    return min(max(float(given) if given.isdigit() else _LEAST_S, _LEAST_S), _MOST_S)


def _views(server: Server, run: str, formats: tuple[str, ...]) -> Views:
    """Return an assessment as a server rendered it.

    Of its documents the page alone may be shown: the record, which the PDF carries too, has exact figures.

    Raises:
        DataError: what it sent is no assessment that this version reads.
    """
    wanted = ["json", "sarif", "junit", "md", *(["html"] if "html" in formats else [])]
    got = {one: server.get(f"/v1/runs/{run}/report?format={one}").content for one in wanted}
    try:
        json.loads(got["sarif"])
    except ValueError as error:
        raise DataError(f"{server.name} sent no SARIF; is it a server of conformity?") from error
    page = {"report.html": got["html"]} if "html" in got else {}
    return Views(got["json"], page, got["sarif"], got["junit"], got["md"])
