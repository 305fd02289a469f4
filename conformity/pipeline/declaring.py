"""Prepare the EU declaration of conformity for the person who signs it, or say what stands in the way."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from conformity import __version__
from conformity.archive.pack import check_place, write_pack
from conformity.compose import compose
from conformity.compose.declaration import in_words
from conformity.compose.obstacles import NOBODY, obstacles
from conformity.errors import UsageError
from conformity.intake.placeholders import placeholders
from conformity.judge.nonconformities import with_register
from conformity.model.assessment import Assessment
from conformity.model.declaration import Declaration, DeclarationItem, DeclarationOutcome, SubjectDigest
from conformity.model.document import Document
from conformity.pipeline.aging import lost
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.rejudging import check_judged, unregistered
from conformity.pipeline.shared import check_output
from conformity.settings import DISCLOSURE_LIMIT, Settings

RECORD = "declaration.json"
"""The machine-readable declaration; without it a folder is no declaration."""


def declare(pack: Path, folder: Path | None, moment: datetime, settings: Settings) -> DeclarationOutcome:
    """Prepare the declaration that rests on a pack, for signature; it is signed by nobody here.

    Args:
        pack: the folder that an assessment wrote.
        folder: where the declaration is to appear; the pack's name with ``-declaration`` when not given.
        moment: the present, in UTC.
        settings: limits.

    Returns:
        Where it lies, or what stands in the way.

    Raises:
        IntegrityError: the pack's records do not lead to what it says.
        ConformityError: the pack is unusable, or nothing can be written there.

    Source:
        Art. 47(1), (2) and (4), Annex V.
    """
    from conformity.render.declaration import declaration_files

    found = read_pack(pack, settings)
    check_judged(found)
    assessment = with_register(found.assessment)
    if refused := (*refusals(assessment), *_lost(found, moment.date())):
        return DeclarationOutcome(refusals=refused)
    place = (folder or found.folder.with_name(f"{found.folder.name}-declaration")).absolute()
    check_output(place, settings.root)
    check_place(place, RECORD)
    (document,) = compose(assessment, found.evidence, found.assessment_sha256, ["declaration"])
    record = prepared(document, found, moment)
    files = declaration_files(document, record, assessment, found.evidence, disclosure_limit=DISCLOSURE_LIMIT)
    write_pack(place, files, RECORD)
    return DeclarationOutcome(
        folder=str(place), files=tuple(sorted(files)), signatory=record.signing.signatory
    )


def refusals(assessment: Assessment) -> tuple[str, ...]:
    """Return all that stands in the way of a declaration, one sentence each.

    Args:
        assessment: with its register.
    """
    unfilled = [
        f"{field} still holds a placeholder of the draft: fill it in and assess again."
        for field in placeholders(assessment.manifest)
    ]
    missing = [
        f"{entry.id} follows from the findings and is not in the register of the pack: assess again."
        for entry in unregistered(assessment)
    ]
    return (*unfilled, *obstacles(assessment), *missing)


def _lost(pack: Pack, today: date) -> tuple[str, ...]:
    """Return what was met when the pack was judged and is no more, such as for evidence that grew too old."""
    return tuple(
        f"{one.requirement} was met on {pack.assessment.assessed_at:%Y-%m-%d} and is not on {today}: assess "
        f"again. {one.reason}"
        for one in lost(pack, today)
    )


def prepared(document: Document, pack: Pack, moment: datetime) -> Declaration:
    """Return the machine-readable declaration: what the document of that name says, item by item.

    Args:
        document: the eight items, as composed.
        pack: the records on which it rests.
        moment: when it is prepared.

    Raises:
        UsageError: the manifest names nobody who signs.
    """
    manifest = pack.assessment.manifest
    if manifest.declaration is None:
        raise UsageError(NOBODY)
    return Declaration(
        tool=f"conformity {__version__}",
        prepared_at=moment,
        system=manifest.system.name,
        system_version=manifest.system.version,
        provider=manifest.provider.name,
        signing=manifest.declaration,
        items=tuple(
            DeclarationItem(item=number, ref=item.ref, title=item.title, text=in_words(item))
            for number, item in enumerate(document.items, 1)
        ),
        subjects=_subjects(pack),
        assessment_version=manifest.edition.version,
        assessment_sha256=pack.assessment_sha256,
        evidence_sha256=pack.assessment.evidence_sha256,
    )


def _subjects(pack: Pack) -> tuple[SubjectDigest, ...]:
    """Return the digests of what was assessed, exhibits left out."""
    ids = {str(subject.id) for subject in pack.assessment.manifest.subjects}
    return tuple(
        SubjectDigest(id=record.id, sha256=record.sha256)
        for record in pack.evidence.subjects
        if str(record.id) in ids and record.sha256 is not None
    )
