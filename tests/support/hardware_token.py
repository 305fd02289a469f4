"""A PKCS#11 token for tests: SoftHSM, or a stand-in for the library where that is not installed.

Both hold the same things: a key on each curve, one of Ed25519, one of RSA, and one with a certificate.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pkcs11
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import decode_ec_private_key, encode_named_curve_parameters

from tests.support.keys import certified

PIN = "1234"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
"""Where Debian's package ``softhsm2`` puts the library."""


_BOTH = (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)


def kinds() -> list[str]:
    """Return the tokens that can be tried here."""
    return ["stand-in", *(["softhsm"] if Path(SOFTHSM).is_file() else [])]


def make_softhsm(folder: Path) -> None:
    """Make a SoftHSM token; ``SOFTHSM2_CONF`` names ``softhsm.conf`` in the folder already."""
    (folder / "tokens").mkdir()
    (folder / "softhsm.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "seal", "--pin", PIN, "--so-pin", "5678"]
    subprocess.run(command, check=True, capture_output=True)
    curves = [("p256", "secp256r1", KeyType.EC, Mechanism.EC_KEY_PAIR_GEN)]
    curves += [("p384", "secp384r1", KeyType.EC, Mechanism.EC_KEY_PAIR_GEN)]
    curves += [("ed", "1.3.101.112", KeyType.EC_EDWARDS, Mechanism.EC_EDWARDS_KEY_PAIR_GEN)]
    made = certified()
    der = made.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with pkcs11.lib(SOFTHSM).get_token(token_label="seal").open(rw=True, user_pin=PIN) as session:
        for label, curve, kind, mechanism in curves:
            parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
            domain = session.create_domain_parameters(kind, parameters, local=True)
            domain.generate_keypair(store=True, label=label, mechanism=mechanism)
        session.generate_keypair(KeyType.RSA, 1024, store=True, label="rsa")
        session.create_object(
            {**decode_ec_private_key(der), Attribute.LABEL: "certified", Attribute.TOKEN: True}
        )
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.LABEL: "certified",
                Attribute.TOKEN: True,
                Attribute.SUBJECT: made.certificate.subject.public_bytes(),
                Attribute.VALUE: made.certificate.public_bytes(Encoding.DER),
            }
        )


class StandIn:
    """The part of ``pkcs11`` that is used: library, token, session, objects; the signatures are real."""

    def __init__(self) -> None:
        """Make the keys."""
        self._objects = [*_pair("p256", ec.derive_private_key(3, ec.SECP256R1()))]
        self._objects += _pair("p384", ec.derive_private_key(3, ec.SECP384R1()))
        self._objects += _pair("ed", ed25519.Ed25519PrivateKey.from_private_bytes(b"e" * 32))
        self._objects += [_Object("rsa", kind, KeyType.RSA, None) for kind in _BOTH]
        made = certified()
        self._objects += _pair("certified", made.key)[:1]
        found = _Object("certified", ObjectClass.CERTIFICATE, None, None)
        found.values[Attribute.VALUE] = made.certificate.public_bytes(Encoding.DER)
        self._objects.append(found)

    def lib(self, module: str) -> StandIn:
        """Return the library."""
        if module != SOFTHSM:
            raise pkcs11.PKCS11Error("no such library")
        return self

    def get_token(self, token_label: str | None = None) -> StandIn:
        """Return the token."""
        if token_label not in (None, "seal"):
            raise pkcs11.exceptions.NoSuchToken
        return self

    def open(self, user_pin: str) -> StandIn:
        """Return a session."""
        if user_pin != PIN:
            raise pkcs11.exceptions.PinIncorrect
        return self

    def __enter__(self) -> StandIn:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def get_objects(self, named: dict[Any, Any]) -> list[_Object]:
        """Return the objects with these attributes."""
        return [one for one in self._objects if named.items() <= one.values.items()]


class _Object:
    """A key or certificate."""

    def __init__(self, label: str, kind: ObjectClass, key_type: KeyType | None, key: Any) -> None:
        """Hold what is asked for."""
        self.values: dict[Any, Any] = {Attribute.CLASS: kind, Attribute.LABEL: label}
        self.key_type = key_type
        self._key = key

    def __getitem__(self, attribute: Attribute) -> Any:
        """Return an attribute."""
        return self.values[attribute]

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        """Return a signature as a token gives it: raw, over what is handed in."""
        if (mechanism is Mechanism.EDDSA) != (self.key_type is KeyType.EC_EDWARDS):
            raise pkcs11.exceptions.MechanismInvalid
        if mechanism is Mechanism.EDDSA:
            return bytes(self._key.sign(data))
        digest = hashes.SHA256() if len(data) == 32 else hashes.SHA384()
        size = (self._key.curve.key_size + 7) // 8
        pair = decode_dss_signature(self._key.sign(data, ec.ECDSA(Prehashed(digest))))
        return b"".join(part.to_bytes(size, "big") for part in pair)


def _pair(label: str, key: Any) -> list[_Object]:
    """Return a private and a public key."""
    edwards = isinstance(key, ed25519.Ed25519PrivateKey)
    kind = KeyType.EC_EDWARDS if edwards else KeyType.EC
    private = _Object(label, ObjectClass.PRIVATE_KEY, kind, key)
    public = _Object(label, ObjectClass.PUBLIC_KEY, kind, None)
    if edwards:
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        raw = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        curve = "secp256r1" if key.curve.key_size == 256 else "secp384r1"
        public.values[Attribute.EC_PARAMS] = encode_named_curve_parameters(curve)
    public.values[Attribute.EC_POINT] = b"\x04" + bytes([len(raw)]) + raw
    return [private, public]
