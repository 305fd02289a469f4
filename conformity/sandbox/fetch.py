"""Copy a table from elsewhere by a process of its own: it has the network, and nothing is analysed in it.

Workers have no network; what they measure is brought here first. The process that brings it runs under
limits of time, memory and bytes, and sees only those variables that say who the user is.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from conformity.engines.remote import Bound
from conformity.errors import AbsentError, ConformityError, DataError, MissingLibraryError, SandboxError
from conformity.model.base import Value
from conformity.sandbox.confine import EXIT_MEMORY, Limits
from conformity.sandbox.environment import worker_environment
from conformity.sandbox.scratch import scratch
from conformity.sandbox.supervise import Command, Ending, supervise
from conformity.settings import Settings

_ENTRY = ("-m", "conformity.sandbox.fetcher")
_MIB = 1024 * 1024
_SPARE_MB = 64
"""How much larger than the limit a file may become before the system stops it: one more batch."""
_MAX_ANSWER_BYTES = 65_536
_PREFIXES = ("AWS_", "PG")
_REROUTING = frozenset({"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE"})
"""Variables that lead to another server than the address, which is what was allowed."""


class FetchJob(Value):
    """Copy one table."""

    address: str
    """Where it lies; see :mod:`conformity.engines.remote`."""
    table: str | None = None
    """In a database: the table, when the address does not name it."""
    folder: Path
    """The empty folder that the copy is put into."""
    most_bytes: int
    """How large the copy may be."""
    bound: Bound = "REMOTE_MAX_MB"
    """The setting that says so."""


class Fetched(Value):
    """The table is here."""

    event: Literal["fetched"] = "fetched"
    """Says which event this is."""
    path: Path
    """The file or folder."""


class FetchFailed(Value):
    """The table could not be copied."""

    event: Literal["fetch_failed"] = "fetch_failed"
    """Says which event this is."""
    kind: Literal["absent", "data", "library", "inside"]
    """Which error it is."""
    reason: str
    """One sentence."""


_EVENT: TypeAdapter[Fetched | FetchFailed] = TypeAdapter(
    Annotated[Fetched | FetchFailed, Field(discriminator="event")]
)
_ERRORS: dict[str, type[ConformityError]] = {
    "absent": AbsentError,
    "data": DataError,
    "library": MissingLibraryError,
    "inside": SandboxError,
}


def fetch(job: FetchJob, settings: Settings, *, entry: tuple[str, ...] = _ENTRY) -> Path:
    """Copy a table from elsewhere into a folder, and return the file or folder there.

    Args:
        job: what to copy, and where to.
        settings: the limits.
        entry: what Python runs; the copying module unless a test puts something misbehaving there.

    Raises:
        AbsentError: it is not there.
        DataError: it cannot be reached or read, or is too large.
        MissingLibraryError: the driver of the database is not installed.
        SandboxError: the process could not be started, or did not answer.
    """
    lines: list[bytes] = []
    with scratch() as place:
        ending = supervise(_command(job, settings, place, entry), lines.append)
    if (problem := _problem(ending, job, settings)) is not None:
        raise problem
    try:
        event = _EVENT.validate_json(lines[0] if lines else b"")
    except ValidationError as error:
        raise SandboxError(
            f"copying {job.address} ended without an answer (exit code {ending.code}); try again"
        ) from error
    if isinstance(event, FetchFailed):
        raise _ERRORS[event.kind](event.reason)
    if not event.path.is_relative_to(job.folder) or not event.path.exists():
        raise SandboxError(f"copying {job.address} left no copy where it belongs; try again")
    return event.path


def _command(job: FetchJob, settings: Settings, place: Path, entry: tuple[str, ...]) -> Command:
    """Return the command that copies."""

    def argv(events_fd: int) -> list[str]:
        """Return the program and its arguments."""
        limits = Limits(
            parent=os.getpid(),
            events_fd=events_fd,
            memory_mb=settings.worker_memory_mb,
            cpu_s=settings.remote_wall_s,
            file_mb=job.most_bytes // _MIB + _SPARE_MB,
            network="open",
        )
        return [sys.executable, "-P", "-s", *entry, limits.to_json()]

    return Command(
        argv=argv,
        environment=fetcher_environment(place, settings, os.environ),
        folder=place,
        payload=job.model_dump_json().encode("utf-8"),
        wall_s=settings.remote_wall_s,
        max_bytes=_MAX_ANSWER_BYTES,
    )


def fetcher_environment(place: Path, settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """Return all variables that the copying process sees.

    Args:
        place: its scratch folder.
        settings: the limits.
        own: the variables of this process, of which it sees those with credentials, and the home folder
            for ``~/.pgpass`` and ``~/.aws``.
    """
    return {
        **worker_environment(place, replace(settings, engine="duckdb")),
        **{name: own[name] for name in own if name.startswith(_PREFIXES) and name not in _REROUTING},
        **({"HOME": own["HOME"]} if "HOME" in own else {}),
    }


def _problem(ending: Ending, job: FetchJob, settings: Settings) -> ConformityError | None:
    """Return how the process failed; None when it ended as it should."""
    if ending.why == "time":
        return DataError(
            f"copying {job.address} took longer than {settings.remote_wall_s} s; raise "
            "CONFORMITY_REMOTE_WALL_S, or name a part of it"
        )
    if ending.code == EXIT_MEMORY:
        return DataError(
            f"copying {job.address} needed more than the {settings.worker_memory_mb} MiB of memory it may "
            "use; raise CONFORMITY_WORKER_MEMORY_MB"
        )
    if ending.why == "ended" and ending.code in (-signal.SIGKILL, -signal.SIGXCPU):
        return DataError(
            f"copying {job.address} was stopped by the system; try again when it has more to give"
        )
    return None
