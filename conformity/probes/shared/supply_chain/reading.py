"""Read what was handed in about a system's software: lists of packages, and advisories; nothing is fetched.

Which file is what, its contents say. A folder or a ZIP file may hold both.
"""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from conformity.errors import DataError
from conformity.probes.shared.imported.origin import Origin
from conformity.probes.shared.supply_chain.advisories import Vulnerability, is_sound, named_in
from conformity.probes.shared.supply_chain.lists import conda, requirements
from conformity.probes.shared.supply_chain.origins import origins_of
from conformity.probes.shared.supply_chain.packages import ListingError, Package, order, package
from conformity.probes.shared.supply_chain.structured import json_packages, toml_packages

MAX_FILE_BYTES = 256 * 1024**2
"""Longest single file that is read."""

MAX_FILES = 500_000
"""Most files of a folder or ZIP file that are read."""

MAX_TOTAL_BYTES = 8 * 1024**3
"""Most bytes that are read together."""

_LEAST_UNPACKED, _MOST_TIMES = 16 * 1024**2, 100
_DEEP_KEY = re.compile(r"(?<![\w\"'-])(?:[\w\"'-]*+[ \t]*+\.[ \t]*+){40}")
"""A name in TOML of very many parts: its reader takes time and memory with the square of their number."""

_JSON, _TOML, _YAML, _TEXT = (".json",), (".toml", ".lock"), (".yml", ".yaml"), (".txt", ".in")
_PINNED = re.compile(r"^[\w.-]+(?:\[[\w, .-]*\])?[ \t]*==", re.MULTILINE)
"""A line of pip's lists, which may be called a lock too; TOML has no such line."""

_READ = (*_JSON, *_TOML, *_YAML, *_TEXT, ".zip")


@dataclass(frozen=True)
class Software:
    """What was handed in about a system's software."""

    packages: tuple[Package, ...]
    """All packages, each once, sorted."""
    advisories: tuple[dict[str, Any], ...]
    """Entries in the format of OSV that are about one of the packages' names, or about no known ecosystem."""
    reported: tuple[Vulnerability, ...]
    """What pip-audit found."""
    audited: frozenset[Package]
    """The packages that pip-audit looked at."""
    entries: int
    """How many advisories were read."""
    nameless: int
    """How many of them name no package, but source repositories alone, or nothing."""
    newest: str | None
    """When the newest of them was last changed, as it says itself."""
    origins: tuple[Origin, ...] = ()
    """The programs that wrote bills of materials, as these say, each once, in the order of the files."""


def read_software(path: Path) -> Software:
    """Return the packages and advisories of a file or folder.

    Args:
        path: a lock file, list of packages, bill of materials, report of pip-audit, or a folder with any
            of these and with advisories in the format of OSV, as JSON or as ZIP files of JSON.

    Raises:
        DataError: a file cannot be read, or is none of these.
    """
    reader = _Reader()
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir() and not file.name.lower().endswith(_READ):
            continue
        reader.file(file, file.relative_to(path).as_posix() if path.is_dir() else file.name)
    return reader.software()


