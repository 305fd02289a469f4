"""What a client asks of a run: options in the query or in fields, paths of the server, or uploads."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator

from conformity.entry.rest.auth.callers import Caller
from conformity.entry.rest.bodies import invalid
from conformity.entry.rest.days import Day
from conformity.entry.rest.parts import Upload
from conformity.entry.rest.problems import Fault, ProblemError
from conformity.entry.rest.results import pack_of
from conformity.entry.rest.service import Service
from conformity.errors import PathError, UsageError
from conformity.model.base import Depth, Value
from conformity.model.run import AssessmentRequest, RunId
from conformity.render import formats as known_formats
from conformity.render.languages import check_language
from conformity.settings import Settings

MANIFEST = "conformity.yaml"
"""What an uploaded manifest is called in the folder of a run's input."""

Key = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]{0,198}[!-~])?$")]
"""An idempotency key: up to 200 printable characters of ASCII."""

PathText = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""A path on the server, inside its root."""


class Options(Value):
    """How a system is assessed."""

    depth: Depth | None = None
    """How much is measured; what the server is set to when not given."""
    engine: Literal["duckdb", "spark"] | None = None
    """What counts in tables; what the server is set to when not given."""
    formats: Annotated[str, StringConstraints(pattern=r"^[a-z-]+(,[a-z-]+)*$", max_length=100)] = (
        "html,pdf,json"
    )
    """Documents to make, separated by commas."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"
    """Language of the documents."""
    as_of: Day | None = None
    """The day whose law applies; that of the request when not given."""
    previous: RunId | None = None
    """The run that assessed the version before: its non-conformities are carried on."""
    callback_url: Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")] | None = None
    """An address that is told when the run has ended, one of those that the server may tell."""

    @field_validator("formats")
    @classmethod
    def _are_known(cls, formats: str) -> str:
        """Check that there are such formats."""
        from conformity.pipeline.shared import chosen_formats

        try:
            chosen_formats(formats.split(","), sorted(known_formats()), "documents")
        except UsageError as error:
            raise ValueError(error.message) from error
        return formats

    @field_validator("language")
    @classmethod
    def _is_known(cls, language: str) -> str:
        """Check that there is a catalogue of the language."""
        try:
            check_language(language)
        except UsageError as error:
            raise ValueError(error.message) from error
        return language


class PathsBody(Value):
    """A system that lies on the server already."""

    manifest_path: PathText | None = None
    """The manifest."""
    data_paths: Annotated[tuple[PathText, ...], Field(max_length=50)] = ()
    """Data files to draft a manifest from, when there is none."""
    output_path: PathText | None = None
    """Folder where the pack is to appear besides the run's own."""
    previous_path: PathText | None = None
    """Pack of the version before."""


def options_of(fields: Mapping[str, str], query: Options) -> Options:
    """Return the options that the fields of a form give, over those of the query.

    Raises:
        ProblemError: a field is no option, or has no value that one can have (422).
    """
    if not fields:
        return query
    given = {name: value for name, value in fields.items() if value}
    try:
        found = Options.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from error
    return query.model_copy(update={name: getattr(found, name) for name in found.model_fields_set})


def request_for(
    service: Service, caller: Caller, options: Options, **places: Path | tuple[Path, ...] | None
) -> AssessmentRequest:
    """Return what is asked of the engine of runs.

    Args:
        service: what the server works with.
        caller: who asks.
        options: how the system is assessed.
        places: ``manifest`` or ``data``, and ``output`` and ``previous`` if they were given as paths.

    Raises:
        NotFoundError: the caller has no such run to follow.
        ProblemError: the run to follow has no report (409).
    """
    given = {
        name: tuple(map(str, place)) if isinstance(place, tuple) else str(place)
        for name, place in places.items()
        if place is not None
    }
    if options.previous is not None:
        given["previous"] = str(pack_of(service, caller, options.previous))
    return AssessmentRequest.model_validate(
        {
            **options.model_dump(include={"depth", "engine", "language", "as_of"}),
            "formats": tuple(options.formats.split(",")),
            **given,
        }
    )


def reachable(settings: Settings, caller: Caller) -> Settings:
    """Return limits for what a caller sends: tables elsewhere are for those who may name what the server has.

    Args:
        settings: limits of the server, which reads such tables with its own credentials.
        caller: who sends it.
    """
    return settings if "paths" in caller.scopes else replace(settings, remote=())


def from_paths(service: Service, caller: Caller, options: Options, body: PathsBody) -> AssessmentRequest:
    """Return what is asked of the engine about files of the server.

    Raises:
        ProblemError: both or neither of the two are named (422).
        PathError: a path leads nowhere, or out of the root.
    """
    if (body.manifest_path is None) == (not body.data_paths):
        fault = Fault(pointer="#", detail="give either `manifest_path` or `data_paths`")
        raise ProblemError(422, "Give the path of a manifest, or those of data, and not both.", [fault])
    if body.previous_path and options.previous:
        fault = Fault(pointer="#/previous_path", detail="there is `previous` in the query already")
        raise ProblemError(422, "The version before is given twice.", [fault])
    manifest, previous = body.manifest_path, body.previous_path
    return request_for(
        service,
        caller,
        options,
        manifest=inside(manifest, service.settings) if manifest else None,
        data=tuple(inside(path, service.settings) for path in body.data_paths) or None,
        output=_new_place(body.output_path, service.settings) if body.output_path else None,
        previous=inside(previous, service.settings) if previous else None,
    )


def from_upload(
    service: Service, caller: Caller, options: Options, upload: Upload, place: Path
) -> AssessmentRequest:
    """Return what is asked of the engine about files that were uploaded.

    Args:
        service: what the server works with.
        caller: who asks.
        options: how the system is assessed.
        upload: what was uploaded.
        place: the folder where it lies now.
    """
    if (place / MANIFEST).is_file():
        return request_for(service, caller, options, manifest=place / MANIFEST)
    data = tuple(place / name for name in sorted(upload.digests))
    return request_for(service, caller, options, data=data)


def run_id_for(owner: str, key: str | None) -> str:
    """Return what a run is called: by its key, which is the owner's alone, or by chance without one."""
    if key is None:
        return f"r-{secrets.token_hex(12)}"
    named = hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest()
    return f"k-{named[:40]}"


def inside(path: str, settings: Settings) -> Path:
    """Return where a path of the server leads; relative ones start at the root.

    Raises:
        PathError: it leads nowhere, or out of the root.
    """
    from conformity.pipeline.shared import existing

    assert settings.root is not None
    _check_text(path)
    try:
        return existing(settings.root / path, settings)
    except PathError as error:
        message = error.message.replace(f"{settings.root}/", "").replace(str(settings.root), "the root")
        raise PathError(message) from error


def _new_place(path: str, settings: Settings) -> Path:
    """Return where something new is to appear; the engine checks that it lies inside the root.

    Raises:
        PathError: it leads out of the root.
    """
    assert settings.root is not None
    _check_text(path)
    place = settings.root / path
    if not place.parent.resolve().is_relative_to(settings.root.resolve()):
        raise PathError("`output_path` lies outside the root of this server; name a folder below it.")
    return place


def _check_text(path: str) -> None:
    """Check that a path can be one.

    Raises:
        PathError: it holds what no path holds here, or leads upwards.
    """
    if not path.isprintable() or ".." in re.split(r"/", path):
        raise PathError("A path holds characters that are not printable, or leads upwards; correct it.")
