"""Sign with a program: for keys in hardware and for seals of a trust service, whose keys never come here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from conformity.archive.signing.keys import KeyPlace
from conformity.archive.signing.public import PublicKey
from conformity.errors import UsageError

_MOST_BYTES = 4096


@dataclass(frozen=True)
class CommandSigner:
    """A program that gets bytes on its standard input and prints the signature over them."""

    command: tuple[str, ...]
    """The program and its arguments; no shell is asked."""
    public: PublicKey
    """The public key under which it signs, with its certificates if there are any."""
    timeout_s: float = 300.0
    """How long it may take; people may have to confirm on a device."""
    place: KeyPlace = "command"
    """Where the private key is kept."""

    def sign(self, data: bytes) -> bytes:
        """Return what the program prints: the signature as bytes or in base64; it is checked.

        Its standard error is left as it is, so that it can ask for a code or tell what is wrong.

        Raises:
            UsageError: it cannot be run, fails, takes too long, or prints another signature.
        """
        import subprocess

        name = self.command[0] if self.command else "the command"
        try:
            done = subprocess.run(  # noqa: S603 (the command that the user gave, without a shell)
                self.command, input=data, stdout=subprocess.PIPE, timeout=self.timeout_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UsageError(
                f"{name} did not sign within {self.timeout_s:.0f} s; nothing was written: try again."
            ) from error
        except (OSError, ValueError, IndexError) as error:
            raise UsageError(
                f"{name} cannot be run ({error}); correct what stands after --command."
            ) from error
        if done.returncode != 0:
            raise UsageError(
                f"{name} ended with exit code {done.returncode} and signed nothing; it says itself why."
            )
        for signature in _readings(done.stdout[:_MOST_BYTES]):
            if self.public.has_signed(signature, data):
                return signature
        raise UsageError(
            f"What {name} printed is no signature by the key {self.public.keyid} over what it was given; "
            "check that the public key is that of the command, and that it signs its standard input as it is."
        )


def _readings(printed: bytes) -> Sequence[bytes]:
    """Return what may be meant by what was printed: itself, or what it stands for in base64."""
    try:
        return (printed, base64.b64decode(b"".join(printed.split()), validate=True))
    except binascii.Error:
        return (printed,)
