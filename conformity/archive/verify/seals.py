"""What the seals of PDFs tell, and the time-stamp over the signed statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from conformity.archive.signing.public import NO_LEGAL_VALUE
from conformity.archive.signing.seal_check import Seal, check_seal, check_unsealed
from conformity.archive.signing.timestamp import check_stamp
from conformity.archive.standalone.told import Told
from conformity.errors import ConformityError, MissingLibraryError
from conformity.model.statement import Statement

_UNSEALED: Final = "{} has no seal."
_NO_TIME: Final = (
    "A time-stamp in it leads to no authority that you named (--authority), so its time is not proved."
)
_NO_AUTHORITY: Final = "The certificate leads to no authority that you named (--authority)."


def seals_told(files: Mapping[str, bytes], statement: Statement | None, trusted: Sequence[bytes]) -> Told:
    """Tell what the seals of all PDFs tell: whether they hold, and whose they are.

    Args:
        files: contents by name.
        statement: what is signed of the files, where there is a statement.
        trusted: certificates in DER of authorities that are trusted.
    """
    said = {one.name: one for one in statement.predicate.pdfs} if statement else {}
    faults: list[str] = []
    unknown: list[str] = []
    seen: list[str] = []
    for name in sorted(one for one in files if one.endswith(".pdf")):
        try:
            seal = check_seal(files[name], trusted)
            if name in said:
                check_unsealed(files[name], said[name])
        except MissingLibraryError as error:
            unknown.append(error.message)
        except ConformityError as error:
            faults.append(f"{name}: {error.message}")
        else:
            if seal is None:
                unknown.append(_UNSEALED.format(name))
                continue
            seen += [f"{name}: {text}" for text in _facts(seal)]
            unknown += [] if seal.trusted else [f"{name}: {_NO_AUTHORITY}"]
            stamps = [one for one in (seal.stamp, seal.archive_stamp) if one is not None]
            unknown += [] if all(one.trusted for one in stamps) else [f"{name}: {_NO_TIME}"]
    if not (faults or unknown or seen):
        unknown.append("There is no PDF.")
    return Told(tuple(faults), tuple(unknown), tuple(seen))


def _facts(seal: Seal) -> list[str]:
    """Return what a seal tells, one sentence each."""
    facts = seal.facts
    when = f"{seal.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if seal.sealed_at else "at no time that it tells"
    told = [
        f"Sealed by {facts.subject} (certificate issued by {facts.issuer}), {when} by its own clock, "
        f"PAdES {facts.level}; it covers the whole file.",
        f"Certificate sha256 {facts.certificate_sha256[7:]}.",
    ]
    if facts.development:
        told.append(f"By a {NO_LEGAL_VALUE}.")
    if seal.stamp is not None:
        told.append(f"Time-stamped {seal.stamp.time:%Y-%m-%d %H:%M:%S} UTC, says {seal.stamp.authority}.")
    return told


def stamp_told(token: bytes | None, envelope: bytes | None, trusted: Sequence[bytes]) -> Told:
    """Tell what the time-stamp over the signed statement tells.

    Args:
        token: the bytes of the time-stamp; None where there is none.
        envelope: the bytes of the signed statement.
        trusted: certificates in DER of authorities that are trusted.
    """
    if token is None:
        return Told(unknown=("There is no time-stamp, so no time is proved.",))
    if envelope is None:
        return Told(("There is a time-stamp, and the signed statement that it is over is missing.",))
    try:
        found = check_stamp(token, envelope, trusted)
    except MissingLibraryError as error:
        return Told(unknown=(error.message,))
    except ConformityError as error:
        return Told((error.message,))
    seen = f"The signed statement was there on {found.time:%Y-%m-%d %H:%M:%S} UTC, says {found.authority}."
    return Told(unknown=() if found.trusted else (_NO_AUTHORITY,), seen=(seen,))
