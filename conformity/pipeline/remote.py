"""Find everything that a manifest names, and bring here what lies elsewhere for as long as it is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformity.engines.remote import Address, check_allowed, is_address, parse_address
from conformity.errors import PathError
from conformity.intake.manifest import LoadedManifest
from conformity.measure import Progress
from conformity.model.subject import TableSubject
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
        copies: dict[str, Located] = {}
        for number, (name, address) in enumerate(remote.items(), 1):
            on_progress(f"copying {tables[name].path}", number, len(remote))
            table, path = copied(tables[name], address, folder / str(number), settings)
            copies[name] = Located(subject=table, path=path)
        names = [str(thing.id) for thing in (*loaded.manifest.subjects, *loaded.manifest.exhibits)]
        yield Places(
            located={name: copies.get(name) or here[name] for name in names},
            roots={name: copies[name].path.parent if name in copies else root for name in names},
        )


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
    table: TableSubject, address: Address, folder: Path, settings: Settings
) -> tuple[TableSubject, Path]:
    """Return a table as its copy is to be read, and where the copy is.

    Args:
        table: the table as declared.
        address: where it lies.
        folder: where the copy is made; it is created.
        settings: limits.

    Raises:
        DataError: it cannot be copied.
        MissingLibraryError: the driver for it is not installed.
    """
    folder.mkdir()
    job = FetchJob(
        address=table.path,
        table=table.table,
        folder=folder,
        most_bytes=settings.remote_max_mb * _MIB,
    )
    path = fetch(job, settings)
    if address.scheme == "postgresql":
        # The copy is a file of one table, whose name it no longer needs.
        table = table.model_copy(update={"table": None, "format": "parquet"})
    return table, path
