"""Sign a statement with Sigstore, which publishes that it was signed, by whom and when; and check that."""

from __future__ import annotations

from typing import Any

from conformity.archive.signing.dsse import PAYLOAD_TYPE
from conformity.archive.signing.optional import check_sigstore
from conformity.errors import IntegrityError, UsageError


def sign_publicly(statement: bytes, identity: str) -> bytes:
    """Return a Sigstore bundle over a statement: it needs the network, and leaves an entry in a public log.

    The log gets the digest of the statement and a certificate that names the identity; not the statement.

    Args:
        statement: the bytes of an in-toto statement.
        identity: an OpenID Connect token that tells who signs.

    Raises:
        MissingLibraryError: the library is not installed.
        UsageError: the token is of no use, or the service did not sign.
    """
    check_sigstore()
    from sigstore.dsse import Statement
    from sigstore.errors import Error
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityError, IdentityToken
    from sigstore.sign import SigningContext

    try:
        token = IdentityToken(identity)
        context = SigningContext.from_trust_config(ClientTrustConfig.production())
        with context.signer(token) as signer:
            return signer.sign_dsse(Statement(statement)).to_json().encode()
    except (Error, IdentityError, OSError, ValueError) as error:
        raise UsageError(
            f"Sigstore did not sign ({type(error).__name__}); check the identity token and the network."
        ) from error


def check_bundle(
    bundle: bytes, statement: bytes, identity: str, issuer: str, *, verifier: Any | None = None
) -> None:
    """Check that a Sigstore bundle is over a statement and was signed by somebody; nothing is fetched.

    Args:
        bundle: the bytes of the bundle.
        statement: the bytes of the statement that it is said to be over.
        identity: who is expected to have signed, such as an e-mail address.
        issuer: who vouches for that identity: the address of an OpenID Connect provider.
        verifier: Sigstore's verifier with the roots that it trusts; that of the public service when None.

    Raises:
        MissingLibraryError: the library is not installed.
        IntegrityError: the bundle does not hold, or is over something else, or of somebody else.
    """
    check_sigstore()
    from sigstore.errors import Error
    from sigstore.models import Bundle
    from sigstore.verify import Verifier
    from sigstore.verify.policy import Identity

    try:
        checking = verifier or Verifier.production(offline=True)
        kind, payload = checking.verify_dsse(
            Bundle.from_json(bundle), Identity(identity=identity, issuer=issuer)
        )
    except (Error, ValueError) as error:
        raise IntegrityError(
            f"The Sigstore bundle does not hold for {identity} ({type(error).__name__}); take it anew from "
            "where it was archived."
        ) from error
    if (kind, payload) != (PAYLOAD_TYPE, statement):
        raise IntegrityError("The Sigstore bundle is over another statement; take both from one place.")
