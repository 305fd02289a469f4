"""What is wrong with a record that does not fit its model, for the error that tells a person."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ValidationError


class Fault(NamedTuple):
    """The first thing that does not fit."""

    where: str
    """The field, with dots between its parts; empty for the record as a whole."""
    what: str
    """Why it does not fit; it holds no value of the record but what a rule of ours repeats."""

    def __str__(self) -> str:
        """Return both, as far as they are known."""
        return f"{self.where or 'the document'}: {self.what}"


def first_fault(error: ValidationError) -> Fault:
    """Return the first fault of a record."""
    first = error.errors()[0]
    return Fault(".".join(str(part) for part in first["loc"]), first["msg"])
