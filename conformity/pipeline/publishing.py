"""Have the statement of a signed folder signed by Sigstore too."""

from __future__ import annotations

from pathlib import Path

from conformity.archive.signing.dsse import read_envelope
from conformity.archive.sums import ENVELOPE
from conformity.errors import PathError, UsageError
from conformity.pipeline.shared import check_output, existing
from conformity.settings import Settings


def publish_statement(folder: Path, identity: str, settings: Settings) -> Path:
    """Write a Sigstore bundle over the signed statement of a folder beside it; return where.

    Args:
        folder: a folder that is signed with a key.
        identity: an OpenID Connect token that tells who signs.
        settings: limits.

    Raises:
        UsageError: the folder is not signed yet, or Sigstore did not sign.
        PathError: there is a bundle already, or it cannot be written.
        ConformityError: the library is not installed, or the statement cannot be read.
    """
    from conformity.archive.signing.sigstore import sign_publicly

    place = existing(folder, settings)
    if not (place / ENVELOPE).is_file():
        raise UsageError(f"{place} is not signed; sign it with a key first, and then with --sigstore.")
    beside = place.with_name(f"{place.name}.sigstore.json")
    check_output(beside, settings.root)
    if beside.exists():
        raise PathError(f"{beside} is there already; move it away first.")
    bundle = sign_publicly(read_envelope((place / ENVELOPE).read_bytes()).payload, identity)
    try:
        with beside.open("xb") as stream:
            stream.write(bundle)
    except OSError as error:
        raise PathError(f"{beside} could not be written ({error.strerror}); free some space.") from error
    return beside
