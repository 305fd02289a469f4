"""Copy files from an S3 bucket, byte by byte, with the credentials that the environment gives."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from conformity.engines.remote import Address, Bound
from conformity.engines.remote_door import Allowed, Door
from conformity.errors import AbsentError, DataError

_CHUNK = 8 * 1024 * 1024
_MIB = 1024 * 1024
_MOST_FILES = 10_000
_CONNECT_S = 10
_ANSWER_S = 60
_CODE = re.compile(r"AWS Error ([A-Z_]+)|HTTP status ([0-9]{3})")
_NO_BUCKET = re.compile(r"^Bucket '.*' not found")
_ABSENT = {"NO_SUCH_KEY", "NO_SUCH_BUCKET", "RESOURCE_NOT_FOUND", "404"}
_REFUSED = {
    "ACCESS_DENIED",
    "INVALID_ACCESS_KEY_ID",
    "INVALID_CLIENT_TOKEN_ID",
    "INVALID_SIGNATURE",
    "SIGNATURE_DOES_NOT_MATCH",
    "MISSING_AUTHENTICATION_TOKEN",
    "REQUEST_EXPIRED",
    "UNRECOGNIZED_CLIENT",
    "403",
}
_UNREACHED = {"NETWORK_CONNECTION", "REQUEST_TIMEOUT"}
_PORTS = {"http": 80, "https": 443}
_AMAZON = r"(?:%s\.)?s3(?:express-[a-z0-9-]+)?(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
"""Names of Amazon's servers for a bucket; others below the same domain may be anybody's."""


_BOUNDS: dict[Bound, str] = {
    "REMOTE_MAX_MB": "that a copy may have",
    "REMOTE_TOTAL_MB": "that are left for all copies together",
}


def copy_objects(address: Address, folder: Path, most_bytes: int, bound: Bound = "REMOTE_MAX_MB") -> Path:
    """Copy an object, or all objects below a folder, and return the file or folder here.

    Args:
        address: where they lie.
        folder: an empty folder.
        most_bytes: how large they may be together.
        bound: the setting that says so.

    Raises:
        DataError: they cannot be reached or read, are not there, change meanwhile, or are too large; or the
            server refers to another.
    """
    with Door(_allowed(address)) as door:
        try:
            return _copied(address, folder, most_bytes, bound, door.address)
        except DataError as error:
            if door.refused:
                raise _led_away(address) from error
            raise


def _copied(address: Address, folder: Path, most_bytes: int, bound: Bound, proxy: str) -> Path:
    """Copy everything through a proxy; see :func:`copy_objects`."""
    with _told(address):
        files = _filesystem(address, proxy)
        found = _listed(files, address)
        size = sum(info.size for info in found)
        if size > most_bytes:
            raise too_large(address, most_bytes, bound)
        base = f"{address.host}/{address.path}".removesuffix("/")
        target = folder / base.rpartition("/")[2]
        for info in found:
            below = info.path.removeprefix(base).removeprefix("/")
            _copy(files, info, _inside(target, below, address), address)
    return target


def too_large(address: Address, most_bytes: int, bound: Bound) -> DataError:
    """Return the error for a table that is larger than a copy may be."""
    return DataError(
        f"{address.name} is larger than the {most_bytes // _MIB:,} MiB {_BOUNDS[bound]}; raise "
        f"CONFORMITY_{bound}, or name a part of it"
    )


def _endpoint() -> SplitResult | None:
    """Return the endpoint that the environment names; none for Amazon's own."""
    text = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return urlsplit(text if "://" in text else f"https://{text}") if text else None


def _allowed(address: Address) -> Allowed:
    """Return which servers may be reached: the endpoint, or Amazon's for the bucket.

    Raises:
        DataError: the endpoint names no server.
    """
    try:
        endpoint = _endpoint()
        wanted = endpoint and (endpoint.hostname, endpoint.port or _PORTS[endpoint.scheme])
    except (KeyError, ValueError):
        wanted = (None, 0)
    if wanted is None:
        amazon = re.compile(_AMAZON % re.escape(address.host))
        return lambda host, port: port == _PORTS["https"] and amazon.fullmatch(host) is not None
    if not wanted[0]:
        raise DataError(
            f"{address.name} cannot be reached: AWS_ENDPOINT_URL names no server; write https://host:port"
        )
    return lambda host, port: (host, port) == wanted


