"""Checks that a text of an identifier's form is a possible identifier; all take trimmed text."""

from __future__ import annotations

import base64
import importlib
import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import parse_qsl, urlsplit

from conformity.engines.dates import birth_date, day_of
from conformity.engines.people import known_name, told_name
from conformity.engines.phones import digits_of, phone, phone_formatted, phone_national, phone_said
from conformity.engines.places import known_address, may_hold_address, told_address

_USER_WORDS = re.compile(
    "user|username|userid|uid|login|e?mail|name|token|session|sid|(?:api)?key|pass|password|phone|id|customer|account"
    "|member|patient"
)
"""Parts of a query that tell of a user."""
_USER_PATHS = re.compile("users?|profiles?|people|in|u|members?|author")
"""Folders after which the name of a user comes."""

_ELSEWHERE = (
    birth_date,
    known_address,
    known_name,
    may_hold_address,
    phone,
    phone_formatted,
    phone_national,
    phone_said,
    told_address,
    told_name,
)
"""Checks that have modules of their own."""


@cache
def named(check: str | None) -> Callable[[str], bool]:
    """Return the check called ``check``: a function of this module, or ``stdnum:`` and a module.

    Without a name every text passes.
    """
    if check is None:
        return lambda text: True
    if check.startswith("stdnum:"):
        return _standard(check.removeprefix("stdnum:"))
    found: Callable[[str], bool] = {**globals(), **{one.__name__: one for one in _ELSEWHERE}}[check]
    return found


def _standard(module: str) -> Callable[[str], bool]:
    """Return the check of a module of python-stdnum, which is imported when it is first used."""

    def valid(text: str) -> bool:
        """Return whether the module takes the text for valid."""
        return bool(importlib.import_module(f"stdnum.{module}").is_valid(text))

    return valid


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


def ipv6(text: str) -> bool:
    """Return whether ``text`` is an address that a machine can have (RFC 4291)."""
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return False
    return not (address.is_unspecified or address.is_multicast)


def mac(text: str) -> bool:
    """Return whether ``text`` is the address of one network card (IEEE 802, universal, not group)."""
    digits = re.sub("[^0-9A-Fa-f]", "", text)
    return len(digits) == 12 and len(set(digits.lower())) > 1 and int(digits[:2], 16) % 2 == 0


def url_user(text: str) -> bool:
    """Return whether a web address names a user, in front of the host, in its path or in its query."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    if "." not in host.strip("."):
        return False
    segments = [part for part in parts.path.split("/") if part]
    owned = len(segments) > 1 and _USER_PATHS.fullmatch(segments[0].lower()) is not None
    asked = any(value and _USER_WORDS.fullmatch(key.lower()) for key, value in parse_qsl(parts.query))
    return bool(parts.username) or owned or asked or any(part[0] in "~@" for part in segments)


def payment_card(text: str) -> bool:
    """Return whether there are 13 to 19 digits and the last one checks (ISO/IEC 7812-1)."""
    digits = text.replace(" ", "").replace("-", "")
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and _luhn(digits)


def imei(text: str) -> bool:
    """Return whether the last of 15 digits checks (3GPP TS 23.003, Annex B)."""
    return len(text) == 15 and len(set(text)) > 1 and _luhn(text)


def _luhn(digits: str) -> bool:
    """Return whether the last digit checks (ISO/IEC 7812-1, Annex B)."""
    from stdnum import luhn

    return bool(luhn.is_valid(digits))


def iban(text: str) -> bool:
    """Return whether the check digits and the length of the country fit (ISO 13616-1)."""
    from stdnum import iban as standard

    # The national part has checks of its own that not every valid account meets.
    return bool(standard.is_valid(text, check_country=False))


def se_personnummer(text: str) -> bool:
    """Return whether the date is possible and the last digit checks (Luhn); a hyphen may be left out."""
    from stdnum.se import personnummer

    if text.isascii() and text.isdigit() and len(text) in (10, 12):
        text = f"{text[:-4]}-{text[-4:]}"
    return bool(personnummer.is_valid(text))


def hu_taj(text: str) -> bool:
    """Return whether the last digit is the sum of the others, times 3 and 7 in turn, modulo 10.

    Source:
        Hungarian Act XX of 1996, annex.
    """
    digits = digits_of(text)
    return len(digits) == 9 and any(digits) and _weighted(digits, (3, 7) * 4) % 10 == digits[8]


def hu_tax(text: str) -> bool:
    """Return whether the last digit is the sum of the others, times their places, modulo 11.

    Source:
        Hungarian Act XX of 1996, annex.
    """
    digits = digits_of(text)
    return len(digits) == 10 and digits[0] == 8 and _weighted(digits, range(1, 10)) % 11 == digits[9]


def lu_matricule(text: str) -> bool:
    """Return whether date, Luhn digit and Verhoeff digit fit, both over the first eleven digits.

    Source:
        Luxembourg's sheet on tax identification numbers, European Commission.
    """
    from stdnum import verhoeff

    if (
        len(text) != 13
        or not text.isascii()
        or not text.isdigit()
        or day_of(text[:4], text[4:6], text[6:8]) is None
    ):
        return False
    return _luhn(text[:12]) and bool(verhoeff.is_valid(text[:11] + text[12]))


def _weighted(digits: list[int], weights: tuple[int, ...] | range) -> int:
    """Return the sum of the first digits, each times its weight."""
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def coordinates(text: str) -> bool:
    """Return whether a text is a latitude and a longitude in degrees."""
    numbers = re.findall(r"-?[0-9]+\.[0-9]+", text)
    return len(numbers) == 2 and abs(float(numbers[0])) <= 90 and abs(float(numbers[1])) <= 180


def degrees(text: str) -> bool:
    """Return whether a number is a latitude or longitude in degrees, not zero."""
    return 0 < abs(float(text)) <= 180 if re.fullmatch(r"-?[0-9]+\.[0-9]+", text) else False


def postal_address(text: str) -> bool:
    """Return whether a text has words and a number, and is no address on the internet."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    return (
        bool(words)
        and " " in text
        and any(one.isdigit() for one in text)
        and "@" not in text
        and "://" not in text
    )


def person_name(text: str) -> bool:
    """Return whether a text begins with a capital letter and is not a sentence or an abbreviation."""
    return 2 <= len(text) <= 60 and text[:1].isalpha() and not text.islower() and len(text.split()) <= 5


def has_digits(text: str) -> bool:
    """Return whether there are at least three digits, not all the same."""
    digits = digits_of(text)
    return len(digits) >= 3 and len(set(digits)) > 1


def has_digits_and_letters(text: str) -> bool:
    """Return whether there are letters and digits."""
    return any(one.isdigit() for one in text) and any(one.isalpha() for one in text)


def jwt(text: str) -> bool:
    """Return whether the first part of a token is a JSON object that names an algorithm (RFC 7515)."""
    head = text.split(".")[0]
    try:
        return b'"alg"' in base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except ValueError:
        return False


def high_entropy(text: str) -> bool:
    """Return whether the characters are as various as those of a drawn key: 3 bits each or more."""
    counts = Counter(text).values()
    bits = -sum(count / len(text) * math.log2(count / len(text)) for count in counts) if text else 0.0
    return bits >= 3
