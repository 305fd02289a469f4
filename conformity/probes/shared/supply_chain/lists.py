"""Read lists of packages that are text: requirements of pip, environments of conda."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformity.probes.shared.supply_chain.packages import ListingError, Package, package

_HASH = re.compile(r"--hash[= ](\w+:[0-9a-fA-F]+)")
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*")
_EXACT = re.compile(r"={2,3}\s*([^\s,;*]+)$")
_COMMENT = re.compile(r"(^|\s)#.*$")
_CONDA = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]*)\s*(.*)$")
_CONDA_URL = re.compile(r"https?://\S+/([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)(?:#(\S+))?$")


def requirements(text: str) -> Iterator[Package]:
    """Yield the packages of a ``requirements.txt``, or of what ``pip freeze`` prints.

    Raises:
        ListingError: a line is no requirement.

    Source:
        pip documentation, requirements file format; PEP 508.
    """
    for number, line in _logical_lines(text):
        if line.startswith(("-r", "--requirement", "-c", "--constraint")):
            raise ListingError(f"line {number} refers to another file; hand in a complete list")
        plain = _HASH.sub("", line).partition(" ;")[0].partition(";")[0].strip().rstrip("\\").strip()
        if line.startswith(("-e", "--editable")) or "://" in plain.partition(" ")[0]:
            yield package("other", plain.split("#egg=")[-1].split("/")[-1], None)
        elif not line.startswith("-"):
            yield _requirement(plain, _HASH.findall(line), number)


def _requirement(plain: str, digests: list[str], number: int) -> Package:
    """Return the package of one requirement."""
    match = _NAME.match(plain)
    if match is None:
        raise ListingError(f"line {number} is no requirement")
    rest = plain[match.end() :].strip().strip("()")
    if rest and rest[0] not in "=<>!~@":
        raise ListingError(f"line {number} is no requirement")
    exact = _EXACT.match(rest)
    return package("PyPI", match.group(1), exact.group(1) if exact else None, digests)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and content of each line that is not empty, with the lines that it goes on over."""
    waiting, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if waiting else number
        plain = _COMMENT.sub("", line).strip()
        if plain.endswith("\\"):
            waiting += plain[:-1] + " "
            continue
        if whole := (waiting + plain).strip():
            yield first, whole
        waiting = ""


def conda(text: str) -> Iterator[Package]:
    """Yield the packages of an ``environment.yml``, or of an explicit list of conda.

    Raises:
        ListingError: there is no list of dependencies.

    Source:
        conda documentation, managing environments.
    """
    if "@EXPLICIT" in text:
        for line in text.splitlines():
            if match := _CONDA_URL.match(line.strip()):
                digest = match.group(3) or ""
                yield package(
                    "conda", match.group(1), match.group(2), [f"sha256:{digest}"] if len(digest) == 64 else []
                )
        return
    _, found, rest = f"\n{text}".partition("\ndependencies:")
    if not found:
        raise ListingError("it has no list of dependencies")
    yield from _conda_lines(rest)


def _conda_lines(text: str) -> Iterator[Package]:
    """Yield the packages of the list in an ``environment.yml``; those of pip stand deeper."""
    outer: int | None = None
    for line in text.splitlines():
        plain = _COMMENT.sub("", line).rstrip()
        if plain and not plain[0].isspace() and not plain.startswith("-"):
            return
        entry = plain.strip()
        if not entry.startswith("- ") or entry.endswith(":"):
            continue
        depth = len(plain) - len(plain.lstrip())
        outer = depth if outer is None else outer
        value = entry[2:].strip().strip("'\"")
        if depth > outer:
            yield from requirements(value)
        elif match := _CONDA.match(value.rpartition("::")[2]):
            yield package("conda", match.group(1), _conda_version(match.group(2)))


def _conda_version(text: str) -> str | None:
    """Return the exact version in a requirement of conda; one with a star or an inequality is none."""
    version = text.strip().lstrip("=").split("=")[0].strip()
    return None if not version or any(sign in version for sign in "<>*!,|~ ") else version
