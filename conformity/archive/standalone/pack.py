"""Check the files of one folder: which are there, their digests, their form, and what the PDFs carry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from conformity.archive.standalone.folder import Found
from conformity.archive.standalone.pdf import Pdf, attachments, identifier
from conformity.archive.standalone.pdf_objects import PdfError
from conformity.archive.standalone.strict_json import canonical, indented, loaded
from conformity.archive.standalone.told import Told

SUMS = "SHA256SUMS"
"""The list of the digests of all files."""

OUTSIDE = frozenset((SUMS, "statement.dsse.json", "statement.tsr"))
"""Files that the list does not hold: itself, the signed statement over it, and the time-stamp over that."""

RECORDS = {
    "redaction.json": "redacted-copy",
    "documents.json": "documents",
    "declaration.json": "declaration",
    "assessment.json": "assessment",
}
"""By which record a folder is known for what it is; the first that is there counts."""

SCHEMAS = {
    "assessment.json": ("assessment_schema", "conformity/assessment/v1"),
    "declaration.json": ("declaration_schema", "conformity/declaration/v1"),
    "documents.json": ("documents_schema", "conformity/documents/v1"),
    "redaction.json": ("redaction_schema", "conformity/redaction/v1"),
}
"""The formats of records that are known, with the member that names them."""

_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\x7f\\]+)")
_POINTER = re.compile(rb"version https://git-lfs\S+\noid sha256:([0-9a-f]{64})\nsize \d{1,15}\n")
_MOST_POINTER = 200
_TALLIES = "tallies/"


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 digest of some bytes as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def kind_of(names: Mapping[str, Any]) -> str | None:
    """Return what a folder with these files is; None when it is nothing of ours."""
    return next((kind for record, kind in RECORDS.items() if record in names), None)


def listed_in(content: bytes) -> dict[str, str]:
    """Return the digest of every file in a list of digests, by name.

    There is one way to write it: sorted by name, each name once, none that leads out of the folder.

    Raises:
        ValueError: it is not such a list; the message is a sentence for a person.
    """
    text = content.decode("utf-8", "surrogateescape")
    if not text.endswith("\n"):
        raise ValueError(f"{SUMS} is cut short.")
    found: dict[str, str] = {}
    before = ""
    for number, line in enumerate(text.split("\n")[:-1], 1):
        parts = _LINE.fullmatch(line)
        name = parts[2] if parts else ""
        leaves = any(part in ("", ".", "..") for part in name.split("/"))
        if parts is None or leaves or name <= before or name in OUTSIDE or _broken(name):
            raise ValueError(f"{SUMS}, line {number}, is not as such a list is written.")
        before = name
        found[name] = parts[1]
    return found


def _broken(name: str) -> bool:
    """Tell whether a name is no proper text."""
    return any("\ud800" <= c <= "\udfff" for c in name)


def files_told(found: Found, listed: Mapping[str, str], withheld: bool = False) -> Told:
    """Tell whether a folder holds exactly the files of its list.

    Args:
        found: what it holds.
        listed: what is listed.
        withheld: whether tallies may be missing, since they were left out of an archive.
    """
    there = set(found.files) - OUTSIDE
    kept_back = {name for name in set(listed) - there if withheld and name.startswith(_TALLIES)}
    parents = {name[:at] for name in listed for at in range(len(name)) if name[at] == "/"}
    faults = [
        *found.faults,
        *(f"{name} is listed and missing." for name in sorted(set(listed) - there - kept_back)),
        *(f"{name} is there and not listed." for name in sorted(there - set(listed))),
        *(f"The folder {name} does not belong there." for name in found.folders if name not in parents),
    ]
    unknown = (f"{len(kept_back)} tallies were left out of the archive.",) if kept_back else ()
    kind = kind_of(found.files)
    if kind in ("declaration", "documents") and "assessment.json" in there:
        # Otherwise a pack could be passed off as something of which less is checked.
        faults.append(f"assessment.json does not belong to what is known as {kind}.")
    return Told(tuple(faults), unknown, (f"{len(there)} files.",))


def digests_told(found: Found, listed: Mapping[str, str]) -> Told:
    """Tell whether every file has the digest that the list names."""
    wrong, pointers = [], []
    for name, digest in listed.items():
        if name not in found.files or sha256_hex(found.files[name]) == digest:
            continue
        pointer = _POINTER.fullmatch(found.files[name]) if len(found.files[name]) <= _MOST_POINTER else None
        if pointer and pointer[1] == digest.encode():
            pointers.append(f"{name} is kept in Git LFS and not here; its digest there is the one listed.")
        else:
            wrong.append(f"{name} was changed: its digest is not the one in {SUMS}.")
    pack = sha256_hex(found.files.get(SUMS, b""))
    return Told(tuple(wrong), tuple(pointers), (f"The whole is known by sha256:{pack}.",))


def records_told(files: Mapping[str, bytes], withheld: bool = False) -> Told:
    """Tell whether records are written as such, are of a known format, and name one another rightly.

    Args:
        files: contents by name.
        withheld: whether tallies may be missing, since they were left out of an archive.
    """
    faults: list[str] = []
    unknown: list[str] = []
    values: dict[str, Any] = {}
    for name, content in files.items():
        form = _form_of(name)
        if form is None:
            continue
        try:
            value = loaded(content)
            if form(value) != content:
                faults.append(f"{name} is not written in the one form that records have.")
            values[name] = value
        except ValueError as error:
            faults.append(f"{name} is no record: {error}.")
        member, known = SCHEMAS.get(name, ("", None))
        if name == "declaration.json" and "documents.json" in files:  # In a set it is one of the documents.
            member, known = "document_schema", "conformity/document/v1"
        if known and name in values and _get(values[name], member) != known:
            unknown.append(f"{name} is not of the format {known}; a newer version may read it.")
    faults += [*_evidence_faults(files, values), *_tally_faults(files, values, withheld)]
    return Told(tuple(faults), tuple(unknown), (f"{len(values)} records.",))


def _form_of(name: str) -> Callable[[Any], bytes] | None:
    """Return how the JSON file of this name is written; None for files in other forms."""
    if name in ("evidence.json", "redaction.json") or (name.startswith(_TALLIES) and name.endswith(".json")):
        return canonical
    return indented if name in SCHEMAS else None


def _get(value: Any, *path: str) -> Any:
    """Return what stands at a path of members; None when it leads nowhere."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _items(value: Any, name: str) -> list[Any]:
    """Return the list that a member is; an empty one when it is none."""
    found = _get(value, name)
    return found if isinstance(found, list) else []


