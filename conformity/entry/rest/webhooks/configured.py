"""Who may be told that a run has ended: the file of receivers, and of the secrets shared with them."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from conformity.entry.rest.configured import read_configured
from conformity.entry.rest.outgoing import Address, address_of
from conformity.errors import PathError, UsageError
from conformity.model.base import Value

_PREFIX: Final = "whsec_"
_LONGEST_URL: Final = 2000


def secret_bytes(text: str) -> bytes:
    """Return the bytes of a secret.

    Raises:
        ValueError: it is not ``whsec_`` and 24 to 64 bytes in Base64.

    Source:
        Standard Webhooks specification, "Signature scheme".
    """
    fault = ValueError("a secret is whsec_ and 24 to 64 random bytes in Base64")
    try:
        found = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise fault from None
    if not text.startswith(_PREFIX) or not 24 <= len(found) <= 64:
        raise fault
    return found


def _checked(text: str) -> str:
    """Return a secret that is one.

    Raises:
        ValueError: it is none.
    """
    secret_bytes(text)
    return text


class Receiver(Value):
    """A server that may be told."""

    host: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$")]
    """Its name, in lower case."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 443
    """Its port."""
    secrets: Annotated[
        tuple[Annotated[str, AfterValidator(_checked)], ...], Field(min_length=1, max_length=3)
    ]
    """Secrets shared with it; each signs, so that one can be replaced while both are in use."""


class ReceiverFile(Value):
    """All servers that may be told."""

    version: Literal[1] = 1
    """The form of the file."""
    receivers: Annotated[tuple[Receiver, ...], Field(min_length=1, max_length=100)]
    """The servers."""

    def receiver_of(self, address: Address) -> Receiver | None:
        """Return the receiver that an address leads to, or None."""
        return next(
            (one for one in self.receivers if (one.host, one.port) == (address.host, address.port)), None
        )


def read_receivers(file: Path) -> ReceiverFile:
    """Return the receivers in a file of YAML or JSON.

    Raises:
        PathError: it cannot be read, or others than its owner may open it.
        InputError: it is not such a file.
    """
    found = read_configured(file, ReceiverFile)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise PathError(f"{file} holds secrets, and others than its owner may open it; run: chmod 600 {file}")
    return found


def receiver_at(url: str, receivers: ReceiverFile) -> tuple[Address, Receiver]:
    """Return where a run is to be told, and to whom, if it may be.

    Raises:
        UsageError: it is no HTTPS address, or not that of a receiver; it is not repeated.
    """
    address = address_of(url[: _LONGEST_URL + 1])
    receiver = receivers.receiver_of(address)
    if len(url) > _LONGEST_URL or receiver is None:
        raise UsageError(
            "This host and port are not among those that the server may tell; ask whoever runs it to add "
            "them to CONFORMITY_WEBHOOKS."
        )
    return address, receiver
