"""Whether the statement over a folder is one of its kind, over its files, by a key that is trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformity.archive.signing.dsse import PAYLOAD_TYPE, read_envelope
from conformity.archive.signing.dsse import verify as verify_envelope
from conformity.archive.signing.public import PublicKey, load_public
from conformity.archive.signing.statement import check_statement, read_statement, statement_bytes
from conformity.archive.standalone.told import NO_VALUE, Told
from conformity.archive.sums import SUMS
from conformity.errors import ConformityError, IntegrityError, UsageError
from conformity.model.statement import SignedBy, Statement, StatementKind

UNSIGNED = "There is no signed statement, so nobody can tell who made these files."
"""Why nothing is told of a signature that is not there."""

NO_KEY = "No key that you trust was given (--key), so whose signature it is cannot be told."
"""Why nothing is told of a signature that fits."""


def statement_in(envelope: bytes | None) -> Statement | None:
    """Return the statement in an envelope, its signature not looked at; None where there is none to read."""
    try:
        return read_statement(read_envelope(envelope).payload) if envelope is not None else None
    except IntegrityError:
        return None


def signature_told(
    envelope: bytes | None, kind: StatementKind, sums: Mapping[str, str], keys: Sequence[PublicKey]
) -> Told:
    """Tell whether a folder was signed as what it is, and by whom.

    Without a key that is trusted, the signature is still held against the key that the statement names, so
    that no byte of the envelope can change unseen; but then anybody may have signed.

    Args:
        envelope: the bytes of the envelope; None where there is none.
        kind: what the folder is.
        sums: 64 hex digits of every file listed, by name.
        keys: the keys that are trusted.
    """
    if envelope is None:
        lost = ("There is no signed statement, though a key was given.",) if keys else ()
        return Told(lost, (UNSIGNED,))
    try:
        opened = read_envelope(envelope)
        statement = read_statement(opened.payload)
        if statement_bytes(statement) != opened.payload:
            raise IntegrityError("The signed statement is not written in the one form that statements have.")
        check_statement(statement, kind, sums)
        own = _own_key(statement)
        if own is not None:
            verify_envelope(opened, PAYLOAD_TYPE, [own])
        trusted = verify_envelope(opened, PAYLOAD_TYPE, keys) if keys else ()
    except ConformityError as error:
        return Told((error.message,))
    by = statement.predicate.signed_by
    seen = [
        f"{len(statement.subject)} files are signed for, {SUMS} among them.",
        f"Signed on {statement.predicate.signed_at:%Y-%m-%d %H:%M:%S} UTC, as the signer says.",
        *(f"The key {keyid} is one that you trust." for keyid in trusted),
        *([NO_VALUE] if _is_development(by) else []),
    ]
    unknown = [] if trusted else [NO_KEY]
    if own is None and not trusted:
        unknown.append(
            "The statement does not hold the key that signed it, so its signature was not checked."
        )
    return Told((), tuple(unknown), tuple(seen))


def _is_development(by: SignedBy) -> bool:
    """Tell whether nobody else is shown to speak for a key, whatever the statement calls it."""
    try:
        shown = load_public("".join(by.certificates).encode())
    except UsageError:
        return True
    return by.development or shown.development or shown.keyid != by.keyid


def _own_key(statement: Statement) -> PublicKey | None:
    """Return the key that a statement says signed it; None in statements that do not hold it.

    Raises:
        IntegrityError: it is none, or not the one of the id beside it.
    """
    by = statement.predicate.signed_by
    if by.public_key is None:
        return None
    try:
        key = load_public(by.public_key.encode())
    except UsageError:
        key = None
    if key is None or key.keyid != by.keyid or key.pem != by.public_key:
        raise IntegrityError(
            "The key in the signed statement is not the one that it names; take the pack anew."
        )
    return key
