"""Tables that lie elsewhere: read their addresses, and copy them here as files.

A copy is made by a process that may use the network and analyses nothing; the copy is then measured like
any other file. Addresses are ``s3://bucket/key`` for a file, ``s3://bucket/folder/`` for a folder, and
``postgresql://host:port/database#schema.table``. They never hold credentials.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from conformity.errors import PathError

Bound = Literal["REMOTE_MAX_MB", "REMOTE_TOTAL_MB"]
"""The setting that a copy is bounded by: that of each, or that of all copies of a run together."""

_SCHEMES = ("s3", "postgresql")
_PORT = 5432
_PARTS = re.compile(r"(s3|postgresql)://([^/#]*)(?:/([^#]*))?(?:#(.*))?", re.DOTALL)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_LONGEST_NAME = 255
"""Most bytes that the name of a file or folder may have."""


@dataclass(frozen=True)
class Address:
    """Where a table lies."""

    scheme: Literal["s3", "postgresql"]
    """How it is reached."""
    host: str
    """The bucket, or the server's host."""
    port: int | None
    """The server's port; none for a bucket."""
    path: str
    """The key, with ``/`` at its end for a folder and empty for all of a bucket; or the database."""
    table: str | None = None
    """In a database: the table or view, as ``name`` or ``schema.name``; its only one when None."""

    @property
    def place(self) -> str:
        """Return what :func:`check_allowed` knows it by: the bucket, or the server with its port."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port is not None else "")

    @property
    def name(self) -> str:
        """Return the address without the table, for messages."""
        return f"{self.place}/{self.path}"


def is_address(path_text: str) -> bool:
    """Tell whether a path is the address of a table that may be copied from elsewhere."""
    return path_text.startswith(tuple(f"{scheme}://" for scheme in _SCHEMES))


def parse_address(text: str, table: str | None = None) -> Address:
    """Return the parts of an address.

    Args:
        text: the address, for which :func:`is_address` is true.
        table: the table that is named beside the address, if any.

    Raises:
        PathError: it is none, holds credentials or options, or names the table twice.
    """
    parts = _PARTS.fullmatch(text)
    # A password may hold any character, and so the @ after it may stand anywhere.
    doubtful = parts is None or "@" in (parts[2] if parts[1] == "s3" else text)
    if parts is None or doubtful or not text.isprintable():
        # The text is not repeated: it may hold a password.
        raise PathError(
            "the address of a table must have no user name, password or control character (write %40 for @ "
            "in a name); credentials come from the environment (AWS_*, PG*), ~/.aws or ~/.pgpass"
        )
    if "?" in text:
        raise PathError("the address of a table must have no options (?...); set them in the environment")
    scheme, place, path, fragment = parts[1], parts[2], parts[3] or "", parts[4]
    if scheme == "s3":
        return _object(text, place, path, fragment if table is None else table)
    return _database(text, place, unquote(path), unquote(fragment) if fragment else None, table)


def _object(text: str, bucket: str, key: str, table: str | None) -> Address:
    """Return the address of an object or folder in a bucket."""
    if not _BUCKET.fullmatch(bucket):
        raise PathError("the address of a table after s3:// names no bucket; write s3://bucket/key")
    if table is not None:
        raise PathError(f"the address {text!r} is no database, so that it has no table {table!r}; remove it")
    if set("*[]") & set(key):
        raise PathError(f"the address {text!r} is a pattern; name one file, or a folder with / at its end")
    names = key.removesuffix("/").split("/") if key else []
    if not all(_is_name(name) for name in names):
        raise PathError(f"the address {text!r} has a part that cannot be the name of a file; rename it there")
    return Address("s3", bucket, None, key)


def _is_name(name: str) -> bool:
    """Tell whether part of a key can be the name of a file here."""
    return name not in ("", ".", "..") and len(name.encode("utf-8")) <= _LONGEST_NAME


def _database(text: str, place: str, database: str, fragment: str | None, table: str | None) -> Address:
    """Return the address of a table in a database."""
    host = _HOST.fullmatch(place)
    port = int(host[2] or _PORT) if host else 0
    if host is None or not 0 < port < 65_536:
        raise PathError(
            "the address of a table after postgresql:// names no server; write postgresql://host:5432/database"
        )
    if not database or "/" in database:
        raise PathError(f"the address {text!r} names no database; write {place}/database#schema.table")
    if fragment and table and fragment != table:
        raise PathError(f"the address {text!r} names another table than `table`, {table!r}; keep one")
    if not f"{database}{fragment}".isprintable():
        raise PathError(f"the address {text!r} has control characters; write it without")
    return Address("postgresql", host[1].lower(), port, database, fragment or table)


def check_allowed(address: Address, allowed: Sequence[str]) -> None:
    """Check that this machine may open connections to where a table lies.

    Args:
        address: where it lies.
        allowed: the places that may be contacted: a bucket, a server, or a folder or database there.

    Raises:
        PathError: it is in none of them.
    """
    if not any(_covers(place, address) for place in allowed):
        raise PathError(
            f"{address.name} lies where this machine may not connect to; allow it with "
            f"CONFORMITY_REMOTE={address.place}, or copy the table beside the manifest"
        )


def _covers(place: str, address: Address) -> bool:
    """Tell whether an allowed place is, or holds, what lies at an address."""
    scheme, _, rest = place.partition("://")
    where, _, below = rest.partition("/")
    if scheme == "postgresql":
        host = _HOST.fullmatch(where)
        where = f"{host[1].lower()}:{int(host[2] or _PORT)}" if host else where
    if f"{scheme}://{where}" != address.place:
        return False
    below = below.removesuffix("/")
    return not below or f"{address.path}/".startswith(f"{below}/")


def copy_table(address: Address, folder: Path, most_bytes: int, bound: Bound = "REMOTE_MAX_MB") -> Path:
    """Copy a table from elsewhere into a folder, and return the file or folder there.

    Args:
        address: where it lies.
        folder: an empty folder.
        most_bytes: how large the copy may be.
        bound: the setting that says so, for the message.

    Raises:
        DataError: it cannot be reached or read, is not there, or is too large.
        MissingLibraryError: the driver of the database is not installed.
    """
    if address.scheme == "s3":
        from conformity.engines.remote_objects import copy_objects

        return copy_objects(address, folder, most_bytes, bound)
    from conformity.engines.remote_database import copy_rows

    return copy_rows(address, folder, most_bytes, bound)