def _filesystem(address: Address, proxy: str | None = None) -> Any:
    """Return the file system of the bucket's region, or of the endpoint that the environment names.

    Args:
        address: what lies in it.
        proxy: the address of the door through which the server is reached; none in tests alone.
    """
    import pyarrow.fs as fs

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    more: dict[str, Any] = {}
    if (endpoint := _endpoint()) is not None:
        more = {"endpoint_override": endpoint.netloc, "scheme": endpoint.scheme}
        region = region or "us-east-1"
    return fs.S3FileSystem(
        region=region or fs.resolve_s3_region(address.host),
        connect_timeout=_CONNECT_S,
        request_timeout=_ANSWER_S,
        tls_ca_file_path=os.environ.get("AWS_CA_BUNDLE"),
        proxy_options=proxy,
        **more,
    )


def _listed(files: Any, address: Address) -> list[Any]:
    """Return what is to be copied: one object, or all below a folder, sorted by name."""
    import pyarrow.fs as fs

    where = f"{address.host}/{address.path}"
    if address.path and not address.path.endswith("/"):
        info = files.get_file_info(where)
        if info.type == fs.FileType.Directory:
            raise DataError(f"{address.name} is a folder; write its address with / at the end")
        if info.type != fs.FileType.File:
            raise _absent(address)
        return [info]
    infos = files.get_file_info(fs.FileSelector(where.removesuffix("/"), recursive=True))
    found = sorted((info for info in infos if info.type == fs.FileType.File), key=lambda info: info.path)
    if not found:
        raise _absent(address)
    if len(found) > _MOST_FILES:
        raise DataError(
            f"{address.name} holds {len(found):,} files, more than the {_MOST_FILES:,} that are copied; name "
            "a folder below it"
        )
    return found


def _inside(target: Path, below: str, address: Address) -> Path:
    """Return where an object is copied to, which always lies in the folder of the copy.

    Raises:
        DataError: part of its key cannot be the name of a file.
    """
    names = below.split("/") if below else []
    if any(name in ("", ".", "..") or not name.isprintable() for name in names):
        raise DataError(
            f"{address.name} holds an object whose key cannot be the name of a file; rename it there"
        )
    place = target.joinpath(*names)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _copy(files: Any, info: Any, place: Path, address: Address) -> None:
    """Copy one object.

    Raises:
        DataError: it changed meanwhile.
    """
    copied = 0
    # Asked again, since a listing may tell the time more finely than the object itself.
    before = _state(files, info.path)
    with files.open_input_stream(info.path, buffer_size=0) as source, place.open("xb") as file:
        while block := source.read(_CHUNK):
            file.write(block)
            copied += len(block)
    if not before == _state(files, info.path) == (info.size, before[1]) or copied != info.size:
        raise DataError(f"{address.name} changed while it was copied; wait until it is whole and run again")


def _state(files: Any, path: str) -> tuple[int, int]:
    """Return size and time of last change of an object."""
    info = files.get_file_info(path)
    return info.size, info.mtime_ns


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turn what the library raises into one sentence; its own text may name keys.

    Raises:
        DataError: in place of any error of the library or the disk.
    """
    try:
        yield
    except OSError as error:
        raise _translated(error, address) from error


def _translated(error: OSError, address: Address) -> DataError:
    """Return the sentence for an error of the library or the disk."""
    if isinstance(error, FileNotFoundError):
        return _absent(address)
    if (full := disk_full(error, address)) is not None:
        return full
    codes = {code for found in _CODE.findall(str(error)) for code in found if code}
    if codes & _ABSENT or _NO_BUCKET.search(str(error)):
        return _absent(address)
    if codes & _REFUSED:
        return DataError(
            f"{address.name} may not be read with the credentials of this machine; check AWS_PROFILE, "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials"
        )
    if codes & _UNREACHED:
        return DataError(
            f"{address.name} cannot be reached; check the network, and AWS_ENDPOINT_URL if the bucket is not "
            "at Amazon"
        )
    why = ", ".join(sorted(codes)) or type(error).__name__
    return DataError(f"{address.name} cannot be copied ({why}); try again")


def disk_full(error: OSError, address: Address) -> DataError | None:
    """Return the error for a disk on which the copy has no room; None when that is not the reason."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return None
    return DataError(
        f"{address.name} does not fit on the disk of the folder for temporary files; make room, or name "
        "another folder with TMPDIR"
    )


def _led_away(address: Address) -> DataError:
    """Return the error for a server that refers to another, or lies where machines find credentials."""
    return DataError(
        f"{address.name} was not copied: the server that was asked refers to another one, or is none for "
        "files; check AWS_ENDPOINT_URL and the bucket's region"
    )


def _absent(address: Address) -> AbsentError:
    """Return the error for what is not there."""
    return AbsentError(f"there is nothing at {address.name}; check the bucket and the key")
