"""Find everything that a manifest names, and bring here what lies elsewhere for as long as it is measured."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conformity.engines.remote import Address, check_allowed, is_address, parse_address
from conformity.errors import AbsentError, PathError
from conformity.intake.manifest import LoadedManifest
from conformity.measure import Progress
from conformity.model.subject import TableSubject
from conformity.pipeline.deleted import deletions
from conformity.pipeline.shared import locate
from conformity.sandbox.fetch import FetchJob, fetch
from conformity.sandbox.interface import Located
from conformity.sandbox.scratch import scratch
from conformity.settings import Settings

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Places:
    """Where everything lies while it is measured."""

    located: dict[str, Located]
    """Subjects and exhibits by id, in the manifest's order; tables from elsewhere with their copies."""
    roots: dict[str, Path]
    """The folder that each may not leave, by id."""
    gone: dict[str, date]
    """The tables that are not there and were deleted, as the manifest says, with the day; by id."""


@contextmanager
def all_places(loaded: LoadedManifest, settings: Settings, on_progress: Progress) -> Iterator[Places]:
    """Give everything that a manifest names, with copies of what lies elsewhere; they are removed afterwards.

    Nothing is contacted before every address is known to be allowed and every file here to be there.

    Args:
        loaded: the manifest.
        settings: limits, and the places that may be contacted.
        on_progress: told of every table that is copied.

    Raises:
        PathError: an address is wrong or not allowed, or a file is not there.
        DataError: a table elsewhere cannot be copied.
        MissingLibraryError: the driver for it is not installed.
    """
    tables = {str(thing.id): thing for thing in loaded.manifest.subjects if isinstance(thing, TableSubject)}
    remote = {
        name: remote_address(table, settings) for name, table in tables.items() if lies_elsewhere(table)
    }
    here = locate(loaded, settings, without=remote)
    root = settings.root or loaded.folder
    with scratch() as folder:
        said = deletions(loaded.manifest)
        copies = _copies(tables, remote, folder, settings, on_progress, said)
        every = [str(thing.id) for thing in (*loaded.manifest.subjects, *loaded.manifest.exhibits)]
        names = [name for name in every if name in copies or name in here]
        yield Places(
            located={name: copies.get(name) or here[name] for name in names},
            roots={name: copies[name].path.parent if name in copies else root for name in names},
            gone={name: said[name] for name in every if name not in names},
        )


def _copies(
    tables: Mapping[str, TableSubject],
    remote: Mapping[str, Address],
    folder: Path,
    settings: Settings,
    on_progress: Progress,
    may_be_gone: Collection[str],
) -> dict[str, Located]:
    """Return the tables that lie elsewhere with their copies; what two of them name is copied once.

    Those that are not there are left out if they may be gone.

    Raises:
        DataError: one cannot be copied, or all together are too large.
        MissingLibraryError: the driver for it is not installed.
    """
    paths: dict[Address, Path] = {}
    left = settings.remote_total_mb * _MIB
    addresses = dict.fromkeys(remote.values())
    for number, address in enumerate(addresses, 1):
        table = next(tables[name] for name, one in remote.items() if one == address)
        on_progress(f"copying {table.path}", number, len(addresses))
        place = folder / str(number)
        try:
            _, paths[address] = copied(table, address, place, settings, left)
        except AbsentError:
            if all(name in may_be_gone for name, one in remote.items() if one == address):
                continue
            raise
        left -= sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    return {
        name: Located(subject=_as_copied(tables[name], address), path=paths[address])
        for name, address in remote.items()
        if address in paths
    }


def lies_elsewhere(table: TableSubject) -> bool:
    """Tell whether a table's path is the address of a place elsewhere."""
    return is_address(table.path)


def remote_address(table: TableSubject, settings: Settings) -> Address:
    """Return the address of a table that lies elsewhere.

    Raises:
        PathError: it is wrong, may not be contacted, or is a database and the table's format something else.
    """
    address = parse_address(table.path, table.table)
    check_allowed(address, settings.remote)
    if address.scheme == "postgresql" and table.format not in ("auto", "parquet"):
        raise PathError(f"{address.name} is a database and not {table.format!r}; remove `format`")
    return address


def copied(
    table: TableSubject, address: Address, folder: Path, settings: Settings, left: int | None = None
) -> tuple[TableSubject, Path]:
    """Return a table as its copy is to be read, and where the copy is.

    Args:
        table: the table as declared.
        address: where it lies.
        folder: where the copy is made; it is created.
        settings: limits.
        left: how many bytes all copies of the run may still have; as many as one copy may if not given.

    Raises:
        DataError: it cannot be copied.
        MissingLibraryError: the driver for it is not installed.
    """
    folder.mkdir()
    most = settings.remote_max_mb * _MIB
    together = left is not None and left < most
    job = FetchJob(
        address=table.path,
        table=table.table,
        folder=folder,
        most_bytes=max(left or 0, 0) if together else most,
        bound="REMOTE_TOTAL_MB" if together else "REMOTE_MAX_MB",
    )
    return _as_copied(table, address), fetch(job, settings)


def _as_copied(table: TableSubject, address: Address) -> TableSubject:
    """Return a table as its copy is to be read: that of a database is a file of one table without a name."""
    if address.scheme != "postgresql":
        return table
    return table.model_copy(update={"table": None, "format": "parquet"})
