"""Checks that a text is a telephone number, by the numbering plans of the countries."""

from __future__ import annotations

import re

from conformity.engines.dates import as_date

_REGIONS = tuple(
    re.findall(
        "[A-Z]{2}",
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GB CH NO US",
    )
)
"""The member states, some neighbours and the United States."""

_DOTTED = re.compile(r"[0-9]*\.[0-9]*|[0-9.]*\.[0-9]+\.[0-9.]+")
"""Decimals, and what looks like an internet address."""
_DOTTED_PHONE = re.compile(r"0[1-9](?:\.[0-9]{2}){4}|[2-9][0-9]{2}\.[2-9][0-9]{2}\.[0-9]{4}")
"""Numbers as they are written with dots in France and in North America."""


def phone(text: str) -> bool:
    """Return whether the numbering plan of its country has such a number (ITU-T E.164)."""
    return _dials("+" + text[2:] if text.startswith("00") else text, None)


def phone_national(text: str) -> bool:
    """Return whether a member state, a neighbour or the United States has such a number."""
    if as_date(text) is not None or (_DOTTED.fullmatch(text) and not _DOTTED_PHONE.fullmatch(text)):
        return False
    # A file that keeps numbers as integers has lost the zero in front.
    forms = (text,) if text.startswith(("0", "(")) else (text, "0" + text)
    return any(_dials(one, region) for region in _REGIONS for one in forms)


def phone_formatted(text: str) -> bool:
    """Return whether a text of at least nine digits is a number that can be dialled somewhere."""
    return len(digits_of(text)) >= 9 and phone_national(text)


def phone_said(text: str) -> bool:
    """Return whether what is said to be a telephone number has as many digits as one, and is no date."""
    number = re.sub(r"^[^0-9(+]*", "", text)
    digits = digits_of(number.split("x")[0])
    return 7 <= len(digits) <= 15 and len(set(digits)) > 1 and as_date(number) is None


def _dials(text: str, region: str | None) -> bool:
    """Return whether ``text`` can be dialled, in ``region`` if it does not begin with a country."""
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False


def digits_of(text: str) -> list[int]:
    """Return the digits of a text, without what stands between them."""
    return [int(one) for one in text if one in "0123456789"]
