"""Sign with a PKCS#11 token, named by a URI; the private key stays in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from conformity.archive.signing.keys import KeyPlace
from conformity.archive.signing.optional import check_tokens
from conformity.archive.signing.public import Algorithm, PublicKey, hash_of, load_public, with_certificates
from conformity.errors import UsageError

_FORM: Final = "write it as pkcs11:token=NAME;object=NAME?module-path=/PATH/TO/LIBRARY.so"
_SECRETS: Final = ("pin-value",)


@dataclass(frozen=True)
class TokenUri:
    """Where a key lies: which library, which token, which object."""

    module: str
    """The library that talks to the token."""
    token: str | None
    """The token's label; None for the only one."""
    object: str | None
    """The key's label; None for the only one, or the one with the id."""
    id: bytes | None
    """The key's id."""
    pin_file: Path | None
    """The file with the PIN."""


def parse_uri(uri: str) -> TokenUri:
    """Return what a PKCS#11 URI names.

    Raises:
        UsageError: it is none, names no library, or holds a PIN, which others could then read.

    Source:
        RFC 7512.
    """
    scheme, _, rest = uri.partition(":")
    if scheme != "pkcs11":
        raise UsageError(f"What stands after --pkcs11 is no URI of a token; {_FORM}.")
    path, _, query = rest.partition("?")
    pairs = [part.partition("=") for part in (*path.split(";"), *query.split("&")) if part]
    found = {name: unquote_to_bytes(value) for name, _, value in pairs}
    if any(name in found for name in _SECRETS):
        raise UsageError(
            "The URI of the token holds its PIN, which others on this machine can read; leave it out, and "
            "give it in CONFORMITY_TOKEN_PIN, in a file named by pin-source, or at a terminal."
        )
    if len(found) != len(pairs) or "module-path" not in found:
        raise UsageError(f"The URI of the token names no library, or one thing twice; {_FORM}.")
    source = _text(found, "pin-source")
    return TokenUri(
        module=found["module-path"].decode("utf-8", "replace"),
        token=_text(found, "token"),
        object=_text(found, "object"),
        id=found.get("id"),
        pin_file=None if source is None else Path(source.removeprefix("file://").removeprefix("file:")),
    )


def _text(found: dict[str, bytes], name: str) -> str | None:
    """Return an attribute of a URI as text; None when it is not there."""
    return found[name].decode("utf-8", "replace") if name in found else None


@dataclass(frozen=True)
class TokenSigner:
    """A key in a token."""

    uri: TokenUri
    """Where it lies."""
    pin: str
    """What opens the token."""
    public: PublicKey
    """The public key, with its certificates if there are any."""
    place: KeyPlace = "token"
    """Where the private key is kept."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``, checked; it is hashed here, since not every token can.

        Raises:
            UsageError: the token cannot be used, or does not sign with this key.
        """
        import pkcs11
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        with _opened(self.uri, self.pin) as session:
            key = _object(session, pkcs11.ObjectClass.PRIVATE_KEY, self.uri)
            try:
                if self.public.algorithm == "ed25519":
                    signature = bytes(key.sign(data, mechanism=pkcs11.Mechanism.EDDSA))
                else:
                    raw = bytes(
                        key.sign(_hashed(data, self.public.algorithm), mechanism=pkcs11.Mechanism.ECDSA)
                    )
                    half = len(raw) // 2
                    signature = encode_dss_signature(
                        int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
                    )
            except pkcs11.PKCS11Error as error:
                raise UsageError(_refused(error)) from error
        if not self.public.has_signed(signature, data):
            raise UsageError("The token signed with another key than its public one; correct object or id.")
        return signature


def token_signer(uri: TokenUri, pin: str, certificates: bytes = b"") -> TokenSigner:
    """Return the signer whose key lies in a token.

    Args:
        uri: where.
        pin: what opens the token.
        certificates: certificates of the key and its issuers in PEM; the token's own when empty.

    Raises:
        MissingLibraryError: the library that talks to tokens is not installed.
        UsageError: the token or the key cannot be used.
    """
    check_tokens()
    import pkcs11

    with _opened(uri, pin) as session:
        _object(session, pkcs11.ObjectClass.PRIVATE_KEY, uri)
        public = _public(session, uri)
    return TokenSigner(
        uri, pin, with_certificates(public, certificates, "The certificate of the token's key")
    )


def _hashed(data: bytes, algorithm: Algorithm) -> bytes:
    """Return the digest that an ECDSA key signs."""
    from cryptography.hazmat.primitives.hashes import Hash

    digest = Hash(hash_of(algorithm))
    digest.update(data)
    return digest.finalize()


def _opened(uri: TokenUri, pin: str) -> Any:
    """Return an open session with a token.

    Raises:
        UsageError: the library, the token or the PIN is not usable.
    """
    import pkcs11

    try:
        library = pkcs11.lib(uri.module)
        token = library.get_token(token_label=uri.token) if uri.token else library.get_token()
        return token.open(user_pin=pin)
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise UsageError(_refused(error)) from error


def _refused(error: BaseException) -> str:
    """Return why a token cannot be used; what the library says may be empty, so its kind is told."""
    return (
        f"The token cannot be used ({type(error).__name__}); check library, token, object and PIN in what "
        "stands after --pkcs11."
    )


def _object(session: Any, kind: Any, uri: TokenUri) -> Any:
    """Return the object of a kind that a URI names.

    Raises:
        UsageError: there is none, or several.
    """
    import pkcs11

    named: dict[Any, Any] = {pkcs11.Attribute.CLASS: kind}
    if uri.object is not None:
        named[pkcs11.Attribute.LABEL] = uri.object
    if uri.id is not None:
        named[pkcs11.Attribute.ID] = uri.id
    found = list(session.get_objects(named))
    if len(found) != 1:
        raise UsageError(
            f"The token holds {len(found)} objects ({kind.name}) that fit; name one with object or id."
        )
    return found[0]


def _public(session: Any, uri: TokenUri) -> PublicKey:
    """Return the public key that a URI names: of a certificate in the token, or bare.

    Raises:
        UsageError: there is none that signs here.
    """
    import pkcs11
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
    from cryptography.x509 import load_der_x509_certificate

    try:
        held = _object(session, pkcs11.ObjectClass.CERTIFICATE, uri)
    except UsageError:
        der = _spki(_object(session, pkcs11.ObjectClass.PUBLIC_KEY, uri))
        pem = load_der_public_key(der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    else:
        pem = load_der_x509_certificate(bytes(held[pkcs11.Attribute.VALUE])).public_bytes(Encoding.PEM)
    return load_public(pem)


def _spki(key: Any) -> bytes:
    """Return a public key of a token as SubjectPublicKeyInfo in DER.

    Raises:
        UsageError: it is of a kind that does not sign here.
    """
    import pkcs11
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from pkcs11.util.ec import encode_ec_public_key

    if key.key_type == pkcs11.KeyType.EC_EDWARDS:
        # The point is wrapped as an OCTET STRING (PKCS#11 3.0, 2.3.5); its last 32 bytes are the key.
        raw = Ed25519PublicKey.from_public_bytes(bytes(key[pkcs11.Attribute.EC_POINT])[-32:])
        return raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.key_type == pkcs11.KeyType.EC:
        return bytes(encode_ec_public_key(key))
    raise UsageError("The key in the token is of a kind that does not sign here; use one on P-256 or P-384.")