class _Reader:
    """The reading of all files together."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._packages: dict[Package, None] = {}
        self._advisories: list[dict[str, Any]] = []
        self._reported: list[Vulnerability] = []
        self._audited: set[Package] = set()
        self._origins: dict[Origin, None] = {}
        self._files = self._bytes = 0

    def software(self) -> Software:
        """Return all that was read; advisories about other packages are dropped, but counted."""
        names = {one.name for one in self._packages}
        modified = [str(one["modified"]) for one in self._advisories if "modified" in one]
        return Software(
            packages=tuple(sorted(self._packages, key=order)),
            advisories=tuple(one for one in self._advisories if _names(one) & names),
            reported=tuple(self._reported),
            audited=frozenset(self._audited),
            entries=len(self._advisories),
            nameless=sum(
                not any(part.get("package") for part in one["affected"]) for one in self._advisories
            ),
            newest=max(modified, default=None),
            origins=tuple(self._origins),
        )

    def file(self, file: Path, name: str) -> None:
        """Read one file.

        Raises:
            DataError: it cannot be read, or is none that is known.
        """
        try:
            if name.lower().endswith(".zip"):
                with zipfile.ZipFile(file) as archive:
                    self._check(file.stat().st_size, archive)
                    for info in archive.infolist():
                        if info.filename.lower().endswith(_JSON):
                            self._take(info.filename, info.file_size, lambda info=info: archive.read(info))  # type: ignore[misc]
            else:
                self._take(name, file.stat().st_size, file.read_bytes)
        except ListingError as error:
            raise DataError(
                f"{name} cannot be used: {error}; hand in a lock file, list or advisory"
            ) from error
        except (ValueError, RecursionError, AttributeError, TypeError, KeyError) as error:
            raise DataError(
                f"{name} is not written as its format asks; hand in the file as it was made"
            ) from error
        except (OSError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
            raise DataError(
                f"{name} cannot be read ({type(error).__name__}); hand in the whole file"
            ) from error

    def _check(self, size: int, archive: zipfile.ZipFile) -> None:
        """Check that a ZIP file does not hold far more than its size lets expect of advisories."""
        if sum(info.file_size for info in archive.infolist()) > _LEAST_UNPACKED + _MOST_TIMES * size:
            raise ListingError("it would unpack to more than advisories do")

    def _take(self, name: str, size: int, read: Callable[[], bytes]) -> None:
        """Read one text, within the limits."""
        self._files += 1
        self._bytes += size
        if size > MAX_FILE_BYTES or self._bytes > MAX_TOTAL_BYTES or self._files > MAX_FILES:
            raise ListingError("it is more than is read of such files")
        self._text(PurePosixPath(name).name.lower(), read().decode("utf-8-sig"))

    def _text(self, name: str, text: str) -> None:
        """Take in one text, by what it holds."""
        begins = text.lstrip()[:1]
        if begins == "{" or (begins == "[" and not name.endswith(_TOML)):
            self._json(json.loads(text))
        elif name.endswith(_JSON):
            raise ListingError("it is called JSON but is none")
        elif name.endswith(_TOML) and not _PINNED.search(text[:100_000]):
            if _DEEP_KEY.search(text):
                raise ListingError("a name in it has more parts than a lock file needs")
            self._add(toml_packages(tomllib.loads(text)))
        elif name.endswith(_YAML) or "@EXPLICIT" in text[:10_000]:
            self._add(conda(text))
        else:
            self._add(requirements(text))

    def _json(self, data: Any) -> None:
        """Take in advisories, a report of pip-audit, or a list of packages."""
        entries = data if isinstance(data, list) else [data]
        if isinstance(data, dict) and isinstance(data.get("vulns"), list):
            entries = data["vulns"]
        if entries and all(isinstance(one, dict) and "affected" in one and "id" in one for one in entries):
            if not all(is_sound(one) for one in entries):
                raise ListingError("an advisory in it is not written as its format asks")
            self._advisories.extend(_needed(one) for one in entries)
            return
        listed = data.get("dependencies") if isinstance(data, dict) else data
        if isinstance(listed, list) and any(isinstance(one, dict) and "vulns" in one for one in listed):
            self._audit(listed)
            return
        self._add(json_packages(data))
        self._origins.update(dict.fromkeys(origins_of(data)))

    def _audit(self, listed: list[dict[str, Any]]) -> None:
        """Take in a report of pip-audit; it gives no severities."""
        for entry in listed:
            found = package("PyPI", entry.get("name"), entry.get("version"))
            self._packages[found] = None
            if "skip_reason" in entry:
                continue
            self._audited.add(found)
            self._reported.extend(
                Vulnerability(
                    package=found,
                    id=str(one["id"]),
                    severity="unrated",
                    aliases=tuple(sorted(map(str, one.get("aliases") or []))),
                    fixed_in=tuple(map(str, one.get("fix_versions") or [])),
                )
                for one in entry.get("vulns") or []
            )

    def _add(self, found: Iterator[Package]) -> None:
        """Take in packages."""
        for one in found:
            self._packages[one] = None


def _needed(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of an advisory that are used; texts and links are long."""
    keys = ("id", "aliases", "affected", "severity", "database_specific", "modified", "withdrawn")
    return {key: entry[key] for key in keys if key in entry}


def _names(entry: dict[str, Any]) -> set[str]:
    """Return the names of the packages that an advisory is about, as lists of packages write them."""
    return {name for part in entry["affected"] for _, name in named_in(part)}
