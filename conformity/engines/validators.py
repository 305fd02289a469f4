"""Checks that a text of an identifier's form is a possible identifier; all take trimmed text."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit


def email(text: str) -> bool:
    """Return whether ``text`` is an address with a domain of several labels (RFC 5321, 4.5.3.1)."""
    local, _, domain = text.rpartition("@")
    labels = domain.split(".")
    fits = all(label and len(label) <= 63 and label.strip("-") == label for label in labels)
    return len(text) <= 254 and fits and ".." not in local and local.strip(".") == local


def ipv4(text: str) -> bool:
    """Return whether ``text`` is an address that a machine can have (RFC 791)."""
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return False
    return not (address.is_unspecified or address.is_multicast or address.is_reserved)


def url(text: str) -> bool:
    """Return whether ``text`` names a host with a domain."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return False
    return "." in host.strip(".")


def phone(text: str) -> bool:
    """Return whether the numbering plan of its country has such a number (ITU-T E.164)."""
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, None)))
    except phonenumbers.NumberParseException:
        return False


def payment_card(text: str) -> bool:
    """Return whether there are 13 to 19 digits and the last one checks (ISO/IEC 7812-1)."""
    from stdnum import luhn

    digits = text.replace(" ", "").replace("-", "")
    return 13 <= len(digits) <= 19 and bool(luhn.is_valid(digits))


def iban(text: str) -> bool:
    """Return whether the check digits and the length of the country fit (ISO 13616-1)."""
    from stdnum import iban as standard

    # The national part has checks of its own that not every valid account meets.
    return bool(standard.is_valid(text, check_country=False))


def us_ssn(text: str) -> bool:
    """Return whether the number's area, group and serial can have been issued."""
    from stdnum.us import ssn

    return bool(ssn.is_valid(text))


def de_idnr(text: str) -> bool:
    """Return whether digits repeat as they must and the check digit fits (ISO 7064 mod 11,10)."""
    from stdnum.de import idnr

    return bool(idnr.is_valid(text))


def es_dni(text: str) -> bool:
    """Return whether the letter is the one that belongs to the number (mod 23)."""
    from stdnum.es import dni

    return bool(dni.is_valid(text))


def fr_nir(text: str) -> bool:
    """Return whether the two-digit key fits (97 minus the number mod 97)."""
    from stdnum.fr import nir

    return bool(nir.is_valid(text))


def it_codice_fiscale(text: str) -> bool:
    """Return whether the date is possible and the last letter checks (mod 26)."""
    from stdnum.it import codicefiscale

    return bool(codicefiscale.is_valid(text))


def nl_bsn(text: str) -> bool:
    """Return whether the weighted sum is divisible by 11 (the eleven test)."""
    from stdnum.nl import bsn

    return bool(bsn.is_valid(text))


def pl_pesel(text: str) -> bool:
    """Return whether the date is possible and the last digit checks (mod 10)."""
    from stdnum.pl import pesel

    return bool(pesel.is_valid(text))
