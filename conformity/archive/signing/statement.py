"""Statements over the files of a pack: made, read, and held against the files that are there."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from conformity.archive.sums import SUMS, parse_sums
from conformity.errors import IntegrityError
from conformity.model.base import Sha256, canonical_json, sha256_of
from conformity.model.faults import first_fault
from conformity.model.statement import (
    Digests,
    Predicate,
    SignedFile,
    Statement,
    StatementKind,
    predicate_type,
)


def statement_of(kind: StatementKind, sums: Mapping[str, str], predicate: Predicate) -> Statement:
    """Return the statement over a folder's list of digests and every file in it.

    Args:
        kind: what the folder is.
        sums: 64 hex digits of every file listed, by name, as ``read_sums`` gives them.
        predicate: what is said; of the same kind.

    Raises:
        IntegrityError: the predicate is of another kind, or a name cannot be one of a pack.
    """
    if predicate.kind != kind:
        raise IntegrityError(f"What is said is about {predicate.kind}, not {kind}; sign each as what it is.")
    return Statement.model_validate(
        {
            "predicateType": predicate_type(kind),
            "subject": _subjects(sums),
            "predicate": predicate,
        }
    )


def check_statement(statement: Statement, kind: StatementKind, sums: Mapping[str, str]) -> None:
    """Check that a statement is of a kind, and over exactly the files of a list of digests.

    Args:
        statement: as it was read, after its signature was found good.
        kind: what is expected; a statement of another kind never fits.
        sums: 64 hex digits of every file listed, by name.

    Raises:
        IntegrityError: it is not; the message names what differs.
    """
    if statement.predicate.kind != kind:
        raise IntegrityError(
            f"The statement was signed for another purpose ({statement.predicate.kind}, not {kind}); a "
            "signature over one kind of document says nothing of another."
        )
    signed = {one.name: one.digest.sha256 for one in statement.subject}
    there = {one.name: one.digest.sha256 for one in _subjects(sums)}
    differing = sorted(name for name in {*signed, *there} - {SUMS} if signed.get(name) != there.get(name))
    if differing or signed != there:
        first = differing[0] if differing else SUMS
        raise IntegrityError(
            f"The statement was signed over other files: {first} is missing, added or changed "
            f"({max(1, len(differing))} in all); take the pack from where it was archived."
        )


def statement_bytes(statement: Statement) -> bytes:
    """Return the bytes of a statement that are signed."""
    return canonical_json(statement)


def read_statement(payload: bytes) -> Statement:
    """Return the statement in the payload of an envelope whose signature was found good.

    Raises:
        IntegrityError: it is no statement that this version reads.
    """
    try:
        return Statement.model_validate_json(payload)
    except ValidationError as error:
        raise IntegrityError(
            f"The signed statement is none that this version reads ({first_fault(error)}); use the "
            "version that signed it."
        ) from error


def pack_digest(sums: Mapping[str, str]) -> Sha256:
    """Return the digest under which a pack is known: that of the bytes of its list of digests."""
    return sha256_of(_list(sums))


def _list(sums: Mapping[str, str]) -> bytes:
    """Return the bytes of the list of digests that these are.

    Raises:
        IntegrityError: a name or a digest cannot stand in one.
    """
    content = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()
    parse_sums(content)
    return content


def _subjects(sums: Mapping[str, str]) -> tuple[SignedFile, ...]:
    """Return the list of digests and every file in it, by name."""
    listed = {**sums, SUMS: pack_digest(sums).removeprefix("sha256:")}
    return tuple(
        SignedFile(name=name, digest=Digests(sha256=digest)) for name, digest in sorted(listed.items())
    )
