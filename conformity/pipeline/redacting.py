"""Make a public copy of a pack: without what the provider leaves out, and with proof of what that was."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conformity import __version__
from conformity.archive.pack import check_place, write_pack
from conformity.archive.redaction.commitments import all_of, of_file, of_pack, root_of
from conformity.archive.redaction.redacted import RECORD, is_redacted
from conformity.archive.redaction.removal import Records, Withheld, withhold
from conformity.archive.store.content import TALLIES
from conformity.archive.sums import SUMS, read_sums
from conformity.errors import DataError, IntegrityError, PathError, RenderError
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json, digest_of, sha256_of
from conformity.model.evidence import Evidence, Observation
from conformity.model.faults import first_fault
from conformity.model.redaction import (
    WITHHELD,
    FileInPack,
    KeyedFile,
    RedactionKey,
    RedactionOutcome,
    RedactionRecord,
)
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.shared import check_output, chosen_formats
from conformity.pipeline.untold import without_untold
from conformity.pipeline.withholding import other_names, wanted
from conformity.settings import DISCLOSURE_LIMIT, Settings

FORMATS = ("html", "pdf")
"""The documents that a copy can have besides its records."""

_BANNER = re.compile(r'<p class="confidential">[^<]*</p>')
_HANDLING = re.compile(r" The PDF of this report has assessment\.json attached[^<]*? as confidential\.")
_TALLIES = re.compile(r'<table class="tallies">.*?</table>', re.S)
_DIGEST = re.compile(r">[0-9a-f]{64}<")
_COPIED = ("assessment.json", "evidence.json")
_MADE = ("report.html", "report.pdf")


@dataclass(frozen=True)
class _Copy:
    """A copy before it is written."""

    assessment: Assessment
    """The redacted assessment."""
    evidence: Evidence
    """The redacted evidence."""
    withheld: Withheld
    """What was left out."""


def redact(
    pack: Path,
    folder: Path,
    settings: Settings,
    *,
    names: bool = False,
    columns: bool = False,
    hide_digest: bool = False,
    evidence: bool = False,
    formats: Sequence[str] = FORMATS,
    salt: Callable[[], str] = lambda: secrets.token_hex(32),
) -> RedactionOutcome:
    """Write the public copy of a pack to a folder, and beside it the key that proves what was left out.

    Args:
        pack: the full pack.
        folder: where the copy is to appear.
        settings: limits.
        names: whether names of people and their addresses go too.
        columns: whether columns get other names.
        hide_digest: whether the full pack is only committed to, and not named by its digest.
        evidence: whether the evidence stays, which holds exact counts of small groups.
        formats: of ``html`` and ``pdf``.
        salt: gives 32 random bytes as hex digits.

    Raises:
        ConformityError: the pack is unusable, a redaction cannot be made, or nothing can be written there.
    """
    chosen = chosen_formats(formats, FORMATS, "a copy") if formats else ()
    found = read_pack(pack, settings)
    if is_redacted(found.folder):
        raise DataError(f"{pack} is a redacted copy already; name the full pack.")
    place = folder.absolute()
    check_output(place, settings.root)
    check_place(place, RECORD)
    copy = _redacted(found, names=names, columns=columns, hide_digest=hide_digest, salt=salt)
    copy = copy if evidence else _without_evidence(copy)
    files = _documents(copy, chosen, exact=evidence)
    if evidence:
        files["evidence.json"] = canonical_json(copy.evidence)
    record, key = _sealed(found, copy, files, hide_digest=hide_digest, salt=salt)
    files[RECORD] = canonical_json(record)
    key_file = place.with_name(f"{place.name}-redaction-key.json")
    _write_key(key_file, canonical_json(key))
    try:
        write_pack(place, files, RECORD)
    except PathError:
        key_file.unlink(missing_ok=True)
        raise
    return RedactionOutcome(
        folder=str(place),
        key=str(key_file),
        files=tuple(sorted(files)),
        fields=len(record.removed),
        columns=record.columns,
        pack=key.pack,
        root=record.root,
    )


def _redacted(pack: Pack, *, names: bool, columns: bool, hide_digest: bool, salt: Callable[[], str]) -> _Copy:
    """Return the records of a pack without what is left out, checked: no verdict is another one.

    Raises:
        DataError: something cannot be left out without breaking the record.
        IntegrityError: a verdict or a count would change.
    """
    records: Records = {
        "assessment.json": pack.assessment.model_dump(mode="json"),
        "evidence.json": pack.evidence.model_dump(mode="json"),
    }
    places = wanted(pack.assessment, records, names=names)
    renamed = other_names(pack.assessment) if columns else {}
    whole = (pack.assessment.manifest_sha256, pack.assessment.evidence_sha256) if hide_digest else ()
    made = withhold(records, places, renamed, _identify, salt, whole)
    try:
        evidence = Evidence.model_validate(made.records["evidence.json"])
        plain = {**made.records["assessment.json"], "evidence_sha256": digest_of(evidence)}
        assessment = Assessment.model_validate(plain)
    except ValidationError as error:
        where = first_fault(error).where
        raise DataError(f"{where} cannot be left out of {pack.folder}; name a text in words.") from error
    if _decided(pack.assessment, pack.evidence) != _decided(assessment, evidence):
        raise IntegrityError(f"Leaving texts out of {pack.folder} would change a verdict; report this.")
    return _Copy(assessment, evidence, made)


def _without_evidence(copy: _Copy) -> _Copy:
    """Return a copy whose evidence is left out as a whole, so that no text in it is named as removed."""
    made = copy.withheld
    return replace(
        copy,
        withheld=replace(
            made,
            removed=tuple(one for one in made.removed if one.file == "assessment.json"),
            keyed=tuple(one for one in made.keyed if one.file == "assessment.json"),
        ),
    )


def _identify(observation: dict[str, Any]) -> str:
    """Return the id of an observation with this content."""
    return str(Observation.of(**{key: value for key, value in observation.items() if key != "id"}).id)


def _decided(assessment: Assessment, evidence: Evidence) -> tuple[object, ...]:
    """Return all that a redaction must not touch: verdicts, the register, and how much was measured."""
    findings = [
        (
            one.requirement,
            one.verdict,
            one.basis,
            [(judged.criterion, judged.verdict, len(judged.readings)) for judged in one.measured],
            one.declared.verdict if one.declared else None,
            len(one.evidence),
            len(one.to_do),
        )
        for one in assessment.findings
    ]
    register = [
        (one.id, one.state, one.verdict, one.blocks, one.severity, one.due)
        for one in assessment.non_conformities or ()
    ]
    numbers = [(one.outcome, [m.result.kind for m in one.measurements]) for one in evidence.observations]
    return findings, register, numbers


def _documents(copy: _Copy, formats: Sequence[str], *, exact: bool) -> dict[str, bytes]:
    """Return the assessment of a copy, and the report made from it and the evidence.

    Unless it is to be ``exact``, the assessment holds no figure that the report withholds.

    Raises:
        RenderError: the report cannot be made.
    """
    from conformity.render.html import html_text
    from conformity.render.json_v1 import FORMAT

    record = copy.assessment if exact else without_untold(copy.assessment, copy.evidence, DISCLOSURE_LIMIT)
    assessment = FORMAT.render(record, copy.evidence, disclosure_limit=DISCLOSURE_LIMIT)
    files = {"assessment.json": assessment}
    if formats:
        text = marked(
            html_text(copy.assessment, copy.evidence, disclosure_limit=DISCLOSURE_LIMIT),
            len(copy.withheld.removed),
        )
        text = text if exact else _HANDLING.sub("", text)
    if "html" in formats:
        files["report.html"] = text.encode("utf-8")
    if "pdf" in formats:
        from conformity.render.pdf import print_html

        files["report.pdf"] = print_html(text, {"assessment.json": assessment}, copy.assessment.assessed_at)
    return files


def marked(html: str, fields: int) -> str:
    """Return a report that says on its first page that it is a redacted copy, and names no tally's digest.

    Raises:
        RenderError: the page has no place for it.
    """
    said = (
        f'<p class="confidential">Redacted copy: {fields} texts are withheld by the provider. Where one '
        "stood, it says so. Verdicts, numbers and counts are those of the full report; redaction.json tells "
        "what was left out, and why.</p>"
    )
    text, times = _BANNER.subn(lambda _: said, html, count=1)
    if not times:
        raise RenderError("The report has no place that says how confidential it is; report this.")
    # Small counts could be guessed and compared with the digest of the tally that they stand in.
    return _TALLIES.sub(lambda found: _DIGEST.sub(f">{WITHHELD}<", found[0]), text)


def _sealed(
    pack: Pack, copy: _Copy, files: Mapping[str, bytes], *, hide_digest: bool, salt: Callable[[], str]
) -> tuple[RedactionRecord, RedactionKey]:
    """Return the record of a copy and the key to it."""
    digest = sha256_of((pack.folder / SUMS).read_bytes())
    pack_salt = salt()
    listed = sorted(read_sums(pack.folder).items())
    keyed = [
        KeyedFile(name=name, salt=salt(), sha256=f"sha256:{digits}")
        for name, (_, digits) in zip(_told_names([name for name, _ in listed]), listed, strict=True)
    ]
    record = RedactionRecord(
        tool=f"conformity {__version__}",
        pack=None if hide_digest else digest,
        pack_commitment=of_pack(pack_salt, digest),
        files=tuple(_fate(one, files) for one in keyed),
        removed=copy.withheld.removed,
        columns=len(copy.withheld.columns),
        renamed_evidence=copy.withheld.renamed,
        root=digest,
    )
    record = record.model_copy(update={"root": root_of(all_of(record))})
    key = RedactionKey(
        root=record.root,
        pack=digest,
        pack_salt=pack_salt,
        files=tuple(keyed),
        fields=copy.withheld.keyed,
        columns=copy.withheld.columns,
    )
    return record, key


def _told_names(names: Sequence[str]) -> list[str]:
    """Return what files are called in the record of a copy: tallies by a number.

    A tally is named by the digest of its counts. Where few counts are small and the others are known, they
    could be guessed and compared with that digest.
    """
    tallies = [name for name in names if name.startswith(TALLIES)]
    numbers = {name: f"{TALLIES}{number}" for number, name in enumerate(tallies, 1)}
    return [numbers.get(name, name) for name in names]


def _fate(file: KeyedFile, files: Mapping[str, bytes]) -> FileInPack:
    """Return what became of a file of the full pack."""
    content = files.get(file.name)
    same = content is not None and sha256_of(content) == file.sha256
    made = "redacted" if file.name in _COPIED else "made_anew" if file.name in _MADE else "left_out"
    fate = "unchanged" if same else "left_out" if content is None else made
    return FileInPack.model_validate(
        {
            "name": file.name,
            "fate": fate,
            "sha256": file.sha256 if same else None,
            "commitment": of_file(file),
        }
    )


def _write_key(file: Path, content: bytes) -> None:
    """Write the key for its owner's eyes alone; one that is there already is never replaced.

    Raises:
        PathError: there is one already, or it cannot be written.
    """
    if os.path.lexists(file):
        raise PathError(
            f"{file} exists already: it proves what an earlier copy left out; keep it, and choose another "
            "folder with -o."
        )
    created = False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # A new file and nothing else: a link that appeared meanwhile is not followed.
        with open(file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
            created = True
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        if created:
            file.unlink(missing_ok=True)
        raise PathError(
            f"{file} could not be written ({error.strerror or error}); choose another folder with -o."
        ) from error
