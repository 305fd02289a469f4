"""Patterns of direct identifiers: a form that engines search for, and a check that confirms a value.

Every form is written for RE2 (no look-around, no back-references), so that any engine can search for
it; the check runs in Python on a sample of distinct values which never leaves the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from conformity.engines import validators
from conformity.errors import DataError


@dataclass(frozen=True)
class Pattern:
    """One kind of identifier."""

    name: str
    """Its name in tallies and measurements."""
    title: str
    """Its name in a report."""
    form: str
    """Regular expression (RE2) for the whole of a trimmed cell, without anchors."""
    verify: Callable[[str], bool]
    """Whether a text of this form is a possible identifier."""
    chance: float | None
    """The share of arbitrary texts of this form that pass a checksum; None where there is no checksum."""

    @property
    def expression(self) -> str:
        """Return the form with anchors, for a search in a trimmed cell."""
        return f"^(?:{self.form})$"


@cache
def patterns() -> dict[str, Pattern]:
    """Return all patterns by name, sorted.

    Source:
        The check digits: ISO/IEC 7812-1 Annex B (Luhn), ISO 13616-1 (IBAN), and the national rules
        as implemented by python-stdnum.
    """
    listed = (
        Pattern("de_idnr", "German tax identification number", r"[1-9][0-9]{10}", validators.de_idnr, 0.1),
        Pattern(
            "email",
            "e-mail address",
            r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z]+",
            validators.email,
            None,
        ),
        Pattern(
            "es_dni",
            "Spanish identity number",
            r"[0-9]{8}-?[A-HJ-NP-TV-Za-hj-np-tv-z]",
            validators.es_dni,
            1 / 23,
        ),
        Pattern(
            "fr_nir", "French social security number", r"[12][0-9]{12} ?[0-9]{2}", validators.fr_nir, 1 / 97
        ),
        Pattern(
            "iban",
            "international bank account number",
            r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?",
            validators.iban,
            1 / 97,
        ),
        Pattern(
            "ipv4",
            "internet address (IPv4)",
            r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}",
            validators.ipv4,
            None,
        ),
        Pattern(
            "it_codice_fiscale",
            "Italian tax code",
            r"[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[A-EHLMPR-Ta-ehlmpr-t][0-9LMNPQRSTUVlmnpqrstuv]{2}"
            r"[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z]",
            validators.it_codice_fiscale,
            1 / 26,
        ),
        Pattern("nl_bsn", "Dutch citizen service number", r"[0-9]{9}", validators.nl_bsn, 1 / 11),
        Pattern(
            "payment_card",
            "payment card number",
            r"[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}|3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}",
            validators.payment_card,
            0.1,
        ),
        Pattern(
            "phone",
            "telephone number, international form",
            r"\+[1-9][0-9 ().-]{6,24}",
            validators.phone,
            None,
        ),
        Pattern("pl_pesel", "Polish PESEL number", r"[0-9]{11}", validators.pl_pesel, 0.1),
        Pattern("url", "web address", r"(?i:https?://)[^\s/?#]+(?:[/?#][^\s]*)?", validators.url, None),
        Pattern(
            "us_ssn", "US social security number", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", validators.us_ssn, None
        ),
    )
    return {pattern.name: pattern for pattern in listed}


def pattern(name: str) -> Pattern:
    """Return the pattern called ``name``.

    Raises:
        DataError: there is none.
    """
    known = patterns()
    if name not in known:
        raise DataError(f"there is no pattern {name!r}; known are {', '.join(known)}")
    return known[name]
