"""The numbered steps of a verification, and how a folder, an archive or a lone PDF goes through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from conformity.archive.standalone.chain import INDEX, chain_told, entry_of
from conformity.archive.standalone.envelope import signature_told
from conformity.archive.standalone.folder import Found, read_file, read_folder
from conformity.archive.standalone.pack import (
    SUMS,
    digests_told,
    documents_told,
    files_told,
    kind_of,
    listed_in,
    records_told,
    sha256_hex,
)
from conformity.archive.standalone.pdf import Pdf, attachments
from conformity.archive.standalone.pdf_objects import PdfError
from conformity.archive.standalone.told import NO_VALUE, Told, joined

STEPS = (
    ("files", "The files are exactly those listed"),
    ("digests", "Every file has the digest that is listed"),
    ("records", "Records have their form and name one another"),
    ("law", "Requirements are those of the catalogue"),
    ("findings", "Findings follow from the records"),
    ("documents", "Documents say what the records say"),
    ("signature", "The statement is signed by a trusted key"),
    ("seal", "The seal of the PDF"),
    ("time_stamp", "The time-stamp"),
    ("chain", "The chain of versions"),
)
"""Id and title of every step, in order."""

OUTSIDE_ARCHIVE = "This is one version outside an archive; name the archive's folder to check the chain."
"""Why nothing is told of a chain."""

EMPTY = Told(("The archive holds no version, so there is nothing to verify.",))
"""What every step tells of an archive in which nothing is: nothing of it has passed."""

_FULL = "This needs an installation of the tool that wrote it: run `conformity verify` there."
_PAGES = (
    "Whether pages say what the records say needs an installation: run `conformity verify --render` there."
)
_PDF_ALONE = "A PDF alone says nothing of the other files; name the whole folder."
_MOST_INDEX = 256 * 1024 * 1024

Tolds = dict[str, Told]
"""What is told, by the id of the step."""


def folder_told(found: Found, keys: Sequence[bytes], withheld: bool = False) -> Tolds:
    """Return what is told of the files of one folder.

    Args:
        found: what was read.
        keys: public keys or certificates in PEM that are trusted.
        withheld: whether an archive says that tallies were left out of it.
    """
    told = {name: Told(unknown=(_FULL,)) for name, _ in STEPS}
    told["chain"] = Told(unknown=(OUTSIDE_ARCHIVE,))
    sums = found.files.get(SUMS, b"")
    kind = kind_of(found.files)
    try:
        if kind is None:
            raise ValueError("There is no record of an assessment, a declaration or documents.")
        listed = listed_in(sums) if sums else {}
        if not sums:
            raise ValueError(f"There is no {SUMS}.")
    except ValueError as error:
        fault = Told((str(error), *found.faults))
        return {
            **told,
            "files": fault,
            "digests": Told((f"Without a {SUMS} there is nothing to compare with.",)),
        }
    told["files"] = files_told(found, listed, withheld)
    told["digests"] = digests_told(found, listed)
    told["records"] = records_told(found.files, withheld or kind == "redacted-copy")
    told["documents"] = joined(documents_told(found.files), Told(unknown=(_PAGES,)))
    told["signature"] = signature_told(found.files.get("statement.dsse.json"), sums, listed, kind, keys)
    return told


def archive_told(place: Path, keys: Sequence[bytes], head: str | None) -> Tolds:
    """Return what is told of an archive: of its chain, and of every version together.

    Args:
        place: its folder.
        keys: public keys or certificates in PEM that are trusted.
        head: digest of the last line of the index, from a place that is trusted.
    """
    index = read_file(str(place / INDEX), _MOST_INDEX) or b""
    entries = {one["path"]: one for one in map(entry_of, index.split(b"\n")[:-1]) if one}
    every: dict[str, list[Told]] = {name: [] for name, _ in STEPS}
    packs: dict[str, str] = {}
    for path in versions(place):
        found = read_folder(str(place / path), follow=False)
        packs[path] = sha256_hex(found.files.get(SUMS, b""))
        withheld = entries.get(path, {}).get("tallies") == "withheld"
        for name, one in folder_told(found, keys, withheld).items():
            every[name].append(named(path, one))
    told = {name: joined(*parts) for name, parts in every.items()} if packs else dict.fromkeys(every, EMPTY)
    told["chain"] = chain_told(index, packs, head)
    return told


def named(path: str, told: Told) -> Told:
    """Return what is told of one version of many, with its place before it.

    What was seen is left out, but for keys without legal value: a passed step must not hide those.
    """
    return Told(
        tuple(f"{path}: {text}" for text in told.faults),
        tuple(f"{path}: {text}" for text in told.unknown),
        tuple(f"{path}: {text}" for text in told.seen if text.endswith(NO_VALUE)),
    )


def versions(place: Path) -> Iterator[str]:
    """Yield the place of every version in an archive, in order."""
    systems = place / "systems"
    for system in _folders(systems):
        for version in _folders(systems / system):
            yield f"systems/{system}/{version}"


def _folders(place: Path) -> list[str]:
    """Return what lies in a folder, sorted; links too, which are refused where they are read."""
    try:
        return sorted(entry.name for entry in place.iterdir())
    except OSError:
        return []


def pdf_told(content: bytes) -> Tolds:
    """Return what is told of a PDF alone."""
    told = {name: Told(unknown=(_PDF_ALONE,)) for name, _ in STEPS}
    told["seal"] = Told(unknown=(_FULL,))
    try:
        carried = attachments(Pdf(content))
    except PdfError as error:
        return {**told, "documents": Told((f"It cannot be read as a report: {error}.",))}
    told["records"] = records_told(carried)
    seen = tuple(f"It carries {name}, sha256:{sha256_hex(carried[name])}." for name in sorted(carried))
    told["documents"] = Told((), (_PDF_ALONE,), seen) if seen else Told(("It carries no record.",))
    return told
