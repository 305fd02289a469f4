"""All steps over the files of one folder: a pack, a declaration, a set of documents, a redacted copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from conformity.archive.signing.public import PublicKey
from conformity.archive.standalone.folder import Found
from conformity.archive.standalone.pack import (
    digests_told,
    documents_told,
    files_told,
    kind_of,
    records_told,
)
from conformity.archive.standalone.steps import OUTSIDE_ARCHIVE
from conformity.archive.standalone.told import Told, joined
from conformity.archive.sums import ENVELOPE, SUMS, TOKEN, parse_sums
from conformity.archive.verify.copies import copy_told
from conformity.archive.verify.seals import seals_told, stamp_told
from conformity.archive.verify.signature import signature_told, statement_in
from conformity.errors import IntegrityError
from conformity.model.assessment import Assessment
from conformity.model.statement import StatementKind
from conformity.pipeline.packs import Pack
from conformity.pipeline.verifying.documents import Progress, carried_again, copied_told, rendered_told
from conformity.pipeline.verifying.records import findings_told, law_told, manifest_told, pack_of, readable

_EVIDENCE_GONE = (
    "The evidence is left out of a redacted copy, so that this can be told of the full pack alone."
)
_UNREAD = "The records cannot be read, so nothing can be told from them."
_WITHHELD = "Texts are withheld in a redacted copy, so that this can be told of the full pack alone."
_BYTES_ALONE = "Only files, digests and signature were looked at."
_NOT_HERE = "The assessment from which this was made is not here; verify its pack too."
_NO_LIST = "Without a list of digests there is nothing to compare with."


@dataclass(frozen=True)
class Trust:
    """Whom the caller trusts."""

    keys: tuple[PublicKey, ...] = ()
    """Keys that may sign statements."""
    authorities: tuple[bytes, ...] = ()
    """Certificates in DER of authorities for seals and time-stamps."""


@dataclass(frozen=True)
class Ask:
    """How a folder is looked at."""

    trust: Trust
    """Whom the caller trusts."""
    pages: bool
    """Whether PDFs are rendered again."""
    on_progress: Progress
    """Told of what is done."""
    withheld: bool = False
    """Whether an archive says that tallies were left out of it."""
    before: Assessment | None = None
    """The version before, where it is at hand."""
    bytes_alone: bool = False
    """Whether files, digests and signature are looked at, and not what the records say."""


def folder_steps(place: Path, found: Found, ask: Ask) -> dict[str, Told]:
    """Return what every step tells of the files of one folder, by its id.

    Args:
        place: the folder, for messages alone; nothing is read there again.
        found: what was read.
        ask: how it is looked at.
    """
    kind = kind_of(found.files)
    try:
        if SUMS not in found.files:
            raise IntegrityError(f"There is no {SUMS}.")
        listed = parse_sums(found.files[SUMS], SUMS)
        if kind is None:
            raise IntegrityError("There is no record of an assessment, a declaration or a set of documents.")
    except IntegrityError as error:
        return _unlisted(error.message, found)
    signed_as = cast("StatementKind", kind)
    envelope = found.files.get(ENVELOPE)
    statement = statement_in(envelope)
    return {
        "files": files_told(found, listed, ask.withheld),
        "digests": digests_told(found, listed),
        **_content(place, found.files, kind, ask),
        "signature": signature_told(envelope, signed_as, listed, ask.trust.keys),
        "seal": seals_told(found.files, statement, ask.trust.authorities),
        "time_stamp": stamp_told(found.files.get(TOKEN), envelope, ask.trust.authorities),
        "chain": Told(unknown=(OUTSIDE_ARCHIVE,)),
    }


def _unlisted(why: str, found: Found) -> dict[str, Told]:
    """Return what is told of a folder without a usable list of digests: that it fails, and nothing more."""
    rest = ("records", "law", "findings", "documents", "signature", "seal", "time_stamp", "chain")
    return {
        "files": Told((why, *found.faults)),
        "digests": Told((_NO_LIST,)),
        **{name: Told(unknown=(_NO_LIST,)) for name in rest},
    }


def _content(place: Path, files: Mapping[str, bytes], kind: str, ask: Ask) -> dict[str, Told]:
    """Return what is told of records and documents."""
    if ask.bytes_alone:
        return dict.fromkeys(("records", "law", "findings", "documents"), Told(unknown=(_BYTES_ALONE,)))
    copy = kind == "redacted-copy"
    form = records_told(files, ask.withheld or copy)
    records, documents = joined(form, readable(files)), documents_told(files)
    if kind in ("declaration", "documents"):
        gone = Told(unknown=(_NOT_HERE,))
        return {"records": records, "law": gone, "findings": gone, "documents": joined(documents, gone)}
    if copy and "assessment.json" in files and "evidence.json" not in files:
        gone = Told(unknown=(_EVIDENCE_GONE,))
        records = joined(records, copy_told(files))
        law = gone if records.faults else _softened(law_told(_assessment(files)))
        return {"records": records, "law": law, "findings": gone, "documents": joined(documents, gone)}
    pack = pack_of(place, files)
    if pack is None or form.faults:
        gone = Told(unknown=(_UNREAD,))
        return {"records": records, "law": gone, "findings": gone, "documents": joined(documents, gone)}
    if copy:
        return {
            "records": joined(records, copy_told(files)),
            "law": _softened(law_told(pack.assessment)),
            "findings": _softened(findings_told(pack)),
            "documents": joined(documents, copied_told(pack, files, ask.pages)),
        }
    # What the PDF carries for other programs need not lie beside it: it is held against what is made again.
    documents = documents_told({**carried_again(pack), **files})
    return {
        "records": joined(records, manifest_told(pack, files), _dates_told(pack)),
        "law": law_told(pack.assessment),
        "findings": findings_told(pack, ask.before),
        "documents": joined(documents, rendered_told(pack, files, ask.pages, ask.on_progress)),
    }


def _assessment(files: Mapping[str, bytes]) -> Assessment:
    """Return the assessment in a folder in which it can be read."""
    return Assessment.model_validate_json(files["assessment.json"])


def _softened(told: Told) -> Told:
    """Return what is told of a redacted copy: where texts are withheld, a difference proves nothing."""
    if not told.faults:
        return told
    return Told((), (_WITHHELD, *told.unknown), told.seen)


def _dates_told(pack: Pack) -> Told:
    """Tell whether the version before is older than this one, as the record says."""
    before = pack.assessment.previous
    if before is not None and before.assessed_at > pack.assessment.assessed_at:
        return Told(("The version before is said to be later than this one.",))
    return Told()
