"""What signing needs that is not always installed, and how to get it."""

from __future__ import annotations

from importlib.util import find_spec

from conformity.errors import MissingLibraryError


def check_sealing(what: str) -> None:
    """Check that what seals PDFs and reads time-stamps is installed.

    Args:
        what: what needs it, to begin a sentence.

    Raises:
        MissingLibraryError: it is not.
    """
    _check(what, "pyhanko", "pyHanko", "conformity[seal]")


def check_tokens() -> None:
    """Check that what talks to PKCS#11 tokens is installed.

    Raises:
        MissingLibraryError: it is not.
    """
    _check("Tokens", "pkcs11", "python-pkcs11", "conformity[pkcs11]")


def check_sigstore() -> None:
    """Check that the client of Sigstore is installed.

    Raises:
        MissingLibraryError: it is not.
    """
    _check("Signatures by Sigstore", "sigstore", "sigstore", "conformity[sigstore]")


def _check(what: str, module: str, library: str, extra: str) -> None:
    """Raise MissingLibraryError unless a module can be imported."""
    if find_spec(module) is None:
        raise MissingLibraryError(f"{what} need {library}, which is not installed; install `{extra}`.")
