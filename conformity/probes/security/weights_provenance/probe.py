"""Hold the files of a model against the digest that was published and the signature beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import ModelFileError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.model.subject import ModelSubject
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.shared.model_files.signatures import Signature, SignatureError, read_signature

_UNIT = "files"
_SIGNATURES = (".sig", ".sigstore", ".sigstore.json")
_LONGEST = 64 * 1024**2
_MAX_FILES = 20_000
_UNSIGNED = (
    "No signature of the model was handed in: declare the folder that holds the model and its `model.sig`."
)
_UNPUBLISHED = "The manifest does not declare `published_digest` for this model."
_UNCHECKED = (
    "Whether the key in the signature made it cannot be told: it holds no certificate that is read here."
)


@dataclass(frozen=True)
class _Found:
    """What was found in a model's folder."""

    files: Mapping[str, str]
    """SHA-256 digests by path; signatures are left out."""
    signatures: tuple[Signature, ...]
    """The signatures that could be read."""
    problems: tuple[str, ...]
    """Why others could not."""


class WeightsProvenanceProbe:
    """Compare digests."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many files differ from what was published or signed.

        Raises:
            ModelFileError: there is no model, or it cannot be read.
        """
        subject = target.subject
        if not isinstance(subject, ModelSubject):
            raise ModelFileError(f"{subject.id} is not a model; declare it with `kind: model`")
        try:
            found = _found(target.path)
        except OSError as error:
            raise ModelFileError(
                f"the model {subject.path} cannot be read: {error.strerror or error}; check the path"
            ) from error
        counts = {
            "digest_mismatches": _published(subject, found),
            "invalid_signatures": _invalid(found),
            "model_files": Count(value=len(found.files), unit=_UNIT),
            "signature_mismatches": _mismatches(found),
            "unsigned_files": _unsigned(found),
        }
        return ProbeResult(
            measurements=tuple(
                Measurement(metric=MetricId(metric), subject=SubjectId(subject.id), result=result)
                for metric, result in sorted(counts.items())
            ),
            notes=tuple(_notes(found)),
        )


def _found(path: Path) -> _Found:
    """Return digests and signatures of a file or folder; links are not followed.

    Raises:
        ModelFileError: there are no files, or far too many.
    """
    folder = path.is_dir()
    everything = sorted(path.rglob("*")) if folder else [path]
    plain = [one for one in everything if one.is_file() and not one.is_symlink()] if folder else everything
    if not plain or len(plain) > _MAX_FILES or not plain[0].is_file():
        raise ModelFileError(f"{path.name} holds no model or more than {_MAX_FILES} files; give one model")
    files, signatures, problems = {}, [], []
    for one in plain:
        name = one.relative_to(path).as_posix() if folder else one.name
        if folder and name.endswith(_SIGNATURES) and one.stat().st_size <= _LONGEST:
            try:
                signatures.append(read_signature(one.read_bytes()))
            except SignatureError as error:
                problems.append(f"{ascii(name)[1:-1][:100]} was not used: {error}.")
        else:
            with one.open("rb") as stream:
                files[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return _Found(files, tuple(signatures), tuple(problems))


def _published(subject: ModelSubject, found: _Found) -> Result:
    """Return whether the one file differs from its published digest."""
    if subject.published_digest is None:
        return NotAvailable(why="not_collected", reason=_UNPUBLISHED)
    if len(found.files) != 1:
        return NotAvailable(
            why="undefined", reason="A published digest is that of one file; this model has several."
        )
    (digest,) = found.files.values()
    return Count(value=int(f"sha256:{digest}" != subject.published_digest), unit=_UNIT)


def _mismatches(found: _Found) -> Result:
    """Return how many files are not what the signatures say, or are gone."""
    if not found.signatures:
        return NotAvailable(why="not_collected", reason=_UNSIGNED)
    wrong = {
        name
        for signature in found.signatures
        for name, digest in signature.files.items()
        if found.files.get(name) != digest
    }
    return Count(value=len(wrong), unit=_UNIT)


def _unsigned(found: _Found) -> Result:
    """Return how many files no signature speaks of; without a signature, all of them."""
    named = {name for signature in found.signatures for name in signature.files}
    return Count(value=len(set(found.files) - named), unit=_UNIT)


def _invalid(found: _Found) -> Result:
    """Return how many signatures were not made by the key that comes with them, or contradict themselves."""
    if not found.signatures and not found.problems:
        return NotAvailable(why="not_collected", reason=_UNSIGNED)
    bad = sum(one.checked == "forged" or not one.sound for one in found.signatures)
    unknown = bool(found.problems) or any(one.checked == "unknown" for one in found.signatures)
    if unknown and not bad:
        return NotAvailable(why="undefined", reason=found.problems[0] if found.problems else _UNCHECKED)
    return Count(value=bad, unit="signatures")


def _notes(found: _Found) -> list[str]:
    """Return what a reader must know."""
    notes = list(found.problems)
    for name, digest in list(found.files.items())[:10]:
        notes.append(f"SHA-256 of {ascii(name)[1:-1][:100]}: {digest}.")
    if len(found.files) > 10:
        notes.append(f"And {len(found.files) - 10} more files.")
    notes.extend(f"The signature names {ascii(s.signer)[1:-1][:200]}." for s in found.signatures if s.signer)
    if found.signatures:
        notes.append(
            "Whether the certificate was issued to whom it names, and was logged, cannot be told offline."
        )
    return notes


PROBE = WeightsProvenanceProbe()
"""The probe."""
