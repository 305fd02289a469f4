"""Lists of revoked certificates, as they are put into a seal that is to last."""

from __future__ import annotations

from pathlib import Path

from conformity.archive.signing.public import read_key_file
from conformity.errors import UsageError


def read_revoked(file: Path) -> bytes:
    """Return a list of revoked certificates in DER.

    Args:
        file: the list, in PEM or DER.

    Raises:
        PathError: the file cannot be read.
        UsageError: it holds no such list.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    content = read_key_file(file)
    load = x509.load_pem_x509_crl if content.startswith(b"-----BEGIN ") else x509.load_der_x509_crl
    try:
        return load(content).public_bytes(Encoding.DER)
    except ValueError as error:
        raise UsageError(
            f"{file} holds no list of revoked certificates in PEM or DER; take it from whoever issued them."
        ) from error