def _evidence_faults(files: Mapping[str, bytes], values: Mapping[str, Any]) -> list[str]:
    """Return why evidence is not what was judged, or an observation is not what its id is the digest of."""
    if "assessment.json" not in values or "evidence.json" not in files:
        return []
    faults = []
    if _get(values["assessment.json"], "evidence_sha256") != f"sha256:{sha256_hex(files['evidence.json'])}":
        faults.append("evidence.json is not the evidence that assessment.json names.")
    for one in _items(values.get("evidence.json"), "observations"):
        content = (
            {k: v for k, v in one.items() if k not in ("id", "isolation")} if isinstance(one, dict) else {}
        )
        if _get(one, "id") != f"EV-{sha256_hex(canonical(content))[:10]}":
            faults.append(f"The observation {_get(one, 'id')} does not match its content.")
    return faults


def _tally_faults(files: Mapping[str, bytes], values: Mapping[str, Any], withheld: bool) -> list[str]:
    """Return which tallies are not those that the evidence names."""
    there = {name: content for name, content in files.items() if name.startswith(_TALLIES)}
    if "evidence.json" not in values:
        return []
    told = [ref for one in _items(values["evidence.json"], "observations") for ref in _items(one, "tallies")]
    entries = {f"{_TALLIES}{str(_get(ref, 'sha256'))[7:]}.json": _get(ref, "entries") for ref in told}
    faults = [f"{name} is named by no evidence." for name in there if name not in entries]
    for name, count in entries.items():
        if name not in there:
            faults += [] if withheld else [f"{name} is named by the evidence and missing."]
            continue
        if name != f"{_TALLIES}{sha256_hex(there[name])}.json":
            faults.append(f"{name} does not have the digest that is its name.")
        held = _get(values.get(name), "entries")
        if not isinstance(held, list) or len(held) != count:
            faults.append(f"{name} does not have as many entries as the evidence says.")
    return faults


def documents_told(files: Mapping[str, bytes]) -> Told:
    """Tell whether every PDF carries the records that lie beside it, and was made of the HTML beside it."""
    faults: list[str] = []
    unknown: list[str] = []
    seen: list[str] = []
    for name in sorted(files):
        if not name.endswith(".pdf"):
            continue
        try:
            pdf = Pdf(files[name])
            carried = attachments(pdf)
        except PdfError as error:
            faults.append(f"{name} cannot be read as a report: {error}.")
            continue
        record = "assessment.json" if name == "report.pdf" else f"{name[:-4]}.json"
        if record not in carried:
            faults.append(f"{name} does not carry {record}.")
        for held in sorted(carried):
            if held not in files:
                unknown.append(f"{name} carries {held}, which is not here to be compared.")
            elif carried[held] != files[held]:
                faults.append(f"{name} carries another {held} than the one here.")
            else:
                seen.append(f"{name} carries {held}, byte for byte.")
        page = files.get(f"{name[:-4]}.html")
        if page is not None and identifier(pdf) != hashlib.sha256(page).digest()[:16]:
            faults.append(f"{name} says that it was made of another page than {name[:-4]}.html.")
    if not seen and not faults and not unknown:
        unknown.append("There is no PDF.")
    return Told(tuple(faults), tuple(unknown), tuple(seen))
