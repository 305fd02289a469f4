"""Errors of the makers; like all of this project's, one sentence and an exit code."""

from __future__ import annotations

from conformity.errors import ConformityError


class UnreachableError(ConformityError):
    """The data could not be fetched, most often because there is no network."""

    exit_code = 69
